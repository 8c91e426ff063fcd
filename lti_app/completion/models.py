"""Lessons read and module completions."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lti_app.completion.rules import CompletionState
from lti_app.core.database import Base


class LessonReading(Base):
    """How far a person has read a lesson."""

    __tablename__ = "lesson_reading"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    lesson_id: Mapped[str] = mapped_column(sa.ForeignKey("lesson.id"), primary_key=True)
    part: Mapped[int]
    """Parts read so far: the next screen to show when resuming."""
    read_at: Mapped[datetime | None]
    """When the last part was read; kept afterwards."""
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    updated_at: Mapped[datetime]


class ModuleCompletion(Base):
    """Where a person stands in a module. Once completed, never taken back."""

    __tablename__ = "module_completion"
    __table_args__ = (
        sa.CheckConstraint("score BETWEEN 0 AND 100", name="score_is_a_percentage"),
        sa.CheckConstraint(
            "state IN ('not_started', 'started', 'needs_help', 'completed')", name="known_state"
        ),
        sa.CheckConstraint(
            "(state = 'completed') = (completed_at IS NOT NULL)", name="completed_has_a_date"
        ),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    module_id: Mapped[str] = mapped_column(sa.ForeignKey("module.id"), primary_key=True, index=True)
    state: Mapped[CompletionState] = mapped_column(sa.String(20))
    score: Mapped[int]
    """Share of the module's questions last answered right, 0…100."""
    best_score: Mapped[int]
    """The best score since completion (before it, the best so far): what the LMS is given."""
    lessons_read: Mapped[int]
    questions_answered: Mapped[int]
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    last_activity_at: Mapped[datetime]
    module_revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"))
    """The module's revision when it was completed."""
    release_id: Mapped[int | None] = mapped_column(sa.ForeignKey("content_release.id"))
    """The publication that was shown then: lessons and questions have revisions of their own."""
    code: Mapped[str | None] = mapped_column(sa.String(16), index=True)
    """What the attestation is checked by (`rules.attestation_code`). Not unique: two persons merged
    and parted again may share one."""
