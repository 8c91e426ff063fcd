"""The visit of a frame that keeps no cookie: a session in the database, named by its address.

See docs/adr/0011. The address alone opens nothing: `app.sessions` also asks where the request
comes from.
"""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from lti_app.core.secrecy import SecretBox, UndecipherableError, digest
from lti_app.people.models import FrameSession

IDLE_LIFETIME = timedelta(hours=2)
"""Shorter than a cookie's twelve hours: an address is written down in more places."""
LONGEST_LIFETIME = timedelta(hours=12)
TOUCHED_EVERY = timedelta(minutes=10)
"""How often a visit that goes on is written, at most, only to put its end off."""

_PURPOSE = "frame-session"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_PREFIX = "/v/"
# What a frame shows. The front door, administration and « Agrandir » are not under a visit.
_ROOMS = re.compile(r"/(?:session|suivi)/\d")


@dataclass(frozen=True, slots=True)
class FrameVisit:
    """What a frame's session holds: the values that a cookie would have held, as JSON can."""

    values: dict[str, Any]
    created_at: datetime
    expires_at: datetime


def visit_address(token: str, path: str) -> str:
    """The address of a page of ours inside a visit."""
    return f"{_PREFIX}{token}{path}"


def split_address(path: str) -> tuple[str, str] | None:
    """(token, rest of the path) of an address inside a visit; None for any other."""
    if not path.startswith(_PREFIX):
        return None
    token, slash, rest = path.removeprefix(_PREFIX).partition("/")
    rest = slash + rest
    if not _TOKEN.fullmatch(token) or not _ROOMS.match(rest):
        return None
    return token, rest


def open_visit(session: Session, values: dict[str, Any], *, secret_key: str, now: datetime) -> str:
    """Begin a visit. Returns its token, of which only a digest is kept."""
    token = secrets.token_urlsafe(32)
    session.add(
        FrameSession(
            token_digest=digest(token),
            sealed_session=_seal(values, secret_key),
            created_at=now,
            expires_at=now + IDLE_LIFETIME,
        )
    )
    return token


def find_visit(
    session: Session, token: str, *, secret_key: str, now: datetime
) -> FrameVisit | None:
    """The visit under this token, unless it has ended. Reads only."""
    row = session.get(FrameSession, digest(token))
    if row is None or row.expires_at <= now:
        return None
    try:
        values = json.loads(SecretBox(secret_key, _PURPOSE).open(row.sealed_session))
    except UndecipherableError:
        return None
    return FrameVisit(values, row.created_at, row.expires_at)


def keep_visit(
    session: Session, token: str, values: dict[str, Any], *, secret_key: str, now: datetime
) -> None:
    """Write what the visit holds, and put its end off. One that has ended stays so."""
    row = session.get(FrameSession, digest(token))
    if row is None or row.expires_at <= now:
        return
    row.sealed_session = _seal(values, secret_key)
    row.expires_at = min(now + IDLE_LIFETIME, row.created_at + LONGEST_LIFETIME)


def needs_touch(visit: FrameVisit, now: datetime) -> bool:
    """Whether the end of the visit is worth a write."""
    wanted = min(now + IDLE_LIFETIME, visit.created_at + LONGEST_LIFETIME)
    return wanted - visit.expires_at >= TOUCHED_EVERY


def _seal(values: dict[str, Any], secret_key: str) -> str:
    return SecretBox(secret_key, _PURPOSE).seal(json.dumps(values))
