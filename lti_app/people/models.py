"""Persons, identities, courses, enrolments and resource links."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_app.core.database import JSON, Base
from lti_app.lti.models import Deployment, Platform


class Role(StrEnum):
    """A person's role in one course. Administrators are named in Relais, never by a launch."""

    LEARNER = "learner"
    TRAINER = "trainer"


class EnrolmentState(StrEnum):
    ACTIVE = "active"
    LEFT = "left"


class LineItemOrigin(StrEnum):
    """Where a link's gradebook column comes from."""

    LAUNCH = "launch"
    """The launch named it: the LMS owns it."""
    FOUND = "found"
    """Among the columns of the course, coupled with this activity."""
    CREATED = "created"
    """Relais made it, and renames it with its module."""


class Person(Base):
    """A human. Name and e-mail may be withheld by the LMS: nothing may require them."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(sa.String(255))
    """Full name as the LMS shows it."""
    sort_name: Mapped[str | None] = mapped_column(sa.String(255))
    """« family given », case-folded without accents, for lists in French order."""
    email: Mapped[str | None] = mapped_column(sa.String(255))
    suspended_at: Mapped[datetime | None]
    """Refused at the next request, whatever the LMS says."""
    created_at: Mapped[datetime]

    identities: Mapped[list["Identity"]] = relationship(back_populates="person")


class Identity(Base):
    """How one issuer knows a person. `sub` alone may collide between two issuers."""

    __tablename__ = "identity"
    __table_args__ = (sa.UniqueConstraint("issuer", "sub"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    issuer: Mapped[str] = mapped_column(sa.String(500))
    sub: Mapped[str] = mapped_column(sa.String(255))
    sourcedid: Mapped[str | None] = mapped_column(sa.String(255))
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="identities")


class Course(Base):
    """An LTI context, called « session » on the screens."""

    __tablename__ = "course"
    __table_args__ = (sa.UniqueConstraint("issuer", "context_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(sa.ForeignKey("platform.id"), index=True)
    """The registration last launched from: whose client asks for service tokens."""
    issuer: Mapped[str] = mapped_column(sa.String(500))
    context_id: Mapped[str] = mapped_column(sa.String(300))
    """The LMS's id; « link:<resource link id> » where the launch names no context."""
    title: Mapped[str] = mapped_column(sa.String(500))
    memberships_url: Mapped[str | None] = mapped_column(sa.String(1000))
    """NRPS address of this course, as last launched."""
    created_at: Mapped[datetime]

    platform: Mapped[Platform] = relationship()


class Enrolment(Base):
    """A person in a course, with the role last proven and the identity used there."""

    __tablename__ = "enrolment"
    __table_args__ = (
        sa.UniqueConstraint("course_id", "person_id"),
        sa.CheckConstraint("role IN ('learner', 'trainer')", name="known_role"),
        sa.CheckConstraint("state IN ('active', 'left')", name="known_state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    identity_id: Mapped[int] = mapped_column(sa.ForeignKey("identity.id"))
    role: Mapped[Role] = mapped_column(sa.String(20))
    state: Mapped[EnrolmentState] = mapped_column(sa.String(20), default=EnrolmentState.ACTIVE)
    launch_role: Mapped[Role | None] = mapped_column(sa.String(20))
    """The role of the last launch: no roster lowers it (Moodle's roster calls a non-editing
    teacher a learner). None for who never launched."""
    lms_roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The roles of the last launch, as received, to explain what a person may do."""
    deployment_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("deployment.id", ondelete="SET NULL")
    )
    """The deployment last launched from: closing it ends the visits that it opened."""
    first_launch_at: Mapped[datetime | None]
    last_launch_at: Mapped[datetime | None]
    roster_seen_at: Mapped[datetime | None]
    """Last roster that named this person; None for who is known by launches only."""
    left_at: Mapped[datetime | None]
    """When a roster named this person no more."""

    course: Mapped[Course] = relationship()
    person: Mapped[Person] = relationship()
    identity: Mapped[Identity] = relationship()
    deployment: Mapped[Deployment | None] = relationship()


class ResourceLink(Base):
    """An activity of the LMS that opens Relais, with the services it was given."""

    __tablename__ = "resource_link"
    __table_args__ = (sa.UniqueConstraint("course_id", "link_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id", ondelete="CASCADE"))
    platform_id: Mapped[int] = mapped_column(sa.ForeignKey("platform.id"), index=True)
    link_id: Mapped[str] = mapped_column(sa.String(255))
    title: Mapped[str] = mapped_column(sa.String(500))
    target: Mapped[str] = mapped_column(sa.String(120))
    """What it opens: a module id, or « path » or « review »."""
    custom: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    line_item_url: Mapped[str | None] = mapped_column(sa.String(1000))
    """Where its scores go; None when the activity is not graded."""
    line_item_origin: Mapped[LineItemOrigin | None] = mapped_column(sa.String(20))
    line_item_label: Mapped[str | None] = mapped_column(sa.String(500))
    """The label that Relais last gave to a column it made."""
    line_items_url: Mapped[str | None] = mapped_column(sa.String(1000))
    ags_scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    deployment_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("deployment.id", ondelete="SET NULL")
    )
    last_launch_at: Mapped[datetime]

    course: Mapped[Course] = relationship()
    platform: Mapped[Platform] = relationship()
    deployment: Mapped[Deployment | None] = relationship()


class RoleOverride(Base):
    """What a role of one platform means here, where the rules would say otherwise."""

    __tablename__ = "role_override"
    __table_args__ = (
        sa.UniqueConstraint("platform_id", "lms_role"),
        sa.CheckConstraint("role IN ('learner', 'trainer')", name="known_role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(sa.ForeignKey("platform.id", ondelete="CASCADE"))
    lms_role: Mapped[str] = mapped_column(sa.String(500))
    """As received, whole."""
    role: Mapped[Role] = mapped_column(sa.String(20))
    created_at: Mapped[datetime]


class Administrator(Base):
    """A person named administrator in Relais; no launch grants it."""

    __tablename__ = "administrator"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """None: from the command line."""

    person: Mapped[Person] = relationship(foreign_keys=person_id)


class AdminLink(Base):
    """A one-time link from the command line that signs an administrator in without an LMS."""

    __tablename__ = "admin_link"

    token_digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class AuditEntry(Base):
    """What an administrator did. Ids only: the log outlives names."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    """None: the command line, or Relais itself."""
    action: Mapped[str] = mapped_column(sa.String(60))
    """Stable name, e.g. « platform.activate », « person.suspend », « merge.undo »."""
    subject: Mapped[str] = mapped_column(sa.String(200))
    """What it was done to, e.g. « platform 3 »."""
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class FrameSession(Base):
    """The session of a frame that keeps no cookie, named by its address instead.

    Sealed: the row tells nothing without RELAIS_SECRET_KEY, and only the digest of the token is
    kept.
    """

    __tablename__ = "frame_session"

    token_digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    sealed_session: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
