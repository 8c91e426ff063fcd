"""Reading where a person stands, from what their answers and readings left."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.answers.models import Card
from lti_app.completion.models import LessonReading, ModuleCompletion
from lti_app.completion.rules import Progress
from lti_app.content.rules import catalog

# Statements of every page are built once: building one takes as long as running it.
_PERSON: sa.BindParameter[int] = sa.bindparam("person_id")
_QUESTIONS: sa.BindParameter[list[str]] = sa.bindparam("questions", expanding=True)
_LESSONS: sa.BindParameter[list[str]] = sa.bindparam("lessons", expanding=True)
_COMPLETIONS = sa.select(ModuleCompletion).where(
    ModuleCompletion.person_id == _PERSON,
    ModuleCompletion.module_id.in_(sa.bindparam("modules", expanding=True)),
)
_READINGS = sa.select(LessonReading).where(
    LessonReading.person_id == _PERSON, LessonReading.lesson_id.in_(_LESSONS)
)
_TRACES = sa.union_all(
    sa.select(sa.false(), Card.question_id, Card.last_correct, Card.wrong_count).where(
        Card.person_id == _PERSON,
        Card.question_id.in_(_QUESTIONS),
        # Its right answer changed since: as good as never answered.
        Card.restarted_at.is_(None),
    ),
    sa.select(
        sa.true(), LessonReading.lesson_id, LessonReading.read_at.is_not(None), sa.literal(0)
    ).where(LessonReading.person_id == _PERSON, LessonReading.lesson_id.in_(_LESSONS)),
)


@dataclass(frozen=True, slots=True)
class _Trace:
    """One row of either table. `done`: last answer right, or lesson read to its end."""

    is_lesson: bool
    subject_id: str
    done: bool
    wrong_count: int


def progress_of(session: Session, person_id: int, module: catalog.Module) -> Progress:
    """What the person did in a module, by one statement. Cards stand for all the answers."""
    traces = _traces(session, person_id, module)
    answered = [trace for trace in traces if not trace.is_lesson]
    return Progress(
        read_lessons=frozenset(t.subject_id for t in traces if t.is_lesson and t.done),
        last_right={trace.subject_id: trace.done for trace in answered},
        wrong_counts={trace.subject_id: trace.wrong_count for trace in answered},
    )


def completions_of(
    session: Session, person_id: int, module_ids: Collection[str]
) -> dict[str, ModuleCompletion]:
    """The person's completions by module id; a module never opened has none."""
    found = session.scalars(_COMPLETIONS, {"person_id": person_id, "modules": list(module_ids)})
    return {completion.module_id: completion for completion in found}


def newcomers_to(session: Session, module: catalog.Module) -> list[int]:
    """Ids of who read or answered something of a module that they never entered: it moved there."""
    lessons = [lesson.id for lesson in module.lessons]
    questions = [question.id for question in module.questions]
    here = sa.union(
        sa.select(LessonReading.person_id).where(LessonReading.lesson_id.in_(lessons)),
        sa.select(Card.person_id).where(Card.question_id.in_(questions)),
    ).subquery()
    entered = sa.select(ModuleCompletion.person_id).where(ModuleCompletion.module_id == module.id)
    statement = sa.select(here.c.person_id).where(here.c.person_id.not_in(entered))
    return sorted(session.scalars(statement))


def learners_of(session: Session, module_id: str) -> list[int]:
    """Ids of everybody who did something in a module."""
    statement = sa.select(ModuleCompletion.person_id).where(ModuleCompletion.module_id == module_id)
    return sorted(session.scalars(statement))


def readings_of(
    session: Session, person_id: int, lesson_ids: Collection[str]
) -> dict[str, LessonReading]:
    """How far the person has read, by lesson id; a lesson never opened has none."""
    found = session.scalars(_READINGS, {"person_id": person_id, "lessons": list(lesson_ids)})
    return {reading.lesson_id: reading for reading in found}


def _traces(session: Session, person_id: int, module: catalog.Module) -> list[_Trace]:
    values = {
        "person_id": person_id,
        "questions": [question.id for question in module.questions],
        "lessons": [lesson.id for lesson in module.lessons],
    }
    rows = session.execute(_TRACES, values)
    return [_Trace(bool(row[0]), row[1], bool(row[2]), row[3]) for row in rows]
