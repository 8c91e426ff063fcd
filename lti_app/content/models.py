"""Published content: modules, lessons, questions and every revision of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lti_app.core.database import JSON, Base


class ContentState(StrEnum):
    PUBLISHED = "published"
    REMOVED = "removed"
    """No longer in `courses/`: kept because answers point at it."""


class ChangeClass(StrEnum):
    """What an edit means for those who already answered (design §7)."""

    FIRST = "first"
    TYPO = "typo"
    CLARIFICATION = "clarification"
    ANSWER = "answer"


class SubjectKind(StrEnum):
    MODULE = "module"
    LESSON = "lesson"
    QUESTION = "question"


class Revision(Base):
    """One published state of a module, a lesson or a question. Never changed afterwards."""

    __tablename__ = "revision"
    __table_args__ = (sa.UniqueConstraint("subject_kind", "subject_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[SubjectKind] = mapped_column(sa.String(20))
    subject_id: Mapped[str] = mapped_column(sa.String(80))
    number: Mapped[int]
    change: Mapped[ChangeClass] = mapped_column(sa.String(20))
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    """All that is shown, as validated from the source file."""
    published_at: Mapped[datetime]


class Module(Base):
    __tablename__ = "module"

    id: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    position: Mapped[int]
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    state: Mapped[ContentState] = mapped_column(sa.String(20))


class Lesson(Base):
    __tablename__ = "lesson"

    id: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    module_id: Mapped[str] = mapped_column(sa.ForeignKey("module.id"), index=True)
    position: Mapped[int]
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    state: Mapped[ContentState] = mapped_column(sa.String(20))


class Question(Base):
    __tablename__ = "question"

    id: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    module_id: Mapped[str] = mapped_column(sa.ForeignKey("module.id"), index=True)
    lesson_id: Mapped[str] = mapped_column(sa.ForeignKey("lesson.id"))
    position: Mapped[int]
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    state: Mapped[ContentState] = mapped_column(sa.String(20))


class ContentRelease(Base):
    """One `relais content sync` that changed something. The newest id names the catalog."""

    __tablename__ = "content_release"

    id: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    bibliography: Mapped[dict[str, Any]] = mapped_column(JSON)
    """References by id, apart from revisions: mending a title must not revise forty questions."""
    supplements: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Glossaries, figures and kits by module; null in releases older than them."""
    published_at: Mapped[datetime]
