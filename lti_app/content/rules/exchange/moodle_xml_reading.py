"""Moodle XML to a bank: what Relais has a kind for; the rest is named and left out."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

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
from lti_app.content.rules.exchange.preparing import TRUTHS
from lti_app.content.rules.exchange.reading import (
    Unsuitable,
    choice_of,
    refuse_endless,
    short_of,
    truth_of,
)
from lti_app.content.rules.exchange.rendering import Texts
from lti_app.content.rules.exchange.text_formats import html_of
from lti_app.content.rules.exchange.xml_elements import Element, children_of_root

_NAMES = {
    "essay": "composition", "numerical": "numérique", "calculated": "calculée",
    "calculatedsimple": "calculée", "calculatedmulti": "calculée à choix",
    "cloze": "cloze (réponses intégrées)", "multianswer": "cloze (réponses intégrées)",
    "description": "description (sans réponse)", "ddwtos": "glisser-déposer sur texte",
    "ddimageortext": "glisser-déposer sur image", "ddmarker": "marqueurs sur image",
    "gapselect": "texte à choix", "randomsamatch": "appariement aléatoire",
    "random": "question aléatoire",
}  # fmt: skip
_COMBINED = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")


def read_moodle_xml(data: bytes, texts: Texts) -> Reading:
    """Every question of the file. Raises UnreadableFile when it is not Moodle XML."""
    reading, category = Reading(), ""
    for element in children_of_root(data, "quiz"):
        kind = element.attributes.get("type", "")
        if element.tag != "question":
            continue
        if kind == "category":
            category = element.value("category")
            continue
        name = element.value("name") or element.value("idnumber") or kind
        try:
            reading.questions.append(_question(element, kind, category, texts))
        except Unsuitable as reason:
            reading.skipped.append(Skipped(name, str(reason), element.line))
    return reading


def _question(element: Element, kind: str, category: str, texts: Texts) -> BankQuestion:
    read = _KINDS.get(kind)
    if read is None:
        raise Unsuitable(f"type « {_NAMES.get(kind, kind)} », que Relais n’a pas")
    refuse_endless(element.size())
    form = _form(element.first("questiontext"), "html")
    html = _Html(texts, form)
    explanation, details = general_feedback.split(html.of(element, "generalfeedback"))
    tags = [t.value("text") for parent in element.all("tags") for t in parent.all("tag")]
    tagged = read_tags(tags)
    question = BankQuestion(
        id=element.value("idnumber"),
        kind=QuestionKind.SINGLE,
        stem=html.of(element, "questiontext"),
        answers=(),
        explanation=explanation,
        lesson=lesson_of_category(category),
        family=tagged.family,
        situation=tagged.situation,
        misconceptions=tagged.misconceptions,
        sources=tagged.sources,
        title=element.value("name"),
        line=element.line,
    )
    question = read(element, html, question)
    question = replace(question, answers=general_feedback.with_details(question.answers, details))
    return replace(question, lost=tuple(dict.fromkeys((*question.lost, *_lost(element)))))


class _Html:
    """Texts of one question as HTML; formats not given are that of its stem, as in Moodle."""

    def __init__(self, texts: Texts, form: str) -> None:
        self._texts = texts
        self._form = form

    def of(self, parent: Element, tag: str) -> str:
        child = parent.first(tag)
        return "" if child is None else self.inside(child)

    def inside(self, element: Element) -> str:
        text = element.value("text") or element.text.strip(" \t\n\r")
        return html_of(text, _form(element, self._form), self._texts)


def _form(element: Element | None, default: str) -> str:
    return default if element is None else element.attributes.get("format", default).strip()


def _answers(element: Element, html: _Html) -> Iterator[tuple[float, Answer]]:
    for answer in element.all("answer"):
        yield _fraction(answer), Answer(html.inside(answer), html.of(answer, "feedback"))


def _fraction(answer: Element) -> float:
    try:
        return float(answer.attributes.get("fraction", "0"))
    except ValueError:
        return 0.0


def _multichoice(element: Element, html: _Html, question: BankQuestion) -> BankQuestion:
    single = element.value("single") not in {"false", "0"}
    return choice_of(question, list(_answers(element, html)), single=single)


def _truefalse(element: Element, html: _Html, question: BankQuestion) -> BankQuestion:
    answers = list(_answers(element, html))
    words = [a.value("text").lower() for a in element.all("answer")]
    if words == ["false", "true"]:  # old files translate the words: there, true comes first
        answers.reverse()
    if len(answers) != len(TRUTHS):
        raise Unsuitable("vrai ou faux sans ses deux réponses")
    return truth_of(question, answers[0][0] > 0, answers[0][1].feedback, answers[1][1].feedback)


def _shortanswer(element: Element, html: _Html, question: BankQuestion) -> BankQuestion:
    answers = [
        (_fraction(a), Answer(a.value("text"), html.of(a, "feedback")))
        for a in element.all("answer")
    ]
    return short_of(question, answers)


def _ordering(element: Element, html: _Html, question: BankQuestion) -> BankQuestion:
    ranked = sorted(_answers(element, html), key=lambda pair: pair[0])
    answers = tuple(replace(answer, correct=True) for _rank, answer in ranked)
    return replace(question, kind=QuestionKind.ORDERING, answers=answers)


def _matching(element: Element, html: _Html, question: BankQuestion) -> BankQuestion:
    pairs, distractors = [], []
    for sub in element.all("subquestion"):
        right = sub.value("answer")
        left = html.inside(sub)
        if re.sub(r"<[^>]*>|&nbsp;|\s", "", left) or "<img" in left:
            pairs.append(Answer(left, correct=True, right=right))
        elif right:
            distractors.append(right)
    return replace(
        question,
        kind=QuestionKind.MATCHING,
        answers=tuple(pairs),
        distractors=tuple(distractors),
    )


_KINDS: dict[str, Callable[[Element, _Html, BankQuestion], BankQuestion]] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "ordering": _ordering,
    "matching": _matching,
    "match": _matching,
}


def _lost(element: Element) -> Iterator[str]:
    if element.all("hint"):
        yield "indices successifs"
    if any(element.value(name) for name in _COMBINED):
        yield "feedbacks « correct » et « incorrect »"
    yield from all_lost(_all_texts(element))


def _all_texts(element: Element) -> Iterator[str]:
    if element.tag == "text":
        yield element.text
    for child in element.children:
        if child.tag not in {"name", "tags", "hint", *_COMBINED}:
            yield from _all_texts(child)
