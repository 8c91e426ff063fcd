"""What an invented referent did in a module: a path walked up to some point, more or less well."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from lti_app.completion import rules
from lti_app.completion.rules import CODE_ALPHABET, CODE_LENGTH, CompletionState, Progress
from lti_app.completion.services import facts
from lti_app.content.rules.catalog import Lesson, Module
from lti_app.scheduling.memory import SCHEDULER_VERSION, Memory, Rating, review

SHARE_NOT_STARTED = 0.14
SHARE_FINISHED = 0.55
SHARE_STUCK = 0.07


@dataclass(slots=True)
class Work:
    """Rows of one person in one module, without the person: ready for bulk inserts."""

    module_id: str
    started_at: datetime
    last_at: datetime
    state: CompletionState = CompletionState.STARTED
    completion: dict[str, Any] = field(default_factory=dict)
    readings: list[dict[str, Any]] = field(default_factory=list)
    cards: list[dict[str, Any]] = field(default_factory=list)


def draw_work(random: Random, module: Module, now: datetime) -> Work | None:
    """The work of one referent in the module; None for those who have not begun."""
    draw = random.random()
    if draw < SHARE_NOT_STARTED or not module.lessons:
        return None
    started = now - timedelta(days=random.uniform(4, 200))
    # Half of the people are recent, whatever the day they began.
    last = max(started, now - timedelta(days=random.expovariate(1 / 25)))
    work = Work(module.id, started, last)
    finished = draw > 1 - SHARE_FINISHED
    stuck = not finished and draw > 1 - SHARE_FINISHED - SHARE_STUCK
    steps = module.lessons[: len(module.lessons) if finished else random.randint(1, 6)]
    skill = random.uniform(0.86, 1) if finished else random.uniform(0.5, 0.95)
    # One after the other, as people go.
    moments = sorted(_between(random, started, last) for _ in range(len(steps) + 1))
    for lesson, begun, ended in zip(steps, moments, moments[1:], strict=False):
        work.readings.append(_reading(lesson, begun))
        for question_id in lesson.question_ids:
            at = _between(random, begun, ended)
            work.cards.append(_card(question_id, random.random() < skill, at.date()))
    if stuck and work.cards:
        random.choice(work.cards).update(last_correct=False, wrong_count=random.randint(4, 7))
    _complete(random, work, module)
    return work


def _between(random: Random, start: datetime, end: datetime) -> datetime:
    return start + (end - start) * random.random()


def _reading(lesson: Lesson, at: datetime) -> dict[str, Any]:
    return {
        "lesson_id": lesson.id,
        "part": len(lesson.parts),
        "read_at": at,
        "revision_id": lesson.revision_id,
        "updated_at": at,
    }


def _card(question_id: str, right: bool, on: date) -> dict[str, Any]:
    memory = _first_memory(Rating.GOOD if right else Rating.AGAIN, on)
    return {
        "question_id": question_id,
        "stability": memory.stability,
        "difficulty": memory.difficulty,
        "due_on": memory.due_on,
        "last_reviewed_on": on,
        "reps": memory.reps,
        "lapses": memory.lapses,
        "last_correct": right,
        "wrong_count": 0 if right else 1,
        "misconception": False,
        "restarted_at": None,
        "scheduler_version": SCHEDULER_VERSION,
    }


@lru_cache(maxsize=1024)
def _first_memory(rating: Rating, on: date) -> Memory:
    return review(None, rating, on)


def _complete(random: Random, work: Work, module: Module) -> None:
    """The completion that the rules give to what was done."""
    wanted = facts(module)
    progress = Progress(
        read_lessons=frozenset(reading["lesson_id"] for reading in work.readings),
        last_right={card["question_id"]: card["last_correct"] for card in work.cards},
        wrong_counts={card["question_id"]: card["wrong_count"] for card in work.cards},
    )
    score = rules.score(wanted, progress)
    work.state = rules.state(wanted, progress, already_completed=False)
    completed = work.state is CompletionState.COMPLETED
    work.completion = {
        "module_id": module.id,
        "state": work.state,
        "score": score,
        "best_score": score,
        "lessons_read": len(work.readings),
        "questions_answered": len(work.cards),
        "started_at": work.started_at,
        "completed_at": work.last_at if completed else None,
        "last_activity_at": work.last_at,
        "module_revision_id": module.revision_id if completed else None,
        # Drawn as all the rest: the same seed gives the same people.
        "code": "".join(random.choices(CODE_ALPHABET, k=CODE_LENGTH)) if completed else None,
    }
