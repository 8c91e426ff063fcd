"""What waits for an administrator: refusals, rosters that fail, keys."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.admin.rules.refusals import HourOfRefusals
from lti_app.lti.models import Platform, RefusedLaunch
from lti_app.people.models import Course
from lti_app.roster.models import RosterSync


class RefusalCount(NamedTuple):
    code: str
    launches: int
    last_at: datetime


class FailingRoster(NamedTuple):
    """A course whose roster could not be read the last time."""

    course_id: int
    title: str
    platform_id: int
    platform_name: str
    problem: str
    detail: str | None
    attempted_at: datetime
    succeeded_at: datetime | None


class RosterFigures(NamedTuple):
    """Courses that offer a roster, those never read, and those whose last reading failed."""

    offered: int
    never: int
    failing: int


def refusals_by_code(session: Session, *, since: datetime) -> list[RefusalCount]:
    """Refused launches since then, the most frequent reason first."""
    total = sa.func.sum(RefusedLaunch.count)
    statement = (
        sa.select(RefusedLaunch.code, total, sa.func.max(RefusedLaunch.last_at))
        .where(RefusedLaunch.hour >= since)
        .group_by(RefusedLaunch.code)
        .order_by(total.desc(), RefusedLaunch.code)
    )
    return [RefusalCount(row[0], int(row[1]), row[2]) for row in session.execute(statement)]


def refusals_by_hour(
    session: Session, *, since: datetime, code: str = "", platform_id: int | None = None
) -> list[HourOfRefusals]:
    """Refused launches since then, hour by hour; `platform_id` 0: platforms not known."""
    statement = sa.select(
        RefusedLaunch.hour,
        RefusedLaunch.code,
        RefusedLaunch.platform_id,
        RefusedLaunch.count,
        RefusedLaunch.last_at,
        RefusedLaunch.last_quote,
        RefusedLaunch.last_detail,
    ).where(RefusedLaunch.hour >= since)
    if code:
        statement = statement.where(RefusedLaunch.code == code)
    if platform_id is not None:
        statement = statement.where(RefusedLaunch.platform_id == platform_id)
    return [HourOfRefusals(*row) for row in session.execute(statement)]


def refusal_codes(session: Session) -> list[str]:
    """The reasons met, in order."""
    statement = sa.select(RefusedLaunch.code).distinct().order_by(RefusedLaunch.code)
    return list(session.scalars(statement))


def roster_figures(session: Session) -> RosterFigures:
    """How the reading of rosters goes as a whole."""
    offers = Course.memberships_url.is_not(None)
    statement = (
        sa.select(
            sa.func.count(),
            sa.func.count().filter(RosterSync.succeeded_at.is_(None)),
            sa.func.count().filter(RosterSync.problem.is_not(None)),
        )
        .select_from(Course)
        .outerjoin(RosterSync, RosterSync.course_id == Course.id)
        .where(offers)
    )
    return RosterFigures(*session.execute(statement).one())


def failing_rosters(session: Session, *, limit: int) -> list[FailingRoster]:
    """Courses whose last reading failed, those without news for the longest time first."""
    statement = (
        sa.select(
            Course.id,
            Course.title,
            Platform.id,
            Platform.name,
            RosterSync.problem,
            RosterSync.detail,
            RosterSync.attempted_at,
            RosterSync.succeeded_at,
        )
        .join(Course, Course.id == RosterSync.course_id)
        .join(Platform, Platform.id == Course.platform_id)
        .where(RosterSync.problem.is_not(None))
        .order_by(RosterSync.succeeded_at.asc().nulls_first(), Course.id)
        .limit(limit)
    )
    return [FailingRoster._make(row) for row in session.execute(statement)]
