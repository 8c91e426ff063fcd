"""Who may read a roster, and with what: one worker at a time, by a lease that runs out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.database import JsonDict, insert_ignoring
from lti_app.lti.models import PlatformState
from lti_app.lti.rules.membership import is_whole_site
from lti_app.lti.services.ags import is_on, service_hosts
from lti_app.lti.services.nrps import MEMBERSHIP_SCOPE
from lti_app.lti.services.tokens import TokenError, TokenRequest, cached_token, prepare_request
from lti_app.people.models import Course
from lti_app.people.queries import role_overrides
from lti_app.roster.models import RosterSync
from lti_app.roster.queries import find_sync, is_being_read
from lti_app.roster.rules.explanations import Problem

LEASE = timedelta(minutes=5)
"""Renewed with each slice: longer than the slowest page that `nrps` waits for."""

ASKED_EVERY = timedelta(minutes=3)
"""How often the trainers of one course may ask for its roster."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A leased reading, with all that is needed to do it. `started_at` marks who it names."""

    course_id: int
    platform_id: int
    issuer: str
    url: str
    hosts: frozenset[str]
    overrides: dict[str, bool]
    token: str | None
    token_request: TokenRequest | None
    started_at: datetime
    previous_success: datetime | None


class Asked(StrEnum):
    """What became of a trainer's wish to have the roster read now."""

    GRANTED = "granted"
    CONFIRMED = "confirmed"
    """Granted, and the departures that Relais doubted are to be believed."""
    RUNNING = "running"
    TOO_SOON = "too_soon"
    IMPOSSIBLE = "impossible"
    """The platform gives no address for it."""


def ask_for_reading(
    session: Session, *, course: Course, confirm_departures: bool = False, now: datetime
) -> Asked:
    """Note that a trainer asks. Commit, then queue the task, when it is granted.

    Departures are confirmed only where the last reading doubted them: an old form, or a forged
    one, has the roster read with the usual care.
    """
    if not course.memberships_url:
        return Asked.IMPOSSIBLE
    values: JsonDict = {"attempted_at": now, "problem": None}
    doubted = RosterSync.problem == Problem.TOO_MANY_MISSING
    if confirm_departures and _update_free(session, course.id, now, values, doubted):
        return Asked.CONFIRMED
    new = {"course_id": course.id, "members": 0, "joined": 0, "departed": 0, **values}
    if insert_ignoring(session, RosterSync, new):
        return Asked.GRANTED
    granted = _update_free(
        session, course.id, now, values, RosterSync.attempted_at <= now - ASKED_EVERY
    )
    if granted:
        return Asked.GRANTED
    sync = find_sync(session, course.id)
    running = sync is not None and is_being_read(sync, now)
    return Asked.RUNNING if running else Asked.TOO_SOON


def lease_reading(
    session: Session, *, course_id: int, secret_key: str, now: datetime
) -> Reading | None:
    """Take the roster of a course for reading. Commit before reading it.

    None when another worker has it, or when it cannot be read, which is then recorded.
    """
    course = session.get(Course, course_id, populate_existing=True)
    if course is None:
        return None
    values = {"attempted_at": now, "leased_until": now + LEASE, "problem": None, "detail": None}
    new = {"course_id": course_id, "members": 0, "joined": 0, "departed": 0, **values}
    if not insert_ignoring(session, RosterSync, new) and not _update_free(
        session, course_id, now, values
    ):
        return None
    obstacle = _obstacle(course)
    if obstacle is not None:
        update_sync(session, course_id, now, {"leased_until": None, "problem": obstacle})
        return None
    return _reading(session, course, secret_key, now)


def update_sync(session: Session, course_id: int, started_at: datetime, values: JsonDict) -> bool:
    """Write only if the reading begun at `started_at` is still the one under way.

    A worker that was paused beyond its lease must not write over the one that took it.
    """
    statement = sa.update(RosterSync).where(
        RosterSync.course_id == course_id,
        RosterSync.attempted_at == started_at,
        RosterSync.leased_until.is_not(None),
    )
    return bool(_rows(session, statement.values(values)))


def _update_free(
    session: Session,
    course_id: int,
    now: datetime,
    values: JsonDict,
    *conditions: sa.ColumnElement[bool],
) -> bool:
    statement = sa.update(RosterSync).where(
        RosterSync.course_id == course_id,
        sa.or_(RosterSync.leased_until.is_(None), RosterSync.leased_until <= now),
        *conditions,
    )
    return bool(_rows(session, statement.values(values)))


def _obstacle(course: Course) -> Problem | None:
    """What makes reading pointless, found without asking anybody."""
    if course.platform.state != PlatformState.ACTIVE:
        return Problem.PLATFORM_INACTIVE
    if not course.memberships_url:
        return Problem.NO_SERVICE
    if is_whole_site(course.platform.product_family, course.context_id):
        return Problem.WHOLE_SITE
    if not is_on(service_hosts(course.platform), course.memberships_url):
        return Problem.FORBIDDEN_URL
    return None


def _reading(session: Session, course: Course, secret_key: str, now: datetime) -> Reading:
    platform = course.platform
    token = cached_token(
        session, platform_id=platform.id, scope=MEMBERSHIP_SCOPE, secret_key=secret_key, now=now
    )
    try:
        request = prepare_request(
            session, platform=platform, scope=MEMBERSHIP_SCOPE, secret_key=secret_key, now=now
        )
    except TokenError:
        request = None
    sync = find_sync(session, course.id)
    return Reading(
        course_id=course.id,
        platform_id=platform.id,
        issuer=course.issuer,
        url=course.memberships_url or "",
        hosts=service_hosts(platform),
        overrides=role_overrides(session, platform.id),
        token=token,
        token_request=request,
        started_at=now,
        previous_success=None if sync is None else sync.succeeded_at,
    )


def _rows(session: Session, statement: sa.Update) -> int:
    unsynchronised = statement.execution_options(synchronize_session=False)
    return cast(sa.CursorResult[Any], session.execute(unsynchronised)).rowcount
