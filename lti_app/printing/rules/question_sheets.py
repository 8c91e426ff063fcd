"""Questions on paper: what is printed to answer, and the line of the answer key."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from markupsafe import Markup

from lti_app.content.rules.catalog import Question, QuestionKind

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_INSTRUCTIONS = {
    QuestionKind.SINGLE: "Une seule bonne réponse.",
    QuestionKind.MULTIPLE: "Une ou plusieurs bonnes réponses.",
    QuestionKind.TRUEFALSE: "Vrai ou faux.",
    QuestionKind.SHORT: "Un ou deux mots.",
    QuestionKind.ORDERING: "Remettez dans l’ordre.",
    QuestionKind.MATCHING: "Reliez chaque numéro à une lettre.",
}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class QuestionSheet:
    """`left`: numbered lines; `lettered`: lines a, b, c…; `blank`: a line to write on.

    `key`: the right answer in a few words.
    """

    question: Question
    instruction: str
    key: str
    left: tuple[Markup, ...] = ()
    lettered: tuple[Markup, ...] = ()
    blank: bool = False


def print_question(question: Question) -> QuestionSheet:
    """The sheet of one question. The same question is always printed in the same order."""
    left, lettered, key = _MAKERS[question.kind](question)
    return QuestionSheet(
        question=question,
        instruction=_INSTRUCTIONS[question.kind],
        key=key,
        left=left,
        lettered=lettered,
        blank=question.kind is QuestionKind.SHORT,
    )


_Made = tuple[tuple[Markup, ...], tuple[Markup, ...], str]


def _choice(question: Question) -> _Made:
    right = [_LETTERS[i] for i, option in enumerate(question.options) if option.correct]
    return (), tuple(option.html for option in question.options), _and(right)


def _truth(question: Question) -> _Made:
    lines = tuple(option.html for option in question.options)
    right = (
        f"{_LETTERS[i]} ({option.html})"
        for i, option in enumerate(question.options)
        if option.correct
    )
    return (), lines, next(right, "")


def _short(question: Question) -> _Made:
    return (), (), " ou ".join(accepted.text for accepted in question.answers)


def _ordering(question: Question) -> _Made:
    mixed = _mixed(question.items, lambda item: f"{question.id} {item.id}")
    key = ", ".join(_LETTERS[mixed.index(item)] for item in question.items)
    return (), tuple(item.html for item in mixed), key


def _matching(question: Question) -> _Made:
    rights = [(pair.right_token, pair.right_html) for pair in question.pairs]
    rights += [(distractor.token, distractor.html) for distractor in question.distractors]
    mixed = _mixed(rights, lambda right: right[0])
    letters = {token: _LETTERS[index] for index, (token, _html) in enumerate(mixed)}
    key = ", ".join(
        f"{number}{letters[pair.right_token]}" for number, pair in enumerate(question.pairs, 1)
    )
    left = tuple(pair.left_html for pair in question.pairs)
    return left, tuple(html for _token, html in mixed), key


_MAKERS: dict[QuestionKind, Callable[[Question], _Made]] = {
    QuestionKind.SINGLE: _choice,
    QuestionKind.MULTIPLE: _choice,
    QuestionKind.TRUEFALSE: _truth,
    QuestionKind.SHORT: _short,
    QuestionKind.ORDERING: _ordering,
    QuestionKind.MATCHING: _matching,
}


def _mixed(things: Sequence[_T], name: Callable[[_T], str]) -> list[_T]:
    """In an order that looks random, is always the same, and is never the one they came in."""
    mixed = sorted(things, key=lambda thing: hashlib.sha256(name(thing).encode()).digest())
    return mixed[1:] + mixed[:1] if mixed == list(things) else mixed


def _and(letters: Sequence[str]) -> str:
    """None for a question being written, whose right answer is not marked yet."""
    if len(letters) < 2:
        return "".join(letters)
    return f"{', '.join(letters[:-1])} et {letters[-1]}"
