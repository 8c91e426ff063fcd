"""The token endpoint, against the samples, then what it asks beyond Moodle."""

import dataclasses
import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
import responses
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from jwt.algorithms import RSAAlgorithm
from werkzeug.test import TestResponse

from lti_app.demo import scopes
from lti_app.demo.app import create_demo_app
from lti_app.demo.models import AccessToken
from lti_app.demo.settings import DemoSettings
from tests.unit.demo import bench
from tests.unit.demo.conftest import platform_of

TOKEN_URL = f"{bench.BASE_URL}/mod/lti/token.php"
JWKS_URL = f"{bench.TOOL_URL}/lti/jwks"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALL = " ".join((*scopes.AGS_SCOPES, scopes.MEMBERSHIP_READ))
# The clock of the sample whose text holds an hour.
SAMPLED_AT = datetime(2026, 11, 21, 19, 18, 6, tzinfo=UTC)

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwks(**keys: rsa.RSAPrivateKey) -> dict[str, Any]:
    return {
        "keys": [
            {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "alg": "RS256"}
            for kid, key in keys.items()
        ]
    }


@pytest.fixture(scope="module")
def lenient_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """As lax as Moodle, with a sample's clock."""
    app = create_demo_app(
        DemoSettings(
            database_path=Path(tmp_path_factory.mktemp("demo")) / "lenient.sqlite",
            base_url=bench.BASE_URL,
            tool_base_url=bench.TOOL_URL,
            client_id=bench.CLIENT_ID,
            strict_assertions=False,
        ),
        fill=bench.fill,
    )
    yield app
    platform_of(app).database.dispose()


@pytest.fixture
def tool() -> Iterator[responses.RequestsMock]:
    """The tool's JWKS."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(JWKS_URL, json=jwks(k1=KEY))
        yield mock


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    values = {
        "iss": bench.CLIENT_ID,
        "sub": bench.CLIENT_ID,
        "aud": TOKEN_URL,
        "iat": now,
        "exp": now + 60,
        "jti": str(uuid.uuid4()),
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def form(
    *,
    scope: str = ALL,
    key: rsa.RSAPrivateKey = KEY,
    kid: str | None = "k1",
    changes: dict[str, Any] | None = None,
) -> dict[str, str]:
    headers = {"kid": kid} if kid else None
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode(
            claims(**(changes or {})), key, algorithm="RS256", headers=headers
        ),
        "scope": scope,
    }


def request_for(name: str) -> dict[str, str]:
    """The form of each sampled case."""
    now = int(time.time())
    made: dict[str, dict[str, Any]] = {
        "one scope": {"scope": scopes.SCORE},
        "unknown scope only": {"scope": "urn:nothing"},
        "mix known+unknown": {"scope": f"urn:nothing {scopes.SCORE}"},
        "empty scope": {"scope": ""},
        "expired assertion": {"changes": {"exp": now - 1, "iat": now - 60}},
        "iat 30 s in the future": {"changes": {"iat": now + 30, "exp": now + 90}},
        "unknown sub": {"changes": {"sub": "nobody", "iss": "nobody"}},
        "iss differs from sub": {"changes": {"iss": "somebody"}},
        "aud = issuer only": {"changes": {"aud": bench.BASE_URL}},
        "aud wrong": {"changes": {"aud": "https://elsewhere.example"}},
        "no aud/jti/exp": {"changes": {"aud": None, "jti": None, "exp": None}},
        "unknown key same kid": {"key": OTHER_KEY},
        "unknown kid": {"kid": "k9"},
    }
    fields = form(**made.get(name, {}))
    if name == "bad grant":
        fields["grant_type"] = "authorization_code"
    if name == "no assertion":
        del fields["client_assertion"]
    return fields


def ask(app: Flask, fields: dict[str, str]) -> TestResponse:
    return app.test_client().post("/mod/lti/token.php", data=fields)


CASES = bench.read_sample("token")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_answers_as_moodle(
    lenient_app: Flask, tool: responses.RequestsMock, case: dict[str, Any]
) -> None:
    with time_machine.travel(SAMPLED_AT, tick=False):
        fields = request_for(case["case"])
        if case["case"] == "JSON body":
            answer = lenient_app.test_client().post("/mod/lti/token.php", json=fields)
        else:
            answer = ask(lenient_app, fields)
        if case["case"] == "assertion replayed (same jti)":
            answer = ask(lenient_app, fields)
    assert answer.status_code == case["status"]
    assert answer.headers["Content-Type"] == case["content_type"]
    if isinstance(case["body"], str):
        assert answer.text == case["body"]
        return
    body = json.loads(answer.text)
    if "access_token" in body:
        assert len(body["access_token"]) == len(case["body"]["access_token"])
        body["access_token"] = case["body"]["access_token"]
    assert body == case["body"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"iss": "somebody"}, "iss must be the client_id"),
        ({"aud": "https://elsewhere.example"}, "aud must be the token endpoint or the issuer"),
        ({"aud": None}, "aud must be the token endpoint or the issuer"),
        ({"exp": None}, "exp is required"),
    ],
)
def test_is_stricter_than_moodle_unless_told_otherwise(
    bench_app: Flask, tool: responses.RequestsMock, changes: dict[str, Any], error: str
) -> None:
    answer = ask(bench_app, form(changes=changes))
    assert answer.status_code == 400
    assert json.loads(answer.text) == {"error": error}


@pytest.mark.parametrize("audience", [bench.BASE_URL, ["x", TOKEN_URL]])
def test_accepts_the_issuer_or_a_list_as_audience(
    bench_app: Flask, tool: responses.RequestsMock, audience: str | list[str]
) -> None:
    assert ask(bench_app, form(changes={"aud": audience})).status_code == 200


def test_kid_is_mandatory(bench_app: Flask, tool: responses.RequestsMock) -> None:
    answer = ask(bench_app, form(kid=None))
    assert json.loads(answer.text) == {"error": "kid must be provided in JWT header"}


def test_an_unsigned_assertion_is_refused(bench_app: Flask, tool: responses.RequestsMock) -> None:
    fields = form()
    fields["client_assertion"] = jwt.encode(claims(), "", algorithm="none", headers={"kid": "k1"})
    assert ask(bench_app, fields).status_code == 400


@pytest.mark.parametrize("assertion", ["x", "a.b.c", "..", "é.é.é"])
def test_garbage_is_an_invalid_request(
    bench_app: Flask, tool: responses.RequestsMock, assertion: str
) -> None:
    answer = ask(bench_app, {**form(), "client_assertion": assertion})
    assert json.loads(answer.text) == {"error": "invalid_request"}


def test_a_rotated_key_is_fetched_once_then_remembered(
    bench_settings: DemoSettings, tmp_path: Path
) -> None:
    settings = dataclasses.replace(bench_settings, database_path=tmp_path / "rotation.sqlite")
    app = create_demo_app(settings, fill=bench.fill)
    with responses.RequestsMock() as mock:
        mock.get(JWKS_URL, json=jwks(k1=KEY))
        assert ask(app, form()).status_code == 200
        assert ask(app, form()).status_code == 200
        assert len(mock.calls) == 1
        mock.replace(responses.GET, JWKS_URL, json=jwks(k2=OTHER_KEY))
        assert ask(app, form(key=OTHER_KEY, kid="k2")).status_code == 200
        assert len(mock.calls) == 2
        # The same id with another key: found by asking again after the signature fails.
        mock.replace(responses.GET, JWKS_URL, json=jwks(k2=KEY))
        assert ask(app, form(key=KEY, kid="k2")).status_code == 200
        assert len(mock.calls) == 3
    platform_of(app).database.dispose()


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404},
        {"body": "not json"},
        {"json": {"nothing": []}},
        {"body": requests.ConnectionError("refused")},
    ],
)
def test_an_unreadable_jwks_gives_an_error_page(
    bench_settings: DemoSettings, tmp_path: Path, answer: dict[str, Any]
) -> None:
    settings = dataclasses.replace(bench_settings, database_path=tmp_path / "jwks.sqlite")
    app = create_demo_app(settings, fill=bench.fill)
    with responses.RequestsMock() as mock:
        mock.get(JWKS_URL, **answer)
        response = ask(app, form())
    platform_of(app).database.dispose()
    assert response.status_code == 404
    assert bench.error_message(response.text)


def test_a_token_lives_one_hour(bench_app: Flask, tool: responses.RequestsMock) -> None:
    platform = platform_of(bench_app)
    with time_machine.travel(SAMPLED_AT, tick=False) as clock:
        token = json.loads(ask(bench_app, form(scope=scopes.SCORE)).text)["access_token"]
        conf = platform.conf()
        assert conf.validate_token(token, [scopes.SCORE])
        assert not conf.validate_token(token, [scopes.LINE_ITEM])
        clock.shift(3599)
        assert conf.validate_token(token, [scopes.SCORE])
        clock.shift(1)
        assert not conf.validate_token(token, [scopes.SCORE])
    with platform.database.reading() as session:
        assert session.get_one(AccessToken, token).scopes == scopes.SCORE
