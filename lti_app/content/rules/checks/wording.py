"""In every text: French typography, and what would show as it is written."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lti_app.content.rules.checks.drawings import drawn_texts
from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.source import Courses, LessonFile
from lti_app.content.rules.texts import written_texts

# What is not prose: calls to sources, code, addresses, what fences a box or rules a table.
_NOT_PROSE = re.compile(
    r"\[@[^\]]*\]|\[\[[a-z0-9-]+(?:\\?\||\]\])|`[^`]*`|\]\([^)]*\)|<?https?://\S+"
    r"|^:::(?:figure|relire).*|^:::\w*|^\|[-:| ]+\|$",
    re.MULTILINE,
)
_QUOTATION = re.compile(r"«[^»]*»")
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
    outside_quotations: bool = False


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
    _Rule(
        re.compile(r"\[À COMPLÉTER\]"),
        "texte absent du fichier importé",
        "écrivez-le à la place de la ligne",
        Severity.ERROR,
    ),
    _Rule(
        re.compile(r"[“”„‟]"),
        "guillemet anglais",
        "écrivez « et » ; gardez “ et ” à l’intérieur d’une citation",
        outside_quotations=True,
    ),
    _Rule(
        re.compile(r"\b\d+(?:[èe]mes?|ères?|nde?s?)\b"),
        "abréviation d’un nombre",
        "écrivez 1er, 1re, 2e, 3e",
    ),
    _Rule(
        re.compile(r"\b[Cc]oeurs?\b|\b[Oo]euvre|\b[Ss]oeurs?\b|\bnoeuds?\b|\b[Oo]eil\b|\bvoeux?\b"),
        "« oe » en deux lettres",
        "écrivez « œ »",
    ),
    _Rule(
        re.compile(r"\b(?:Eleve|Elève|Ecole|Ecran|Ecri|Etat|Etabli|Etude|Etape|Etre|Eval|Echan)"),
        "majuscule sans accent",
        "écrivez « É » ou « Ê »",
    ),
    _Rule(
        re.compile(r"(?<![\d,.])\d{5,}(?![\d,.])"),
        "grand nombre sans espace",
        "séparez les milliers par une espace fine insécable (U+202F)",
    ),
)


def check_wording(courses: Courses) -> Iterator[Problem]:
    """Every text of every module: what pages show, what is printed, what is drawn."""
    for files in courses.modules:
        for file in files.lessons:
            yield from _lesson(file)
        for written in written_texts(files):
            yield from _text(written.path, written.line, written.text, written.locate)
        for figure in files.figures:
            for line, text in drawn_texts(figure):
                yield from _text(figure.drawing, line, text)


def _lesson(file: LessonFile) -> Iterator[Problem]:
    for name in ("title", "summary"):
        yield from _text(file.path, file.document.line(name), getattr(file.lesson, name))
    for number, line in enumerate(file.lesson.body.split("\n"), file.body_line):
        yield from _text(file.path, number, line)


def _text(
    path: Path, line: int, text: str, locate: Callable[[str], int] | None = None
) -> Iterator[Problem]:
    """What is wrong in `text`, at `line`, or at the line `locate` finds for what was matched."""
    prose = _NOT_PROSE.sub("", text)
    for rule in _RULES:
        searched = prose if rule.in_prose else text
        if rule.outside_quotations:
            searched = _QUOTATION.sub("", searched)
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
