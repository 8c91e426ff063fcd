"""A platform that launches, and published modules to choose from."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import responses
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.content.services import sync_content
from lti_app.lti.rules import claims as claim
from lti_app.lti.services.keys import ensure_key
from tests import factories
from tests.conftest import SECRET_KEY
from tests.platform_double import BASE_URL, PlatformDouble
from tests.unit.content.sample import write_courses
from tests.unit.practice.page import Page

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTRUCTOR, LEARNER = f"{MEMBERSHIP}Instructor", f"{MEMBERSHIP}Learner"


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


@pytest.fixture
def platform(session: Session, mock: responses.RequestsMock) -> PlatformDouble:
    """A Moodle whose administrator has linked Relais; our key can sign."""
    double = PlatformDouble.register(session)
    ensure_key(session, secret_key=SECRET_KEY, now=factories.NOW)
    session.commit()
    double.publish(mock)
    return double


@pytest.fixture
def courses(session: Session, tmp_path: Path) -> Path:
    """The module « petit » and its like « second », published."""
    folder = write_courses(tmp_path / "courses")
    second = folder / "second"
    second.mkdir()
    for path in (folder / "petit").iterdir():
        text = path.read_text(encoding="utf-8").replace("petit", "second")
        (second / path.name).write_text(
            text.replace("Un second module", "Second module & fin"), encoding="utf-8"
        )
    sync_content(session, folder=folder, now=factories.NOW)
    session.commit()
    return folder


def deep_linking(platform: PlatformDouble, **settings: object) -> dict[str, object]:
    """The claims of a trainer's selection in Moodle; `settings` override its own, None drops."""
    asked = {
        "deep_link_return_url": f"{platform.row.issuer}/mod/lti/contentitem_return.php"
        "?course=2&id=1&sesskey=aBcDeFgHiJ",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_multiple": True,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
        "title": "Relais",
        "text": "",
        **settings,
    }
    return {
        claim.MESSAGE_TYPE: claim.DEEP_LINKING_REQUEST,
        claim.ROLES: [INSTRUCTOR],
        claim.RESOURCE_LINK: None,
        claim.TOOL_PLATFORM: {"product_family_code": "moodle", "guid": "x"},
        claim.DEEP_LINKING: {name: value for name, value in asked.items() if value is not None},
    }


Ask = Callable[..., Page]


@pytest.fixture
def ask(platform: PlatformDouble, client: FlaskClient) -> Ask:
    """Ask for contents as the LMS does; `claims` override, keyword settings of the request too."""

    def launch(claims: dict[str, object] | None = None, **settings: object) -> Page:
        values = {**deep_linking(platform, **settings), **(claims or {})}
        begun = platform.begin(client)
        return Page(platform.answer(begun, platform.claims(begun.nonce, **values)))

    return launch


Press = Callable[..., Page]


@pytest.fixture
def press(client: FlaskClient) -> Press:
    """Press one of the buttons of a selection page, with these contents ticked."""

    def post(page: Page, action: str, *choice: str, **values: str) -> Page:
        data = {"action": action, "choice": list(choice), **page.hidden("token"), **values}
        headers = {"Origin": BASE_URL, "Sec-Fetch-Site": "same-origin"}
        return Page(client.post("/lti/contents", data=data, headers=headers))

    return post
