"""Deep linking, §6.2 of 1EdTech's certification guide: one test per case, in its own words."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import html5lib
import jwt
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_app.content.services import sync_content
from lti_app.lti.rules import claims as claim
from lti_app.lti.services.keys import ensure_key
from lti_app.people.models import Person
from tests.certification.attempts import INSTRUCTOR, Attempt, assert_opened
from tests.conftest import SECRET_KEY
from tests.factories import NOW
from tests.platform_double import Json
from tests.unit.content.sample import write_courses

XHTML = "{http://www.w3.org/1999/xhtml}"
CONTENT_ITEMS = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
DATA = "https://purl.imsglobal.org/spec/lti-dl/claim/data"


@dataclass
class Answered:
    """What the tool has the browser post back to the platform."""

    address: str
    token: str
    claims: Json
    header: Json


Choose = Callable[..., Answered]


@pytest.fixture
def request_contents(
    attempt: Attempt, session: Session, tmp_path: Path
) -> Callable[..., TestResponse]:
    """Post a deep linking request as an instructor; the selection page."""
    ensure_key(session, secret_key=SECRET_KEY, now=NOW)
    sync_content(session, folder=write_courses(tmp_path), now=NOW)

    def post(**settings: Any) -> TestResponse:
        del attempt.claims[claim.RESOURCE_LINK]
        attempt.claims |= {
            claim.MESSAGE_TYPE: "LtiDeepLinkingRequest",
            claim.ROLES: [INSTRUCTOR],
            claim.DEEP_LINKING: {
                "deep_link_return_url": f"{attempt.platform.row.issuer}/contents?id=2&sesskey=x",
                "accept_types": ["ltiResourceLink", "link", "html"],
                "accept_presentation_document_targets": ["iframe", "window"],
                "accept_multiple": True,
                "auto_create": False,
                **settings,
            },
        }
        return attempt.post()

    return post


@pytest.fixture
def choose(
    attempt: Attempt, request_contents: Callable[..., TestResponse], client: FlaskClient
) -> Choose:
    """Go through the selection as a trainer who picks a module."""

    def answer(**settings: Any) -> Answered:
        token = fields(request_contents(**settings).text)[1]["token"]
        page = client.post(
            "/lti/contents", data={"token": token, "choice": "petit", "action": "ajouter"}
        )
        assert page.status_code == 200
        address, values = fields(page.text)
        keys = {key["kid"]: key for key in client.get("/lti/jwks").get_json()["keys"]}
        header = jwt.get_unverified_header(values["JWT"])
        # Raises when the signature does not verify with the key that our JWKS publishes.
        verified = jwt.decode(
            values["JWT"],
            jwt.PyJWK(keys[header["kid"]]).key,
            algorithms=["RS256"],
            audience=attempt.platform.row.issuer,
            issuer=attempt.platform.row.client_id,
        )
        return Answered(address, values["JWT"], verified, header)

    return answer


def fields(page: str) -> tuple[str, dict[str, str]]:
    """Address and hidden fields of the first form of a page."""
    form = html5lib.parse(page).find(f".//{XHTML}form")
    inputs = form.iterfind(f".//{XHTML}input[@type='hidden']")
    return form.get("action"), {each.get("name"): each.get("value") for each in inputs}


class TestDeepLinking:
    """6.2 Deep Linking Message testing."""

    def test_send_the_request_payload(
        self, request_contents: Callable[..., TestResponse], session: Session
    ) -> None:
        """Send Deep Linking Request Payload to the Tool."""
        page = request_contents()
        assert page.status_code == 200
        assert "Un petit module" in page.text
        assert session.query(Person).count() == 0  # nothing of the trainer is kept

    def test_receive_the_response_payload(self, choose: Choose, attempt: Attempt) -> None:
        """Verify Deep Linking Response Payload was Received."""
        answered = choose()
        assert answered.address == f"{attempt.platform.row.issuer}/contents?id=2&sesskey=x"
        assert answered.token.count(".") == 2

    def test_response_format_valid(self, choose: Choose) -> None:
        """Verify Response is Deep Linking Response."""
        assert choose().claims[claim.MESSAGE_TYPE] == "LtiDeepLinkingResponse"

    def test_response_timestamps_valid(self, choose: Choose) -> None:
        """Deep Linking - Verify Response Timestamps."""
        claims = choose().claims
        assert claims["iat"] <= time.time() < claims["exp"]
        assert claims["exp"] - claims["iat"] <= 600

    def test_signature_valid(self, choose: Choose) -> None:
        """Deep Linking - Verify JWT Signature."""
        assert choose().header["alg"] == "RS256"

    def test_required_claims_verified(self, choose: Choose, attempt: Attempt) -> None:
        """Deep Linking - Verify Required Claims Present."""
        claims = choose(data="csrf:7 d'été").claims
        platform = attempt.platform
        assert claims["iss"] == platform.row.client_id
        assert claims["aud"] in (platform.row.issuer, [platform.row.issuer])
        assert len(claims["nonce"]) > 20
        assert claims[claim.VERSION] == "1.3.0"
        assert claims[claim.DEPLOYMENT_ID] == platform.deployment.deployment_id
        assert claims[DATA] == "csrf:7 d'été"
        assert [item["type"] for item in claims[CONTENT_ITEMS]] == ["ltiResourceLink"]

    def test_no_data_is_sent_back_when_none_came(self, choose: Choose) -> None:
        """Deep Linking - Verify Required Claims Present: `data` if and only if it was sent."""
        assert DATA not in choose().claims

    def test_affirm_response(self, choose: Choose, attempt: Attempt) -> None:
        """Deep Linking - Affirm Response Values Sent: the link that was made opens what was
        chosen."""
        (item,) = choose().claims[CONTENT_ITEMS]
        assert item["lineItem"]["scoreMaximum"] == 100
        begun = attempt.platform.begin(attempt.begun.client)
        attempt.begun = begun
        attempt.claims = attempt.platform.claims(
            begun.nonce, **{claim.CUSTOM: item["custom"], claim.RESOURCE_LINK: {"id": "77"}}
        )
        assert "Un petit module" in assert_opened(attempt, "/session/")
