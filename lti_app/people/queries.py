"""Reading persons, enrolments and links."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager

from lti_app.lti.models import Deployment, Platform
from lti_app.people.models import (
    Administrator,
    Course,
    Enrolment,
    EnrolmentState,
    Identity,
    Person,
    ResourceLink,
    Role,
    RoleOverride,
)

# Of the deployment launched from, which may be another client than the course's last one.
_REGISTRATION = aliased(Platform)

# Statements of every page are built once: building one takes as long as running it.
_ENROLMENT = (
    sa.select(Enrolment)
    .join(Enrolment.course)
    .join(Course.platform)
    .join(Enrolment.person)
    .outerjoin(Enrolment.deployment)
    .outerjoin(Deployment.platform.of_type(_REGISTRATION))
    .options(
        contains_eager(Enrolment.course).contains_eager(Course.platform),
        contains_eager(Enrolment.person),
        contains_eager(Enrolment.deployment).contains_eager(
            Deployment.platform.of_type(_REGISTRATION)
        ),
    )
    .where(
        Enrolment.course_id == sa.bindparam("course_id"),
        Enrolment.person_id == sa.bindparam("person_id"),
        Enrolment.state == EnrolmentState.ACTIVE,
    )
)
_LINKS = (
    sa.select(ResourceLink)
    .where(ResourceLink.course_id == sa.bindparam("course_id"))
    .order_by(ResourceLink.id)
)
_IDENTITY = (
    sa.select(Identity)
    .join(Identity.person)
    .options(contains_eager(Identity.person))
    .where(Identity.issuer == sa.bindparam("issuer"), Identity.sub == sa.bindparam("sub"))
)
_KNOWN = (
    _IDENTITY.add_columns(Course, Enrolment, ResourceLink)
    .outerjoin(
        Course,
        sa.and_(Course.issuer == Identity.issuer, Course.context_id == sa.bindparam("context_id")),
    )
    .outerjoin(
        Enrolment,
        sa.and_(Enrolment.course_id == Course.id, Enrolment.person_id == Identity.person_id),
    )
    .outerjoin(
        ResourceLink,
        sa.and_(
            ResourceLink.course_id == Course.id,
            ResourceLink.link_id == sa.bindparam("link_id"),
        ),
    )
)


# The registration that an enrolment came by, in a statement that joins its course and, outer, its
# deployment: another client of the same LMS may have launched the course since.
entered_by = sa.func.coalesce(Deployment.platform_id, Course.platform_id)


class Known(NamedTuple):
    """What is known already of a launch: all of it, but at somebody's first one."""

    identity: Identity | None = None
    course: Course | None = None
    enrolment: Enrolment | None = None
    link: ResourceLink | None = None


def find_person(session: Session, person_id: int) -> Person | None:
    """The person, unless suspended."""
    person = session.get(Person, person_id)
    return None if person is None or person.suspended_at else person


def find_enrolment(session: Session, *, course_id: int, person_id: int) -> Enrolment | None:
    """The active enrolment with its course, person, and the platforms of the course and of the
    deployment, in one statement."""
    values = {"course_id": course_id, "person_id": person_id}
    return session.scalars(_ENROLMENT, values).one_or_none()


def links_of_course(session: Session, course_id: int) -> list[ResourceLink]:
    """The activities of a session that were launched at least once."""
    return list(session.scalars(_LINKS, {"course_id": course_id}))


def find_identity(session: Session, *, issuer: str, sub: str) -> Identity | None:
    """Who an issuer means by `sub`."""
    return session.scalars(_IDENTITY, {"issuer": issuer, "sub": sub}).one_or_none()


def find_known(session: Session, *, issuer: str, sub: str, context_id: str, link_id: str) -> Known:
    """Who launches, in which course, how enrolled, through which link: by one statement.

    Nothing at all for a person never seen, even in a known course.
    """
    values = {"issuer": issuer, "sub": sub, "context_id": context_id, "link_id": link_id}
    row = session.execute(_KNOWN, values).one_or_none()
    return Known() if row is None else Known(*row)


def person_of_account(session: Session, identity: Identity) -> int:
    """Whose account this is now; until the transaction ends, nobody merges that person."""
    lock = sa.select(Person.id).where(Person.id == identity.person_id)
    session.execute(lock.with_for_update(read=True, key_share=True))
    # By a statement of its own: one that waited would still see what was there before.
    return session.scalars(sa.select(Identity.person_id).where(Identity.id == identity.id)).one()


def role_overrides(session: Session, platform_id: int) -> dict[str, bool]:
    """Roles of that platform on which an administrator decided: does each make a trainer?"""
    statement = sa.select(RoleOverride.lms_role, RoleOverride.role).where(
        RoleOverride.platform_id == platform_id
    )
    return {lms_role: role == Role.TRAINER for lms_role, role in session.execute(statement)}


def is_administrator(session: Session, person_id: int) -> bool:
    """Whether this person was named administrator in Relais, and is not suspended."""
    statement = (
        sa.select(Administrator.person_id)
        .join(Administrator.person)
        .where(Administrator.person_id == person_id, Person.suspended_at.is_(None))
    )
    return session.scalar(statement) is not None


def active_platform_origins(session: Session) -> list[tuple[str, str]]:
    """(issuer, authorisation URL) of each active platform: who may frame our pages."""
    statement = sa.select(Platform.issuer, Platform.auth_url).where(Platform.state == "active")
    return [(issuer, auth_url) for issuer, auth_url in session.execute(statement)]
