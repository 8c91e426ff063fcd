"""Dated facts: both dates or none, in order, and those whose time has come."""

from collections.abc import Iterator
from datetime import date

from lti_app.content.rules.dated_facts import dated_facts
from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.source import Courses, ModuleFiles


def check_dates(courses: Courses, today: date | None) -> Iterator[Problem]:
    """A fact past its date is a warning: time alone must never forbid a publication.

    `today` None: dates are not compared.
    """
    for files in courses.modules:
        yield from _pairs(files)
        for fact in dated_facts(files):
            if today is not None and fact.check_by <= today:
                yield Problem(
                    fact.path,
                    fact.line,
                    f"information de « {fact.subject} » à revérifier depuis le"
                    f" {fact.check_by:%d/%m/%Y} (relue le {fact.checked:%d/%m/%Y})",
                    "relisez la source, corrigez le texte s’il le faut, puis les deux dates",
                    Severity.WARNING,
                )


def _pairs(files: ModuleFiles) -> Iterator[Problem]:
    for entry in files.questions:
        checked, check_by = entry.question.checked, entry.question.check_by
        if (checked is None) != (check_by is None):
            yield Problem(
                entry.path,
                entry.line("checked" if check_by is None else "check_by"),
                "une seule des deux dates « checked » et « check_by »",
                "écrivez les deux : relu le, à relire avant le",
            )
        elif checked is not None and check_by is not None and checked > check_by:
            yield Problem(
                entry.path,
                entry.line("check_by"),
                "« check_by » précède « checked »",
                "relu le (checked), puis à relire avant le (check_by)",
            )
