"""What a posted form does: an answer, a part read; and the grades that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Occasion
from lti_app.answers.rules import Response
from lti_app.answers.services import drop_draft, record_answer
from lti_app.completion.queries import progress_of
from lti_app.completion.services import record_part_read, refresh_completion
from lti_app.content.rules.catalog import Lesson, Module, Question
from lti_app.grading.services import owe_grades
from lti_app.practice.queries import revision_read
from lti_app.practice.rules import next_unanswered
from lti_app.practice.services.visit import Visit
from lti_app.scheduling.ratings import Confidence


@dataclass(frozen=True, slots=True)
class Answered:
    """`created`: False when this very form was received before: `answer` is then the first one.

    `completes`: this answer completed the module. `owed`: ids of grades to queue after the commit.
    """

    answer: Answer
    created: bool
    completes: bool
    owed: Sequence[int]


@dataclass(frozen=True, slots=True)
class Read:
    """`question_id`: the lesson's first question never answered. The others: as in Answered."""

    question_id: str | None
    completes: bool
    owed: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Consequences:
    completes: bool
    owed: Sequence[int]


def answer_question(
    session: Session,
    visit: Visit,
    question: Question,
    response: Response,
    *,
    occasion: Occasion,
    confidence: Confidence | None,
    milliseconds: int | None,
    idempotency_key: str,
) -> Answered:
    """Mark and keep an answer, move the card, the completion, and owe the grades that changed."""
    recorded = record_answer(
        session,
        person_id=visit.person_id,
        course_id=visit.course_id,
        question=question,
        response=response,
        occasion=occasion,
        confidence=confidence,
        milliseconds=milliseconds,
        idempotency_key=idempotency_key,
        now=visit.now,
        zone=visit.zone,
    )
    if not recorded.created:
        return Answered(recorded.answer, created=False, completes=False, owed=())
    drop_draft(session, person_id=visit.person_id, question_id=question.id)
    followed = _follow(session, visit, visit.catalog.module(question.module_id))
    return Answered(recorded.answer, True, followed.completes, followed.owed)


def record_reading(
    session: Session,
    visit: Visit,
    module: Module,
    lesson: Lesson,
    *,
    part: int,
    revision_id: int | None = None,
) -> Read:
    """Remember that the lesson was read up to `part` (from 1); reading may complete a module.

    `revision_id`: of the lesson as the page showed it, when that is known.
    """
    record_part_read(
        session,
        person_id=visit.person_id,
        lesson=lesson,
        part=part,
        revision_id=revision_read(session, lesson, revision_id),
        now=visit.now,
    )
    followed = _follow(session, visit, module)
    answered = progress_of(session, visit.person_id, module).last_right
    question_id = next_unanswered(lesson.question_ids, None, answered)
    return Read(question_id, followed.completes, followed.owed)


def _follow(session: Session, visit: Visit, module: Module) -> _Consequences:
    completion = refresh_completion(
        session, person_id=visit.person_id, module=module, now=visit.now
    )
    owed = owe_grades(
        session,
        person_id=visit.person_id,
        catalog=visit.catalog,
        module_id=module.id,
        now=visit.now,
    )
    return _Consequences(completes=completion.completed_at == visit.now, owed=owed)
