"""Moving a person forward in a module: lessons read, completion earned."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.completion import rules
from lti_app.completion.models import LessonReading, ModuleCompletion
from lti_app.completion.queries import newcomers_to, progress_of
from lti_app.completion.rules import CompletionState, LessonFacts, ModuleFacts
from lti_app.content.models import ContentRelease
from lti_app.content.rules import catalog
from lti_app.core.database import UTCDateTime, insert_ignoring, upsert

_NEWEST_RELEASE = sa.select(sa.func.max(ContentRelease.id))


def facts(module: catalog.Module) -> ModuleFacts:
    """What a module of the catalog asks."""
    return ModuleFacts(
        lessons=tuple(
            LessonFacts(lesson.id, lesson.question_ids, lesson.minutes) for lesson in module.lessons
        ),
        pass_mark=module.pass_mark,
    )


def record_part_read(
    session: Session,
    *,
    person_id: int,
    lesson: catalog.Lesson,
    part: int,
    now: datetime,
    revision_id: int | None = None,
) -> LessonReading:
    """Remember that the person has read the lesson up to its `part`-th screen, counted from 1.

    `revision_id`: an earlier revision, when it is what was read. Reading the last part reads the
    lesson, for good; going back, in the lesson or to an older page, takes nothing away. Raises
    ValueError when the lesson has no such part. `refresh_completion` comes after.
    """
    last = len(lesson.parts)
    if not 1 <= part <= last:
        raise ValueError(f"lesson {lesson.id} has parts 1 to {last}, not {part}")
    read_at = now if part == last else None
    met = revision_id or lesson.revision_id
    values = {"part": part, "read_at": read_at, "revision_id": met}
    upsert(
        session,
        LessonReading,
        {"person_id": person_id, "lesson_id": lesson.id, "updated_at": now, **values},
        key=("person_id", "lesson_id"),
        update={
            "part": sa.case((LessonReading.part < part, part), else_=LessonReading.part),
            "read_at": sa.func.coalesce(LessonReading.read_at, sa.literal(read_at, UTCDateTime())),
            "revision_id": sa.case(
                (LessonReading.revision_id < met, met), else_=LessonReading.revision_id
            ),
            "updated_at": now,
        },
    )
    return session.get_one(LessonReading, (person_id, lesson.id), populate_existing=True)


def refresh_completion(
    session: Session, *, person_id: int, module: catalog.Module, now: datetime
) -> ModuleCompletion:
    """Bring the completion up to what was done; call it after each answer and each part read.

    The module counts as started, since something was just done in it. Once completed it stays so,
    with the date and the revision of that day; the score goes on following the answers.
    """
    # Locked before the answers are read: of two answers given at once, the second to come here
    # sees the first, and neither is missing from the score.
    completion = _lock_completion(session, person_id, module.id, now)
    _bring_up(session, completion, module, now)
    completion.last_activity_at = now
    session.flush()
    return completion


def refresh_after_edit(session: Session, *, module: catalog.Module, now: datetime) -> list[int]:
    """Bring up everybody's completion of a module whose content changed.

    A question withdrawn, a lesson come from another module or a pass mark lowered may complete it
    for people who have nothing left to answer: nothing else would tell them, their trainer nor the
    LMS. Ids of the persons whose best score or state changed, whose grades are to be owed.
    """
    for person_id in newcomers_to(session, module):
        _lock_completion(session, person_id, module.id, now)
    everybody = (
        sa.select(ModuleCompletion)
        .where(ModuleCompletion.module_id == module.id)
        .order_by(ModuleCompletion.person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    moved = []
    for completion in session.scalars(everybody).all():
        before = (completion.best_score, completion.completed_at)
        _bring_up(session, completion, module, now)
        if (completion.best_score, completion.completed_at) != before:
            moved.append(completion.person_id)
    session.flush()
    return moved


def _bring_up(
    session: Session, completion: ModuleCompletion, module: catalog.Module, now: datetime
) -> None:
    wanted = facts(module)
    progress = progress_of(session, completion.person_id, module)
    state = rules.state(wanted, progress, completion.completed_at is not None)
    completion.score = rules.score(wanted, progress)
    if state is CompletionState.COMPLETED and completion.completed_at is None:
        completion.completed_at = now
        completion.module_revision_id = module.revision_id
        completion.release_id = session.scalar(_NEWEST_RELEASE)
        completion.code = rules.attestation_code()
        # The LMS gets the score of that day, then better ones: not one reached before and lost.
        completion.best_score = completion.score
    completion.best_score = max(completion.best_score, completion.score)
    completion.state = CompletionState.STARTED if state is CompletionState.NOT_STARTED else state
    completion.lessons_read = len(progress.read_lessons)
    completion.questions_answered = len(progress.last_right)


def _lock_completion(
    session: Session, person_id: int, module_id: str, now: datetime
) -> ModuleCompletion:
    """The completion, made if need be, kept by this transaction to its end."""
    key = {"person_id": person_id, "module_id": module_id}
    found = session.get(ModuleCompletion, key, with_for_update=True, populate_existing=True)
    if found is not None:
        return found
    started = {
        "state": CompletionState.STARTED,
        "score": 0,
        "best_score": 0,
        "lessons_read": 0,
        "questions_answered": 0,
        "started_at": now,
        "last_activity_at": now,
    }
    insert_ignoring(session, ModuleCompletion, key | started)
    return session.get_one(ModuleCompletion, key, with_for_update=True, populate_existing=True)
