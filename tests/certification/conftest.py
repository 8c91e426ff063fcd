"""An LMS of the tests, a login begun in a browser, and a launch that would be accepted."""

from collections.abc import Iterator

import pytest
import responses
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.certification.attempts import Attempt
from tests.platform_double import PlatformDouble


@pytest.fixture
def attempt(session: Session, client: FlaskClient) -> Iterator[Attempt]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        platform = PlatformDouble.register(session)
        platform.publish(mock)
        begun = platform.begin(client)
        yield Attempt(platform, begun, mock, session, platform.claims(begun.nonce))
