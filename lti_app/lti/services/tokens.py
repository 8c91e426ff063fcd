"""Access tokens of a platform's services, by a signed assertion (RFC 7523), kept until they expire.

In steps, so that a task can leave the database alone while the platform answers: `cached_token`
and `prepare_request` read, `request_token` talks, `remember_token` writes.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
import requests
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.database import upsert
from lti_app.core.outbound import ForbiddenAddressError, OutboundSession, is_success
from lti_app.core.secrecy import SecretBox, UndecipherableError
from lti_app.lti.models import AccessToken, Platform
from lti_app.lti.services.keys import NoSigningKeyError, SigningKey, signing_key

RENEWED_BEFORE_EXPIRY = timedelta(seconds=60)
ASSERTION_LIFE = timedelta(minutes=5)
CLOCK_TOLERANCE = timedelta(seconds=30)
"""Assertions are dated that much earlier: Moodle refuses an `iat` one second ahead of its clock."""
LIFE_WHEN_UNSAID = timedelta(minutes=5)
LONGEST_LIFE = timedelta(days=1)

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class TokenError(Exception):
    """The platform gave no token. `reason` is a code, explained on the screens that show it.

    `permanent`: trying again changes nothing before somebody changes a setting, here or there.
    """

    def __init__(self, reason: str, *, permanent: bool = False, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.permanent = permanent
        self.detail = detail
        """What the platform said, shortened; for the administrator only."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """All that is needed to ask a platform for a token, without the database."""

    token_url: str
    audience: str
    client_id: str
    scope: str
    key: SigningKey


@dataclass(frozen=True, slots=True)
class IssuedToken:
    token: str
    expires_at: datetime


def access_token(
    session: Session,
    *,
    platform: Platform,
    scope: str,
    http: OutboundSession,
    secret_key: str,
    now: datetime,
) -> str:
    """A token for `scope` (one or several, separated by spaces), from the cache or the platform.

    The session's transaction stays open while the platform answers: for commands, not for tasks.
    Raises TokenError.
    """
    known = cached_token(
        session, platform_id=platform.id, scope=scope, secret_key=secret_key, now=now
    )
    if known is not None:
        return known
    request = prepare_request(
        session, platform=platform, scope=scope, secret_key=secret_key, now=now
    )
    issued = request_token(request, http=http, now=now)
    remember_token(
        session, platform_id=platform.id, scope=scope, issued=issued, secret_key=secret_key
    )
    return issued.token


def cached_token(
    session: Session, *, platform_id: int, scope: str, secret_key: str, now: datetime
) -> str | None:
    """The token kept for that client and scope, unless it expires within a minute."""
    statement = sa.select(AccessToken.sealed_token).where(
        AccessToken.platform_id == platform_id,
        AccessToken.scope == _normal(scope),
        AccessToken.expires_at > now + RENEWED_BEFORE_EXPIRY,
    )
    sealed = session.scalars(statement).one_or_none()
    if sealed is None:
        return None
    try:
        return _box(secret_key).open(sealed)
    except UndecipherableError:
        return None  # RELAIS_SECRET_KEY changed: a new token is asked for and replaces it


def prepare_request(
    session: Session, *, platform: Platform, scope: str, secret_key: str, now: datetime
) -> TokenRequest:
    """What to ask the platform. Raises TokenError when we have no key to sign with."""
    try:
        key = signing_key(session, secret_key=secret_key, now=now)
    except (NoSigningKeyError, UndecipherableError) as error:
        raise TokenError("tool_key_missing") from error
    return TokenRequest(
        token_url=platform.token_url,
        audience=platform.token_audience or platform.token_url,
        client_id=platform.client_id,
        scope=_normal(scope),
        key=key,
    )


def request_token(request: TokenRequest, *, http: OutboundSession, now: datetime) -> IssuedToken:
    """Ask the platform for a token. Touches no database. Raises TokenError."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": _ASSERTION_TYPE,
        "client_assertion": _assertion(request, now),
        "scope": request.scope,
    }
    try:
        response = http.post(request.token_url, data=form, headers={"Accept": "application/json"})
    except ForbiddenAddressError as error:
        raise TokenError("token_url_forbidden", permanent=True, detail=str(error)) from error
    except requests.Timeout as error:
        raise TokenError("timeout") from error
    except requests.RequestException as error:
        raise TokenError("unreachable") from error
    if not is_success(response):
        raise _refusal(response)
    return _issued(response, request, now)


def remember_token(
    session: Session, *, platform_id: int, scope: str, issued: IssuedToken, secret_key: str
) -> None:
    """Keep a token for web and workers, encrypted."""
    kept = {"sealed_token": _box(secret_key).seal(issued.token), "expires_at": issued.expires_at}
    upsert(
        session,
        AccessToken,
        {"platform_id": platform_id, "scope": _normal(scope), **kept},
        key=("platform_id", "scope"),
        update=kept,
    )


def forget_token(session: Session, *, platform_id: int, scope: str) -> None:
    """Drop a token that the platform refused before its time."""
    session.execute(
        sa.delete(AccessToken).where(
            AccessToken.platform_id == platform_id, AccessToken.scope == _normal(scope)
        )
    )


def _assertion(request: TokenRequest, now: datetime) -> str:
    issued_at = now - CLOCK_TOLERANCE
    claims = {
        "iss": request.client_id,
        "sub": request.client_id,
        "aud": request.audience,
        "iat": int(issued_at.timestamp()),
        "exp": int((issued_at + ASSERTION_LIFE).timestamp()),
        "jti": str(uuid.uuid4()),
    }
    # Moodle refuses an assertion whose header names no kid.
    headers = {"kid": request.key.kid}
    return jwt.encode(claims, request.key.private_key, algorithm="RS256", headers=headers)


def _issued(response: requests.Response, request: TokenRequest, now: datetime) -> IssuedToken:
    answer = _json_object(response)
    token = answer.get("access_token")
    # It goes into a header: a line feed in it would end that header and begin another.
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise TokenError("token_unreadable", detail=f"HTTP {response.status_code}")
    granted = answer.get("scope")
    if isinstance(granted, str) and granted.split():
        missing = set(request.scope.split()) - set(granted.split())
        if missing:
            raise TokenError("scope_refused", permanent=True, detail=" ".join(sorted(missing)))
    return IssuedToken(token, now + _life(answer.get("expires_in")))


def _life(expires_in: object) -> timedelta:
    try:
        seconds = int(str(expires_in))
    except ValueError:
        return LIFE_WHEN_UNSAID
    return timedelta(seconds=min(max(seconds, 0), LONGEST_LIFE.total_seconds()))


def _refusal(response: requests.Response) -> TokenError:
    """What a refusal means. Moodle says 400 to all, with texts that are not OAuth's codes."""
    status = response.status_code
    said = _json_object(response).get("error")
    detail = f"HTTP {status} {said if isinstance(said, str) else ''}".strip()[:200]
    if status in {408, 425, 429} or status >= 500:
        return TokenError("unavailable", detail=detail)
    if said == "invalid_scope":
        return TokenError("scope_refused", permanent=True, detail=detail)
    if status in {301, 302, 303, 307, 308, 404, 405, 410}:
        return TokenError("token_url_wrong", permanent=True, detail=detail)
    # Not permanent: a platform that has not fetched our new key yet says the same as one that
    # does not know us.
    return TokenError("client_refused", detail=detail)


def _json_object(response: requests.Response) -> dict[str, Any]:
    """The JSON object of a body, {} when it holds none: Moodle labels it text/html, and one of
    its errors is not JSON at all."""
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _normal(scope: str) -> str:
    return " ".join(sorted(set(scope.split())))


def _box(secret_key: str) -> SecretBox:
    return SecretBox(secret_key, "access-token")
