"""Recording an answer: marked, kept for ever, and what it leaves in memory."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Card, Occasion
from lti_app.answers.queries import answer_by_key, memory_of
from lti_app.answers.rules import (
    AnswerKey,
    Choice,
    Kind,
    Mark,
    MatchingKey,
    MultipleKey,
    OrderingKey,
    Response,
    ShortKey,
    SingleKey,
    mark,
    option_count,
    response_to_json,
)
from lti_app.content.rules import catalog
from lti_app.core.database import JsonDict, insert_ignoring, insert_or_none
from lti_app.scheduling.local_day import local_day
from lti_app.scheduling.memory import (
    SCHEDULER_VERSION,
    Memory,
    Rating,
    counts_for_memory,
    retrievability,
    review,
)
from lti_app.scheduling.ratings import (
    MAPPING_VERSION,
    Confidence,
    is_flash_answer,
    rate,
    shows_misconception,
)

LONGEST_MILLISECONDS = 24 * 60 * 60 * 1000
"""A page left open longer than a day says nothing of the time an answer took."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """`mark`: of the response just given. `created`: False when its form had been received."""

    answer: Answer
    mark: Mark
    created: bool


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What an answer brings to memory. `rating`: None for a flash answer."""

    person_id: int
    question_id: str
    on: date
    revision_id: int
    correct: bool
    misconception: bool
    rating: Rating | None


@dataclass(frozen=True, slots=True)
class _Effect:
    """What an attempt does to a memory. `rating`: None when it does not count for it."""

    before: Memory | None
    after: Memory | None
    rating: Rating | None
    recall: float | None


def answer_key(question: catalog.Question) -> AnswerKey:
    """What marks the answers to a question of the catalog."""
    match question.kind:
        case Kind.SINGLE | Kind.TRUEFALSE:
            return SingleKey(_choices(question))
        case Kind.MULTIPLE:
            return MultipleKey(_choices(question))
        case Kind.SHORT:
            return ShortKey(
                tuple(accepted.text for accepted in question.answers),
                tuple(foreseen.text for foreseen in question.wrong),
            )
        case Kind.ORDERING:
            return OrderingKey(tuple(item.id for item in question.items))
        case Kind.MATCHING:
            pairs = {pair.id: pair.right_token for pair in question.pairs}
            tokens = frozenset(distractor.token for distractor in question.distractors)
            return MatchingKey(pairs, tokens.union(pairs.values()))
    raise ValueError(f"no key for a question of kind {question.kind!r}")


def record_answer(
    session: Session,
    *,
    person_id: int,
    course_id: int,
    question: catalog.Question,
    response: Response,
    occasion: Occasion,
    confidence: Confidence | None,
    milliseconds: int | None,
    idempotency_key: str,
    now: datetime,
    zone: ZoneInfo,
) -> Recorded:
    """Mark a response, keep the answer, move the card.

    A form received twice (same `idempotency_key` of the same person) gives the first answer back
    and changes nothing. Only the first answer of the local day counts for memory, and a flash
    answer never does; both still say whether the question is known in the score.
    """
    key = answer_key(question)
    verdict = mark(question.kind, key, response)
    milliseconds = _plausible(milliseconds)
    flash = is_flash_answer(milliseconds, question.words)
    attempt = _Attempt(
        person_id=person_id,
        question_id=question.id,
        on=local_day(now, zone),
        revision_id=question.revision_id,
        correct=verdict.correct,
        misconception=shows_misconception(verdict.correct, confidence),
        rating=None if flash else rate(verdict.correct, confidence, option_count(key)),
    )
    card = _lock_card(session, attempt)
    effect = _effect(card, attempt)
    answer = insert_or_none(
        session,
        Answer,
        {
            "person_id": person_id,
            "course_id": course_id,
            "question_id": question.id,
            "revision_id": question.revision_id,
            "occasion": occasion,
            "answered_at": now,
            "local_day": attempt.on,
            "response": response_to_json(response),
            "correct": verdict.correct,
            "confidence": confidence,
            "milliseconds": milliseconds,
            "mapping_version": MAPPING_VERSION,
            "idempotency_key": idempotency_key,
            **_memory_columns(effect),
        },
    )
    if answer is None:
        return Recorded(_already_given(session, person_id, idempotency_key), verdict, False)
    _write_card(session, card, attempt, effect, answer)
    return Recorded(answer, verdict, True)


def reset_cards(session: Session, question_ids: Collection[str], *, now: datetime) -> int:
    """Start again the cards of questions whose right answer changed; how many there were.

    What was answered before says nothing of the new answer: the memory goes, the question counts
    as never answered, and is due at once. Answers stay. Safe to run twice.
    """
    if not question_ids:
        return 0
    statement = (
        sa.update(Card)
        .where(Card.question_id.in_(question_ids))
        .values(
            stability=None,
            difficulty=None,
            last_reviewed_on=None,
            reps=0,
            lapses=0,
            last_correct=False,
            wrong_count=0,
            misconception=False,
            # The day before in UTC: due at once, whatever the zone and the hour the day begins at.
            due_on=now.date() - timedelta(days=1),
            restarted_at=now,
        )
    )
    return session.execute(statement).rowcount  # type: ignore[attr-defined, no-any-return]


def _choices(question: catalog.Question) -> tuple[Choice, ...]:
    return tuple(Choice(option.id, option.correct) for option in question.options)


def _plausible(milliseconds: int | None) -> int | None:
    # Measured from a form that may be forged, across a clock that may move.
    if milliseconds is None or not 0 <= milliseconds <= LONGEST_MILLISECONDS:
        return None
    return milliseconds


def _lock_card(session: Session, attempt: _Attempt) -> Card | None:
    """The card, kept by this transaction to its end: two answers at once take their turn."""
    return session.get(
        Card,
        (attempt.person_id, attempt.question_id),
        with_for_update=True,
        populate_existing=True,
    )


def _effect(card: Card | None, attempt: _Attempt) -> _Effect:
    before = memory_of(card)
    recall = retrievability(before, attempt.on) if before else None
    if attempt.rating is None or not counts_for_memory(before, attempt.on):
        return _Effect(before, before, None, recall)
    return _Effect(before, review(before, attempt.rating, attempt.on), attempt.rating, recall)


def _memory_columns(effect: _Effect) -> JsonDict:
    return {
        "rating": effect.rating,
        "predicted_recall": effect.recall,
        "stability_before": effect.before.stability if effect.before else None,
        "difficulty_before": effect.before.difficulty if effect.before else None,
    }


def _already_given(session: Session, person_id: int, idempotency_key: str) -> Answer:
    answer = answer_by_key(session, person_id, idempotency_key)
    if answer is None:
        raise AssertionError("an answer that stopped another one is there to be read")
    return answer


def _write_card(
    session: Session, card: Card | None, attempt: _Attempt, effect: _Effect, answer: Answer
) -> None:
    if card is None:
        key = {"person_id": attempt.person_id, "question_id": attempt.question_id}
        if insert_ignoring(session, Card, key | _card_columns(None, attempt, effect)):
            return
        # Another first answer to this question was committed between our look and our insert:
        # this one comes second, and what it says of memory is counted again from there.
        card = _lock_card(session, attempt)
        effect = _effect(card, attempt)
        _assign(answer, _memory_columns(effect))
    if card is None:
        raise AssertionError("a card that stopped another one is there to be read")
    _assign(card, _card_columns(card, attempt, effect))
    session.flush()


def _assign(row: Answer | Card, values: JsonDict) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _card_columns(card: Card | None, attempt: _Attempt, effect: _Effect) -> JsonDict:
    memory = effect.after
    tomorrow = attempt.on + timedelta(days=1)
    return {
        "stability": memory.stability if memory else None,
        "difficulty": memory.difficulty if memory else None,
        # Nothing is known of the memory after a flash answer: the next session will ask.
        "due_on": memory.due_on if memory else tomorrow,
        "last_reviewed_on": memory.last_reviewed_on if memory else None,
        "reps": memory.reps if memory else 0,
        "lapses": memory.lapses if memory else 0,
        "last_correct": attempt.correct,
        "wrong_count": (card.wrong_count if card else 0) + (not attempt.correct),
        "misconception": attempt.misconception,
        "restarted_at": None,
        "revision_id": attempt.revision_id,
        "scheduler_version": SCHEDULER_VERSION,
    }
