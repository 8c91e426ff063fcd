"""Grades that the LMS do not have: counted by platform and reason, then one by one."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradeState
from lti_app.lti.models import Platform
from lti_app.people.models import Course, Person, ResourceLink

WAITING = (GradeState.OWED, GradeState.REFUSED)


class GradeFilters(NamedTuple):
    """What narrows the list; empty: all that waits or was refused."""

    platform_id: int | None = None
    state: str = ""
    problem: str = ""


class GradeGroup(NamedTuple):
    """Grades of one platform, in one state, for one reason."""

    platform_id: int
    platform_name: str
    state: GradeState
    problem: str | None
    grades: int
    oldest_at: datetime


class GradeRow(NamedTuple):
    id: int
    person_id: int
    person_name: str | None
    course_title: str
    link_title: str
    platform_name: str
    score: int
    sent_score: int | None
    state: GradeState
    problem: str | None
    attempts: int
    owed_at: datetime
    next_attempt_at: datetime


def group_grades(session: Session) -> list[GradeGroup]:
    """What each LMS does not have, and why: the most numerous first."""
    statement = (
        sa.select(
            Platform.id,
            Platform.name,
            OwedGrade.state,
            OwedGrade.problem,
            sa.func.count(),
            sa.func.min(OwedGrade.owed_at),
        )
        .join(ResourceLink, ResourceLink.id == OwedGrade.resource_link_id)
        .join(Platform, Platform.id == ResourceLink.platform_id)
        .where(OwedGrade.state.in_(WAITING))
        .group_by(Platform.id, Platform.name, OwedGrade.state, OwedGrade.problem)
        .order_by(sa.func.count().desc(), Platform.name)
    )
    return [GradeGroup(*row) for row in session.execute(statement)]


def count_grades(session: Session, filters: GradeFilters) -> int:
    """How many grades match."""
    statement = (
        sa.select(sa.func.count())
        .select_from(OwedGrade)
        .join(ResourceLink, ResourceLink.id == OwedGrade.resource_link_id)
        .where(*_conditions(filters))
    )
    return session.scalar(statement) or 0


def list_waiting_grades(
    session: Session, filters: GradeFilters, *, offset: int, limit: int
) -> list[GradeRow]:
    """Grades that match, the longest owed first."""
    statement = (
        sa.select(
            OwedGrade.id,
            Person.id,
            Person.name,
            Course.title,
            ResourceLink.title,
            Platform.name,
            OwedGrade.score,
            OwedGrade.sent_score,
            OwedGrade.state,
            OwedGrade.problem,
            OwedGrade.attempts,
            OwedGrade.owed_at,
            OwedGrade.next_attempt_at,
        )
        .join(ResourceLink, ResourceLink.id == OwedGrade.resource_link_id)
        .join(Course, Course.id == ResourceLink.course_id)
        .join(Platform, Platform.id == ResourceLink.platform_id)
        .join(Person, Person.id == OwedGrade.person_id)
        .where(*_conditions(filters))
        .order_by(OwedGrade.owed_at, OwedGrade.id)
        .offset(offset)
        .limit(limit)
    )
    return [GradeRow._make(row) for row in session.execute(statement)]


def matching_grade_ids(session: Session, filters: GradeFilters, *, limit: int) -> list[int]:
    """Ids of grades that match, the longest owed first."""
    statement = (
        sa.select(OwedGrade.id)
        .join(ResourceLink, ResourceLink.id == OwedGrade.resource_link_id)
        .where(*_conditions(filters))
        .order_by(OwedGrade.owed_at, OwedGrade.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def problems_met(session: Session) -> list[str]:
    """The reasons why grades wait, in order."""
    statement = (
        sa.select(OwedGrade.problem)
        .where(OwedGrade.state.in_(WAITING), OwedGrade.problem.is_not(None))
        .distinct()
        .order_by(OwedGrade.problem)
    )
    return [problem for problem in session.scalars(statement) if problem]


def _conditions(filters: GradeFilters) -> list[sa.ColumnElement[bool]]:
    states = (GradeState(filters.state),) if filters.state else WAITING
    conditions: list[sa.ColumnElement[bool]] = [OwedGrade.state.in_(states)]
    if filters.platform_id is not None:
        conditions.append(ResourceLink.platform_id == filters.platform_id)
    if filters.problem:
        conditions.append(OwedGrade.problem == filters.problem)
    return conditions
