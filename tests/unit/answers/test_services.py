"""Recording answers, on both databases."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from markupsafe import Markup
from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Card
from lti_app.answers.queries import cards_of, memory_of
from lti_app.answers.rules import (
    MatchingKey,
    MultipleKey,
    OrderingKey,
    ShortKey,
    SingleKey,
    mark,
    response_from_json,
)
from lti_app.answers.services import answer_key, reset_cards
from lti_app.content.rules import catalog
from lti_app.core.database import db
from lti_app.scheduling.local_day import local_day
from lti_app.scheduling.memory import Rating, review
from lti_app.scheduling.ratings import Confidence
from tests.factories import NOW
from tests.unit.answers.conftest import Answering, Learner

TODAY = date(2026, 11, 9)


def the_card(session: Session, learner: Learner) -> Card:
    session.expire_all()
    return session.get_one(Card, (learner.person_id, learner.module.questions[0].id))


def test_a_first_answer_creates_the_card(
    session: Session, learner: Learner, answer: Answering
) -> None:
    recorded = answer(session)
    card = the_card(session, learner)
    assert recorded.created
    assert recorded.mark.correct
    assert memory_of(card) == review(None, Rating.GOOD, TODAY)
    assert (card.last_correct, card.wrong_count, card.misconception) == (True, 0, False)
    assert recorded.answer.rating == Rating.GOOD
    assert recorded.answer.local_day == TODAY
    assert recorded.answer.predicted_recall is None
    assert recorded.answer.revision_id == learner.module.questions[0].revision_id
    assert response_from_json(recorded.answer.response).chosen == {"a"}  # type: ignore[union-attr]


def test_an_answer_of_a_later_day_moves_the_card_and_remembers_what_was_before(
    session: Session, learner: Learner, answer: Answering
) -> None:
    answer(session)
    later = answer(session, now=NOW + timedelta(days=5)).answer
    before = review(None, Rating.GOOD, TODAY)
    card = the_card(session, learner)
    assert memory_of(card) == review(before, Rating.GOOD, date(2026, 11, 14))
    assert later.stability_before == pytest.approx(before.stability)
    assert later.difficulty_before == pytest.approx(before.difficulty)
    assert later.predicted_recall is not None
    assert 0.5 < later.predicted_recall < 1


def test_only_the_first_answer_of_the_day_counts_for_memory_but_each_counts_in_the_score(
    session: Session, learner: Learner, answer: Answering
) -> None:
    answer(session)
    second = answer(session, right=False, now=NOW + timedelta(minutes=10))
    card = the_card(session, learner)
    assert memory_of(card) == review(None, Rating.GOOD, TODAY)
    assert second.answer.rating is None
    assert (card.last_correct, card.wrong_count) == (False, 1)


def test_the_day_is_that_of_the_zone(session: Session, learner: Learner, answer: Answering) -> None:
    """23:50 and 00:10 in Paris are one evening; UTC would already be another day at 02:00."""
    recorded = answer(session, now=NOW.replace(hour=23, minute=10))
    assert recorded.answer.local_day == TODAY


def test_a_flash_answer_marks_but_teaches_nothing_of_memory(
    session: Session, learner: Learner, answer: Answering
) -> None:
    recorded = answer(session, right=False, milliseconds=300)
    card = the_card(session, learner)
    assert recorded.answer.rating is None
    assert memory_of(card) is None
    assert (card.last_correct, card.wrong_count) == (False, 1)
    assert card.due_on == TODAY + timedelta(days=1)


def test_a_real_answer_after_a_flash_one_of_the_same_day_counts(
    session: Session, learner: Learner, answer: Answering
) -> None:
    answer(session, milliseconds=300)
    answer(session, now=NOW + timedelta(minutes=5))
    assert memory_of(the_card(session, learner)) == review(None, Rating.GOOD, TODAY)


def test_sure_and_wrong_is_a_misconception_until_the_next_answer(
    session: Session, learner: Learner, answer: Answering
) -> None:
    answer(session, right=False, confidence=Confidence.SURE)
    assert the_card(session, learner).misconception
    answer(session, now=NOW + timedelta(days=2))
    assert not the_card(session, learner).misconception


@pytest.mark.parametrize("milliseconds", [None, -5, 10**12])
def test_an_impossible_time_is_not_kept_nor_held_against_anyone(
    session: Session, answer: Answering, milliseconds: int | None
) -> None:
    recorded = answer(session, milliseconds=milliseconds)
    assert recorded.answer.milliseconds is None
    assert recorded.answer.rating == Rating.GOOD


def test_a_form_received_twice_is_one_answer(
    session: Session, learner: Learner, answer: Answering
) -> None:
    first = answer(session, right=False, idempotency_key="same")
    session.commit()
    again = answer(session, right=True, idempotency_key="same", now=NOW + timedelta(days=1))
    assert not again.created
    assert again.answer.id == first.answer.id
    assert not again.answer.correct
    card = the_card(session, learner)
    assert (card.wrong_count, card.last_correct) == (1, False)
    assert card.last_reviewed_on == TODAY


def test_two_persons_may_have_the_same_key(
    session: Session, learner: Learner, answer: Answering
) -> None:
    from tests.factories import EnrolmentFactory

    other = EnrolmentFactory.create()
    answer(session, idempotency_key="same")
    assert answer(session, idempotency_key="same", person_id=other.person_id).created


def in_threads(app: Flask, *calls: Callable[[Session], object]) -> None:
    """Each call in its own thread, connection and transaction, all begun together."""
    barrier = threading.Barrier(len(calls))
    errors: list[BaseException] = []

    def run(call: Callable[[Session], object]) -> None:
        try:
            with app.app_context():
                barrier.wait(10)
                call(db.session)
                db.session.commit()
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []


def test_identical_forms_at_once_are_one_answer(
    app: Flask, session: Session, learner: Learner, answer: Answering
) -> None:
    session.commit()
    created = []

    def post(thread_session: Session) -> None:
        recorded = answer(thread_session, right=False, idempotency_key="same")
        created.append(recorded.created)

    in_threads(app, *[post] * 6)
    assert sorted(created) == [False] * 5 + [True]
    assert session.scalar(sa.select(sa.func.count(Answer.id))) == 1
    assert the_card(session, learner).wrong_count == 1


@pytest.mark.parametrize("already_known", [True, False])
def test_different_answers_at_once_are_all_counted(
    app: Flask, session: Session, learner: Learner, answer: Answering, already_known: bool
) -> None:
    if already_known:
        answer(session, now=NOW - timedelta(days=9))
    session.commit()
    in_threads(
        app,
        *[lambda thread_session: answer(thread_session, right=False) for _ in range(6)],
    )
    card = the_card(session, learner)
    assert card.wrong_count == 6
    ratings = session.scalars(
        sa.select(Answer.rating).where(Answer.answered_at == NOW).order_by(Answer.rating)
    ).all()
    assert sorted(rating is None for rating in ratings) == [False] + [True] * 5
    assert card.reps == (2 if already_known else 1)


def test_a_changed_right_answer_starts_the_card_again(
    session: Session, learner: Learner, answer: Answering
) -> None:
    asked, other = learner.module.questions[:2]
    answer(session, right=False, confidence=Confidence.SURE)
    answer(session, question=other)
    later = NOW + timedelta(days=3)
    assert reset_cards(session, [asked.id], now=later) == 1
    card = the_card(session, learner)
    assert memory_of(card) is None
    assert (card.wrong_count, card.misconception) == (0, False)
    for zone in ("Pacific/Gambier", "Europe/Paris", "Pacific/Auckland"):
        assert card.due_on <= local_day(later, ZoneInfo(zone))
    assert card.restarted_at == later
    assert memory_of(cards_of(session, learner.person_id)[other.id]) is not None
    assert session.scalar(sa.select(sa.func.count(Answer.id))) == 2
    answer(session, now=later)
    card = the_card(session, learner)
    assert card.restarted_at is None
    assert memory_of(card) == review(None, Rating.GOOD, later.date())


def test_resetting_nothing_touches_nothing(session: Session, answer: Answering) -> None:
    answer(session)
    assert reset_cards(session, [], now=NOW) == 0


def test_an_answer_costs_three_statements(
    app: Flask, session: Session, learner: Learner, answer: Answering
) -> None:
    answer(session)
    session.commit()
    statements: list[str] = []

    def note(_c: object, _cu: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        answer(session, now=NOW + timedelta(days=1))
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    assert len([s for s in statements if not s.startswith("BEGIN")]) == 3, statements


def accepted(*texts: str) -> tuple[catalog.Accepted, ...]:
    return tuple(catalog.Accepted(text, Markup()) for text in texts)


def test_each_kind_of_question_has_its_key(learner: Learner) -> None:
    single = learner.module.questions[0]
    kinds = catalog.QuestionKind
    pair = catalog.Pair("p1", Markup("g"), Markup("d"), "x7", Markup())
    cases = {
        kinds.SINGLE: SingleKey,
        kinds.TRUEFALSE: SingleKey,
        kinds.MULTIPLE: MultipleKey,
        kinds.SHORT: ShortKey,
        kinds.ORDERING: OrderingKey,
        kinds.MATCHING: MatchingKey,
    }
    assert set(cases) == set(kinds)
    for kind, expected in cases.items():
        question = replace(
            single,
            kind=kind,
            items=(catalog.Item("i1", Markup(), Markup()),),
            pairs=(pair,),
            distractors=(catalog.Distractor("x9", Markup()),),
            answers=accepted("métacognition"),
            wrong=accepted("cognition"),
        )
        key = answer_key(question)
        assert isinstance(key, expected)
        if isinstance(key, MatchingKey):
            assert key.rights == {"x7", "x9"}
        if isinstance(key, SingleKey):
            given = response_from_json({"choice": ["a"]})
            assert mark(kind, key, given).correct
