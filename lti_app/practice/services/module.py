"""The module page: its lessons, the score in words, what is left, what to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from lti_app.completion.queries import completions_of
from lti_app.content.rules.catalog import Lesson, Module
from lti_app.practice.queries import Standing, new_lessons, read_standing, updated_lessons
from lti_app.practice.rules import LessonState, lesson_state, right_answers_needed
from lti_app.practice.services.grades import grade_view, read_grades
from lti_app.practice.services.path import ModuleCard, module_card
from lti_app.practice.services.visit import Visit


class LessonNews(StrEnum):
    """What a lesson is to somebody who was here before. Values are known to `state_badge`."""

    NEW = "new"
    """Came after the module was completed."""
    UPDATED = "updated"
    """Made clearer since they read in it."""


@dataclass(frozen=True, slots=True)
class LessonLine:
    """One lesson in the list of its module."""

    lesson: Lesson
    state: LessonState
    parts_read: int
    right: int
    answered: int
    news: LessonNews | None = None

    @property
    def questions(self) -> int:
        return len(self.lesson.question_ids)


@dataclass(frozen=True, slots=True)
class WrongQuestion:
    """A question last answered wrong: `number` of `lesson`."""

    question_id: str
    number: int
    lesson: Lesson


@dataclass(frozen=True, slots=True)
class ModulePage:
    """`right_needed`: right answers that reach the pass mark; `right_missing`: those to get."""

    module: Module
    card: ModuleCard
    lines: tuple[LessonLine, ...]
    wrong: tuple[WrongQuestion, ...]
    restarted: tuple[datetime, ...]
    """For each question whose right answer changed since it was answered, when; latest last."""
    right_needed: int
    completed_at: datetime | None
    attested: bool
    """Whether there is an attestation to print."""

    @property
    def lessons_missing(self) -> int:
        return self.card.lessons - self.card.lessons_read

    @property
    def right_missing(self) -> int:
        return max(0, self.right_needed - self.card.questions_right)


def show_module(session: Session, visit: Visit, module_id: str) -> ModulePage:
    """A module of the session. Raises the explained 404 page."""
    module = visit.module(module_id)
    standing = read_standing(session, visit.person_id, [module])
    completion = completions_of(session, visit.person_id, [module.id]).get(module.id)
    grades = grade_view(visit, read_grades(session, visit), module.id)
    last_right = standing.progress(module).last_right
    completed_at = completion.completed_at if completion else None
    news = _news(session, standing, module, completed_at)
    return ModulePage(
        module=module,
        card=module_card(module, standing, completion, grades),
        lines=tuple(
            lesson_line(lesson, standing, last_right, news.get(lesson.id))
            for lesson in module.lessons
        ),
        wrong=_wrong_questions(module, last_right),
        restarted=tuple(
            sorted(card.restarted_at for card in standing.cards.values() if card.restarted_at)
        ),
        right_needed=right_answers_needed(module.pass_mark, len(module.questions)),
        completed_at=completed_at,
        attested=completion is not None and completion.code is not None,
    )


def _news(
    session: Session, standing: Standing, module: Module, completed_at: datetime | None
) -> dict[str, LessonNews]:
    updated = updated_lessons(session, standing, module.lessons)
    new = new_lessons(session, standing, module, completed_at)
    return dict.fromkeys(updated, LessonNews.UPDATED) | dict.fromkeys(new, LessonNews.NEW)


def lesson_line(
    lesson: Lesson,
    standing: Standing,
    last_right: Mapping[str, bool],
    news: LessonNews | None = None,
) -> LessonLine:
    """Where the person stands in one lesson; `last_right`: of the progress in its module."""
    parts_read = standing.parts_read(lesson.id)
    return LessonLine(
        lesson=lesson,
        state=lesson_state(
            parts_read=parts_read,
            is_read=standing.is_read(lesson.id),
            question_ids=lesson.question_ids,
            last_right=last_right,
        ),
        parts_read=min(parts_read, len(lesson.parts)),
        right=sum(last_right.get(question, False) for question in lesson.question_ids),
        answered=sum(question in last_right for question in lesson.question_ids),
        news=news,
    )


def _wrong_questions(module: Module, last_right: Mapping[str, bool]) -> tuple[WrongQuestion, ...]:
    return tuple(
        WrongQuestion(question, number, lesson)
        for lesson in module.lessons
        for number, question in enumerate(lesson.question_ids, 1)
        if last_right.get(question) is False
    )
