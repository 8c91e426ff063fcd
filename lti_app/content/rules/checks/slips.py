"""Slips that would show as they are typed, and files that nobody would read."""

import re
from collections.abc import Iterator
from pathlib import Path

from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.source import (
    FIGURES_FILE,
    FIGURES_FOLDER,
    GLOSSARY_FILE,
    KIT_FILE,
    MODULE_FILE,
    QUESTIONS_FILE,
    Courses,
    LessonFile,
    ModuleFiles,
)
from lti_app.content.rules.texts import written_texts

_FILES = {MODULE_FILE, QUESTIONS_FILE, GLOSSARY_FILE, FIGURES_FILE, KIT_FILE, FIGURES_FOLDER}
_CODE = re.compile(r"`[^`]*`")
_CALL = re.compile(r"(?<![\]\[\w])\[([a-z][a-z0-9_-]+)\](?![(\[\]])")
_GLUED = re.compile(r"^(#{2,4})(?=[^#\s])")
_ROW = re.compile(r"^\s*\|.*\|\s*$")
_RULED = re.compile(r"^\s*\|[\s:|-]*-[\s:|-]*\|\s*$")
_VERDICT = re.compile(
    r"\W*(?:c’est )?(?:faux|vrai|juste|exact|inexact|bravo|erreur)\W*", re.IGNORECASE
)


def check_slips(courses: Courses) -> Iterator[Problem]:
    """Every lesson, text and folder."""
    for files in courses.modules:
        for lesson in files.lessons:
            yield from _lesson(lesson, courses)
        for written in written_texts(files):
            for name in _uncalled(written.text, courses):
                yield _not_a_call(written.path, written.locate(f"[{name}]"), name)
        yield from _verdicts(files)
        yield from _unread(files)


def _lesson(file: LessonFile, courses: Courses) -> Iterator[Problem]:
    rows, bars = 0, 0
    for number, line in enumerate(file.lesson.body.split("\n"), file.body_line):
        for name in _uncalled(line, courses):
            yield _not_a_call(file.path, number, name)
        if glued := _GLUED.match(line):
            advice = f"mettez une espace après « {glued[1]} »"
            yield _warning(file.path, number, "titre qui n’en est pas un", advice)
        rows = rows + 1 if _ROW.match(line) else 0
        # The second row of a table rules it; without that, its bars would show.
        if rows == 2 and (not _RULED.match(line) or _bars(line) != bars):
            yield _warning(
                file.path,
                number,
                "ce tableau s’afficherait avec ses barres",
                "sous sa première ligne, écrivez | --- | --- |, une fois par colonne",
            )
        bars = _bars(line)


def _bars(line: str) -> int:
    return line.replace("\\|", "").count("|")


def _uncalled(text: str, courses: Courses) -> Iterator[str]:
    """References named in brackets, without the sign that calls them."""
    for found in _CALL.finditer(_CODE.sub("", text)):
        if found[1] in courses.references:
            yield found[1]


def _not_a_call(path: Path, line: int, name: str) -> Problem:
    what = f"« [{name}] » s’afficherait tel quel"
    return _warning(path, line, what, f"écrivez [@{name}] pour appeler la source")


def _verdicts(files: ModuleFiles) -> Iterator[Problem]:
    for written in written_texts(files):
        if written.steps[-1] in {"feedback", "otherwise"} and _VERDICT.fullmatch(written.text):
            yield _warning(
                written.path,
                written.line,
                f"« {written.text.strip()} » tout seul n’apprend rien",
                "dites pourquoi l’erreur tente, et ce qui est vrai",
            )


def _unread(files: ModuleFiles) -> Iterator[Problem]:
    for path in sorted(files.folder.iterdir()):
        known = path.name in _FILES or path.suffix == ".md"
        if not known and not path.name.startswith(".") and not path.name.endswith(("~", ".bak")):
            yield _warning(
                path,
                1,
                "Relais ne lit pas ce fichier",
                "une leçon s’appelle NN-mots-cles.md ; un dessin va dans figures/ ; sinon,"
                " retirez-le du dossier",
            )


def _warning(path: Path, line: int, message: str, advice: str) -> Problem:
    return Problem(path, line, message, advice, Severity.WARNING)
