"""GIFT to a bank, by the rules of Moodle's own reader."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

from lti_app.content.rules.catalog import QuestionKind
from lti_app.content.rules.exchange import general_feedback
from lti_app.content.rules.exchange.bank import (
    Answer,
    BankQuestion,
    Reading,
    Skipped,
    lesson_of_category,
    read_tags,
)
from lti_app.content.rules.exchange.foreign_html import all_lost
from lti_app.content.rules.exchange.gift_blocks import BadBlock, Block, blocks, trimmed, unescaped
from lti_app.content.rules.exchange.gift_writing import ARROW
from lti_app.content.rules.exchange.reading import (
    Shares,
    Unsuitable,
    choice_of,
    refuse_endless,
    short_of,
    truth_of,
)
from lti_app.content.rules.exchange.rendering import Texts
from lti_app.content.rules.exchange.text_formats import html_of

_FORMAT = re.compile(r"\[(html|markdown|plain|moodle)\]")
_WEIGHT = re.compile(r"%(-*\d{1,2}\.?\d*)%")
_TRUTHS = {"T": True, "TRUE": True, "F": False, "FALSE": False}
_ORDERING = re.compile(r">\s*\d+\s*(?:[A-Za-z_]+|\d+)?[^\n]*")


def read_gift(data: bytes, texts: Texts) -> Reading:
    """Every question of the file. Raises UnreadableFile when it is not a text in UTF-8."""
    reading = Reading()
    for block in blocks(data):
        if isinstance(block, BadBlock):
            reading.skipped.append(Skipped(block.name, str(block), block.line))
            continue
        try:
            reading.questions.append(_question(block, texts))
        except Unsuitable as reason:
            name = block.name or unescaped(block.stem)[:60]
            reading.skipped.append(Skipped(name, str(reason), block.line))
    return reading


class _Html:
    """Texts of one question; formats not given are that of its stem."""

    def __init__(self, texts: Texts, stem: str) -> None:
        self._texts = texts
        self._form = "moodle"
        self.stem = self(stem)
        found = _FORMAT.match(stem)
        self._form = found[1] if found else "moodle"

    def __call__(self, text: str) -> str:
        found = _FORMAT.match(trimmed(text))
        bare = trimmed(text)[found.end() :] if found else text
        return html_of(unescaped(bare), found[1] if found else self._form, self._texts)


def _question(block: Block, texts: Texts) -> BankQuestion:
    refuse_endless(len(block.stem) + len(block.answers or "") + len(block.general))
    html = _Html(texts, block.stem)
    explanation, details = general_feedback.split(html(block.general))
    tagged = read_tags(block.tags)
    question = BankQuestion(
        id=block.id,
        kind=QuestionKind.SINGLE,
        stem=html.stem,
        answers=(),
        explanation=explanation,
        lesson=lesson_of_category(block.category),
        family=tagged.family,
        situation=tagged.situation,
        misconceptions=tagged.misconceptions,
        sources=tagged.sources,
        title=block.name,
        line=block.line,
    )
    question = _answered(question, block.answers, html)
    answers = general_feedback.with_details(question.answers, details)
    feedback = (a.feedback for a in answers)
    lost = all_lost((question.stem, explanation, *(a.html for a in answers), *feedback))
    return replace(question, answers=answers, lost=(*question.lost, *lost))


def _answered(question: BankQuestion, text: str | None, html: _Html) -> BankQuestion:
    if text is None:
        raise Unsuitable("type « description (sans réponse) », que Relais n’a pas")
    if not text:
        raise Unsuitable("type « composition », que Relais n’a pas")
    if text[0] == "#":
        raise Unsuitable("type « numérique », que Relais n’a pas")
    if text[0] == ">":
        return _ordering(question, text)
    if "~" in text:
        return choice_of(question, list(_choices(text, html)), single="=" in text)
    if "=" in text and ARROW in text:
        return _matching(question, text, html)
    return _truth_or_short(question, text, html)


def _ordering(question: BankQuestion, text: str) -> BankQuestion:
    first = _ORDERING.match(text)
    lines = text[first.end() :].split("\n") if first else []
    items = [unescaped(line) for line in lines if trimmed(line)]
    answers = tuple(Answer(_without_entities(item), correct=True) for item in items)
    return replace(question, kind=QuestionKind.ORDERING, answers=answers)


def _without_entities(item: str) -> str:
    """Characters that GIFT cannot hold there were written as numbers."""
    return re.sub(r"&#(35|47|123|125);", lambda m: unescape(m[0]), item)


def _choices(text: str, html: _Html) -> Iterator[tuple[float, Answer]]:
    for choice in text.replace("=", "~=").split("~"):
        stripped = trimmed(choice)
        if not stripped:
            continue
        if stripped[0] == "=":
            yield 100.0, _commented(stripped[1:], html)
        else:
            yield _weighted(stripped, 0.0, html)


def _weighted(text: str, default: float, html: _Html) -> tuple[float, Answer]:
    found = _WEIGHT.match(text)
    if found is None:
        return default, _commented(text, html)
    return float(found[1].replace("--", "")), _commented(text[found.end() :], html)


def _commented(text: str, html: _Html) -> Answer:
    before, _mark, after = text.partition("#")
    return Answer(html(before), html(after) if trimmed(after) else "")


def _matching(question: BankQuestion, text: str, html: _Html) -> BankQuestion:
    pairs, distractors = [], []
    for part in filter(None, (trimmed(p) for p in text.split("="))):
        left, arrow, right = part.partition(ARROW)
        if not arrow:
            raise Unsuitable(f"paire sans flèche « {ARROW} »")
        if trimmed(left):
            pairs.append(Answer(html(left), correct=True, right=unescaped(right)))
        else:
            distractors.append(unescaped(right))
    return replace(
        question,
        kind=QuestionKind.MATCHING,
        answers=tuple(pairs),
        distractors=tuple(distractors),
    )


def _truth_or_short(question: BankQuestion, text: str, html: _Html) -> BankQuestion:
    word = text.partition("#")[0].strip()
    if word in _TRUTHS:
        _word, *said = text.split("#", 2)
        wrong, right = ([*map(html, said), "", ""])[:2]
        true = _TRUTHS[word]
        return truth_of(question, true, *((right, wrong) if true else (wrong, right)))
    return short_of(question, _wordings(text, html))


def _wordings(text: str, html: _Html) -> Shares:
    found = []
    for part in filter(None, (trimmed(p) for p in text.split("="))):
        weight = _WEIGHT.match(part)
        share = float(weight[1].replace("--", "")) if weight else 100.0
        before, _mark, after = (part[weight.end() :] if weight else part).partition("#")
        # What is typed has no format, but a marker there must not be typed.
        marker = _FORMAT.match(trimmed(before))
        wording = unescaped(trimmed(before)[marker.end() if marker else 0 :])
        found.append((share, Answer(wording, html(after) if trimmed(after) else "")))
    return found
