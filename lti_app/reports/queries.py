"""The statements behind the trainer's pages: one per subject, whatever the number of referents.

The list is read as plain tuples of just what it shows: entities for hundreds of people would cost
more than the rest of the page.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from lti_app.completion.models import ModuleCompletion
from lti_app.grading.models import OwedGrade
from lti_app.people.models import Enrolment, Person, ResourceLink, Role


class Learner(NamedTuple):
    person_id: int
    name: str | None
    sort_name: str | None
    state: str
    last_launch_at: datetime | None


class Completion(NamedTuple):
    person_id: int
    module_id: str
    state: str
    best_score: int
    completed_at: datetime | None
    last_activity_at: datetime


class LinkGrade(NamedTuple):
    """A link of the course and one person's grade for it; None thrice when nobody has one yet."""

    target: str
    person_id: int | None
    state: str | None
    problem: str | None


def learners_of_course(session: Session, course_id: int) -> list[Learner]:
    """The learners, present and gone."""
    statement = (
        sa.select(
            Person.id,
            Person.name,
            Person.sort_name,
            Enrolment.state,
            Enrolment.last_launch_at,
        )
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.course_id == course_id, Enrolment.role == Role.LEARNER)
    )
    return [Learner._make(row) for row in session.execute(statement)]


def completions_in_course(
    session: Session, course_id: int, module_ids: Sequence[str]
) -> list[Completion]:
    """Where the learners of the course stand in those modules."""
    statement = (
        sa.select(
            ModuleCompletion.person_id,
            ModuleCompletion.module_id,
            ModuleCompletion.state,
            ModuleCompletion.best_score,
            ModuleCompletion.completed_at,
            ModuleCompletion.last_activity_at,
        )
        .join(Enrolment, Enrolment.person_id == ModuleCompletion.person_id)
        .where(
            Enrolment.course_id == course_id,
            Enrolment.role == Role.LEARNER,
            ModuleCompletion.module_id.in_(module_ids),
        )
    )
    return [Completion._make(row) for row in session.execute(statement)]


def grades_in_course(session: Session, course_id: int) -> list[LinkGrade]:
    """Every link of the course with the grades owed through it.

    One statement for both: a link without a grade comes once, with nothing beside it.
    """
    statement = (
        sa.select(ResourceLink.target, OwedGrade.person_id, OwedGrade.state, OwedGrade.problem)
        .outerjoin(OwedGrade, OwedGrade.resource_link_id == ResourceLink.id)
        .where(ResourceLink.course_id == course_id)
        .order_by(ResourceLink.id)
    )
    return [LinkGrade._make(row) for row in session.execute(statement)]


def find_learner(session: Session, *, course_id: int, person_id: int) -> Enrolment | None:
    """The enrolment, with its person, of a learner of that very course, present or gone."""
    statement = (
        sa.select(Enrolment)
        .join(Enrolment.person)
        .options(contains_eager(Enrolment.person))
        .where(
            Enrolment.course_id == course_id,
            Enrolment.person_id == person_id,
            Enrolment.role == Role.LEARNER,
        )
    )
    return session.scalars(statement).one_or_none()
