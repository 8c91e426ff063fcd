"""The review session: what is due comes back, a dozen a day, in an order kept for the day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Card
from lti_app.practice.services.path import summarise_due
from lti_app.practice.services.review import compose_review
from lti_app.practice.services.visit import Visit
from tests.unit.practice.conftest import Learner
from tests.unit.practice.page import Page, read

START = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
LATER = START + timedelta(days=30)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def slowly(learner: Learner, clock: time_machine.Traveller, page: Page, right: bool) -> Page:
    """Answer the question on the screen after some thought, and follow to the feedback."""
    clock.shift(timedelta(seconds=40))
    question_id = page.path.split("/question/")[1].split("/")[0]
    wrong = {"choice": ["a"]}
    values = learner.right(question_id, page) if right else wrong
    sent = learner.submit(page, values)
    assert sent.status == 303, sent.text
    return learner.open(sent.location)


@pytest.fixture
def learner_with_cards(learner: Learner, clock: time_machine.Traveller) -> Learner:
    """Every question was answered right a month ago."""
    learner.sign_in()
    for number in range(1, 7):
        slowly(learner, clock, learner.question(f"petit-q0{number}"), right=True)
    clock.move_to(LATER)
    learner.sign_in()
    return learner


def test_nothing_met_nothing_to_review(learner: Learner) -> None:
    page = learner.get("reviser/")

    assert page.title.startswith("Réviser – Parcours RRUPN")
    assert "Rien à réviser aujourd’hui" in page.main
    assert "Répondez d’abord aux questions d’une étape" in page.main


def test_nothing_is_due_the_same_day(learner: Learner, clock: time_machine.Traveller) -> None:
    learner.sign_in()
    slowly(learner, clock, learner.question("petit-q01"), right=True)

    page = learner.get("reviser/")

    assert "Rien à réviser aujourd’hui" in page.main
    assert "dans 2 jours 1 question" in page.main


def test_a_session_from_its_beginning_to_its_end(
    learner_with_cards: Learner, clock: time_machine.Traveller, session: Session
) -> None:
    learner = learner_with_cards
    assert "6 questions dues aujourd’hui, environ 3 min" in learner.get().main
    start = learner.get("reviser/")
    assert "6 questions, environ 3 min" in start.main

    page = learner.open(start.links()["Commencer"])
    seen = []
    for number in range(1, 7):
        assert page.title.startswith(f"Question {number} sur 6 de la séance")
        seen.append(page.path)
        feedback = slowly(learner, clock, page, right=number != 3 or "choice" not in page.text)
        assert f"Question {number} sur 6" in feedback.main
        if number < 6:
            page = learner.open(feedback.links()["Question suivante"])
    assert len(set(seen)) == 6

    end = learner.open(feedback.links()["Voir le bilan de la séance"])
    right = sum(a.correct for a in review_answers(session))
    assert "Séance terminée" in end.main
    assert "sur 6." in end.main
    assert str(right) in end.main.split("Séance terminée")[1][:4]
    assert "Prochains retours" in end.main
    assert len(end.all("ul", class_="p-reviewed")[0].findall("li")) == 6
    assert "Rien à réviser aujourd’hui" in learner.get().main


def review_answers(session: Session) -> list[Answer]:
    session.expire_all()
    return list(session.scalars(sa.select(Answer).where(Answer.occasion == "review")))


def test_a_session_is_gone_on_with_in_the_same_order(
    learner_with_cards: Learner, clock: time_machine.Traveller
) -> None:
    learner = learner_with_cards
    first = learner.open(learner.get("reviser/").links()["Commencer"])
    feedback = slowly(learner, clock, first, right=True)
    following = feedback.links()["Question suivante"]

    again = learner.get("reviser/")

    assert "1 sur 6 questions" in again.main
    assert again.links()["Reprendre"] == following
    assert first.path not in again.text, "not asked twice"


def test_a_new_browser_goes_on_too(
    learner_with_cards: Learner, clock: time_machine.Traveller
) -> None:
    learner = learner_with_cards
    first = learner.open(learner.get("reviser/").links()["Commencer"])
    slowly(learner, clock, first, right=True)
    with learner.client.session_transaction(base_url="https://relais.example.org") as browser:
        del browser["review"]

    again = learner.get("reviser/")

    assert "Il reste 5 questions" in again.main
    assert again.links()["Reprendre"] != first.path


def test_a_question_outside_the_session_leads_back_to_it(learner_with_cards: Learner) -> None:
    page = learner_with_cards.get("question/petit-q01/?seance=1")

    assert (page.status, page.location) == (303, learner_with_cards.url("reviser/"))


def test_the_session_of_yesterday_is_not_today_s(
    learner_with_cards: Learner, clock: time_machine.Traveller
) -> None:
    learner = learner_with_cards
    first = learner.open(learner.get("reviser/").links()["Commencer"])
    clock.shift(timedelta(days=1))
    learner.sign_in()

    assert learner.open(first.path).status == 303


def test_a_question_withdrawn_from_a_session_is_skipped(
    learner_with_cards: Learner, session: Session
) -> None:
    learner = learner_with_cards
    first = learner.open(learner.get("reviser/").links()["Commencer"])
    with learner.client.session_transaction(base_url="https://relais.example.org") as browser:
        browser["review"] = {**browser["review"], "ids": ["gone", *browser["review"]["ids"]]}

    assert learner.open(first.path).status == 200
    assert "6 questions" in learner.get("reviser/").main


@pytest.mark.parametrize("kept", [None, 3, {"day": 1}, {"day": "2026-12-09"}, ["x"]])
def test_whatever_the_cookie_holds_the_page_answers(
    learner_with_cards: Learner, kept: object
) -> None:
    with learner_with_cards.client.session_transaction(
        base_url="https://relais.example.org"
    ) as browser:
        browser["review"] = kept

    assert "6 questions" in read(learner_with_cards.get("reviser/").one("main"))


def test_a_dozen_at_most_and_the_rest_waits() -> None:
    today = date(2026, 11, 9)

    due = summarise_due([today - timedelta(days=d) for d in range(30)], today)

    assert (due.now, due.waiting, due.minutes) == (12, 18, 6)


class _Visit:
    """As much of a visit as composing a session needs."""

    today = date(2026, 11, 9)

    class catalog:  # noqa: N801
        @staticmethod
        def question(question_id: str) -> object:
            class Question:
                id = question_id
                module_id = question_id[:1]
                family = question_id

            return Question

    @staticmethod
    def has_question(question_id: str) -> bool:
        return question_id != "gone"


def cards(*ids: str) -> list[Card]:
    return [
        Card(question_id=id_, due_on=date(2026, 11, 1), reps=0, misconception=False) for id_ in ids
    ]


def compose(ids: list[str], *, done: set[str], kept: list[str]) -> list[str]:
    visit: Visit = _Visit()  # type: ignore[assignment]
    return compose_review(visit, cards(*ids), done=done, kept=kept)


def test_a_dozen_a_day_counts_those_already_done() -> None:
    many = [f"a{n}" for n in range(30)]

    assert len(compose(many, done=set(), kept=[])) == 12
    done = {f"b{n}" for n in range(9)}
    assert len(compose(many, done=done, kept=[])) == 3
    assert compose(many, done={f"b{n}" for n in range(12)}, kept=[]) == []
    assert compose(many, done={f"b{n}" for n in range(15)}, kept=[]) == []


def test_a_session_begun_is_not_composed_again() -> None:
    assert compose(["a1", "a2", "a3"], done={"a9"}, kept=["a9", "gone", "a3"]) == ["a9", "a3"]
    assert compose(["a1"], done={"a9"}, kept=["a9"]) == ["a9", "a1"]
