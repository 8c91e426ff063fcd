"""Answers (never changed) and cards (the memory state of one person for one question)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lti_app.core.database import JSON, Base


class Occasion(StrEnum):
    """Where a question was met."""

    LESSON = "lesson"
    REVIEW = "review"


class Answer(Base):
    """One attempt. Keeps what a later scheduler needs to replay the history."""

    __tablename__ = "answer"
    __table_args__ = (
        # A form sent twice (double click, network retry, kill -9 and reload) is one answer.
        sa.UniqueConstraint("person_id", "idempotency_key"),
        sa.Index("ix_answer_person_question", "person_id", "question_id", "id"),
        sa.Index("ix_answer_person_occasion_day", "person_id", "occasion", "local_day"),
        sa.CheckConstraint("occasion IN ('lesson', 'review')", name="known_occasion"),
        sa.CheckConstraint(
            "confidence IS NULL OR confidence IN ('guess', 'hesitant', 'sure')",
            name="known_confidence",
        ),
    )

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"), index=True)
    question_id: Mapped[str] = mapped_column(sa.ForeignKey("question.id"))
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revision.id"))
    occasion: Mapped[Occasion] = mapped_column(sa.String(20))
    answered_at: Mapped[datetime]
    local_day: Mapped[date]
    """The school day, in the zone of the service."""
    response: Mapped[dict[str, Any]] = mapped_column(JSON)
    correct: Mapped[bool]
    confidence: Mapped[str | None] = mapped_column(sa.String(20))
    milliseconds: Mapped[int | None]
    """From the page served to the answer received; None when unknown. Never penalised."""
    rating: Mapped[int | None]
    """FSRS rating 1…4; None when the answer did not count for memory."""
    mapping_version: Mapped[str] = mapped_column(sa.String(20))
    predicted_recall: Mapped[float | None]
    """Retrievability (0…1) just before; calibration is a GROUP BY on it."""
    stability_before: Mapped[float | None]
    difficulty_before: Mapped[float | None]
    idempotency_key: Mapped[str] = mapped_column(sa.String(64))


class Card(Base):
    """What one person's answers to one question left: the last verdict, and a memory (FSRS).

    Created by the first answer; its memory is moved by the first answer of each day.
    """

    __tablename__ = "card"
    __table_args__ = (
        sa.Index("ix_card_person_due", "person_id", "due_on"),
        sa.CheckConstraint(
            "(reps = 0) = (stability IS NULL) AND (reps = 0) = (difficulty IS NULL)"
            " AND (reps = 0) = (last_reviewed_on IS NULL)",
            name="a_memory_is_whole_or_absent",
        ),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(sa.ForeignKey("question.id"), primary_key=True)
    stability: Mapped[float | None]
    """Days until retrievability falls to 0.9. None while no answer has counted for memory."""
    difficulty: Mapped[float | None]
    due_on: Mapped[date]
    last_reviewed_on: Mapped[date | None]
    reps: Mapped[int]
    """Answers that counted for memory."""
    lapses: Mapped[int]
    last_correct: Mapped[bool]
    wrong_count: Mapped[int] = mapped_column(default=0)
    """Answers marked wrong so far, counting for memory or not."""
    misconception: Mapped[bool] = mapped_column(default=False)
    """Last answer was wrong and « sûr »: asked again first."""
    restarted_at: Mapped[datetime | None]
    """The right answer changed after the last one given: asked again as new, and the person told.

    None again once answered.
    """
    revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("revision.id"))
    """The revision last answered: what was made clearer since is said. None: not known."""
    scheduler_version: Mapped[str] = mapped_column(sa.String(20))


class Draft(Base):
    """What a person had filled in when their visit ended: shown again, never marked."""

    __tablename__ = "draft"
    __table_args__ = (sa.UniqueConstraint("person_id", "question_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    question_id: Mapped[str] = mapped_column(sa.String(120))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The form's fields as posted: name → list of values."""
    saved_at: Mapped[datetime] = mapped_column(index=True)
