"""Reading cards and answers. Questions withdrawn from `courses/` are never due."""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Card, Draft
from lti_app.content.models import ContentState, Question
from lti_app.scheduling.memory import Memory, retrievability

# Statements of every page are built once: building one takes as long as running it.
_PERSON: sa.BindParameter[int] = sa.bindparam("person_id")
_CARDS = sa.select(Card).where(Card.person_id == _PERSON)
_SOME_CARDS = _CARDS.where(Card.question_id.in_(sa.bindparam("questions", expanding=True)))
_DRAFT = sa.select(Draft).where(
    Draft.person_id == _PERSON, Draft.question_id == sa.bindparam("question_id")
)
_DRAFTS = (
    sa.select(Draft).where(Draft.person_id == _PERSON).order_by(Draft.saved_at.desc(), Draft.id)
)
_ANSWER = sa.select(Answer).where(
    Answer.id == sa.bindparam("answer_id"), Answer.person_id == _PERSON
)


def cards_of(
    session: Session, person_id: int, question_ids: Collection[str] | None = None
) -> dict[str, Card]:
    """The person's cards by question id; all of them when no question is named."""
    if question_ids is None:
        found = session.scalars(_CARDS, {"person_id": person_id})
    else:
        values = {"person_id": person_id, "questions": list(question_ids)}
        found = session.scalars(_SOME_CARDS, values)
    return {card.question_id: card for card in found}


def due_cards(session: Session, person_id: int, on: date) -> list[Card]:
    """The person's cards due on the local day `on` or before, the longest due first."""
    statement = (
        sa.select(Card)
        .where(Card.person_id == person_id, Card.due_on <= on, _published())
        .order_by(Card.due_on, Card.question_id)
    )
    return list(session.scalars(statement))


def due_counts_by_day(session: Session, person_id: int, after: date) -> list[tuple[date, int]]:
    """How many questions fall due on each later day, in order; days with none are left out."""
    statement = (
        sa.select(Card.due_on, sa.func.count())
        .where(Card.person_id == person_id, Card.due_on > after, _published())
        .group_by(Card.due_on)
        .order_by(Card.due_on)
    )
    return [(day, count) for day, count in session.execute(statement)]


def answer_of(session: Session, person_id: int, answer_id: int) -> Answer | None:
    """That answer if it is this person's: somebody else's id finds nothing."""
    values = {"person_id": person_id, "answer_id": answer_id}
    return session.scalars(_ANSWER, values).one_or_none()


def answer_by_key(session: Session, person_id: int, idempotency_key: str) -> Answer | None:
    """The answer that the person's form of that key already left."""
    statement = sa.select(Answer).where(
        Answer.person_id == person_id, Answer.idempotency_key == idempotency_key
    )
    return session.scalars(statement).one_or_none()


def draft_of(session: Session, person_id: int, question_id: str) -> Draft | None:
    """What the person had filled in when a visit ended, and has not answered since."""
    values = {"person_id": person_id, "question_id": question_id}
    return session.scalars(_DRAFT, values).one_or_none()


def drafts_of(session: Session, person_id: int) -> list[Draft]:
    """All of the person's drafts, the latest first."""
    return list(session.scalars(_DRAFTS, {"person_id": person_id}))


def memory_of(card: Card | None) -> Memory | None:
    """What is believed of the memory behind a card; None while no answer has counted."""
    if card is None or not card.reps:
        return None
    if card.stability is None or card.difficulty is None or card.last_reviewed_on is None:
        raise AssertionError("the database holds a memory whole or not at all")
    return Memory(
        stability=card.stability,
        difficulty=card.difficulty,
        due_on=card.due_on,
        last_reviewed_on=card.last_reviewed_on,
        reps=card.reps,
        lapses=card.lapses,
    )


def predicted_recall(card: Card, on: date) -> float:
    """Chance (0…1) of a right answer on the local day `on`; 0 while nothing is known of it."""
    memory = memory_of(card)
    return retrievability(memory, on) if memory else 0.0


def _published() -> sa.ColumnElement[bool]:
    published = sa.select(Question.id).where(Question.state == ContentState.PUBLISHED)
    return Card.question_id.in_(published)
