"""What readers share: from answers and their shares of the mark to the kinds of Relais."""

import re
from collections.abc import Sequence
from dataclasses import replace

from lti_app.content.rules.catalog import QuestionKind
from lti_app.content.rules.exchange.bank import LONGEST, Answer, BankQuestion
from lti_app.content.rules.exchange.wordings import without_variants

_WHOLE = 99.99
_PARTIAL = "notes partielles"
_WILDCARD = re.compile(r"(?<!\\)\*")

Shares = Sequence[tuple[float, Answer]]
"""Answers with their share of the mark, in percent."""


class Unsuitable(ValueError):  # noqa: N818 - a finding to report
    """Why a question cannot come in (French)."""


def refuse_endless(characters: int) -> None:
    """Raises Unsuitable for a question that is too long to be one, before anything reads it."""
    if characters > LONGEST:
        raise Unsuitable(f"plus de {LONGEST} caractères")


def choice_of(question: BankQuestion, answers: Shares, *, single: bool) -> BankQuestion:
    """A single or multiple choice. Raises Unsuitable when nothing is right."""
    least = _WHOLE if single else 1e-6
    right = [share >= least for share, _answer in answers]
    if not any(right):
        raise Unsuitable("aucune réponse ne vaut 100 %" if single else "aucune réponse juste")
    if single and right.count(True) > 1:
        raise Unsuitable("plusieurs réponses à 100 % dans un choix unique")
    partial = single and any(0 < share < _WHOLE for share, _answer in answers)
    return replace(
        question,
        kind=QuestionKind.SINGLE if single else QuestionKind.MULTIPLE,
        answers=tuple(
            replace(answer, correct=is_right)
            for (_share, answer), is_right in zip(answers, right, strict=True)
        ),
        lost=(*question.lost, *([_PARTIAL] if partial else [])),
    )


def truth_of(
    question: BankQuestion, is_true: bool, when_true: str, when_false: str
) -> BankQuestion:
    """`when_…`: the feedback to who answers that."""
    return replace(
        question,
        kind=QuestionKind.TRUEFALSE,
        answers=(
            Answer("Vrai", when_true, is_true, id="vrai"),
            Answer("Faux", when_false, not is_true, id="faux"),
        ),
    )


def short_of(question: BankQuestion, answers: Shares) -> BankQuestion:
    """A short answer; `*` alone answers the rest. Raises Unsuitable when nothing is right."""
    lost: list[str] = []
    right: list[Answer] = []
    wrong: list[Answer] = []
    otherwise = ""
    for share, answer in answers:
        if answer.html.strip() == "*":
            otherwise = answer.feedback
            continue
        wording = _WILDCARD.sub("", answer.html).replace("\\*", "*")
        if _WILDCARD.search(answer.html):
            lost.append("jokers (*)")
        if 0 < share < _WHOLE:
            lost.append(_PARTIAL)
        kept = replace(answer, html=" ".join(wording.split(" ")), correct=share >= _WHOLE)
        (right if kept.correct else wrong).append(kept)
    if not right:
        raise Unsuitable("aucune réponse ne vaut 100 %")
    return replace(
        question,
        kind=QuestionKind.SHORT,
        answers=tuple(without_variants([*right, *wrong])),
        otherwise=otherwise,
        lost=(*question.lost, *lost),
    )
