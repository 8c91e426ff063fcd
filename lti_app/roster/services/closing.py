"""The end of a reading: who is gone, and what is recorded of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.database import JsonDict
from lti_app.people.models import Enrolment, EnrolmentState, Role
from lti_app.roster.rules.departures import Headcount, doubt
from lti_app.roster.rules.explanations import Problem
from lti_app.roster.services.leasing import Reading, update_sync
from lti_app.roster.services.storing import Stored

CLOCK_SLACK = timedelta(minutes=1)
"""Who launched that shortly before the reading is kept too: web and worker may run on two machines,
whose clocks differ a little."""


@dataclass
class Tally:
    """What a reading has stored so far. `joined`: new in the course, or returned to it;
    `repeated`: named again by a later slice."""

    joined: int = 0
    repeated: int = 0

    def add(self, stored: Stored) -> None:
        self.joined += stored.joined
        self.repeated += stored.repeated


def close_reading(
    session: Session,
    *,
    reading: Reading,
    tally: Tally,
    answers: int,
    accept_departures: bool,
    now: datetime,
) -> Problem | None:
    """After the last page: mark the absent as left, unless the roster is not believed.

    Returns why it is not. `accept_departures`: somebody looked, and says that it is right.
    """
    # A roster that names people twice on several pages changed its order meanwhile (Moodle
    # promises none): it may have skipped others, who are gone only if the one before says so too.
    shuffled = answers > 1 and tally.repeated > 0
    gone = _gone(reading, reading.previous_success if shuffled else reading.started_at)
    count = _count(session, reading, tally, gone)
    problem = None if accept_departures else doubt(count)
    values: JsonDict = {"leased_until": None, "members": count.named, "joined": tally.joined}
    if problem is not None:
        values |= {"problem": problem, "detail": f"{count.missing} of {count.known} missing"}
        update_sync(session, reading.course_id, reading.started_at, values)
        return problem
    departed = _mark_as_left(session, gone, now) if count.missing else 0
    values |= {"succeeded_at": reading.started_at, "departed": departed}
    update_sync(session, reading.course_id, reading.started_at, values)
    return None


def record_failure(
    session: Session,
    *,
    reading: Reading,
    problem: Problem,
    detail: str = "",
    pause: timedelta | None = None,
    now: datetime,
) -> None:
    """Write down why the roster was not read to its end: nobody is marked as gone.

    `pause`: how long the platform asks to be left alone; nobody reads the roster meanwhile.
    """
    values: JsonDict = {
        "leased_until": now + pause if pause else None,
        "problem": problem,
        "detail": detail[:200] or None,
    }
    update_sync(session, reading.course_id, reading.started_at, values)


def _gone(reading: Reading, named_since: datetime | None) -> sa.ColumnElement[bool]:
    """Who was not named since then, nor launched since, although a roster would name them."""
    if named_since is None:
        return sa.false()
    launched_before = min(named_since, reading.started_at - CLOCK_SLACK)
    return sa.and_(
        Enrolment.course_id == reading.course_id,
        Enrolment.state == EnrolmentState.ACTIVE,
        sa.or_(Enrolment.roster_seen_at.is_(None), Enrolment.roster_seen_at < named_since),
        sa.or_(Enrolment.last_launch_at.is_(None), Enrolment.last_launch_at < launched_before),
        # Administrators and managers of a site launch without being enrolled: no roster ever names
        # them, and its silence says nothing.
        sa.or_(
            Enrolment.roster_seen_at.is_not(None),
            Enrolment.launch_role.is_(None),
            Enrolment.launch_role != Role.TRAINER,
        ),
    )


def _count(
    session: Session, reading: Reading, tally: Tally, gone: sa.ColumnElement[bool]
) -> Headcount:
    named = sa.func.count().filter(
        Enrolment.state == EnrolmentState.ACTIVE, Enrolment.roster_seen_at == reading.started_at
    )
    statement = sa.select(named, sa.func.count().filter(gone)).where(
        Enrolment.course_id == reading.course_id
    )
    named_count, missing = session.execute(statement).one()
    known = missing + max(named_count - tally.joined, 0)
    return Headcount(known=known, missing=missing, named=named_count)


def _mark_as_left(session: Session, gone: sa.ColumnElement[bool], now: datetime) -> int:
    """By one statement, which looks again: somebody may launch at this very moment."""
    statement = (
        sa.update(Enrolment)
        .where(gone)
        .values(state=EnrolmentState.LEFT, left_at=now)
        .execution_options(synchronize_session=False)
    )
    return cast(sa.CursorResult[Any], session.execute(statement)).rowcount
