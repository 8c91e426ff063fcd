"""The members of a context (Names and Role Provisioning Services 2.0), as they are read. Pure.

Specification: https://www.imsglobal.org/spec/lti-nrps/v2p0. A member that cannot be used is left
out and counted; a container that is none is an error, since « nobody » would empty a session.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from lti_app.lti.rules.claims import is_text
from lti_app.lti.rules.deep_linking import is_moodle
from lti_app.lti.rules.paging import next_page

# As for launches: longer than any LMS sends, short enough for our columns.
_ID_LENGTH = 255
_ROLE_LENGTH = 500
_ROLES = 50
_URL_LENGTH = 2000

_GONE = frozenset({"inactive", "deleted"})
# What a following page must repeat, where the platform forgets it (Moodle forgets `role`).
_REPEATED = ("role", "limit", "rlid")
_LONGEST_PAUSE = timedelta(hours=6)


class UnreadableMembersError(ValueError):
    """The answer holds no list of members; the message says what it is, never what it holds."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a roster. `roles` as received: Moodle writes short names here, unlike launches.

    `active` is False for who the platform says is suspended or gone (Moodle leaves them out).
    """

    user_id: str
    roles: tuple[str, ...] = ()
    active: bool = True
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    sourcedid: str | None = None

    @property
    def full_name(self) -> str | None:
        """The name, or what is known of it; None when it is withheld."""
        return self.name or " ".join(filter(None, (self.given_name, self.family_name))) or None


@dataclass(frozen=True, slots=True)
class Members:
    """Of one answer. `dropped`: entries that name nobody who could be kept."""

    members: tuple[Member, ...]
    dropped: int


def read_members(body: bytes) -> Members:
    """The members of an answer's body. Raises UnreadableMembersError."""
    try:
        container = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableMembersError("not JSON") from error
    entries = container.get("members") if isinstance(container, dict) else None
    if not isinstance(entries, list):
        raise UnreadableMembersError("no list of members")
    members = tuple(filter(None, map(read_member, entries)))
    return Members(members, len(entries) - len(members))


def read_member(entry: object) -> Member | None:
    """One member; None when it has no id, or roles or a status of a wrong type."""
    if not isinstance(entry, dict):
        return None
    user_id, roles, status = entry.get("user_id"), entry.get("roles"), entry.get("status")
    if not is_text(user_id) or not user_id.strip() or len(user_id) > _ID_LENGTH:
        return None
    if not isinstance(roles, list | None) or not isinstance(status, str | None):
        return None
    return Member(
        user_id=user_id,
        roles=tuple(role[:_ROLE_LENGTH] for role in (roles or [])[:_ROLES] if is_text(role)),
        active=_last_word(status) not in _GONE,
        name=_personal(entry, "name"),
        given_name=_personal(entry, "given_name"),
        family_name=_personal(entry, "family_name"),
        email=_personal(entry, "email"),
        sourcedid=_personal(entry, "lis_person_sourcedid"),
    )


def is_whole_site(product_family: str | None, context_id: str) -> bool:
    """Whether the roster of that context is every account of an LMS, with its e-mail.

    The home page of a Moodle is its course 1 (seen on Moodle 4.5.6).
    """
    return is_moodle(product_family) and context_id == "1"


def first_address(memberships_url: str, *, limit: int) -> str:
    """The roster's address, asking for pages of `limit` members where it does not ask already."""
    return _with_missing(memberships_url, {"limit": str(limit)})


def next_address(link_header: str | None, current: str, *, first: str) -> str | None:
    """The address of the page after `current`, None after the last.

    Tolerant (see `paging.next_page`); relative addresses are completed, and what the first page
    asked for is asked again where the platform forgot it.
    """
    found = next_page(link_header)
    if not found:
        return None
    try:
        address = urljoin(current, found)
        asked = dict(parse_qsl(urlsplit(first).query))
        wanted = {name: asked[name] for name in _REPEATED if name in asked}
        return _with_missing(address, wanted)[:_URL_LENGTH]
    except ValueError:  # not a URL at all: refused like any that is on no host of the platform
        return found[:_URL_LENGTH]


def pause_asked(retry_after: str | None, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for (RFC 9110 §10.2.3), 6 h at most; None without one."""
    if not retry_after or len(retry_after) > 100:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), _LONGEST_PAUSE)
    try:
        instant = parsedate_to_datetime(text)
    except ValueError:
        return None
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return min(max(instant - now, timedelta()), _LONGEST_PAUSE)


def _with_missing(url: str, wanted: Mapping[str, str]) -> str:
    """The address as it is, followed by the parameters that it lacks."""
    parts = urlsplit(url)
    there = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    missing = {name: value for name, value in wanted.items() if name not in there}
    query = "&".join(filter(None, (parts.query, urlencode(missing))))
    return parts._replace(query=query, fragment="").geturl()


def _last_word(status: str | None) -> str:
    """« Inactive », « liss:Inactive » and « …/status#Inactive » are one."""
    return (status or "").replace("#", ":").replace("/", ":").rpartition(":")[2].strip().lower()


def _personal(entry: Mapping[str, Any], name: str) -> str | None:
    """Optional text about a person: unusable values are dropped, never fatal."""
    value = entry.get(name)
    if not isinstance(value, str):
        return None
    storable = value[:2000].encode(errors="replace").decode().replace("\x00", " ")
    return " ".join(storable.split())[:_ID_LENGTH] or None
