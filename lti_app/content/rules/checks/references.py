"""References: those called exist and are listed by the module; resources have an address."""

from collections.abc import Iterator
from pathlib import Path

from lti_app.content.rules.bibliography import url_of
from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.schema import ADVICE_SOURCE
from lti_app.content.rules.source import REFERENCES_FILE, Courses, ModuleFiles
from lti_app.content.rules.supplements import FigureSource, KitSource, TermSource
from lti_app.content.rules.texts import written_texts
from lti_app.content.rules.tokens import cited_by_text
from lti_app.content.rules.validating import Entry

_Use = tuple[str, tuple[Path, int]]


def check_references(courses: Courses) -> Iterator[Problem]:
    """Every call, source and resource of every module.

    References that no module uses are no problem: the bibliography is a common base, wider than
    what is written today. `relais content stats` counts those in use.
    """
    for files in courses.modules:
        uses = [use for use in _uses(files) if use[0] != ADVICE_SOURCE]
        for reference, (path, line) in uses:
            if reference not in courses.references and courses.references_complete:
                yield Problem(
                    path,
                    line,
                    f"la référence « {reference} » n’existe pas",
                    f"corrigez l’identifiant, ou ajoutez la référence dans {REFERENCES_FILE}",
                )
        yield from _listed(files, courses, dict(uses))
        yield from _resources(files, courses)


def _listed(
    files: ModuleFiles, courses: Courses, used: dict[str, tuple[Path, int]]
) -> Iterator[Problem]:
    if files.module is None:
        return
    complete = files.lessons_complete and files.questions_complete and files.supplements_complete
    for index, reference in enumerate(files.module.references):
        if reference not in used and complete:
            yield Problem(
                files.path,
                files.line("references", index),
                f"la référence « {reference} » n’est appelée nulle part dans le module",
                "retirez-la de « references », ou appelez-la là où elle sert",
                Severity.WARNING,
            )
    for reference, (path, line) in used.items():
        if reference in courses.references and reference not in files.module.references:
            yield Problem(
                path,
                line,
                f"la référence « {reference} » manque dans « references » de module.yaml",
                "ajoutez-la à cette liste",
            )


def _resources(files: ModuleFiles, courses: Courses) -> Iterator[Problem]:
    for index, resource in enumerate(files.module.resources if files.module else ()):
        known = courses.references.get(resource.reference)
        if known is not None and url_of(known) is None:
            yield Problem(
                files.path,
                files.line("resources", index, "reference"),
                f"la ressource « {resource.reference} » n’a pas d’adresse : rien à ouvrir",
                f"donnez son adresse dans {REFERENCES_FILE}, ou retirez-la de « resources »",
            )


def _uses(files: ModuleFiles) -> Iterator[_Use]:
    """(reference, where) of every call and source of the module."""
    yield from _named(files)
    for file in files.lessons:
        for number, line in enumerate(file.lesson.body.split("\n"), file.body_line):
            for reference in cited_by_text(line):
                yield reference, (file.path, number)
    for written in written_texts(files):
        for reference in cited_by_text(written.text):
            yield reference, (written.path, written.locate(f"@{reference}"))


def _named(files: ModuleFiles) -> Iterator[_Use]:
    """Those in lists of sources and resources."""
    for index, resource in enumerate(files.module.resources if files.module else ()):
        yield resource.reference, (files.path, files.line("resources", index, "reference"))
    for entry in files.questions:
        for index, reference in enumerate(entry.question.sources):
            yield reference, (entry.path, entry.line("sources", index))
    named: list[Entry[TermSource] | Entry[FigureSource] | Entry[KitSource]]
    named = [*files.terms, *files.figures, *([files.kit] if files.kit else [])]
    for supplement in named:
        for index, reference in enumerate(supplement.source.sources):
            yield reference, (supplement.path, supplement.line("sources", index))
