"""Reading what the demonstration LMS remembers."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from lti_app.demo.models import (
    SITE_COURSE_ID,
    Activity,
    Course,
    Enrolment,
    Grade,
    LineItem,
    Person,
    Role,
    SiteRole,
)


def line_items(
    session: Session,
    *,
    course_id: int,
    tool_type_id: str | None = None,
    resource_link_id: str | None = None,
    resource_id: str | None = None,
    tag: str | None = None,
) -> list[LineItem]:
    """The columns of a course in the order of their ids, narrowed by what is given."""
    query = select(LineItem).where(LineItem.course_id == course_id).order_by(LineItem.id)
    if tool_type_id is not None:
        query = query.where(LineItem.tool_type_id == tool_type_id)
    if resource_id is not None:
        query = query.where(LineItem.resource_id == resource_id)
    if tag is not None:
        query = query.where(LineItem.tag == tag)
    found = list(session.scalars(query))
    if resource_link_id is None:
        return found
    return [item for item in found if str(item.activity_id) == resource_link_id]


def coupled_line_item(session: Session, *, activity_id: int) -> LineItem | None:
    """The column that the activity made for itself, if it is graded."""
    return session.scalar(
        select(LineItem).where(LineItem.activity_id == activity_id, LineItem.coupled.is_(True))
    )


def grade(session: Session, *, line_item_id: int, person_id: int) -> Grade | None:
    """The grade of one person in one column."""
    return session.scalar(
        select(Grade).where(Grade.line_item_id == line_item_id, Grade.person_id == person_id)
    )


def gradable_person_id(session: Session, *, course_id: int, user_id: str) -> int:
    """The id of a person who has a line in the gradebook: enrolled as a student.

    A suspended student still counts, as in Moodle. Raises LookupError.
    """
    if not (user_id.isascii() and user_id.isdigit() and len(user_id) < 18):
        raise LookupError(user_id)
    enrolment = session.get(Enrolment, (int(user_id), course_id))
    if enrolment is None or enrolment.role != Role.STUDENT:
        raise LookupError(user_id)
    return enrolment.person_id


def enrolment(session: Session, *, person_id: int, course_id: int) -> Enrolment | None:
    """How a person is enrolled in a course; None when not, or suspended."""
    found = session.get(Enrolment, (person_id, course_id))
    return None if found is None or found.suspended else found


def enrolments(session: Session, *, course_id: int, most: int | None = None) -> list[Enrolment]:
    """Everyone who is enrolled in a course, suspended too, by family name; `most` of them."""
    query = select(Enrolment).where(Enrolment.course_id == course_id)
    if most is not None:
        query = query.order_by(Enrolment.person_id).limit(most)
    return sorted(session.scalars(query), key=lambda row: sort_key(row.person))


@dataclass(frozen=True, slots=True)
class Member:
    """A line of the roster, before its details are read."""

    person_id: int
    role: Role
    administers: bool


def members(session: Session, *, course_id: int) -> list[Member]:
    """Everyone who is active in a course, by family name.

    On the site's own course it is every account, as students but for managers. Plain columns: a
    course may have twenty thousand people, of whom a page shows a hundred.
    """
    names = (Person.id, Person.given_name, Person.family_name, Person.site_role)
    if course_id == SITE_COURSE_ID:
        query = select(*names, literal(""))
    else:
        query = (
            select(*names, Enrolment.role)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .where(Enrolment.course_id == course_id, Enrolment.suspended.is_(False))
        )
    rows = sorted(session.execute(query), key=lambda row: (_plain(row[2]), _plain(row[1]), row[0]))
    return [
        Member(
            row[0],
            Role(row[4]) if row[4] else _site_role(row[3]),
            row[3] == SiteRole.ADMIN,
        )
        for row in rows
    ]


def people(session: Session, ids: Sequence[int]) -> dict[int, Person]:
    """People by id, a few hundred a statement."""
    found: dict[int, Person] = {}
    for start in range(0, len(ids), 500):
        query = select(Person).where(Person.id.in_(ids[start : start + 500]))
        found |= {person.id: person for person in session.scalars(query)}
    return found


def _site_role(site_role: str) -> Role:
    return Role.STUDENT if site_role == SiteRole.NONE else Role.MANAGER


def sort_key(person: Person) -> tuple[str, str, int]:
    """Alphabetical order without accents: « Bœuf » before « Guérin »."""
    return (_plain(person.family_name), _plain(person.given_name), person.id)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "Oe"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def courses_of(session: Session, person: Person) -> list[Course]:
    """The courses that a person may open: all of them for an administrator."""
    every = select(Course).where(Course.id != SITE_COURSE_ID).order_by(Course.id)
    if person.site_role == SiteRole.ADMIN:
        return list(session.scalars(every))
    return list(
        session.scalars(
            every.join(Enrolment, Enrolment.course_id == Course.id).where(
                Enrolment.person_id == person.id, Enrolment.suspended.is_(False)
            )
        )
    )


def ancestors(session: Session, course: Course) -> list[int]:
    """The courses that this one is a copy of, the nearest first."""
    found: list[int] = []
    parent = course.copied_from
    while parent is not None and parent not in found:
        found.append(parent)
        row = session.get(Course, parent)
        parent = None if row is None else row.copied_from
    return found


def activities(session: Session, *, course_id: int) -> list[Activity]:
    """The activities of a course, in order."""
    return list(
        session.scalars(
            select(Activity).where(Activity.course_id == course_id).order_by(Activity.id)
        )
    )


def grades_of_course(session: Session, *, course_id: int) -> dict[tuple[int, int], Grade]:
    """Every grade of a course, by (person id, line item id)."""
    rows = session.scalars(
        select(Grade)
        .join(LineItem, LineItem.id == Grade.line_item_id)
        .where(LineItem.course_id == course_id)
    )
    return {(row.person_id, row.line_item_id): row for row in rows}
