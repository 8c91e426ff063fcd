"""Any mutation of a valid launch: a session or a clear 4xx page, never a 500 nor another person."""

import base64
import contextlib
import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import responses
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lti_app.lti.rules import claims as claim
from lti_app.lti.rules.claims import ClaimError, Launch, client_id_of, read_launch
from lti_app.people.models import Identity
from tests.conftest import make_client
from tests.platform_double import KID, Json, PlatformDouble, private_key

NAMES = (
    "iss", "aud", "azp", "sub", "nonce", "iat", "exp", "nbf", "name", "email", "given_name",
    claim.MESSAGE_TYPE, claim.VERSION, claim.DEPLOYMENT_ID, claim.TARGET_LINK_URI,
    claim.RESOURCE_LINK, claim.ROLES, claim.CONTEXT, claim.CUSTOM, claim.LIS,
    claim.PRESENTATION, claim.TOOL_PLATFORM, claim.AGS, claim.NRPS,
)  # fmt: skip
TEXT = st.text(max_size=30)
JSON_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
# Values of the right shape reach further into the code than wild ones.
NEARLY = st.sampled_from(
    [
        {"id": "2"},
        {"id": "2", "title": "<script>alert(1)</script>"},
        {"id": ["2"]},
        {"lineitem": "https://moodle.example.org/x", "scope": ["a"]},
        {"context_memberships_url": "https://x/" + "y" * 990},
        {"return_url": "https://moodle.example.org/return"},
        ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"],
        "1.3.0",
        "=cmd|' /C calc'!A0",
        "x" * 5000,
        "\x00",
        "\ud800",
    ]
)
MUTATIONS = st.dictionaries(st.sampled_from(NAMES), JSON_VALUE | NEARLY, min_size=1, max_size=3)
REMOVALS = st.sets(st.sampled_from(NAMES), max_size=2)


@pytest.fixture
def platform(session: Session) -> Iterator[PlatformDouble]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        double = PlatformDouble.register(session)
        double.publish(mock)
        yield double


def signed(claims: Json) -> str:
    """Sign whatever JSON it is: PyJWT's own encoder would refuse some of it."""
    payload = json.dumps(claims).encode()
    return jwt.api_jws.encode(payload, private_key(), algorithm="RS256", headers={"kid": KID})


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(mutations=MUTATIONS, removals=REMOVALS)
def test_mutated_claims(
    platform: PlatformDouble,
    app: Flask,
    session: Session,
    mutations: dict[str, Any],
    removals: set[str],
) -> None:
    client = make_client(app)
    begun = platform.begin(client)
    claims = {**platform.claims(begun.nonce), **mutations}
    for name in removals:
        claims.pop(name, None)
    response = client.post("/lti/launch", data={"id_token": signed(claims), "state": begun.state})
    if response.status_code == 303:
        subs = session.scalars(sa.select(Identity.sub)).all()
        assert claims["sub"] in subs
        assert client.get(response.location).status_code == 200
    else:
        assert 400 <= response.status_code < 500, response.text
        assert 'lang="fr"' in response.text
        assert "<script>alert" not in response.text
        assert client.get_cookie("__Host-relais", domain="relais.example.org") is None


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(token=st.binary(max_size=200), position=st.integers(0, 2000), byte=st.integers(0, 255))
def test_mutated_tokens(
    platform: PlatformDouble, app: Flask, token: bytes, position: int, byte: int
) -> None:
    client = make_client(app)
    begun = platform.begin(client)
    good = platform.sign(platform.claims(begun.nonce))
    spot = position % len(good)
    altered = good[:spot] + chr(byte) + good[spot + 1 :]
    wild = base64.urlsafe_b64encode(token).decode()
    for forged in (altered, wild, f"{wild}.{wild}.{wild}", token.decode("latin-1")):
        data = {"id_token": forged, "state": begun.state}
        response = client.post("/lti/launch", data=data)
        # Replacing a character by itself leaves a good token.
        assert response.status_code == 303 or 400 <= response.status_code < 500
        assert response.status_code != 303 or forged == good or _same_bytes(forged, good)


def _same_bytes(left: str, right: str) -> bool:
    """Base64 has spare bits: two spellings of the last character may be one signature."""

    def raw(token: str) -> list[bytes]:
        return [base64.urlsafe_b64decode(part + "==") for part in token.split(".")]

    return raw(left) == raw(right)


@given(st.dictionaries(st.sampled_from(NAMES), JSON_VALUE | NEARLY))
def test_reading_any_claims_gives_a_launch_or_an_explanation(claims: dict[str, Any]) -> None:
    try:
        launch = read_launch(claims, client_id="c", own_host="relais.example.org")
    except ClaimError:
        return
    assert Launch.from_json(json.loads(json.dumps(launch.as_json()))) == launch


@given(st.dictionaries(st.sampled_from(("aud", "azp")), JSON_VALUE))
def test_audience_is_always_one_text(claims: dict[str, Any]) -> None:
    with contextlib.suppress(ClaimError):
        assert isinstance(client_id_of(claims), str)
