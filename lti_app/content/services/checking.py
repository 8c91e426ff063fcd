"""Checking `courses/`, and logging its revisions: files only, no database."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lti_app.content.rules.checks import check
from lti_app.content.rules.ledger import (
    LEDGER_FILE,
    Ledger,
    format_ledger,
    ledger_problems,
    next_ledger,
    read_ledger,
)
from lti_app.content.rules.problems import (
    ContentError,
    Problem,
    errors_among,
    in_reading_order,
)
from lti_app.content.rules.source import Courses, read_courses


@dataclass(frozen=True, slots=True)
class LogReport:
    """What the ledger gains. `total`: subjects that it holds and that are still taught.

    `written`: it was behind the sources.
    """

    path: Path
    written: bool
    new: int
    revised: int
    removed: int
    total: int


def check_content(folder: Path, *, today: date | None = None) -> list[Problem]:
    """Every problem of the sources, in reading order, edits that do not announce themselves to the
    ledger included. Needs no database.

    `today`: names the dated facts whose time has come; without it, none is.
    """
    courses = read_courses(folder)
    return in_reading_order([*check(courses, today), *ledger_of(courses)[1]])


def log_content(folder: Path, *, write: bool = True) -> LogReport:
    """Bring the ledger of `folder` up to what its sources hold. Raises ContentError, OSError.

    Nothing is written over a ledger that holds everything already, nor while there is an error.
    """
    courses = read_courses(folder)
    ledger, problems = ledger_of(courses)
    problems += check(courses)
    if errors_among(problems):
        raise ContentError(in_reading_order(problems))
    before, after = ledger or {}, next_ledger(courses, ledger)
    text = format_ledger(after)
    path = folder / LEDGER_FILE
    behind = not path.exists() or path.read_text(encoding="utf-8") != text
    if behind and write:
        path.write_text(text, encoding="utf-8", newline="\n")
    return LogReport(
        path=path,
        written=behind,
        new=sum(name not in before for name in after),
        revised=sum(name in before and before[name].number != after[name].number for name in after),
        removed=sum(after[name].removed and not before[name].removed for name in before),
        total=sum(not entry.removed for entry in after.values()),
    )


def ledger_of(courses: Courses) -> tuple[Ledger | None, list[Problem]]:
    """The ledger of the folder if it has one, and what it makes wrong or worth a look."""
    problems: list[Problem] = []
    ledger = read_ledger(courses.folder, problems)
    return ledger, [*problems, *ledger_problems(courses, ledger)]
