"""One referent's line: the same object feeds the screen, the totals and the export."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lti_app.completion.rules import CompletionState


class GradeStatus(StrEnum):
    """Where a referent's grades stand in the LMS; the values are those of grading's GradeState."""

    NONE = "none"
    """Nothing to send yet."""
    OWED = "owed"
    SENT = "sent"
    SUPERSEDED = "superseded"
    REFUSED = "refused"


# A referent may owe several grades (one per activity): the line shows what needs an eye first.
_MOST_URGENT_FIRST = (
    GradeStatus.REFUSED,
    GradeStatus.OWED,
    GradeStatus.SUPERSEDED,
    GradeStatus.SENT,
)


@dataclass(slots=True)
class Standing:
    """Where someone stands in a module. `score`: the best reached, 0…100; None before any work."""

    state: CompletionState
    score: int | None
    completed_on: date | None = None


NOT_STARTED = Standing(CompletionState.NOT_STARTED, None)


@dataclass(slots=True)
class ReferentRow:
    """A learner of the session. Days are those of the service's zone, instants aware UTC.

    `standings` follows the columns of the roll. `grade_reasons` explains refusals, in French.
    """

    person_id: int
    name: str
    nameless: bool
    sort_name: str | None
    left: bool
    standings: tuple[Standing, ...]
    last_activity: datetime | None
    last_day: date | None
    grade: GradeStatus = GradeStatus.NONE
    grade_reasons: tuple[str, ...] = ()
    grades_sent: int = 0
    grades_due: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A module of the session, as a column of the table."""

    module_id: str
    title: str


def most_urgent(statuses: Sequence[GradeStatus]) -> GradeStatus:
    """The status to show for several grades: what needs an eye first; NONE when there are none."""
    if len(statuses) == 1:
        return statuses[0]
    return next((status for status in _MOST_URGENT_FIRST if status in statuses), GradeStatus.NONE)


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two instants, or the one that is known."""
    if one is None or other is None:
        return one or other
    return max(one, other)


def tidy_name(name: str | None) -> str:
    """The name on one line: what an LMS sends may hold tabs, newlines or other controls."""
    if not name:
        return ""
    if not name.isprintable():
        name = "".join(char if char.isprintable() else " " for char in name)
    return " ".join(name.split())


def stand_in_name(person_id: int) -> str:
    """What stands for the name when the LMS withholds it."""
    return f"Participant {person_id} (nom non transmis)"
