"""Remember who launched, in which course, through which link."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.database import Base, insert_ignoring
from lti_app.lti.rules.claims import Launch
from lti_app.people import rules
from lti_app.people.models import (
    Course,
    Enrolment,
    EnrolmentState,
    Identity,
    LineItemOrigin,
    Person,
    ResourceLink,
    Role,
)
from lti_app.people.queries import (
    Known,
    find_identity,
    find_known,
    person_of_account,
    role_overrides,
)

Model = TypeVar("Model", bound=Base)


# Statements of every launch are built once: building one takes as long as running it.
_COURSE = sa.select(Course).where(
    Course.issuer == sa.bindparam("issuer"), Course.context_id == sa.bindparam("context_id")
)
_ENROLMENT = sa.select(Enrolment).where(
    Enrolment.course_id == sa.bindparam("course_id"),
    Enrolment.person_id == sa.bindparam("person_id"),
)
_LINK = sa.select(ResourceLink).where(
    ResourceLink.course_id == sa.bindparam("course_id"),
    ResourceLink.link_id == sa.bindparam("link_id"),
)


class SuspendedPersonError(Exception):
    """This person is refused in Relais, whatever the LMS says (compare CVE-2025-67848)."""


@dataclass(frozen=True)
class Arrival:
    """Where a launch put a person.

    `line_item_moved`: the activity has a column in the gradebook, not the one it had.
    """

    person: Person
    enrolment: Enrolment
    link: ResourceLink
    line_item_moved: bool


def remember_launch(
    session: Session,
    launch: Launch,
    *,
    platform_id: int,
    deployment_id: int | None,
    target: str,
    now: datetime,
) -> Arrival:
    """Create or refresh the person, course, enrolment and link of a validated launch.

    `deployment_id` is the id of our Deployment row. Safe when two frames launch a new person at
    the same moment. Raises SuspendedPersonError.
    """
    context_id = launch.context_id or f"link:{launch.link_id}"
    known = _know(session, launch, context_id)
    identity = known.identity or _new_identity(session, launch, now)
    person = identity.person
    if person.suspended_at is not None:
        raise SuspendedPersonError
    _refresh_person(person, launch)
    if launch.sourcedid:
        _set(identity, sourcedid=launch.sourcedid)
    # The person before the enrolment, as the rosters do: in the other order, the two would wait for
    # each other.
    session.flush()
    course = _course(session, known, launch, context_id, platform_id, now)
    origin = {"platform_id": platform_id, "deployment_id": deployment_id}
    enrolment = _enrolment(session, known, launch, course, identity, origin, now)
    link, moved = _link(session, known, launch, course, origin, target, now)
    session.flush()
    return Arrival(person, enrolment, link, moved)


def _know(session: Session, launch: Launch, context_id: str) -> Known:
    """What is known of the launch. Somebody about to be enrolled is still who they were: a merge of
    two persons under way is waited for, and one that begins now waits for us."""
    key = {"issuer": launch.issuer, "sub": launch.sub}
    rest = {"context_id": context_id, "link_id": launch.link_id}
    known = find_known(session, **key, **rest)
    identity = known.identity
    if identity is None or known.enrolment is not None:
        return known
    if person_of_account(session, identity) == identity.person_id:
        return known
    session.expire(identity)
    return find_known(session, **key, **rest)


def _new_identity(session: Session, launch: Launch, now: datetime) -> Identity:
    person = Person(created_at=now)
    session.add(person)
    session.flush()
    values = {
        "person_id": person.id,
        "issuer": launch.issuer,
        "sub": launch.sub,
        "sourcedid": launch.sourcedid,
        "created_at": now,
    }
    if not insert_ignoring(session, Identity, values):
        # Another frame created the same person a moment ago: theirs it is.
        session.delete(person)
        session.flush()
    identity = find_identity(session, issuer=launch.issuer, sub=launch.sub)
    if identity is None:
        raise LookupError("the identity inserted just above cannot be read back")
    return identity


def _refresh_person(person: Person, launch: Launch) -> None:
    """Take what the LMS gives; what it withholds today does not erase what it gave before."""
    name = launch.name or " ".join(filter(None, (launch.given_name, launch.family_name))) or None
    if name:
        _set(
            person,
            name=name,
            sort_name=rules.sort_name(launch.family_name, launch.given_name, name),
        )
    if launch.email:
        _set(person, email=launch.email)


def _course(
    session: Session,
    known: Known,
    launch: Launch,
    context_id: str,
    platform_id: int,
    now: datetime,
) -> Course:
    course = known.course or _find_or_insert(
        session,
        _COURSE,
        Course,
        {"issuer": launch.issuer, "context_id": context_id},
        {
            "platform_id": platform_id,
            "title": launch.context_title,
            "memberships_url": launch.memberships_url,
            "created_at": now,
        },
    )
    _set(course, platform_id=platform_id, title=launch.context_title)
    if launch.memberships_url:
        _set(course, memberships_url=launch.memberships_url)
    return course


def _enrolment(
    session: Session,
    known: Known,
    launch: Launch,
    course: Course,
    identity: Identity,
    origin: dict[str, int | None],
    now: datetime,
) -> Enrolment:
    overrides = role_overrides(session, course.platform_id)
    role = Role.TRAINER if rules.is_trainer(launch.roles, overrides) else Role.LEARNER
    proven = {
        "identity_id": identity.id,
        "role": role,
        "launch_role": role,
        "state": EnrolmentState.ACTIVE,
        "left_at": None,
        "lms_roles": list(launch.roles),
        "deployment_id": origin["deployment_id"],
    }
    enrolment = known.enrolment or _find_or_insert(
        session,
        _ENROLMENT,
        Enrolment,
        {"course_id": course.id, "person_id": identity.person_id},
        {"first_launch_at": now, "last_launch_at": now, **proven},
    )
    _set(
        enrolment,
        **proven,
        first_launch_at=enrolment.first_launch_at or now,
        last_launch_at=now,
    )
    return enrolment


def _link(
    session: Session,
    known: Known,
    launch: Launch,
    course: Course,
    origin: dict[str, int | None],
    target: str,
    now: datetime,
) -> tuple[ResourceLink, bool]:
    """The link, and whether its line item is now another one."""
    services = {
        **origin,
        "title": launch.link_title or course.title,
        "target": target,
        "custom": _kept_custom(launch.custom),
        "line_items_url": launch.line_items_url,
        "ags_scopes": list(launch.ags_scopes),
    }
    link = known.link or _find_or_insert(
        session,
        _LINK,
        ResourceLink,
        {"course_id": course.id, "link_id": launch.link_id},
        {"last_launch_at": now, **_named_column(launch), **services},
    )
    column = _column(link, launch, target)
    moved = column["line_item_url"] not in {None, link.line_item_url}
    _set(link, **services, **column)
    # To the minute only: a class of thirty launching at once must not queue for this one row.
    if (now - link.last_launch_at).total_seconds() > 60:
        link.last_launch_at = now
    return link, moved


def _named_column(launch: Launch) -> dict[str, str | None]:
    named = launch.line_item_url
    return {
        "line_item_url": named,
        "line_item_origin": LineItemOrigin.LAUNCH if named else None,
        "line_item_label": None,
    }


def _column(link: ResourceLink, launch: Launch, target: str) -> dict[str, str | None]:
    """Where the link's scores go from now on.

    A launch that names no column does not undo what Relais found or made. That a column which the
    LMS named is named no more is kept (origin « launch », no address): somebody decided it. One
    that Relais made is its module's: a link that opens another module leaves it.
    """
    # Older rows do not say where their column came from: from a launch.
    origin = link.line_item_origin or (LineItemOrigin.LAUNCH if link.line_item_url else None)
    made_for_another = origin == LineItemOrigin.CREATED and link.target != target
    if launch.line_item_url or origin is None or made_for_another:
        return _named_column(launch)
    kept = origin != LineItemOrigin.LAUNCH
    return {
        "line_item_url": link.line_item_url if kept else None,
        "line_item_origin": origin,
        "line_item_label": link.line_item_label if kept else None,
    }


def _kept_custom(custom: dict[str, str]) -> dict[str, str]:
    """Only the parameters that mean something to Relais; Moodle adds personal ones."""
    return {key: custom[key][:255] for key in ("module", "target", "grades") if key in custom}


def _find_or_insert(
    session: Session,
    statement: sa.Select[Model],
    model: type[Model],
    key: dict[str, Any],
    values: dict[str, Any],
) -> Model:
    found = session.scalars(statement, key).one_or_none()
    if found is None:
        insert_ignoring(session, model, key | values)
        found = session.scalars(statement, key).one()
    return found


def _set(row: Base, **values: Any) -> None:
    """Assign what differs only, so that an unchanged launch writes nothing."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
