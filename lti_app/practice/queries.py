"""What a page needs to know of one person, in as few statements as can be."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Card, Occasion
from lti_app.answers.queries import cards_of
from lti_app.completion.models import LessonReading
from lti_app.completion.queries import readings_of
from lti_app.completion.rules import Progress
from lti_app.content.models import ChangeClass, Revision, SubjectKind
from lti_app.content.queries import first_published, updates_since
from lti_app.content.rules.catalog import Lesson, Module, Question


@dataclass(frozen=True, slots=True)
class Standing:
    """Cards by question id and readings by lesson id: all that the progress is made of."""

    cards: Mapping[str, Card]
    readings: Mapping[str, LessonReading]

    def progress(self, module: Module) -> Progress:
        """What the rules of completion want to know of one module.

        A card that was started again (the right answer changed) counts as never answered.
        """
        met = {
            question.id: card
            for question in module.questions
            if (card := self.cards.get(question.id)) and card.restarted_at is None
        }
        return Progress(
            read_lessons=frozenset(
                lesson.id for lesson in module.lessons if self.is_read(lesson.id)
            ),
            last_right={id_: card.last_correct for id_, card in met.items()},
            wrong_counts={id_: card.wrong_count for id_, card in met.items()},
        )

    def is_read(self, lesson_id: str) -> bool:
        reading = self.readings.get(lesson_id)
        return reading is not None and reading.read_at is not None

    def parts_read(self, lesson_id: str) -> int:
        reading = self.readings.get(lesson_id)
        return reading.part if reading else 0


def read_standing(session: Session, person_id: int, modules: Collection[Module]) -> Standing:
    """The standing in those modules, in two statements however many they are."""
    questions = [question.id for module in modules for question in module.questions]
    lessons = [lesson.id for module in modules for lesson in module.lessons]
    return Standing(
        cards=cards_of(session, person_id, questions),
        readings=readings_of(session, person_id, lessons),
    )


def revision_read(session: Session, lesson: Lesson, posted: int | None) -> int:
    """The revision of a lesson that a form says was read, if it is one; else the present one."""
    if posted is None or posted == lesson.revision_id or not 0 < posted < 2**31:
        return lesson.revision_id
    found = session.get(Revision, posted)
    of_lesson = found is not None and (found.subject_kind, found.subject_id) == (
        SubjectKind.LESSON,
        lesson.id,
    )
    return posted if of_lesson else lesson.revision_id


def updated_lessons(
    session: Session, standing: Standing, lessons: Collection[Lesson]
) -> dict[str, datetime]:
    """When each lesson was made clearer since the person read in it; those that were not, left out.

    No statement at all when nobody edited anything since.
    """
    met = {
        lesson.id: reading.revision_id
        for lesson in lessons
        if (reading := standing.readings.get(lesson.id))
        and reading.revision_id != lesson.revision_id
    }
    return updates_since(session, SubjectKind.LESSON, met)


def question_updated_at(
    session: Session, question: Question, met_revision_id: int | None
) -> datetime | None:
    """When a question was made clearer since it was answered in that revision; None if not."""
    if met_revision_id is None or met_revision_id == question.revision_id:
        return None
    met = {question.id: met_revision_id}
    return updates_since(session, SubjectKind.QUESTION, met).get(question.id)


def new_lessons(
    session: Session, standing: Standing, module: Module, since: datetime | None
) -> frozenset[str]:
    """Ids of the lessons that came after `since` and that the person has not opened."""
    unread = [lesson.id for lesson in module.lessons if lesson.id not in standing.readings]
    if since is None or not unread:
        return frozenset()
    published = first_published(session, SubjectKind.LESSON, unread)
    return frozenset(id_ for id_, moment in published.items() if moment > since)


def reviewed_on(session: Session, person_id: int, day: date) -> list[Answer]:
    """The answers given in review on that local day, first answer of each question, in order."""
    statement = (
        sa.select(Answer)
        .where(
            Answer.person_id == person_id,
            Answer.occasion == Occasion.REVIEW,
            Answer.local_day == day,
        )
        .order_by(Answer.id)
    )
    first: dict[str, Answer] = {}
    for answer in session.scalars(statement):
        first.setdefault(answer.question_id, answer)
    return list(first.values())


def answer_changed_since(session: Session, question_id: str, revision_id: int) -> bool:
    """Whether the right answer of a question was changed after that revision was published.

    True as well for a revision that is not of this question.
    """
    of_question = sa.select(Revision).where(
        Revision.subject_kind == SubjectKind.QUESTION, Revision.subject_id == question_id
    )
    revisions = {row.id: row for row in session.scalars(of_question)}
    served = revisions.get(revision_id)
    return served is None or any(
        row.number > served.number and row.change == ChangeClass.ANSWER
        for row in revisions.values()
    )
