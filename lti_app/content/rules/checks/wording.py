"""In every text: French typography, figures without a source, what would show as it is written."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lti_app.content.rules.building import cited_by_text, texts_of
from lti_app.content.rules.markdown import CITATION
from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.schema import ADVICE_SOURCE
from lti_app.content.rules.source import Courses, LessonFile, ModuleFiles, QuestionEntry

# What is not prose: calls to sources, code, addresses, what fences a box or rules a table.
_NOT_PROSE = re.compile(r"\[@[^\]]*\]|`[^`]*`|\]\([^)]*\)|<?https?://\S+|^:::\w*|^\|[-:| ]+\|$")
_NEW_PARAGRAPH = re.compile(r"$|:::|\||\s*(?:[-*+]|\d+[.)])\s|#")
_FIGURE = re.compile(r"\d[\s\u00a0\u202f]?%|\b[dgr][\s\u00a0\u202f]=[\s\u00a0\u202f][−-]?\d")
_NARROW, _NO_BREAK = "\u202f", "\u00a0"


@dataclass(frozen=True, slots=True)
class _Rule:
    """What `pattern` finds is wrong."""

    pattern: re.Pattern[str]
    message: str
    advice: str
    severity: Severity = Severity.WARNING
    in_prose: bool = True
    """Look outside code, addresses and calls to sources only."""


_PLAIN = "gardez du Markdown simple : le reste s’afficherait tel quel"
_RULES = (
    _Rule(
        re.compile(r"</?[a-zA-Z][^<>]*>|<!--"),
        "du HTML dans le texte",
        _PLAIN,
        Severity.ERROR,
        in_prose=False,
    ),
    _Rule(
        re.compile(r"!\[[^\]]*\]\("),
        "une image dans le texte",
        _PLAIN,
        Severity.ERROR,
        in_prose=False,
    ),
    _Rule(
        re.compile(r"(?<!!)\[[^\]@]*\]\((?!https?://|mailto:)"),
        "lien qui ne mène nulle part",
        "donnez une adresse complète, qui commence par https://",
        Severity.ERROR,
        in_prose=False,
    ),
    _Rule(
        re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"),
        "caractère de contrôle, invisible",
        "effacez-le et retapez les caractères voisins",
        Severity.ERROR,
    ),
    _Rule(re.compile(r"\w'(?=\w)"), "apostrophe droite", "écrivez l’apostrophe courbe « ’ »"),
    _Rule(re.compile(r'"'), "guillemet droit", "écrivez « et », avec une espace insécable dedans"),
    _Rule(re.compile(r"\.\.\."), "trois points", "écrivez « … », en un seul caractère"),
    _Rule(
        re.compile(rf"[^{_NARROW}!?;…(\s][;!?]|(?!{_NARROW})\s[;!?]"),
        "pas d’espace fine insécable (U+202F) avant ; ! ou ?",
        "mettez une espace fine insécable, et aucune autre",
    ),
    _Rule(
        re.compile(rf"[^{_NO_BREAK}\s]:(?=[\s*_»)]|$)|(?!{_NO_BREAK})\s:(?=[\s*_»)]|$)"),
        "pas d’espace insécable (U+00A0) avant les deux-points",
        "mettez une espace insécable, et aucune autre",
    ),
    _Rule(
        re.compile(rf"«(?![{_NO_BREAK}{_NARROW}])|(?<![{_NO_BREAK}{_NARROW}])»"),
        "pas d’espace insécable (U+00A0) à l’intérieur des guillemets",
        "mettez-en une après « et une avant »",
    ),
    _Rule(
        re.compile(r"\d %|\d%"),
        "pas d’espace insécable entre le nombre et %",
        "mettez une espace fine insécable (U+202F)",
    ),
    _Rule(
        re.compile(r"(?<!\d)\d{1,3}(?: \d{3})+(?!\d)"),
        "espace ordinaire dans un nombre",
        "mettez une espace fine insécable (U+202F) entre les milliers",
    ),
    _Rule(re.compile(r"\w·\w"), "point médian", "écrivez les deux formes, ou un mot épicène"),
)


def check_wording(courses: Courses) -> Iterator[Problem]:
    """Every text of every module."""
    for files in courses.modules:
        yield from _module_texts(files)
        for file in files.lessons:
            yield from _lesson(file)
        for entry in files.questions:
            yield from _question(entry)


def _module_texts(files: ModuleFiles) -> Iterator[Problem]:
    if files.module is None:
        return
    module = files.module
    for name in ("title", "summary"):
        yield from _text(files.path, files.line(name), getattr(module, name))
    for name in ("objectives", "competences", "keywords"):
        for index, text in enumerate(getattr(module, name)):
            yield from _text(files.path, files.line(name, index), text)


def _lesson(file: LessonFile) -> Iterator[Problem]:
    for name in ("title", "summary"):
        yield from _text(file.path, file.document.line(name), getattr(file.lesson, name))
    for number, line in enumerate(file.lesson.body.split("\n"), file.body_line):
        yield from _text(file.path, number, line)
    for number, paragraph in _paragraphs_with_claims(file):
        figure = _FIGURE.search(paragraph)
        if figure and not CITATION.search(paragraph):
            line_number = number + paragraph.count("\n", 0, figure.start())
            yield _unsourced(file.path, line_number, paragraph, figure)


def _paragraphs_with_claims(file: LessonFile) -> Iterator[tuple[int, str]]:
    """(line, text) of paragraphs, list items and table rows, examples (invented) left out."""
    in_example = False
    current: list[str] = []
    start = file.body_line
    for number, line in enumerate([*file.lesson.body.split("\n"), ""], file.body_line):
        if current and _NEW_PARAGRAPH.match(line):
            yield start, "\n".join(current)
            current = []
        if line.startswith(":::"):
            in_example = line.startswith(":::exemple")
        elif line and not in_example:
            start = start if current else number
            current.append(line)


def _question(entry: QuestionEntry) -> Iterator[Problem]:
    advice_only = entry.question.sources == [ADVICE_SOURCE]
    for path, text in texts_of(entry.question):
        where = (entry.index, *path)
        locate = partial(entry.document.line_of_text, where)
        yield from _text(entry.path, entry.line(*path), text, locate)
        # A question names its sources; only one that claims to be mere advice lacks one.
        explains = path[-1] in {"feedback", "explanation", "otherwise"}
        figure = _FIGURE.search(text) if advice_only and explains else None
        if figure and not cited_by_text(text):
            yield _unsourced(entry.path, locate(figure[0]), text, figure)


def _unsourced(path: Path, line: int, text: str, figure: re.Match[str]) -> Problem:
    return Problem(
        path,
        line,
        f"chiffre sans source dans ce paragraphe : « {_around(text, figure)} »",
        "ajoutez l’appel [@référence] avant le point, ou retirez le chiffre",
        Severity.WARNING,
    )


def _text(
    path: Path, line: int, text: str, locate: Callable[[str], int] | None = None
) -> Iterator[Problem]:
    """What is wrong in `text`, at `line`, or at the line `locate` finds for what was matched."""
    prose = _NOT_PROSE.sub("", text)
    for rule in _RULES:
        searched = prose if rule.in_prose else text
        found = rule.pattern.search(searched)
        if found:
            yield Problem(
                path,
                locate(found[0]) if locate else line,
                f"{rule.message} : « {_around(searched, found)} »",
                rule.advice,
                rule.severity,
            )


def _around(text: str, found: re.Match[str]) -> str:
    start, end = found.span()
    return text[max(0, start - 20) : end + 12].replace("\n", " ").strip()
