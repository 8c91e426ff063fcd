"""The review session: a few due questions, interleaved, kept for the day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Card
from lti_app.answers.queries import due_cards, due_counts_by_day, predicted_recall
from lti_app.content.rules.catalog import Module, Question
from lti_app.practice.queries import reviewed_on
from lti_app.practice.rules import review_minutes
from lti_app.practice.services.path import DAYS_SHOWN
from lti_app.practice.services.visit import Visit
from lti_app.scheduling.session import SESSION_LIMIT, DueCard, compose_session


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A question reviewed today, with its first answer of the day."""

    question: Question
    module: Module
    answer: Answer


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """`ids`: the day's session, in order, to keep until tomorrow. `waiting`: due beyond it."""

    ids: tuple[str, ...]
    remaining: tuple[str, ...]
    reviewed: tuple[Reviewed, ...]
    waiting: int
    upcoming: tuple[tuple[date, int], ...]
    modules: tuple[str, ...]
    """Titles of the modules that the remaining questions come from."""

    @property
    def minutes(self) -> int:
        return review_minutes(len(self.remaining))

    @property
    def right(self) -> int:
        return sum(each.answer.correct for each in self.reviewed)


def show_review(session: Session, visit: Visit, *, kept: Sequence[str]) -> ReviewPage:
    """The session of the day; `kept`: its questions if it was composed before."""
    answers = reviewed_on(session, visit.person_id, visit.today)
    done = {answer.question_id for answer in answers}
    cards = [
        card
        for card in due_cards(session, visit.person_id, visit.today)
        if card.question_id not in done
    ]
    ids = compose_review(visit, cards, done=done, kept=kept)
    remaining = tuple(id_ for id_ in ids if id_ not in done)
    return ReviewPage(
        ids=tuple(ids),
        remaining=remaining,
        reviewed=tuple(_reviewed(visit, answers)),
        waiting=sum(card.question_id not in remaining for card in cards),
        upcoming=tuple(due_counts_by_day(session, visit.person_id, visit.today)[:DAYS_SHOWN]),
        modules=tuple(dict.fromkeys(_module_of(visit, id_).title for id_ in remaining)),
    )


def compose_review(
    visit: Visit, cards: Iterable[Card], *, done: set[str], kept: Sequence[str]
) -> list[str]:
    """The ids of the day's session, a dozen at most with those already done.

    A session begun is gone on with as it was: composed again after each answer, it would open
    with two likely successes each time.
    """
    still = [id_ for id_ in kept if visit.has_question(id_)]
    if any(id_ not in done for id_ in still):
        return still
    budget = max(0, SESSION_LIMIT - len(done))
    due = [_due_card(visit, card) for card in cards if visit.has_question(card.question_id)]
    return [*still, *compose_session(due, visit.today, budget)]


def _due_card(visit: Visit, card: Card) -> DueCard:
    question = visit.catalog.question(card.question_id)
    return DueCard(
        question_id=question.id,
        module_id=question.module_id,
        family=question.family,
        due_on=card.due_on,
        retrievability=predicted_recall(card, visit.today),
        flagged=card.misconception,
    )


def _reviewed(visit: Visit, answers: Iterable[Answer]) -> Iterable[Reviewed]:
    for answer in answers:
        if visit.has_question(answer.question_id):
            question = visit.catalog.question(answer.question_id)
            yield Reviewed(question, visit.catalog.module(question.module_id), answer)


def _module_of(visit: Visit, question_id: str) -> Module:
    return visit.catalog.module(visit.catalog.question(question_id).module_id)
