"""A launch about to be posted, and what must become of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import responses
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.platform_double import Begun, Json, PlatformDouble

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
LEARNER, INSTRUCTOR = f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Instructor"


@dataclass
class Attempt:
    """A launch about to be posted; cases change it."""

    platform: PlatformDouble
    begun: Begun
    mock: responses.RequestsMock
    session: Session
    claims: Json
    header: Json = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    sign: Callable[["Attempt"], str] | None = None

    def post(self) -> TestResponse:
        token = self.sign(self) if self.sign else self.platform.sign(self.claims, **self.header)
        data = {"id_token": token, "state": self.begun.state, **self.form}
        return self.begun.client.post("/lti/launch", data=data)


def assert_refused(attempt: Attempt, code: str) -> None:
    """A clear French page with a code, a 4xx or 503, and nobody signed in."""
    response = attempt.post()
    assert 400 <= response.status_code < 500 or response.status_code == 503
    assert f"<code>{code}-" in response.text
    assert "<script>alert" not in response.text
    assert 'lang="fr"' in response.text
    assert attempt.begun.client.get_cookie("__Host-relais") is None


def assert_opened(attempt: Attempt, room: str) -> str:
    """A 303 to a page of `room` that can be opened and reloaded; its text."""
    response = attempt.post()
    assert response.status_code == 303, response.text
    assert response.location.startswith(room)
    for _ in range(2):
        page = attempt.begun.client.get(response.location)
        assert page.status_code == 200
    return page.text
