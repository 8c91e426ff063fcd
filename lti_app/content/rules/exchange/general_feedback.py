"""What is shown after any answer, in formats that have one place for it.

The explanation comes first; then, in blocks whose class an import knows: what each item or pair
teaches (formats give these no feedback), the date of a dated fact, the sources in full.
"""

from dataclasses import dataclass
from html import escape

from lti_app.content.rules.catalog import QuestionKind
from lti_app.content.rules.exchange.bank import Answer, BankQuestion
from lti_app.content.rules.exchange.foreign_html import well_formed
from lti_app.content.rules.html_tree import Node, parse_html, text_of, to_html

_DETAIL, _APART = "relais-detail", "relais-complement"
_HEADINGS = {
    QuestionKind.ORDERING: "Pourquoi cet ordre",
    QuestionKind.MATCHING: "Pourquoi ces paires",
}
_ARROW = " → "


@dataclass(frozen=True, slots=True)
class Detail:
    """What an item or a pair teaches; `label` is its plain text."""

    label: str
    feedback: str


def compose(question: BankQuestion) -> str:
    """The whole block, as HTML."""
    parts = [question.explanation]
    heading = _HEADINGS.get(question.kind)
    if heading:
        parts.append(f'<div class="{_APART}"><p><strong>{heading}</strong></p></div>')
        parts += [_detail(answer) for answer in question.answers]
    return "\n".join(part for part in (*parts, complement(question)) if part)


def complement(question: BankQuestion) -> str:
    """The date of a dated fact, and the sources."""
    inside = f"<p>{escape(question.dated, quote=False)}</p>" if question.dated else ""
    if question.notices:
        listed = "".join(f"<li>{notice}</li>" for notice in question.notices)
        inside += f"<p><strong>Sources</strong></p><ul>{listed}</ul>"
    return f'<div class="{_APART}">{inside}</div>' if inside else ""


def split(html: str) -> tuple[str, list[Detail]]:
    """(explanation, details) of what `compose` made, wherever it has been since."""
    explanation: list[Node | str] = []
    details: list[Detail] = []
    for node in parse_html(well_formed(html)):
        classes = node.classes if isinstance(node, Node) else []
        if isinstance(node, Node) and _DETAIL in classes:
            details.append(_read_detail(node))
        elif _APART not in classes:
            explanation.append(node)
    return to_html(explanation), details


def label_of(answer: Answer) -> str:
    """How a detail names its item, or its pair."""
    left = text_of(parse_html(well_formed(answer.html)))
    return f"{left}{_ARROW}{answer.right}" if answer.right else left


def with_details(answers: tuple[Answer, ...], details: list[Detail]) -> tuple[Answer, ...]:
    """The answers with the feedback that was told apart: by label, else by rank."""
    by_label = {detail.label: detail.feedback for detail in details}
    same_number = len(details) == len(answers)
    return tuple(
        Answer(
            answer.html,
            by_label.get(label_of(answer))
            or answer.feedback
            or (details[rank].feedback if same_number else ""),
            answer.correct,
            answer.right,
            answer.id,
        )
        for rank, answer in enumerate(answers)
    )


def _detail(answer: Answer) -> str:
    label = escape(label_of(answer), quote=False)
    return f'<div class="{_DETAIL}"><p><strong>{label}</strong></p>{answer.feedback}</div>'


def _read_detail(node: Node) -> Detail:
    elements = [child for child in node.children if isinstance(child, Node) or child.strip()]
    return Detail(text_of(elements[:1]), to_html(elements[1:]))
