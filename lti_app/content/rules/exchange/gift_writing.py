"""GIFT, as `question/format/gift/format.php` of Moodle reads it.

Escapes are Moodle's own; what they cannot say (an arrow in a pair, a weight that is a text) is
said in HTML, or by writing the weight.
"""

import re
from collections.abc import Iterator

from lti_app.content.rules.catalog import QuestionKind
from lti_app.content.rules.exchange.bank import Bank, BankQuestion, Skipped
from lti_app.content.rules.exchange.general_feedback import compose
from lti_app.content.rules.exchange.losses import Format, comment_lines
from lti_app.content.rules.exchange.moodle_xml_writing import moodle_fractions
from lti_app.content.rules.exchange.wordings import with_variants

ARROW = "->"
_RESERVED = re.compile(r"[\\#=~{}:]")
_MARKER = re.compile(r"\[(html|markdown|plain|moodle)\]")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdef]")


def gift(bank: Bank) -> tuple[str, list[Skipped]]:
    """The whole file, and the questions it cannot hold."""
    lines = [f"// {line}" for line in comment_lines(Format.GIFT)]
    skipped: list[Skipped] = []
    for lesson, _title, questions in bank.by_lesson():
        lines += ["", f"$CATEGORY: Relais/{bank.module_id}/{lesson}"]
        for question in questions:
            if _unwritable(question):
                reason = f"une réponse contient « {ARROW} », qui ferait une question à paires"
                skipped.append(Skipped(question.id, reason))
                continue
            lines += ["", *_question(question)]
    return _NOT_TEXT.sub("", "\n".join([*lines, ""])), skipped


def escaped(text: str) -> str:
    """A text where nothing is active any more, on one line."""
    return _RESERVED.sub(r"\\\g<0>", text).replace("\r", "").replace("\n", "\\n")


def _unwritable(question: BankQuestion) -> bool:
    return question.kind is QuestionKind.SHORT and any(ARROW in a.html for a in question.answers)


def _question(question: BankQuestion) -> Iterator[str]:
    yield f"// question: 0  name: {question.title}"
    tags = "".join(f" [tag:{tag}]" for tag in question.tags)
    yield f"// [id:{question.id}]{tags}"
    start = f"::{escaped(question.title)}::[html]{escaped(question.stem)}"
    yield start + "{" + _opening(question)
    yield from ("\t" + line for line in _BODIES[question.kind](question))
    feedback = compose(question)
    if feedback:
        yield "\t####" + _html(feedback)
    yield "}"


def _opening(question: BankQuestion) -> str:
    if question.kind is not QuestionKind.ORDERING:
        return ""
    return f">{len(question.answers)} ALL VERTICAL ABSOLUTE_POSITION SHOW none"


def _html(html: str) -> str:
    """`[html]` is already the format; said again where the text begins like a marker."""
    return ("[html]" if html.startswith("[") else "") + escaped(html)


def _feedback(html: str) -> str:
    return f"#{_html(html)}" if html else ""


def _single(question: BankQuestion) -> Iterator[str]:
    for answer in question.answers:
        weight = "=" if answer.correct else "~"
        # A wrong option may begin like a weight: « %50% … ».
        guard = "%0%" if answer.html.startswith("%") and not answer.correct else ""
        yield f"{weight}{guard}{_html(answer.html)}{_feedback(answer.feedback)}"


def _multiple(question: BankQuestion) -> Iterator[str]:
    fractions = moodle_fractions(question.answers)
    for answer, fraction in zip(question.answers, fractions, strict=True):
        yield f"~%{fraction}%{_html(answer.html)}{_feedback(answer.feedback)}"


def _truefalse(question: BankQuestion) -> Iterator[str]:
    true, false = question.answers
    right, wrong = (true, false) if true.correct else (false, true)
    said = f"#{_html(wrong.feedback)}#{_html(right.feedback)}"
    yield ("TRUE" if true.correct else "FALSE") + said


def _short(question: BankQuestion) -> Iterator[str]:
    for answer in with_variants(question.answers):
        weight = "100" if answer.correct else "0"
        wording = answer.html.replace("*", "\\*")
        guard = "[plain]" if _MARKER.match(wording) else ""
        yield f"=%{weight}%{guard}{escaped(wording)}{_feedback(answer.feedback)}"
    yield f"=%0%*{_feedback(question.otherwise)}"


def _ordering(question: BankQuestion) -> Iterator[str]:
    """Moodle's plugin takes these lines as they are: no escape there but the backslash."""
    for answer in question.answers:
        item = answer.html.replace("\\", "\\\\").replace("\n", " ")
        item = item.replace("{", "&#123;").replace("}", "&#125;").replace("####", "&#35;###")
        yield item.replace("//", "&#47;/", 1) if item.startswith("//") else item


def _matching(question: BankQuestion) -> Iterator[str]:
    pairs = [(answer.html, answer.right) for answer in question.answers]
    for left, right in [*pairs, *(("", text) for text in question.distractors)]:
        yield f"={_html(left)} {ARROW} {escaped(right)}"


_BODIES = {
    QuestionKind.SINGLE: _single,
    QuestionKind.MULTIPLE: _multiple,
    QuestionKind.TRUEFALSE: _truefalse,
    QuestionKind.SHORT: _short,
    QuestionKind.ORDERING: _ordering,
    QuestionKind.MATCHING: _matching,
}
