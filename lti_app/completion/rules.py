"""Where a person stands in a module: complete or not, score, next step, time left.

Pure functions of what the module asks (`ModuleFacts`) and what was done (`Progress`). Questions
withdrawn from a module leave its facts, and with them the score: old answers are then ignored.
"""

import math
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

NEEDS_HELP_AFTER = 4
"""Wrong answers to one question, never right at the last try: the rule of Kolibri's coach page."""

MINUTES_PER_QUESTION = 0.5  # how `minutes` of a lesson is counted (docs of the content format)


CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nothing that is read for something else on paper."""
CODE_LENGTH = 16
"""80 bits: nobody finds one by trying."""


class CompletionState(StrEnum):
    NOT_STARTED = "not_started"
    STARTED = "started"
    NEEDS_HELP = "needs_help"
    COMPLETED = "completed"


class StepKind(StrEnum):
    READ_LESSON = "read_lesson"
    ANSWER_QUESTION = "answer_question"
    RETRY_QUESTION = "retry_question"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class LessonFacts:
    """One lesson: its questions in order, and its announced minutes (reading and questions)."""

    id: str
    question_ids: tuple[str, ...]
    minutes: int


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """What a module asks: lessons in order, and the score (0…100) that completes it."""

    lessons: tuple[LessonFacts, ...]
    pass_mark: int

    @property
    def question_ids(self) -> tuple[str, ...]:
        return tuple(question for lesson in self.lessons for question in lesson.question_ids)


@dataclass(frozen=True, slots=True)
class Progress:
    """What one person did. `last_right`: was the last answer right; no entry, never answered.

    `wrong_counts`: wrong answers given so far, per question.
    """

    read_lessons: frozenset[str]
    last_right: Mapping[str, bool]
    wrong_counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next. Questions come with their lesson; `DONE` has neither."""

    kind: StepKind
    lesson_id: str | None = None
    question_id: str | None = None


def score(facts: ModuleFacts, progress: Progress) -> int:
    """Share of the module's questions last answered right, 0…100, rounded down.

    Down, so that 100 means all of them, and a pass mark is reached by answers and never by
    rounding. A module without questions scores 100 once read.
    """
    questions = facts.question_ids
    if not questions:
        return 100 if _all_read(facts, progress) else 0
    right = sum(progress.last_right.get(question, False) for question in questions)
    return 100 * right // len(questions)


def is_complete(facts: ModuleFacts, progress: Progress) -> bool:
    """Every lesson read and the pass mark reached. A module without lessons never is."""
    return _all_read(facts, progress) and score(facts, progress) >= facts.pass_mark


def state(facts: ModuleFacts, progress: Progress, already_completed: bool) -> CompletionState:
    """Where the person stands. Completion once earned is never taken back."""
    if already_completed or is_complete(facts, progress):
        return CompletionState.COMPLETED
    questions = facts.question_ids
    if any(_is_stuck_on(question, progress) for question in questions):
        return CompletionState.NEEDS_HELP
    answered = any(question in progress.last_right for question in questions)
    if answered or any(lesson.id in progress.read_lessons for lesson in facts.lessons):
        return CompletionState.STARTED
    return CompletionState.NOT_STARTED


def next_step(facts: ModuleFacts, progress: Progress) -> Step:
    """Where to resume: first unread lesson or unanswered question, in the order of the module.

    Then the questions last answered wrong, the least often missed first: a question just missed
    waits for the others to be tried again. `DONE` once every question is right; a module may be
    complete before that.
    """
    return next(_first_passage(facts, progress), None) or _retry(facts, progress)


def remaining_minutes(facts: ModuleFacts, progress: Progress) -> int:
    """Minutes left to complete the module, rounded up: 0 only when it is complete.

    Reading time of the unread lessons, and half a minute for each question not yet right.
    """
    if is_complete(facts, progress):
        return 0
    minutes = 0.0
    for lesson in facts.lessons:
        if lesson.id not in progress.read_lessons:
            minutes += max(0.0, lesson.minutes - MINUTES_PER_QUESTION * len(lesson.question_ids))
        missing = [q for q in lesson.question_ids if not progress.last_right.get(q, False)]
        minutes += MINUTES_PER_QUESTION * len(missing)
    return max(1, math.ceil(minutes))


def attestation_code() -> str:
    """A new code, drawn at random: it says nothing of whom it is for."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def _all_read(facts: ModuleFacts, progress: Progress) -> bool:
    # No lesson at all must not make everybody complete without having come.
    return bool(facts.lessons) and all(
        lesson.id in progress.read_lessons for lesson in facts.lessons
    )


def _is_stuck_on(question_id: str, progress: Progress) -> bool:
    missed = progress.wrong_counts.get(question_id, 0)
    return missed >= NEEDS_HELP_AFTER and not progress.last_right.get(question_id, False)


def _first_passage(facts: ModuleFacts, progress: Progress) -> Iterator[Step]:
    for lesson in facts.lessons:
        if lesson.id not in progress.read_lessons:
            yield Step(StepKind.READ_LESSON, lesson.id)
        for question in lesson.question_ids:
            if question not in progress.last_right:
                yield Step(StepKind.ANSWER_QUESTION, lesson.id, question)


def _retry(facts: ModuleFacts, progress: Progress) -> Step:
    missed = [
        Step(StepKind.RETRY_QUESTION, lesson.id, question)
        for lesson in facts.lessons
        for question in lesson.question_ids
        if not progress.last_right.get(question, False)
    ]
    # min keeps the first of equals: the order of the module.
    return min(
        missed,
        key=lambda step: progress.wrong_counts.get(step.question_id or "", 0),
        default=Step(StepKind.DONE),
    )
