"""What the trainer reads of the session's list: when it was last read, and why not since."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lti_app.people.models import Course
from lti_app.reports.rules.days import clock_time, local_day
from lti_app.roster.queries import find_sync, is_being_read
from lti_app.roster.rules.explanations import Advice, Problem, advise
from lti_app.roster.services import ASKED_EVERY, Asked


class Notice(StrEnum):
    """What became of the trainer's last press on the button; the values stand in the address."""

    GRANTED = "demandee"
    RUNNING = "en-cours"
    TOO_SOON = "trop-tot"
    IMPOSSIBLE = "impossible"
    NO_BROKER = "panne"


NOTICES = {
    Asked.GRANTED: Notice.GRANTED,
    Asked.CONFIRMED: Notice.GRANTED,
    Asked.RUNNING: Notice.RUNNING,
    Asked.TOO_SOON: Notice.TOO_SOON,
    Asked.IMPOSSIBLE: Notice.IMPOSSIBLE,
}


@dataclass(frozen=True, slots=True)
class RosterNews:
    """`available`: the platform gives a list at all. `updated_on`, `updated_at`: day and hour of
    the last whole list, None before the first; `problem`: why there is none since.

    `confirmable`: the trainer may say that the departures which Relais doubts are real.
    """

    available: bool
    notice: Notice | None = None
    running: bool = False
    updated_on: date | None = None
    updated_at: str = ""
    members: int = 0
    joined: int = 0
    departed: int = 0
    tried_on: date | None = None
    tried_at: str = ""
    problem: Advice | None = None
    confirmable: bool = False


def read_roster_news(
    session: Session, *, course: Course, asked: str, zone: ZoneInfo, now: datetime
) -> RosterNews:
    """By one statement. `asked`: of the address, after the button was pressed."""
    notice = Notice(asked) if asked in set(Notice) else None
    sync = find_sync(session, course.id)
    if sync is None:
        return RosterNews(available=course.memberships_url is not None, notice=notice)
    running = is_being_read(sync, now) and sync.problem is None
    fresh = sync.attempted_at > now - ASKED_EVERY
    problem = sync.problem
    unfinished = sync.succeeded_at is None or sync.succeeded_at < sync.attempted_at
    if unfinished and problem is None and not running and not fresh:
        problem = Problem.INTERRUPTED
    return RosterNews(
        available=course.memberships_url is not None,
        # Whoever reloads the page once the list is read needs no word on their request.
        notice=notice if unfinished or notice is not Notice.GRANTED else None,
        running=running,
        updated_on=local_day(sync.succeeded_at, zone),
        updated_at=clock_time(sync.succeeded_at, zone),
        members=sync.members,
        joined=sync.joined,
        departed=sync.departed,
        tried_on=local_day(sync.attempted_at, zone),
        tried_at=clock_time(sync.attempted_at, zone),
        problem=advise(problem),
        confirmable=problem == Problem.TOO_MANY_MISSING,
    )
