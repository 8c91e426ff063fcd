"""Reading back what the gradebook holds, in steps, as grades are sent.

Nothing is ever sent because of it: what a trainer changed in the LMS is theirs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.database import insert_ignoring
from lti_app.core.outbound import OutboundSession
from lti_app.grading.models import LmsResult, ResultReading
from lti_app.grading.queries import people_by_sub
from lti_app.grading.rules import Problem
from lti_app.lti.models import PlatformState
from lti_app.lti.rules.line_items import Result
from lti_app.lti.services.ags_gradebook import RESULT_SCOPE, GradebookError
from lti_app.lti.services.service_access import (
    GradebookCaller,
    ServiceAccess,
    keep_token,
    prepare_access,
)
from lti_app.lti.services.tokens import TokenError
from lti_app.people.models import ResourceLink

READ_AT_MOST_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading that is ours to make. `begun_at`: results are at least that fresh."""

    resource_link_id: int
    course_id: int
    issuer: str
    line_item_url: str
    begun_at: datetime
    access: ServiceAccess


@dataclass(frozen=True, slots=True)
class Read:
    """What became of it."""

    caller: GradebookCaller
    results: Sequence[Result] = ()
    problem: Problem | None = None


def begin_reading(
    session: Session, *, resource_link_id: int, secret_key: str, now: datetime
) -> Reading | None:
    """Take the reading of an activity's results. Commit before going on.

    None when there is nothing to read, when it was read a moment ago, or when it cannot be read,
    which is then recorded.
    """
    link = session.get(ResourceLink, resource_link_id, populate_existing=True)
    if link is None or not link.line_item_url:
        return None
    if not _claim(session, link.id, now):
        return None
    problem = _obstacle(link)
    if problem is not None:
        _record(session, link.id, now, {"problem": problem})
        return None
    access = prepare_access(
        session, platform=link.platform, scope=RESULT_SCOPE, secret_key=secret_key, now=now
    )
    return Reading(link.id, link.course_id, link.course.issuer, link.line_item_url, now, access)


def read_results(reading: Reading, *, http: OutboundSession, clock: Callable[[], datetime]) -> Read:
    """Ask the LMS; raises nothing that the platform or the network may cause."""
    caller = GradebookCaller(reading.access, http, clock)
    try:
        return Read(caller, caller.call(lambda book: book.results(reading.line_item_url)))
    except GradebookError as error:
        return Read(caller, problem=Problem(error.reason))
    except TokenError as error:
        return Read(caller, problem=Problem(error.reason))


def record_results(session: Session, *, reading: Reading, read: Read, secret_key: str) -> int:
    """Write down what the LMS holds of the people of the course; how many of them.

    Nothing when a later reading began meanwhile. What an unreadable answer does not say is kept
    from the reading before.
    """
    keep_token(session, access=reading.access, caller=read.caller, secret_key=secret_key)
    values: dict[str, Any] = {"problem": read.problem}
    if read.problem is None:
        values["read_at"] = reading.begun_at
    link_id = reading.resource_link_id
    if not _record(session, link_id, reading.begun_at, values) or read.problem is not None:
        return 0
    people = people_by_sub(session, course_id=reading.course_id, issuer=reading.issuer)
    rows = {
        people[result.user_id]: {
            "resource_link_id": link_id,
            "person_id": people[result.user_id],
            "score": result.score,
            "maximum": result.maximum,
            "read_at": reading.begun_at,
        }
        for result in read.results
        if result.user_id in people
    }
    session.execute(sa.delete(LmsResult).where(LmsResult.resource_link_id == link_id))
    if rows:
        session.execute(sa.insert(LmsResult), list(rows.values()))
    return len(rows)


def _obstacle(link: ResourceLink) -> Problem | None:
    if link.platform.state != PlatformState.ACTIVE:
        return Problem.PLATFORM_INACTIVE
    if link.deployment is not None and link.deployment.state != PlatformState.ACTIVE:
        return Problem.DEPLOYMENT_INACTIVE
    return None if RESULT_SCOPE in link.ags_scopes else Problem.NOT_ALLOWED


def _claim(session: Session, link_id: int, now: datetime) -> bool:
    """True for one caller a minute, however many ask."""
    if insert_ignoring(session, ResultReading, {"resource_link_id": link_id, "attempted_at": now}):
        return True
    statement = (
        sa.update(ResultReading)
        .where(
            ResultReading.resource_link_id == link_id,
            ResultReading.attempted_at <= now - READ_AT_MOST_EVERY,
        )
        .values(attempted_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(cast(sa.CursorResult[Any], session.execute(statement)).rowcount)


def _record(session: Session, link_id: int, begun_at: datetime, values: dict[str, Any]) -> bool:
    """Write only if this is still the last reading begun: its row is also the lock."""
    statement = (
        sa.update(ResultReading)
        .where(ResultReading.resource_link_id == link_id, ResultReading.attempted_at == begun_at)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return bool(cast(sa.CursorResult[Any], session.execute(statement)).rowcount)
