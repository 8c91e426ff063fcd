"""Reading cards and answers."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from lti_app.answers.models import Card
from lti_app.answers.queries import (
    answer_of,
    cards_of,
    due_cards,
    due_counts_by_day,
    predicted_recall,
)
from lti_app.content.models import ContentState, Question
from tests import factories
from tests.factories import NOW
from tests.unit.answers.conftest import Answering, Learner

TODAY = date(2026, 11, 9)


@pytest.fixture
def due(session: Session, learner: Learner, answer: Answering) -> dict[str, date]:
    """Cards due yesterday, today, tomorrow, tomorrow and in a week."""
    days = {}
    for question, shift in zip(learner.module.questions, (-1, 0, 1, 1, 7), strict=True):
        answer(session, question=question, now=NOW - timedelta(days=30))
        card = session.get_one(Card, (learner.person_id, question.id))
        card.due_on = days[question.id] = TODAY + timedelta(days=shift)
    session.flush()
    return days


def test_cards_are_found_by_question(
    session: Session, learner: Learner, due: dict[str, date]
) -> None:
    first, second, *_ = due
    assert set(cards_of(session, learner.person_id)) == set(due)
    assert set(cards_of(session, learner.person_id, [first, second, "?"])) == {first, second}
    assert cards_of(session, learner.person_id, []) == {}
    assert cards_of(session, factories.PersonFactory.create().id) == {}


def test_due_cards_come_longest_due_first(
    session: Session, learner: Learner, due: dict[str, date]
) -> None:
    first, second, *_ = due
    assert [card.question_id for card in due_cards(session, learner.person_id, TODAY)] == [
        first,
        second,
    ]


def test_withdrawn_questions_are_never_due(
    session: Session, learner: Learner, due: dict[str, date]
) -> None:
    first, second, third, *_ = due
    for question_id in (first, third):
        session.get_one(Question, question_id).state = ContentState.REMOVED
    session.flush()
    found = due_cards(session, learner.person_id, TODAY)
    assert [card.question_id for card in found] == [second]
    assert due_counts_by_day(session, learner.person_id, TODAY)[0] == (TODAY + timedelta(1), 1)


def test_later_days_are_counted(session: Session, learner: Learner, due: dict[str, date]) -> None:
    assert due_counts_by_day(session, learner.person_id, TODAY) == [
        (TODAY + timedelta(days=1), 2),
        (TODAY + timedelta(days=7), 1),
    ]


def test_an_answer_is_shown_to_its_person_only(
    session: Session, learner: Learner, answer: Answering
) -> None:
    recorded = answer(session).answer
    assert answer_of(session, learner.person_id, recorded.id) == recorded
    assert answer_of(session, factories.PersonFactory.create().id, recorded.id) is None
    assert answer_of(session, learner.person_id, recorded.id + 1) is None


def test_recall_falls_with_time_and_is_nil_when_nothing_is_known(
    session: Session, learner: Learner, answer: Answering
) -> None:
    first, second, *_ = learner.module.questions
    answer(session, question=first)
    answer(session, question=second, milliseconds=10)
    cards = cards_of(session, learner.person_id)
    known = cards[first.id]
    assert predicted_recall(known, TODAY) == 1
    assert 0 < predicted_recall(known, TODAY + timedelta(days=30)) < 0.95
    assert predicted_recall(cards[second.id], TODAY) == 0
