"""What lessons and questions point at by an id: objectives, misconceptions, terms, figures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.schema import ModuleSource
from lti_app.content.rules.source import Courses, LessonFile, ModuleFiles
from lti_app.content.rules.texts import written_texts
from lti_app.content.rules.tokens import TERM

_FIGURE = re.compile(r"^:{3,}[ \t]*figure(?:[ \t]+(\S+))?[ \t]*$", re.MULTILINE)
_NOT_A_TERM = re.compile(r"\[\[[^\]\n]{0,30}")


@dataclass(frozen=True, slots=True)
class _Call:
    """One use of a term or a figure."""

    id: str
    path: Path
    line: int


def check_links(courses: Courses) -> Iterator[Problem]:
    """All ids that are called exist; all that is written serves."""
    terms = {entry.source.id for files in courses.modules for entry in files.terms}
    called: set[str] = set()
    for files in courses.modules:
        yield from _objectives(files)
        yield from _misconceptions(files)
        calls = list(_calls(files, TERM))
        called.update(call.id for call in calls)
        yield from _unknown_terms(courses, calls, terms)
        for file in files.lessons:
            yield from _repeated_terms(file)
        yield from _unread_terms(files)
        yield from _figures(files)
    yield from _unused_terms(courses, called)


def _objectives(files: ModuleFiles) -> Iterator[Problem]:
    module = files.module
    if module is None:
        return
    for file in files.lessons:
        for index, number in enumerate(file.lesson.objectives):
            if number > len(module.objectives):
                yield Problem(
                    file.path,
                    file.document.line("objectives", index),
                    f"il n’y a pas d’objectif {number} dans module.yaml",
                    f"écrivez des numéros de 1 à {len(module.objectives)}",
                )
        if not file.lesson.objectives and module.indexing is not None:
            yield Problem(
                file.path,
                file.document.line("id"),
                f"la leçon « {file.lesson.id} » ne dit pas quels objectifs elle sert",
                "ajoutez « objectives: [1] » avec leurs numéros dans module.yaml",
                Severity.WARNING,
            )
    served = {number for file in files.lessons for number in file.lesson.objectives}
    if served and files.lessons_complete:
        yield from _unserved(files, module, served)


def _unserved(files: ModuleFiles, module: ModuleSource, served: set[int]) -> Iterator[Problem]:
    for number, objective in enumerate(module.objectives, 1):
        if number not in served:
            yield Problem(
                files.path,
                files.line("objectives", number - 1),
                f"aucune leçon ne sert l’objectif {number} (« {objective[:40]} »)",
                "ajoutez son numéro à « objectives » d’une leçon, ou changez l’objectif",
                Severity.WARNING,
            )


def _misconceptions(files: ModuleFiles) -> Iterator[Problem]:
    known = [found.id for found in files.module.misconceptions] if files.module else []
    answered: set[str] = set()
    for entry in files.questions:
        answered.update(entry.question.misconceptions)
        for index, misconception in enumerate(entry.question.misconceptions):
            if misconception not in known and files.module is not None:
                yield Problem(
                    entry.path,
                    entry.line("misconceptions", index),
                    f"l’idée fausse « {misconception} » n’existe pas dans module.yaml",
                    "corrigez l’identifiant, ou ajoutez-la à « misconceptions »",
                )
    for index, misconception in enumerate(known):
        if misconception not in answered and files.questions_complete:
            yield Problem(
                files.path,
                files.line("misconceptions", index, "id"),
                f"aucune question ne répond à l’idée fausse « {misconception} »",
                f"ajoutez « misconceptions: [{misconception}] » à une question qui la met à"
                " l’épreuve",
                Severity.WARNING,
            )


def _calls(files: ModuleFiles, pattern: re.Pattern[str]) -> Iterator[_Call]:
    """Terms or figures called by any text of the module."""
    for file in files.lessons:
        yield from _calls_of_lesson(file, pattern)
    for written in written_texts(files):
        for match in pattern.finditer(written.text):
            line = written.locate(match[0].split("\n")[0])
            yield _Call(match[1] or "", written.path, line)


def _calls_of_lesson(file: LessonFile, pattern: re.Pattern[str]) -> Iterator[_Call]:
    for match in pattern.finditer(file.lesson.body):
        line = file.body_line + file.lesson.body.count("\n", 0, match.start())
        yield _Call(match[1] or "", file.path, line)


def _unknown_terms(courses: Courses, calls: list[_Call], terms: set[str]) -> Iterator[Problem]:
    if not all(files.supplements_complete for files in courses.modules):
        return
    for call in calls:
        if call.id not in terms:
            yield Problem(
                call.path,
                call.line,
                f"le terme « {call.id} » n’est dans aucun glossaire",
                "corrigez l’identifiant, ou définissez le terme dans glossary.yaml",
            )


def _repeated_terms(file: LessonFile) -> Iterator[Problem]:
    seen: set[str] = set()
    for call in _calls_of_lesson(file, TERM):
        if call.id in seen:
            yield Problem(
                call.path,
                call.line,
                f"le terme « {call.id} » est déjà signalé plus haut dans cette leçon",
                "gardez le premier appel, écrivez ensuite le mot seul",
                Severity.WARNING,
            )
        seen.add(call.id)


def _unread_terms(files: ModuleFiles) -> Iterator[Problem]:
    for file in files.lessons:
        lines = TERM.sub(_blank, file.lesson.body).split("\n")
        for number, line in enumerate(lines, file.body_line):
            found = _NOT_A_TERM.search(line)
            if found:
                yield _unread(file.path, number, found[0])
    for written in written_texts(files):
        found = _NOT_A_TERM.search(TERM.sub(_blank, written.text))
        if found:
            yield _unread(written.path, written.locate(found[0]), found[0])


def _unread(path: Path, line: int, excerpt: str) -> Problem:
    return Problem(
        path,
        line,
        f"appel de glossaire illisible : « {excerpt} »",
        "écrivez [[identifiant]] ou [[identifiant|mots]] (dans un tableau : \\|)",
    )


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _unused_terms(courses: Courses, called: set[str]) -> Iterator[Problem]:
    if not all(files.lessons_complete for files in courses.modules):
        return
    for files in courses.modules:
        for entry in files.terms:
            if entry.source.id not in called:
                yield Problem(
                    entry.path,
                    entry.line("id"),
                    f"aucune leçon n’appelle le terme « {entry.source.id} »",
                    f"écrivez [[{entry.source.id}]] à son premier emploi, ou retirez-le",
                    Severity.WARNING,
                )


def _figures(files: ModuleFiles) -> Iterator[Problem]:
    known = {entry.source.id for entry in files.figures}
    shown: set[str] = set()
    for call in _calls(files, _FIGURE):
        shown.add(call.id)
        if not call.id:
            yield Problem(
                call.path,
                call.line,
                "bloc de figure sans identifiant",
                "écrivez « :::figure identifiant », celui de figures.yaml",
            )
        elif call.id not in known and files.supplements_complete:
            yield Problem(
                call.path,
                call.line,
                f"la figure « {call.id} » n’existe pas dans ce module",
                "corrigez l’identifiant, ou décrivez la figure dans figures.yaml",
            )
    for entry in files.figures if files.lessons_complete else ():
        if entry.source.id not in shown:
            yield Problem(
                entry.path,
                entry.line("id"),
                f"la figure « {entry.source.id} » n’est montrée nulle part",
                f"écrivez « :::figure {entry.source.id} » dans une leçon, ou retirez-la",
                Severity.WARNING,
            )
