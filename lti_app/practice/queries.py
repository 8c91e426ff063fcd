"""What a page needs to know of one person, in as few statements as can be."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Card, Occasion
from lti_app.answers.queries import cards_of
from lti_app.completion.models import LessonReading
from lti_app.completion.queries import readings_of
from lti_app.completion.rules import Progress
from lti_app.content.models import ChangeClass, Revision, SubjectKind
from lti_app.content.rules.catalog import Module


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
