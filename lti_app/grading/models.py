"""OwedGrade: what the LMS must receive, and what became of it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_app.core.database import Base
from lti_app.grading.rules import GradeState
from lti_app.people.models import Identity, Person, ResourceLink

__all__ = ["GradeState", "LineItemSearch", "LmsResult", "OwedGrade", "ResultReading"]


class OwedGrade(Base):
    """The score of one person for one resource link: one row, moved to each better score."""

    __tablename__ = "owed_grade"
    __table_args__ = (
        sa.UniqueConstraint("resource_link_id", "person_id"),
        sa.Index("ix_owed_grade_state_next", "state", "next_attempt_at"),
        sa.CheckConstraint(
            "state IN ('owed', 'sent', 'superseded', 'refused')", name="known_state"
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name="score_is_a_percentage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_link_id: Mapped[int] = mapped_column(
        sa.ForeignKey("resource_link.id", ondelete="CASCADE")
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    identity_id: Mapped[int] = mapped_column(sa.ForeignKey("identity.id"))
    """Whose `sub` the LMS knows."""
    target: Mapped[str | None] = mapped_column(sa.String(120))
    """What the link opened when this was owed: a module id, or « path »."""
    score: Mapped[int]
    """What is owed, 0…100."""
    completed: Mapped[bool]
    """False only for a partial score of a `grades=progress` link."""
    sent_score: Mapped[int | None]
    """What the LMS acknowledged last; never falls."""
    state: Mapped[GradeState] = mapped_column(sa.String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    """A worker is sending it until then; a worker that died lets it go by itself."""
    last_timestamp: Mapped[datetime | None]
    """Last `timestamp` sent, whole seconds; the next must be later."""
    problem: Mapped[str | None] = mapped_column(sa.String(40))
    """Code of the last failure, explained on the screens (grading.rules)."""
    owed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    line_item_url: Mapped[str | None] = mapped_column(sa.String(1000))
    """The column of the gradebook that took it, or had a newer one."""

    resource_link: Mapped[ResourceLink] = relationship()
    person: Mapped[Person] = relationship()
    identity: Mapped[Identity] = relationship()


class LineItemSearch(Base):
    """The search for a module's column in one course: found among those there, or made.

    One row per module, however many activities open it: it is also the lock under which one column
    is made. Deleted when the column is there.
    """

    __tablename__ = "line_item_search"
    __table_args__ = (sa.UniqueConstraint("course_id", "target"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id", ondelete="CASCADE"))
    target: Mapped[str] = mapped_column(sa.String(120))
    """A module id, or « path »."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(index=True)
    leased_until: Mapped[datetime | None]
    """A worker is searching until then."""
    creating_since: Mapped[datetime | None]
    """When a column was last asked for: it may appear though no answer came."""
    problem: Mapped[str | None] = mapped_column(sa.String(40))
    """Why there is none yet (grading.rules.Problem)."""


class LmsResult(Base):
    """What the LMS's gradebook held for one person and one link, when last read."""

    __tablename__ = "lms_result"

    resource_link_id: Mapped[int] = mapped_column(
        sa.ForeignKey("resource_link.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    score: Mapped[float | None]
    """`resultScore`; None when the LMS shows a row without a grade."""
    maximum: Mapped[float | None]
    read_at: Mapped[datetime]


class ResultReading(Base):
    """When a link's results were last asked for, and how that went."""

    __tablename__ = "result_reading"

    resource_link_id: Mapped[int] = mapped_column(
        sa.ForeignKey("resource_link.id", ondelete="CASCADE"), primary_key=True
    )
    attempted_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    """Last success."""
    problem: Mapped[str | None] = mapped_column(sa.String(40))
