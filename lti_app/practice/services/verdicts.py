"""The verdict on each part of an answer, with the feedback written for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup, escape

from lti_app.answers.rules import Mark, PartMark
from lti_app.content.rules.catalog import Accepted, Question, QuestionKind
from lti_app.practice.services.question import option_order

NBSP = "\N{NO-BREAK SPACE}"


class Verdict(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"
    """Right, and not chosen."""
    LEFT_OUT = "left_out"
    """Wrong, and rightly not chosen."""


@dataclass(frozen=True, slots=True)
class Line:
    """One part of the answer. `label`: the verdict in words; `note`: what was chosen instead."""

    verdict: Verdict
    label: str
    html: Markup
    feedback_html: Markup
    note: str = ""


def lines_of(question: Question, mark: Mark, seed: str) -> tuple[Line, ...]:
    """What to show of each part: chosen ones first, then missed ones, then the others."""
    match question.kind:
        case QuestionKind.SHORT:
            return _short_lines(question, mark)
        case QuestionKind.ORDERING:
            return _ranked_lines(question, mark)
        case QuestionKind.MATCHING:
            return _matched_lines(question, mark)
        case _:
            return _option_lines(question, mark, seed)


def tally_of(question: Question, lines: Sequence[Line]) -> str:
    """How much of an answer in several parts was right; empty when all of it was."""
    words = _TALLY.get(question.kind)
    right = sum(line.verdict in {Verdict.RIGHT, Verdict.LEFT_OUT} for line in lines)
    if words is None or not lines or right == len(lines):
        return ""
    return f"{words}{NBSP}: {right} sur {len(lines)}."


_TALLY = {
    QuestionKind.MULTIPLE: "Cases justes",
    QuestionKind.ORDERING: "Éléments à leur place",
    QuestionKind.MATCHING: "Associations justes",
}


def _option_lines(question: Question, mark: Mark, seed: str) -> tuple[Line, ...]:
    parts = {part.id: part for part in mark.parts}
    options = {option.id: option for option in question.options}
    several = question.kind is QuestionKind.MULTIPLE
    lines = [
        Line(
            verdict := _verdict(parts[id_]),
            _OPTION_LABELS[several][verdict],
            options[id_].html,
            options[id_].feedback_html,
        )
        for id_ in option_order(question, seed)
    ]
    return tuple(sorted(lines, key=lambda line: _PRECEDENCE.index(line.verdict)))


def _verdict(part: PartMark) -> Verdict:
    if part.chosen:
        return Verdict.RIGHT if part.expected else Verdict.WRONG
    return Verdict.MISSED if part.expected else Verdict.LEFT_OUT


_PRECEDENCE = (Verdict.WRONG, Verdict.RIGHT, Verdict.MISSED, Verdict.LEFT_OUT)
_OPTION_LABELS = {
    False: {
        Verdict.RIGHT: "Votre réponse, juste",
        Verdict.WRONG: "Votre réponse, inexacte",
        Verdict.MISSED: "La bonne réponse",
        Verdict.LEFT_OUT: "Autre proposition",
    },
    True: {
        Verdict.RIGHT: "Cochée, à juste titre",
        Verdict.WRONG: "Cochée à tort",
        Verdict.MISSED: "À cocher aussi",
        Verdict.LEFT_OUT: "Non cochée, à juste titre",
    },
}


def _short_lines(question: Question, mark: Mark) -> tuple[Line, ...]:
    typed, expected = str(mark.parts[0].chosen), str(mark.parts[0].expected)
    feedback = {each.text: each.feedback_html for each in (*question.wrong, *question.answers)}
    own = feedback.get(mark.recognised or "", question.otherwise_html)
    verdict = Verdict.RIGHT if mark.correct else Verdict.WRONG
    words = "juste" if mark.correct else "inexacte"
    note = (
        f"Compris comme «{NBSP}{mark.recognised}{NBSP}», malgré une faute de frappe."
        if mark.near
        else ""
    )
    line = Line(verdict, f"Votre réponse, {words}", _quoted(typed), own, note)
    if mark.correct:
        return (line,)
    right = next(each for each in question.answers if each.text == expected)
    return line, Line(
        Verdict.MISSED, "Réponse attendue", _quoted(right.text), right.feedback_html,
        _other_wordings(question.answers, expected),
    )  # fmt: skip


def _quoted(text: str) -> Markup:
    return Markup("«{0}{1}{0}»").format(NBSP, escape(text))


def _other_wordings(answers: tuple[Accepted, ...], expected: str) -> str:
    others = [f"«{NBSP}{each.text}{NBSP}»" for each in answers if each.text != expected]
    return f"Autres réponses acceptées{NBSP}: {', '.join(others)}." if others else ""


def _ranked_lines(question: Question, mark: Mark) -> tuple[Line, ...]:
    """In the right order: it is what there is to remember."""
    parts = {part.id: part for part in mark.parts}
    return tuple(
        Line(
            Verdict.RIGHT if parts[item.id].correct else Verdict.WRONG,
            f"Rang {rank}" + (", bien placé" if parts[item.id].correct else ", mal placé"),
            item.html,
            item.feedback_html,
            "" if parts[item.id].correct else f"Vous l’aviez mis au rang {parts[item.id].chosen}.",
        )
        for rank, item in enumerate(question.items, 1)
    )


def _matched_lines(question: Question, mark: Mark) -> tuple[Line, ...]:
    parts = {part.id: part for part in mark.parts}
    rights = {pair.right_token: pair.right_html for pair in question.pairs}
    rights |= {each.token: each.html for each in question.distractors}
    lines = []
    for pair in question.pairs:
        part = parts[pair.id]
        chosen = rights[str(part.chosen)].striptags()
        lines.append(
            Line(
                Verdict.RIGHT if part.correct else Verdict.WRONG,
                "Bien associé" if part.correct else "Mal associé",
                Markup('{} <span aria-hidden="true">→</span> <strong>{}</strong>').format(
                    pair.left_html, pair.right_html
                ),
                pair.feedback_html,
                "" if part.correct else f"Vous aviez choisi «{NBSP}{chosen}{NBSP}».",
            )
        )
    return tuple(lines)
