"""The page of a question: what is asked, in the order drawn for this showing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy.orm import Session

from lti_app.answers.queries import cards_of
from lti_app.answers.rules import scrambled, shuffled
from lti_app.content.rules.catalog import Lesson, Module, Question, QuestionKind
from lti_app.practice.queries import question_updated_at
from lti_app.practice.services.visit import Visit

Filled = Mapping[str, Sequence[str]]

INSTRUCTIONS = {
    QuestionKind.SINGLE: "Choisissez une réponse.",
    QuestionKind.MULTIPLE: "Plusieurs réponses sont possibles.",
    QuestionKind.TRUEFALSE: "Choisissez une réponse.",
    QuestionKind.SHORT: "Répondez par un ou deux mots.",
    QuestionKind.ORDERING: "Donnez un rang à chaque élément.",
    QuestionKind.MATCHING: "Associez chaque élément à une proposition.",
}


@dataclass(frozen=True, slots=True)
class OptionView:
    """A radio button or a check box."""

    id: str
    html: Markup
    checked: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One item to rank, or one left side to match: a list of (value, text) to choose from."""

    name: str
    html: Markup
    value: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """`number` of `total`: in the lesson, or in the review session."""

    question: Question
    module: Module
    lesson: Lesson
    number: int
    total: int
    in_review: bool
    instruction: str
    options: tuple[OptionView, ...]
    rows: tuple[RowView, ...]
    text: str
    is_retry: bool
    restarted_at: datetime | None
    """When the right answer changed, if it did since the person answered."""
    updated_at: datetime | None
    """When it was made clearer, if it was since the person answered."""

    @property
    def first_control(self) -> str:
        """Id of the control, or group, that an error message leads to."""
        if self.question.kind is QuestionKind.SHORT:
            return "text"
        if not self.rows:
            return f"choice-{self.options[0].id}"
        return next((row.name for row in self.rows if not row.value), self.rows[0].name)


def show_question(
    session: Session,
    visit: Visit,
    question: Question,
    *,
    seed: str,
    review_ids: Sequence[str] | None,
    filled: Filled | None = None,
) -> QuestionPage:
    """A question as one showing draws it; `filled`: the form to show again, as it was."""
    lesson = visit.catalog.lesson(question.lesson_id)
    among = lesson.question_ids if review_ids is None else review_ids
    card = cards_of(session, visit.person_id, [question.id]).get(question.id)
    values = filled or {}
    restarted_at = card.restarted_at if card else None
    return QuestionPage(
        question=question,
        module=visit.catalog.module(question.module_id),
        lesson=lesson,
        number=list(among).index(question.id) + 1,
        total=len(among),
        in_review=review_ids is not None,
        instruction=INSTRUCTIONS[question.kind],
        options=_options(question, seed, values),
        rows=_rows(question, seed, values),
        text=next(iter(values.get("text", ())), ""),
        is_retry=card is not None and card.restarted_at is None,
        restarted_at=restarted_at,
        updated_at=(
            question_updated_at(session, question, card.revision_id)
            if card and restarted_at is None
            else None
        ),
    )


def option_order(question: Question, seed: str) -> list[str]:
    """Ids of the options as this showing draws them; « Vrai » always stands before « Faux »."""
    ids = [option.id for option in question.options]
    return ids if question.kind is QuestionKind.TRUEFALSE else shuffled(ids, seed)


def _options(question: Question, seed: str, values: Filled) -> tuple[OptionView, ...]:
    by_id = {option.id: option for option in question.options}
    ticked = set(values.get("choice", ()))
    return tuple(
        OptionView(id_, by_id[id_].html, id_ in ticked) for id_ in option_order(question, seed)
    )


def _rows(question: Question, seed: str, values: Filled) -> tuple[RowView, ...]:
    if question.kind is QuestionKind.ORDERING:
        return _rank_rows(question, seed, values)
    if question.kind is QuestionKind.MATCHING:
        return _match_rows(question, seed, values)
    return ()


def _rank_rows(question: Question, seed: str, values: Filled) -> tuple[RowView, ...]:
    items = {item.id: item for item in question.items}
    ranks = [(str(rank), str(rank)) for rank in range(1, len(items) + 1)]
    options = (("", "Rang…"), *ranks)
    return tuple(
        _row(f"position-{id_}", items[id_].html, options, values)
        for id_ in scrambled(list(items), seed)
    )


def _match_rows(question: Question, seed: str, values: Filled) -> tuple[RowView, ...]:
    pairs = {pair.id: pair for pair in question.pairs}
    # An <option> holds text only.
    rights = {pair.right_token: str(pair.right_html.striptags()) for pair in question.pairs}
    rights |= {each.token: str(each.html.striptags()) for each in question.distractors}
    options = (
        ("", "Choisir…"),
        *((token, rights[token]) for token in shuffled(list(rights), seed)),
    )
    return tuple(
        _row(f"match-{id_}", pairs[id_].left_html, options, values)
        for id_ in shuffled(list(pairs), f"{seed}|gauche")
    )


def _row(name: str, html: Markup, options: tuple[tuple[str, str], ...], values: Filled) -> RowView:
    value = next(iter(values.get(name, ())), "")
    return RowView(name, html, value, options)
