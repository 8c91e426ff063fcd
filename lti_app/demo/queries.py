"""Reading what the demonstration LMS remembers."""

import unicodedata

from sqlalchemy import select
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


def enrolments(session: Session, *, course_id: int) -> list[Enrolment]:
    """Everyone who is active in a course, by family name.

    On the site's own course it is every account, as students but for managers.
    """
    if course_id == SITE_COURSE_ID:
        people = session.scalars(select(Person))
        found = [
            Enrolment(
                person=person, person_id=person.id, course_id=course_id, role=_site_role(person)
            )
            for person in people
        ]
    else:
        found = list(
            session.scalars(
                select(Enrolment).where(
                    Enrolment.course_id == course_id, Enrolment.suspended.is_(False)
                )
            )
        )
    return sorted(found, key=lambda row: sort_key(row.person))


def _site_role(person: Person) -> Role:
    return Role.STUDENT if person.site_role == SiteRole.NONE else Role.MANAGER


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
