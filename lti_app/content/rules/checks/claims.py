"""Figures and years that claim something: each has its source in its own paragraph.

A finding is a warning: what is a claim and what is an invented situation, only a reader can tell.
"""

import re
from collections.abc import Iterator

from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.schema import ADVICE_SOURCE
from lti_app.content.rules.source import (
    Courses,
    FigureEntry,
    LessonFile,
    ModuleFiles,
    QuestionEntry,
)
from lti_app.content.rules.supplements import TermSource
from lti_app.content.rules.texts import (
    WrittenText,
    figure_texts,
    kit_texts,
    question_texts,
    term_texts,
)
from lti_app.content.rules.tokens import CITATION
from lti_app.content.rules.validating import Entry

_SPACE = r"[ \u00a0\u202f]"
_MANY = rf"\d(?:\d|{_SPACE}(?=\d))*"
_STUDIES = r"études?|expériences?|méta-analyses?|articles?|essais|publications|enquêtes"
_PEOPLE = (
    r"élèves|étudiantes|étudiants|enfants|adultes|personnes|participants|enseignantes|enseignants"
    r"|professeurs|collégiens|lycéens|établissements|classes|écoles|pays"
)
_CLAIM = re.compile(
    rf"\d{_SPACE}?%"
    rf"|\b[dgr]{_SPACE}=[ \u00a0\u202f]?[−-]?\d"
    rf"|(?<![\d,]){_MANY}{_SPACE}(?:{_STUDIES})\b"
    rf"|(?<![\d,])\d{{1,3}}{_SPACE}?\d{{3}}{_SPACE}(?:{_PEOPLE})\b"
    rf"|(?<![\d,])\d{{3,}}{_SPACE}(?:{_PEOPLE})\b"
    rf"|\b(?:un|une|deux|trois|quatre|sept|huit|neuf|\d+){_SPACE}(?:{_PEOPLE[:-5]}|élève|personne"
    rf"|enseignant|adulte|enfant|jeune|jeunes){_SPACE}sur{_SPACE}"
    r"(?:deux|trois|quatre|cinq|dix|cent|\d+)\b"
    rf"|\b(?:[Ee]n|[Dd]epuis|[Dd]ès){_SPACE}(?:19|20)\d\d\b"
)
_NEW_BLOCK = re.compile(r"$|:::|\||\s*(?:[-*+]|\d+[.)])\s|#")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_INVENTED = (":::exemple", ":::essayer")
_BY_AUTHOR = re.compile(r"\([^()]*\b(?:19|20)\d\d[^()]*\)")
_EXPLAINS = {"feedback", "explanation", "otherwise"}


def check_claims(courses: Courses) -> Iterator[Problem]:
    """Lessons, what questions explain, definitions, figures, kits."""
    for files in courses.modules:
        for file in files.lessons:
            yield from _lesson(file)
        for question in files.questions:
            yield from _question(question)
        yield from _supplements(files)


def _lesson(file: LessonFile) -> Iterator[Problem]:
    for number, paragraph, claim in _claims(file.lesson.body):
        yield Problem(
            file.path,
            file.body_line + number,
            _message(paragraph, claim),
            "ajoutez l’appel [@référence] avant le point, ou retirez le chiffre",
            Severity.WARNING,
        )


def _question(entry: QuestionEntry) -> Iterator[Problem]:
    """A question with one source needs no call: its figures can only come from there."""
    known = [source for source in entry.question.sources if source != ADVICE_SOURCE]
    if len(known) == 1:
        return
    for written in question_texts(entry):
        if written.steps[-1] in _EXPLAINS:
            yield from _written(written)


def _supplements(files: ModuleFiles) -> Iterator[Problem]:
    named: list[Entry[TermSource] | FigureEntry] = [*files.terms, *files.figures]
    for entry in named:
        if any(source != ADVICE_SOURCE for source in entry.source.sources):
            continue
        texts = figure_texts(entry) if isinstance(entry, FigureEntry) else term_texts(entry)
        for written in texts:
            yield from _written(written)
    for written in kit_texts(files.kit) if files.kit else ():
        # A message calls no source: it names it, « (Dehaene, 2018) », or gives no figure.
        if not (written.steps[0] == "message" and _BY_AUTHOR.search(written.text)):
            yield from _written(written)


def _written(written: WrittenText) -> Iterator[Problem]:
    for _number, paragraph, claim in _claims(written.text):
        yield Problem(
            written.path,
            written.locate(claim[0]),
            _message(paragraph, claim),
            "ajoutez l’appel [@référence], ou retirez le chiffre",
            Severity.WARNING,
        )


def _message(paragraph: str, claim: re.Match[str]) -> str:
    start, end = claim.span()
    around = paragraph[max(0, start - 20) : end + 12].replace("\n", " ").strip()
    return f"chiffre ou date sans source dans ce paragraphe : « {around} »"


def _claims(text: str) -> Iterator[tuple[int, str, re.Match[str]]]:
    """(line from 0, paragraph, claim) of each paragraph that claims something without a source."""
    for line, paragraph, around in _paragraphs(text):
        claim = None if CITATION.search(paragraph + around) else _CLAIM.search(paragraph)
        if claim is not None:
            yield line + paragraph.count("\n", 0, claim.start()), paragraph, claim


def _paragraphs(text: str) -> Iterator[tuple[int, str, str]]:
    """(line from 0, text, what may name its source for it) of paragraphs, list items and tables.

    A source may stand in the paragraphs around a table, and in the one that announces a list
    (« …: »). Headings and what is invented are left out.
    """
    announced = ""
    blocks = list(_blocks(text))
    for index, (line, block) in enumerate(blocks):
        if _LIST_ITEM.match(block):
            yield line, block, announced
            continue
        announced = block if block.endswith(":") else ""
        around = [near for _line, near in blocks[max(0, index - 1) : index + 2]]
        yield line, block, "\n".join(around) if block.startswith("|") else ""


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """(line from 0, text) of paragraphs, list items and tables; what is invented left out."""
    invented = False
    current: list[str] = []
    start = 0
    for number, line in enumerate([*text.split("\n"), ""]):
        in_table = line.startswith("|") and bool(current) and current[-1].startswith("|")
        if current and not in_table and _NEW_BLOCK.match(line):
            yield start, "\n".join(current)
            current = []
        if line.startswith(":::"):
            invented = line.startswith(_INVENTED)
        elif line and not invented and not line.startswith("#"):
            start = start if current else number
            current.append(line)
