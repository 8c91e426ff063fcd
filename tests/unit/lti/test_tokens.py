"""Service tokens, from a platform that answers as Moodle does."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import requests
import responses
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from requests import PreparedRequest
from sqlalchemy.orm import Session

from lti_app.core.outbound import OutboundSession
from lti_app.lti.models import AccessToken, Platform
from lti_app.lti.services.ags import SCORE_SCOPE
from lti_app.lti.services.keys import SigningKey, ensure_key, published_jwks, signing_key
from lti_app.lti.services.tokens import (
    TokenError,
    TokenRequest,
    access_token,
    cached_token,
    forget_token,
    request_token,
)
from tests.factories import NOW, PlatformFactory

SECRET = "a secret of the tests, long enough for production"
MEMBERSHIPS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
TOKEN = "bc25d01170acf2c84328d24c6bcdb8b3"


@pytest.fixture
def platform(session: Session) -> Platform:
    ensure_key(session, secret_key=SECRET, now=NOW)
    platform: Platform = PlatformFactory.create()
    return platform


def ask(
    session: Session,
    platform: Platform,
    *,
    scope: str = SCORE_SCOPE,
    after: timedelta = timedelta(),
) -> str:
    with OutboundSession(allow_loopback=False) as http:
        return access_token(
            session, platform=platform, scope=scope, http=http, secret_key=SECRET, now=NOW + after
        )


def moodle_says(platform: Platform, body: Any, status: int = 200) -> None:
    """Moodle labels its JSON text/html."""
    said = {"body": body} if isinstance(body, str | Exception) else {"json": body}
    responses.post(platform.token_url, status=status, content_type="text/html", **said)


def granted(**changes: Any) -> dict[str, Any]:
    answer = {
        "access_token": TOKEN,
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": SCORE_SCOPE,
    }
    return {name: value for name, value in (answer | changes).items() if value is not None}


@responses.activate
def test_the_assertion_is_what_moodle_wants(session: Session, platform: Platform) -> None:
    moodle_says(platform, granted())
    assert ask(session, platform) == TOKEN
    body = responses.calls[0].request.body
    form = {name: value[0] for name, value in parse_qs(str(body)).items()}
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == SCORE_SCOPE
    assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert form["client_assertion_type"] == assertion_type
    assertion = form["client_assertion"]
    kid = signing_key(session, secret_key=SECRET, now=NOW).kid
    # kid is mandatory: « kid must be provided in JWT header ».
    assert jwt.get_unverified_header(assertion) == {"alg": "RS256", "typ": "JWT", "kid": kid}
    claims = jwt.decode(
        assertion,
        jwt.PyJWKSet.from_dict(published_jwks(session, NOW))[kid],
        algorithms=["RS256"],
        audience=platform.token_url,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["iss"] == claims["sub"] == platform.client_id
    # An iat ahead of Moodle's clock by a second is refused.
    assert NOW.timestamp() - 60 <= claims["iat"] < NOW.timestamp()
    assert NOW.timestamp() + 60 < claims["exp"] <= claims["iat"] + 300
    assert claims["jti"]


@responses.activate
def test_an_audience_of_its_own(session: Session, platform: Platform) -> None:
    platform.token_audience = "https://audience.example.org"
    moodle_says(platform, granted())
    ask(session, platform)
    form = parse_qs(str(responses.calls[0].request.body))
    claims = jwt.decode(form["client_assertion"][0], options={"verify_signature": False})
    assert claims["aud"] == "https://audience.example.org"


@responses.activate
def test_a_token_is_asked_once_until_a_minute_before_it_expires(
    session: Session, platform: Platform
) -> None:
    moodle_says(platform, granted())
    for seconds in (0, 10, 3539):
        assert ask(session, platform, after=timedelta(seconds=seconds)) == TOKEN
    assert len(responses.calls) == 1
    responses.reset()
    moodle_says(platform, granted(access_token="newer"))
    assert ask(session, platform, after=timedelta(seconds=3541)) == "newer"
    assert ask(session, platform, after=timedelta(seconds=3542)) == "newer"
    assert len(responses.calls) == 1
    assert session.scalar(sa.select(sa.func.count(AccessToken.id))) == 1


@responses.activate
def test_two_clients_of_one_issuer_and_two_scopes_have_each_their_token(
    session: Session, platform: Platform
) -> None:
    twin = PlatformFactory.create(issuer=platform.issuer, token_url=platform.token_url)
    asked = [
        (platform, SCORE_SCOPE, "one"),
        (twin, SCORE_SCOPE, "two"),
        (platform, MEMBERSHIPS_SCOPE, "three"),
    ]
    for _, scope, token in asked:
        moodle_says(platform, granted(access_token=token, scope=scope))
    for _ in range(2):
        for client, scope, token in asked:
            assert ask(session, client, scope=scope) == token
    assert len(responses.calls) == 3


@responses.activate
def test_the_order_of_scopes_does_not_matter(session: Session, platform: Platform) -> None:
    moodle_says(platform, granted(scope=f"{SCORE_SCOPE} {MEMBERSHIPS_SCOPE} other"))
    ask(session, platform, scope=f"{SCORE_SCOPE} {MEMBERSHIPS_SCOPE}")
    ask(session, platform, scope=f"{MEMBERSHIPS_SCOPE}  {SCORE_SCOPE}")
    assert len(responses.calls) == 1


@responses.activate
def test_a_forgotten_token_is_asked_again(session: Session, platform: Platform) -> None:
    moodle_says(platform, granted())
    moodle_says(platform, granted(access_token="newer"))
    ask(session, platform)
    forget_token(session, platform_id=platform.id, scope=SCORE_SCOPE)
    assert ask(session, platform) == "newer"


@responses.activate
def test_tokens_are_kept_encrypted(session: Session, platform: Platform) -> None:
    moodle_says(platform, granted())
    ask(session, platform)
    kept = session.scalars(sa.select(AccessToken)).one()
    assert TOKEN not in kept.sealed_token

    def read(secret_key: str) -> str | None:
        return cached_token(
            session, platform_id=platform.id, scope=SCORE_SCOPE, secret_key=secret_key, now=NOW
        )

    assert read(SECRET) == TOKEN
    assert read("another secret") is None


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [("3600", 3600), (None, 300), ("soon", 300), (-5, 0), (10**9, 86_400)],
)
@responses.activate
def test_a_strange_life_is_not_trusted(
    session: Session, platform: Platform, expires_in: object, seconds: int
) -> None:
    moodle_says(platform, granted(expires_in=expires_in))
    ask(session, platform)
    kept = session.scalars(sa.select(AccessToken)).one()
    assert kept.expires_at == NOW + timedelta(seconds=seconds)


@responses.activate
def test_a_platform_that_names_no_scope_grants_what_was_asked(
    session: Session, platform: Platform
) -> None:
    moodle_says(platform, granted(scope=None))
    assert ask(session, platform) == TOKEN


# What a real Moodle 4.5 answered (samples of token.json), then what others may.
REFUSALS = [
    (400, {"error": "invalid_scope"}, "scope_refused", True),
    (400, {"error": "invalid_client"}, "client_refused", False),
    (400, {"error": "Expired token"}, "client_refused", False),
    (400, {"error": "Signature verification failed"}, "client_refused", False),
    (
        400,
        '{\n  "error" : ""kid" invalid, unable to lookup correct key"\n}',
        "client_refused",
        False,
    ),
    (200, granted(scope=MEMBERSHIPS_SCOPE), "scope_refused", True),
    (200, "<!DOCTYPE html><p>Erreur</p>", "token_unreadable", False),
    (200, {"error": "?"}, "token_unreadable", False),
    (200, ["a", "list"], "token_unreadable", False),
    (200, granted(access_token=""), "token_unreadable", False),
    (200, granted(access_token=12), "token_unreadable", False),
    (200, granted(access_token="a\r\nX-Injected: yes"), "token_unreadable", False),
    (401, "", "client_refused", False),
    (404, "<p>rien</p>", "token_url_wrong", True),
    (302, "", "token_url_wrong", True),
    (429, "", "unavailable", False),
    (500, "<p>PHP Fatal error</p>", "unavailable", False),
    (503, "", "unavailable", False),
    (200, requests.ConnectionError("refused"), "unreachable", False),
    (200, requests.ReadTimeout("slow"), "timeout", False),
    (200, requests.ConnectTimeout("slow"), "timeout", False),
]


@pytest.mark.parametrize(("status", "body", "reason", "permanent"), REFUSALS)
@responses.activate
def test_a_refusal_is_named_and_nothing_is_kept(
    session: Session, platform: Platform, status: int, body: Any, reason: str, permanent: bool
) -> None:
    moodle_says(platform, body, status)
    with pytest.raises(TokenError) as raised:
        ask(session, platform)
    assert (raised.value.reason, raised.value.permanent) == (reason, permanent)
    assert session.scalar(sa.select(sa.func.count(AccessToken.id))) == 0


def test_a_private_address_is_not_asked(session: Session, platform: Platform) -> None:
    platform.token_url = "https://127.0.0.1/token"
    with pytest.raises(TokenError) as raised:
        ask(session, platform)
    assert (raised.value.reason, raised.value.permanent) == ("token_url_forbidden", True)


def test_without_a_key_nothing_is_asked(session: Session) -> None:
    with pytest.raises(TokenError) as raised:
        ask(session, PlatformFactory.create())
    assert raised.value.reason == "tool_key_missing"


@pytest.fixture(scope="module")
def any_key() -> SigningKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return SigningKey("kid", rsa.generate_private_key(65537, 2048))


@given(
    status=st.integers(200, 599),
    body=st.one_of(
        st.binary(max_size=60),
        st.text(max_size=60).map(str.encode),
        st.sampled_from([b"[" * 100_000, b'{"access_token": {}}', b"\xff\xfe", b"null", b"NaN"]),
    ),
)
def test_no_answer_of_a_platform_is_an_accident(
    any_key: SigningKey, status: int, body: bytes
) -> None:
    url = "https://moodle.example.org/token"
    request = TokenRequest(url, url, "client", SCORE_SCOPE, any_key)

    def answer(_request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        return status, {}, body

    with responses.RequestsMock() as mocked, OutboundSession(allow_loopback=False) as http:
        mocked.add_callback(responses.POST, url, callback=answer)
        with pytest.raises(TokenError):
            request_token(request, http=http, now=NOW)
