"""Marking one response, part by part, so that feedback can point at what was right and wrong."""

from collections.abc import Iterable
from dataclasses import dataclass

from lti_app.answers.rules.kinds import (
    AnswerKey,
    Choice,
    ChoiceResponse,
    Kind,
    MatchingKey,
    MatchResponse,
    MultipleKey,
    OrderingKey,
    OrderResponse,
    Response,
    ShortKey,
    SingleKey,
    TextResponse,
)
from lti_app.answers.rules.wording import is_one_typo_away, normalise


@dataclass(frozen=True, slots=True)
class PartMark:
    """The verdict on one part: an option, an item, a left-hand side (`id` is theirs), or the text.

    `chosen` and `expected` are, by kind: options, ticked or not (bool); ordering, rank from 1
    (int); matching, right token (str); short, what was typed and the accepted wording (str).
    """

    id: str
    correct: bool
    chosen: bool | int | str
    expected: bool | int | str


@dataclass(frozen=True, slots=True)
class Mark:
    """The verdict. `correct` is true exactly when every part is.

    Short answers only: `near`, taken for a listed wording in spite of one typo; `recognised`, the
    wording of the key it was taken for, right or wrong, whose feedback applies (None: no one).
    """

    correct: bool
    parts: tuple[PartMark, ...]
    near: bool = False
    recognised: str | None = None


def mark(kind: str, key: AnswerKey, response: Response) -> Mark:
    """The mark of `response` by `key`. Raises ValueError when the three do not go together."""
    match kind, key, response:
        case Kind.SINGLE | Kind.TRUEFALSE, SingleKey(), ChoiceResponse():
            return _mark_choices(key.choices, response)
        case Kind.MULTIPLE, MultipleKey(), ChoiceResponse():
            return _mark_choices(key.choices, response)
        case Kind.SHORT, ShortKey(), TextResponse():
            return _mark_text(key, response)
        case Kind.ORDERING, OrderingKey(), OrderResponse():
            return _mark_order(key, response)
        case Kind.MATCHING, MatchingKey(), MatchResponse():
            return _mark_matches(key, response)
        case _:
            names = f"{type(key).__name__} and {type(response).__name__}"
            raise ValueError(f"a question of kind {kind!r} is not marked with {names}")


def is_markable(key: AnswerKey, response: Response) -> bool:
    """Whether `key` still offers what `response` chose: options come and go with revisions."""
    match key, response:
        case ((SingleKey() | MultipleKey()), ChoiceResponse(chosen)):
            return chosen <= {choice.id for choice in key.choices}
        case ShortKey(), TextResponse():
            return True
        case OrderingKey(items), OrderResponse(order):
            return sorted(items) == sorted(order)
        case MatchingKey(pairs, rights), MatchResponse(matches):
            return pairs.keys() == matches.keys() and rights.issuperset(matches.values())
        case _:
            return False


def _mark_choices(choices: Iterable[Choice], response: ChoiceResponse) -> Mark:
    return _whole(
        PartMark(choice.id, ticked == choice.correct, ticked, choice.correct)
        for choice in choices
        for ticked in [choice.id in response.chosen]
    )


def _mark_order(key: OrderingKey, response: OrderResponse) -> Mark:
    ranks = {item: rank for rank, item in enumerate(response.order, start=1)}
    return _whole(
        PartMark(item, ranks[item] == rank, ranks[item], rank)
        for rank, item in enumerate(key.items, start=1)
    )


def _mark_matches(key: MatchingKey, response: MatchResponse) -> Mark:
    return _whole(
        PartMark(left, response.matches[left] == right, response.matches[left], right)
        for left, right in key.pairs.items()
    )


def _whole(parts: Iterable[PartMark]) -> Mark:
    marked = tuple(parts)
    return Mark(correct=all(part.correct for part in marked), parts=marked)


def _mark_text(key: ShortKey, response: TextResponse) -> Mark:
    recognised, near = _recognise(key, normalise(response.text))
    correct = recognised in key.answers
    expected = recognised if correct and recognised else key.answers[0]
    part = PartMark("text", correct, response.text, expected)
    return Mark(correct, (part,), near, recognised)


def _recognise(key: ShortKey, typed: str) -> tuple[str | None, bool]:
    """The listed wording that `typed` is, and whether a typo had to be forgiven.

    Foreseen wrong answers are looked at before any typo is forgiven: one letter may be the whole
    point (formative, normative), and the author has then listed the other word.
    """
    listed = (*key.answers, *key.wrong)
    for wording in listed:
        if normalise(wording) == typed:
            return wording, False
    for wording in listed:
        if is_one_typo_away(typed, normalise(wording)):
            return wording, True
    return None, False
