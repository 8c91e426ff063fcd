"""Names and roles, §6.3 of 1EdTech's certification guide: one test per case, in its own words."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.lti.rules import claims as claim
from lti_app.lti.services.keys import ensure_key
from lti_app.people.models import Course, Enrolment
from lti_app.roster.tasks import sync_roster
from tests.certification.attempts import INSTRUCTOR, LEARNER, Attempt, assert_opened
from tests.certification.guide.reference_platform import MEMBERSHIP, Asked, ReferencePlatform
from tests.conftest import SECRET_KEY
from tests.factories import NOW


@pytest.fixture
def launched(attempt: Attempt, session: Session) -> ReferencePlatform:
    """A platform whose instructor has launched, with the NRPS claim."""
    ensure_key(session, secret_key=SECRET_KEY, now=NOW)
    session.commit()
    platform = ReferencePlatform(attempt.platform, attempt.mock, attempt.begun.client)
    platform.open("2")
    platform.members = [
        {"user_id": "5", "roles": [INSTRUCTOR], "status": "Active"},
        {"user_id": "6", "roles": [LEARNER], "status": "Active", "name": "Luc Adam"},
    ]
    attempt.claims |= {
        claim.ROLES: [INSTRUCTOR],
        claim.NRPS: {
            "context_memberships_url": platform.memberships_url("2"),
            "service_versions": ["2.0"],
        },
    }
    assert_opened(attempt, "/suivi/")
    return platform


@pytest.fixture
def request_made(launched: ReferencePlatform, session: Session) -> Asked:
    """The one request of the roster, once it was read."""
    sync_roster.run(session.scalars(sa.select(Course.id)).one())
    (asked,) = launched.asked
    return asked


class TestNamesAndRoles:
    """6.3 Names and Role Provisioning Services Testing."""

    def test_valid_instructor_launch(self, launched: ReferencePlatform, session: Session) -> None:
        """Launch LTI 1.3 Message as Instructor - will have NRPS claim."""
        course = session.scalars(sa.select(Course)).one()
        assert course.memberships_url == launched.memberships_url("2")

    def test_received_request(
        self, launched: ReferencePlatform, request_made: Asked, session: Session
    ) -> None:
        """Names and Roles - Test Verifies that a NRPS request has been received and Displays the
        Request received from the Tool."""
        assert request_made.method == "GET"
        assert request_made.url.partition("?")[0] == launched.memberships_url("2")
        assert session.query(Enrolment).count() == 2

    def test_verify_json_header(self, request_made: Asked) -> None:
        """Names and Roles - Verify Request Header Required Parameters."""
        assert request_made.accept == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

    def test_verify_bearer_token(self, launched: ReferencePlatform, request_made: Asked) -> None:
        """Names and Roles - Verify OAuth2 Token: asked for once, by an assertion that our JWKS
        verifies."""
        assert list(launched.tokens.values()) == [request_made.scopes]

    def test_verify_bearer_scope(self, request_made: Asked) -> None:
        """Names and Roles - Verifiy OAuth2 Scopes: that one and no other."""
        assert request_made.scopes == {MEMBERSHIP}
