"""A refusal reaches the person who clicked, in the LMS's frame."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.lti.models import PlatformState
from tests import factories
from tests.platform_double import PlatformDouble


def ancestors(client: FlaskClient, platform: PlatformDouble, **values: str) -> list[str]:
    response = client.post("/lti/login", data=platform.login_params(**values))
    policy = response.headers["Content-Security-Policy"]
    return policy.partition("frame-ancestors ")[2].split()


@pytest.mark.parametrize("state", [PlatformState.INACTIVE, PlatformState.PENDING])
def test_a_platform_that_is_not_open_is_told_why_in_its_frame(
    session: Session, client: FlaskClient, state: PlatformState
) -> None:
    active = factories.PlatformFactory(issuer="https://active.example.org")
    platform = PlatformDouble.register(session, state=state)
    assert set(ancestors(client, platform)) == {"'self'", active.issuer, platform.row.issuer}
    # And no other page is for it.
    policy = client.get("/session/1/").headers["Content-Security-Policy"]
    assert platform.row.issuer not in policy


def test_an_unknown_platform_frames_nothing(session: Session, client: FlaskClient) -> None:
    platform = PlatformDouble.register(session, state=PlatformState.INACTIVE)
    assert ancestors(client, platform, iss="https://evil.example") == ["'self'"]
