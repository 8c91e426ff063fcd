"""An LMS that answers the registration doctor well, through `responses`."""

import json
from urllib.parse import parse_qs

import responses
from requests import PreparedRequest
from sqlalchemy.orm import Session

from lti_app.core import clock
from lti_app.lti.services.keys import ensure_key, published_jwks
from tests.conftest import BASE_URL, SECRET_KEY
from tests.platform_double import PlatformDouble

OURS = f"{BASE_URL}/lti/jwks"
Reply = tuple[int, dict[str, str], str]


def form(request: PreparedRequest) -> dict[str, str]:
    """The fields of a posted form."""
    return {name: values[0] for name, values in parse_qs(str(request.body)).items()}


def give_token(request: PreparedRequest) -> Reply:
    """A token for the scope asked, as Moodle gives."""
    return 200, {}, json.dumps({"access_token": "opaque", "scope": form(request)["scope"]})


def register(session: Session, mock: responses.RequestsMock) -> PlatformDouble:
    """Such an LMS, and our own address that shows our keys."""
    ensure_key(session, secret_key=SECRET_KEY, now=clock.now())
    double = PlatformDouble.register(session)
    double.publish(mock)
    published = published_jwks(session, clock.now())
    mock.add(
        responses.GET, OURS, json=published, headers={"Strict-Transport-Security": "max-age=1"}
    )
    mock.add_callback(responses.POST, double.row.token_url, callback=give_token)
    return double
