"""Facts that will not stay true: when they were read, when to read them again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lti_app.content.rules.source import ModuleFiles
from lti_app.content.rules.tokens import DATED_BOX, dates_of


@dataclass(frozen=True, slots=True)
class DatedFact:
    """Something to read again. `subject`: the id of the lesson or the question that says it."""

    subject: str
    checked: date
    check_by: date
    path: Path
    line: int


def dated_facts(files: ModuleFiles) -> Iterator[DatedFact]:
    """Those of the lessons (« relire » boxes), then of the questions."""
    for file in files.lessons:
        for number, line in enumerate(file.lesson.body.split("\n"), file.body_line):
            name, _, rest = line.lstrip(": ").partition(" ")
            dates = dates_of(rest) if line.startswith(":::") and name == DATED_BOX else None
            if dates is not None:
                yield DatedFact(file.lesson.id, *dates, file.path, number)
    for entry in files.questions:
        question = entry.question
        if question.checked is not None and question.check_by is not None:
            where = entry.path, entry.line("check_by")
            yield DatedFact(question.id, question.checked, question.check_by, *where)
