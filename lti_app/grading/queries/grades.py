"""Reading what is owed, and to which links a person's work is owed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from lti_app.completion.models import ModuleCompletion
from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradeState
from lti_app.lti.models import Platform
from lti_app.people.models import (
    Course,
    Enrolment,
    EnrolmentState,
    ResourceLink,
    Role,
)


class GradableLink(NamedTuple):
    """An activity of a learner that is graded or may be, what is owed to it already, and its
    module's completion.

    `best_score` is None where the link opens no module, or one that was never begun. What begins
    with `owed_` is None where nothing is owed yet.
    """

    link_id: int
    course_id: int
    target: str
    custom: Mapping[str, Any]
    line_item_url: str | None
    line_item_origin: str | None
    line_items_url: str | None
    ags_scopes: Sequence[str]
    identity_id: int
    owed_grade_id: int | None
    owed_score: int | None
    owed_completed: bool | None
    owed_sent_score: int | None
    owed_state: str | None
    owed_target: str | None
    owed_line_item_url: str | None
    best_score: int | None
    completed_at: datetime | None


class GradeToSend(NamedTuple):
    """A grade with its link, platform, deployment and identity, and its person's enrolment in the
    course: none when there was never one."""

    grade: OwedGrade
    enrolment: Enrolment | None


# Statements of every page are built once: building one takes as long as running it.
_GRADABLE = (
    sa.select(
        ResourceLink.id,
        ResourceLink.course_id,
        ResourceLink.target,
        ResourceLink.custom,
        ResourceLink.line_item_url,
        ResourceLink.line_item_origin,
        ResourceLink.line_items_url,
        ResourceLink.ags_scopes,
        Enrolment.identity_id,
        OwedGrade.id,
        OwedGrade.score,
        OwedGrade.completed,
        OwedGrade.sent_score,
        OwedGrade.state,
        OwedGrade.target,
        OwedGrade.line_item_url,
        ModuleCompletion.best_score,
        ModuleCompletion.completed_at,
    )
    .join(Enrolment, Enrolment.course_id == ResourceLink.course_id)
    .outerjoin(
        OwedGrade,
        sa.and_(
            OwedGrade.resource_link_id == ResourceLink.id,
            OwedGrade.person_id == Enrolment.person_id,
        ),
    )
    .outerjoin(
        ModuleCompletion,
        sa.and_(
            ModuleCompletion.module_id == ResourceLink.target,
            ModuleCompletion.person_id == Enrolment.person_id,
        ),
    )
    .where(
        Enrolment.person_id == sa.bindparam("person_id"),
        Enrolment.role == Role.LEARNER,
        Enrolment.state == EnrolmentState.ACTIVE,
        sa.or_(ResourceLink.line_item_url.is_not(None), ResourceLink.line_items_url.is_not(None)),
    )
    .order_by(ResourceLink.id)
)
_GRADES = (
    sa.select(OwedGrade)
    .join(ResourceLink, ResourceLink.id == OwedGrade.resource_link_id)
    .where(
        OwedGrade.person_id == sa.bindparam("person_id"),
        ResourceLink.course_id == sa.bindparam("course_id"),
    )
)


def gradable_links(
    session: Session, person_id: int, *conditions: sa.ColumnElement[bool]
) -> list[GradableLink]:
    """The person's activities that satisfy `conditions`, have a column or an address where one may
    be found, by one statement.

    Active learners only: the trials of a trainer are owed to nobody.
    """
    rows = session.execute(_GRADABLE.where(*conditions), {"person_id": person_id})
    return [GradableLink._make(row) for row in rows]


def grades_of(session: Session, person_id: int, course_id: int) -> dict[int, OwedGrade]:
    """The person's grades in a course, by id of the resource link; none where nothing is owed."""
    values = {"person_id": person_id, "course_id": course_id}
    return {grade.resource_link_id: grade for grade in session.scalars(_GRADES, values)}


def find_grade_to_send(session: Session, owed_grade_id: int) -> GradeToSend:
    """The grade, as it is in the database now."""
    statement = (
        sa.select(OwedGrade, Enrolment)
        .join(OwedGrade.resource_link)
        .join(ResourceLink.platform)
        .outerjoin(ResourceLink.deployment)
        .join(OwedGrade.identity)
        .outerjoin(
            Enrolment,
            sa.and_(
                Enrolment.course_id == ResourceLink.course_id,
                Enrolment.person_id == OwedGrade.person_id,
            ),
        )
        .options(
            contains_eager(OwedGrade.resource_link).contains_eager(ResourceLink.platform),
            contains_eager(OwedGrade.resource_link).contains_eager(ResourceLink.deployment),
            contains_eager(OwedGrade.identity),
        )
        .where(OwedGrade.id == owed_grade_id)
        .execution_options(populate_existing=True)
    )
    return GradeToSend._make(session.execute(statement).one())


def due_grade_ids(session: Session, *, now: datetime, limit: int) -> list[int]:
    """Grades to send now that no worker is sending, the longest due first."""
    statement = (
        sa.select(OwedGrade.id)
        .where(
            OwedGrade.state == GradeState.OWED,
            OwedGrade.next_attempt_at <= now,
            sa.or_(OwedGrade.leased_until.is_(None), OwedGrade.leased_until <= now),
        )
        .order_by(OwedGrade.next_attempt_at, OwedGrade.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def list_grades(
    session: Session, *, states: tuple[GradeState, ...] = (), limit: int = 1000
) -> list[tuple[OwedGrade, ResourceLink, Platform]]:
    """Grades in those states (all when none is named), the latest owed first."""
    statement = (
        sa.select(OwedGrade, ResourceLink, Platform)
        .join(OwedGrade.resource_link)
        .join(ResourceLink.platform)
        .order_by(OwedGrade.owed_at.desc(), OwedGrade.id.desc())
        .limit(limit)
    )
    if states:
        statement = statement.where(OwedGrade.state.in_(states))
    return [(grade, link, platform) for grade, link, platform in session.execute(statement)]


def course_exists(session: Session, course_id: int) -> bool:
    """Whether there is such a course."""
    return session.get(Course, course_id) is not None
