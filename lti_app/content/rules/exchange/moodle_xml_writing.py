"""Moodle XML, as `question/format/xml/format.php` of Moodle 4.4 to 5.1 reads it."""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from lti_app.content.rules.catalog import QuestionKind
from lti_app.content.rules.exchange.bank import Answer, Bank, BankQuestion
from lti_app.content.rules.exchange.general_feedback import compose
from lti_app.content.rules.exchange.losses import Format, comment_lines
from lti_app.content.rules.exchange.wordings import with_variants

_TYPES = {
    QuestionKind.SINGLE: "multichoice",
    QuestionKind.MULTIPLE: "multichoice",
    QuestionKind.TRUEFALSE: "truefalse",
    QuestionKind.SHORT: "shortanswer",
    QuestionKind.ORDERING: "ordering",
    QuestionKind.MATCHING: "matching",
}
# XML 1.0 has no place for these, escaped or not.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PENALTY = {QuestionKind.TRUEFALSE: "1"}


def moodle_xml(bank: Bank) -> str:
    """The whole file, in UTF-8 once encoded. One category for each lesson."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>", *_comments()]
    for lesson, title, questions in bank.by_lesson():
        lines += _category(f"Relais/{bank.module_id}/{lesson}", title)
        for question in questions:
            lines += _question(question)
    return _NOT_XML.sub("", "\n".join([*lines, "</quiz>", ""]))


def moodle_fractions(answers: Iterable[Answer]) -> list[str]:
    """The share of the mark of each choice of a `multiple`, as Moodle's own lists write it.

    Right choices share 100 %; wrong ones take as much away together, so that to tick everything
    gains nothing.
    """
    known = list(answers)
    right = sum(answer.correct for answer in known)
    wrong = len(known) - right
    return [_percent(100, right) if answer.correct else _percent(-100, wrong) for answer in known]


def _percent(whole: int, parts: int) -> str:
    return f"{whole / parts:.5f}".rstrip("0").rstrip(".")


def _comments() -> list[str]:
    told = comment_lines(Format.MOODLE_XML)
    # « -- » ends nothing but is forbidden inside a comment.
    return [f"<!-- {line.replace('--', '–')} -->" for line in told]


def _category(path: str, title: str) -> Iterator[str]:
    yield '  <question type="category">'
    yield f"    <category>{_text(path)}</category>"
    yield f'    <info format="plain_text">{_text(title)}</info>'
    yield "    <idnumber></idnumber>"
    yield "  </question>"


def _question(question: BankQuestion) -> Iterator[str]:
    yield f'  <question type="{_TYPES[question.kind]}">'
    yield f"    <name>{_text(question.title)}</name>"
    yield f"    {_html('questiontext', question.stem)}"
    yield f"    {_html('generalfeedback', compose(question))}"
    yield "    <defaultgrade>1</defaultgrade>"
    yield f"    <penalty>{_PENALTY.get(question.kind, '0.3333333')}</penalty>"
    yield "    <hidden>0</hidden>"
    yield f"    <idnumber>{escape(question.id)}</idnumber>"
    yield from (f"    {line}" for line in _BODIES[question.kind](question))
    yield "    <tags>"
    yield from (f"      <tag>{_text(tag)}</tag>" for tag in question.tags)
    yield "    </tags>"
    yield "  </question>"


def _choice(question: BankQuestion) -> Iterator[str]:
    single = question.kind is QuestionKind.SINGLE
    yield f"<single>{'true' if single else 'false'}</single>"
    yield "<shuffleanswers>true</shuffleanswers>"
    yield "<answernumbering>abc</answernumbering>"
    yield "<showstandardinstruction>1</showstandardinstruction>"
    yield from _combined_feedback()
    fractions = moodle_fractions(question.answers)
    for answer, fraction in zip(question.answers, fractions, strict=True):
        share = fraction if not single else ("100" if answer.correct else "0")
        yield _answer(answer.html, share, answer.feedback)


def _truefalse(question: BankQuestion) -> Iterator[str]:
    for answer, word in zip(question.answers, ("true", "false"), strict=True):
        share = "100" if answer.correct else "0"
        yield _answer(word, share, answer.feedback, "moodle_auto_format")


def _short(question: BankQuestion) -> Iterator[str]:
    yield "<usecase>0</usecase>"
    for answer in with_variants(question.answers):
        share = "100" if answer.correct else "0"
        # A star stands for any words there.
        wording = answer.html.replace("*", "\\*")
        yield _answer(wording, share, answer.feedback, "moodle_auto_format")
    yield _answer("*", "0", question.otherwise, "moodle_auto_format")


def _ordering(question: BankQuestion) -> Iterator[str]:
    yield "<layouttype>VERTICAL</layouttype>"
    yield "<selecttype>ALL</selecttype>"
    yield f"<selectcount>{len(question.answers)}</selectcount>"
    yield "<gradingtype>ABSOLUTE_POSITION</gradingtype>"
    yield "<showgrading>SHOW</showgrading>"
    yield "<numberingstyle>none</numberingstyle>"
    yield from _combined_feedback()
    yield "<shownumcorrect>1</shownumcorrect>"
    for rank, answer in enumerate(question.answers, 1):
        yield _answer(answer.html, str(rank), "")


def _matching(question: BankQuestion) -> Iterator[str]:
    yield "<shuffleanswers>true</shuffleanswers>"
    yield from _combined_feedback()
    pairs = [(answer.html, answer.right) for answer in question.answers]
    for left, right in [*pairs, *(("", text) for text in question.distractors)]:
        yield (
            f'<subquestion format="html">{_text(left)}<answer>{_text(right)}</answer></subquestion>'
        )


_BODIES = {
    QuestionKind.SINGLE: _choice,
    QuestionKind.MULTIPLE: _choice,
    QuestionKind.TRUEFALSE: _truefalse,
    QuestionKind.SHORT: _short,
    QuestionKind.ORDERING: _ordering,
    QuestionKind.MATCHING: _matching,
}


def _combined_feedback() -> Iterator[str]:
    """Empty: every option, or the explanation, says better what is to be understood."""
    for name in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
        yield _html(name, "")


def _answer(text: str, fraction: str, feedback: str, form: str = "html") -> str:
    return (
        f'<answer fraction="{fraction}" format="{form}">{_text(text)}'
        f"{_html('feedback', feedback)}</answer>"
    )


def _html(name: str, html: str) -> str:
    return f'<{name} format="html">{_text(html)}</{name}>'


def _text(text: str) -> str:
    """As Moodle writes it: bare when nothing is active, else CDATA, cut where it would end."""
    if not re.search(r"[<>&\"]", text):
        return f"<text>{text}</text>"
    return f"<text><![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]></text>"
