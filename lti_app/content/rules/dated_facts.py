"""Facts that will not stay true: when they were read, when to read them again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lti_app.content.rules.source import ModuleFiles
from lti_app.content.rules.texts import kit_texts
from lti_app.content.rules.tokens import DATED_BOX, dates_of


@dataclass(frozen=True, slots=True)
class DatedFact:
    """Something to read again. `subject`: the id of the lesson or question, or the kit's file."""

    subject: str
    checked: date
    check_by: date
    path: Path
    line: int


def dated_facts(files: ModuleFiles) -> Iterator[DatedFact]:
    """Those of the lessons and of the kit (« relire » boxes), then of the questions."""
    for path, line, subject, text in _lines(files):
        name, _, rest = text.lstrip(": ").partition(" ")
        dates = dates_of(rest) if text.startswith(":::") and name == DATED_BOX else None
        if dates is not None:
            yield DatedFact(subject, *dates, path, line)
    for entry in files.questions:
        question = entry.question
        if question.checked is not None and question.check_by is not None:
            where = entry.path, entry.line("check_by")
            yield DatedFact(question.id, question.checked, question.check_by, *where)


def _lines(files: ModuleFiles) -> Iterator[tuple[Path, int, str, str]]:
    """(file, line, subject, text) of every line that may open a box."""
    for file in files.lessons:
        for number, text in enumerate(file.lesson.body.split("\n"), file.body_line):
            yield file.path, number, file.lesson.id, text
    for written in kit_texts(files.kit) if files.kit else ():
        for text in written.text.split("\n"):
            subject = f"{files.folder.name}, {written.path.name}"
            yield written.path, written.locate(text), subject, text
