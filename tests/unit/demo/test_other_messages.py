"""Submission review, data privacy, a message nobody knows, and the storage offered."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient

from lti_app.demo.app import create_demo_app
from lti_app.demo.models import Grade, Person
from lti_app.demo.settings import DemoSettings
from tests.unit.demo import bench
from tests.unit.demo.conftest import platform_of
from tests.unit.demo.test_launches import authn
from tests.unit.demo.test_teaching import visit

LTI = "https://purl.imsglobal.org/spec/lti/claim"
LAUNCH = "http://localhost:8000/lti/launch"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration with one grade and a storage."""
    path = Path(tmp_path_factory.mktemp("messages")) / "messages.sqlite"
    app = create_demo_app(DemoSettings(database_path=path, platform_storage=True))
    with platform_of(app).database.writing() as session:
        session.add(Grade(line_item_id=11, person_id=5, raw_score=90.0, final_score=90.0))
    yield app
    platform_of(app).database.dispose()


def claims_from(browser: FlaskClient, page_url: str) -> dict[str, Any]:
    """Open a page that holds the tool's frame, and go through the launch in it."""
    page = browser.get(page_url)
    assert page.status_code == 200, page.status
    html5lib.HTMLParser(strict=True).parse(page.text)
    frame = re.search(r'id="contentframe".*?src="([^"]+)"', page.text, re.DOTALL)
    assert frame
    fields = bench.read_form(browser.get(html.unescape(frame[1])).text)[2]
    asked = authn(fields, redirect_uri=LAUNCH)
    posted = bench.read_form(browser.get("/mod/lti/auth.php", query_string=asked).text)[2]
    claims: dict[str, Any] = jwt.decode(posted["id_token"], options={"verify_signature": False})
    return claims


@pytest.mark.parametrize("username", ["formatrice", "tuteur", "admin"])
def test_who_teaches_reviews_an_attempt(app: Flask, username: str) -> None:
    browser = visit(app, username)
    link = re.search(
        r'id="review-referent1-11"\s+href="([^"]+)"', browser.get("/course/2/grades").text
    )
    assert link
    claims = claims_from(browser, link[1])
    assert claims[f"{LTI}/message_type"] == "LtiSubmissionReviewRequest"
    assert claims[f"{LTI}/for_user"] == {
        "user_id": "5", "name": "Zoé N’Guessan", "given_name": "Zoé", "family_name": "N’Guessan",
        "email": "referent1@ac-exemple.fr",
        "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
    }  # fmt: skip
    assert claims[f"{LTI}/resource_link"]["id"] == "1"
    endpoint = claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]
    assert "/lineitems/11/" in endpoint["lineitem"]
    assert "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome" not in claims


def test_a_withheld_learner_is_reviewed_without_name(app: Flask) -> None:
    claims = claims_from(visit(app, "formatrice"), "/course/2/review/1/10")
    assert list(claims[f"{LTI}/for_user"]) == ["user_id", "roles"]


def test_learners_and_strangers_review_nobody(app: Flask) -> None:
    learner = visit(app, "referent1")
    assert "Voir la tentative" not in learner.get("/course/2/grades").text
    assert learner.get("/course/2/review/1/5").status_code == 403
    assert learner.get("/mod/lti/message.php?id=21&user=5").status_code == 403
    assert visit(app, "formateur2").get("/mod/lti/message.php?id=21&user=5").status_code == 403
    trainer = visit(app, "formatrice")
    assert trainer.get("/course/2/review/1/11").status_code == 404
    assert trainer.get("/course/2/review/5/5").status_code == 404
    assert trainer.get("/mod/lti/message.php?id=999&user=5").status_code == 404
    assert app.test_client().get("/mod/lti/message.php?id=21&user=5").status_code == 302


@pytest.mark.parametrize(
    ("link", "kind", "about"),
    [
        ("send-privacy", "DataPrivacyLaunchRequest", {"user_id": "2"}),
        ("send-unknown", "LtiDemonstrationUnknownRequest", None),
    ],
)
def test_the_administrator_sends_messages_out_of_any_course(
    app: Flask, link: str, kind: str, about: dict[str, str] | None
) -> None:
    admin = visit(app, "admin")
    found = re.search(rf'id="{link}"\s+href="([^"]+)"', admin.get("/admin/tools/3").text)
    assert found
    claims = claims_from(admin, found[1])
    assert claims[f"{LTI}/message_type"] == kind
    # The tool 3 shares no name.
    assert claims.get(f"{LTI}/for_user") == about
    assert claims[f"{LTI}/deployment_id"] == "3"
    assert f"{LTI}/context" not in claims
    assert f"{LTI}/resource_link" not in claims
    assert not [name for name in claims if "lti-ags" in name or "lti-nrps" in name]


def test_nobody_else_sends_them(app: Flask) -> None:
    for path in ("/admin/tools/1/message/DataPrivacyLaunchRequest",
                 "/mod/lti/message.php?type=1&kind=DataPrivacyLaunchRequest"):  # fmt: skip
        assert visit(app, "formatrice").get(path).status_code == 403
    admin = visit(app, "admin")
    for path in ("/admin/tools/9/message/DataPrivacyLaunchRequest",
                 "/admin/tools/1/message/LtiResourceLinkRequest",
                 "/mod/lti/message.php?type=9&kind=DataPrivacyLaunchRequest",
                 "/mod/lti/message.php?type=1&kind=LtiResourceLinkRequest"):  # fmt: skip
        assert admin.get(path).status_code == 404


def test_storage_is_offered_in_frames_when_there_is_one(app: Flask, tmp_path: Path) -> None:
    def target(lms: Flask, container: str) -> str | None:
        page = visit(lms, "referent1").get(f"/mod/lti/launch.php?id=21&container={container}")
        return bench.read_form(page.text)[2].get("lti_storage_target")

    assert target(app, "iframe") == "_parent"
    assert target(app, "window") is None
    page = visit(app, "referent1").get("/course/2/activity/1").text
    assert 'data-origins="http://localhost:8000"' in page
    plain = create_demo_app(DemoSettings(database_path=tmp_path / "plain.sqlite"))
    assert target(plain, "iframe") is None
    assert "platform_storage.js" not in visit(plain, "referent1").get("/course/2/activity/1").text
    platform_of(plain).database.dispose()


def test_an_administrator_who_is_one_no_more_signs_nothing(app: Flask) -> None:
    admin = visit(app, "admin")
    url = "/mod/lti/message.php?type=1&kind=DataPrivacyLaunchRequest"
    asked = authn(bench.read_form(admin.get(url).text)[2], redirect_uri=LAUNCH)
    with platform_of(app).database.writing() as session:
        session.get_one(Person, 2).site_role = ""
    try:
        assert admin.get("/mod/lti/auth.php", query_string=asked).status_code == 404
    finally:
        with platform_of(app).database.writing() as session:
            session.get_one(Person, 2).site_role = "admin"
