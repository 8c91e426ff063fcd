"""Across files: ids, links between module, lessons and questions, revisions."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.schema import RESERVED_MODULE_IDS, ModuleSource
from lti_app.content.rules.source import Courses, ModuleFiles


def check_structure(courses: Courses) -> Iterator[Problem]:
    """Everything that ties files together."""
    yield from _ids_used_twice(courses)
    for files in courses.modules:
        if files.module is not None:
            yield from _module(files, files.module)
        yield from _questions_point_at_lessons(files)
        yield from _revisions(files)


def _ids_used_twice(courses: Courses) -> Iterator[Problem]:
    first: dict[tuple[str, str], tuple[Path, int]] = {}
    for kind, subject_id, path, line in _subjects(courses):
        seen = first.setdefault((kind, subject_id), (path, line))
        if seen != (path, line):
            yield Problem(
                path,
                line,
                f"l’identifiant « {subject_id} » sert déjà ({seen[0].name}, ligne {seen[1]})",
                "donnez-en un autre à celui qui n’est pas encore publié",
            )


def _subjects(courses: Courses) -> Iterator[tuple[str, str, Path, int]]:
    for files in courses.modules:
        if files.module is not None:
            yield "module", files.module.id, files.path, files.line("id")
        for lesson in files.lessons:
            yield "lesson", lesson.lesson.id, lesson.path, lesson.document.line("id")
        for entry in files.questions:
            yield "question", entry.question.id, entry.path, entry.line("id")
        for term in files.terms:
            yield "term", term.source.id, term.path, term.line("id")
        for figure in files.figures:
            yield "figure", figure.source.id, figure.path, figure.line("id")
        for index, found in enumerate(files.module.misconceptions if files.module else ()):
            yield "misconception", found.id, files.path, files.line("misconceptions", index, "id")


def _module(files: ModuleFiles, module: ModuleSource) -> Iterator[Problem]:
    if module.id != files.folder.name:
        yield Problem(
            files.path,
            files.line("id"),
            f"l’identifiant « {module.id} » n’est pas le nom du dossier",
            f"écrivez « id: {files.folder.name} », ou renommez le dossier s’il est nouveau",
        )
    if module.id in RESERVED_MODULE_IDS:
        yield Problem(
            files.path,
            files.line("id"),
            f"l’identifiant « {module.id} » est réservé",
            "choisissez un autre identifiant",
        )
    yield from _listed_lessons(files, module)
    if not files.lessons_complete:
        return
    total = sum(f.lesson.minutes for f in files.lessons)
    if module.minutes != total:
        yield Problem(
            files.path,
            files.line("minutes"),
            f"« minutes » vaut {module.minutes}, et la somme des leçons {total}",
            f"écrivez « minutes: {total} »",
        )


def _listed_lessons(files: ModuleFiles, module: ModuleSource) -> Iterator[Problem]:
    written = {f.lesson.id for f in files.lessons}
    for index, (lesson_id, count) in enumerate(Counter(module.lessons).items()):
        line = files.line("lessons", index)
        if lesson_id not in written and files.lessons_complete:
            yield Problem(
                files.path,
                line,
                f"la leçon « {lesson_id} » est annoncée, aucun fichier n’a cet identifiant",
                "écrivez la leçon, corrigez l’identifiant ou retirez la ligne",
            )
        if count > 1:
            yield Problem(
                files.path,
                line,
                f"la leçon « {lesson_id} » est annoncée {count} fois",
                "gardez une seule ligne",
            )
    for file in files.lessons:
        if file.lesson.id not in module.lessons:
            yield Problem(
                file.path,
                file.document.line("id"),
                f"la leçon « {file.lesson.id} » n’est pas annoncée dans module.yaml",
                "ajoutez-la à « lessons » dans module.yaml, ou retirez le fichier",
            )
    names = [file.path.name for file in files.lessons]
    if names != sorted(names):
        yield Problem(
            files.path,
            files.line("lessons"),
            "l’ordre des leçons n’est pas celui des numéros de fichiers",
            "renumérotez les fichiers, ou changez l’ordre de « lessons »",
            Severity.WARNING,
        )


def _questions_point_at_lessons(files: ModuleFiles) -> Iterator[Problem]:
    known = {file.lesson.id for file in files.lessons}
    asked = Counter(entry.question.lesson for entry in files.questions)
    for entry in files.questions:
        if entry.question.lesson not in known and files.lessons_complete:
            yield Problem(
                entry.path,
                entry.line("lesson"),
                f"la leçon « {entry.question.lesson} » n’existe pas dans ce module",
                "corrigez l’identifiant : " + (", ".join(sorted(known)) or "aucune leçon lue"),
            )
    for file in files.lessons:
        if not asked[file.lesson.id] and files.questions_complete:
            yield Problem(
                file.path,
                file.document.line("id"),
                f"aucune question ne porte sur la leçon « {file.lesson.id} »",
                "écrivez-en au moins une dans questions.yaml",
            )


def _revisions(files: ModuleFiles) -> Iterator[Problem]:
    """A revision above 1 names its class; revision 1 has none to name."""
    found: list[tuple[Path, int, str | None, int]] = []
    if files.module is not None:
        module = files.module
        found.append((files.path, module.revision, module.change, files.line("revision")))
    for file in files.lessons:
        line = file.document.line("revision")
        found.append((file.path, file.lesson.revision, file.lesson.change, line))
    for entry in files.questions:
        question = entry.question
        found.append((entry.path, question.revision, question.change, entry.line("revision")))
    for path, revision, change, line in found:
        if revision > 1 and change is None:
            yield Problem(
                path,
                line,
                f"la révision {revision} ne dit pas de quelle sorte est la modification",
                "ajoutez « change: typo », « change: clarification »"
                " ou, pour une question dont la réponse change, « change: answer »",
            )
        if revision == 1 and change is not None:
            yield Problem(
                path,
                line,
                "une première révision n’a pas de « change »",
                "augmentez « revision », ou retirez « change »",
            )
