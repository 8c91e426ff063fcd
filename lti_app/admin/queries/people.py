"""Finding people, and reading one with all that the LMS said of them; never an answer."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from lti_app.admin.queries.merging import whom_they_became
from lti_app.people.models import Administrator, Course, Enrolment, Person
from lti_app.people.rules import sort_name


class PersonRow(NamedTuple):
    """A person of the list. `enrolments`: of every state; `merged_into`: whom they became."""

    id: int
    name: str | None
    email: str | None
    suspended: bool
    administrator: bool
    enrolments: int
    merged_into: int | None


class PeopleFilters(NamedTuple):
    """What narrows the list; empty: everybody. `state`: « suspended », « administrator » or ""."""

    text: str = ""
    state: str = ""


def count_people(session: Session, filters: PeopleFilters) -> int:
    """How many people match."""
    statement = sa.select(sa.func.count()).select_from(Person).where(*_conditions(filters))
    return session.scalar(statement) or 0


def list_people(
    session: Session, filters: PeopleFilters, *, offset: int, limit: int
) -> list[PersonRow]:
    """People in French order, those without a name last: one statement."""
    enrolments = (
        sa.select(sa.func.count())
        .where(Enrolment.person_id == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )
    is_administrator = sa.exists().where(Administrator.person_id == Person.id)
    statement = (
        sa.select(
            Person.id,
            Person.name,
            Person.email,
            Person.suspended_at.is_not(None),
            is_administrator,
            enrolments,
            whom_they_became(),
        )
        .where(*_conditions(filters))
        .order_by(Person.sort_name.asc().nulls_last(), Person.id)
        .offset(offset)
        .limit(limit)
    )
    return [PersonRow(*row) for row in session.execute(statement)]


def find_person_with_identities(session: Session, person_id: int) -> Person | None:
    """A person, suspended or not, with the identities that issuers know them by."""
    statement = (
        sa.select(Person).where(Person.id == person_id).options(selectinload(Person.identities))
    )
    return session.scalars(statement).one_or_none()


def find_administrator(session: Session, person_id: int) -> Administrator | None:
    """The rights of that person, if they have any."""
    return session.get(Administrator, person_id)


def enrolments_of(session: Session, person_id: int) -> list[Enrolment]:
    """Every enrolment of a person with its course and platform, the last used first."""
    statement = (
        sa.select(Enrolment)
        .join(Enrolment.course)
        .join(Course.platform)
        .options(contains_eager(Enrolment.course).contains_eager(Course.platform))
        .where(Enrolment.person_id == person_id)
        .order_by(Enrolment.last_launch_at.desc().nulls_last(), Enrolment.id)
        .limit(200)
    )
    return list(session.scalars(statement))


def _conditions(filters: PeopleFilters) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.state == "suspended":
        conditions.append(Person.suspended_at.is_not(None))
    elif filters.state == "administrator":
        conditions.append(sa.exists().where(Administrator.person_id == Person.id))
    if filters.text:
        conditions.append(_matches(filters.text))
    return conditions


def _matches(text: str) -> sa.ColumnElement[bool]:
    """Every word in the name, whatever its case, accents and order; or in the e-mail; or the id."""
    words = (sort_name(None, None, text) or "").split()
    named = sa.and_(
        sa.true(), *(Person.sort_name.contains(word, autoescape=True) for word in words)
    )
    ways = [sa.func.lower(Person.email).contains(text.lower(), autoescape=True)]
    if words:
        ways.append(named)
    if text.isascii() and text.isdigit() and int(text) < 2**31:
        ways.append(Person.id == int(text))
    return sa.or_(*ways)
