"""What the rows on the screen add up to: always n out of N, never a bare percentage."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lti_app.completion.rules import CompletionState
from lti_app.reports.rules.rows import Column, ReferentRow
from lti_app.reports.rules.selection import is_recent


@dataclass(frozen=True, slots=True)
class ModuleTotals:
    """How many of the rows are in each state; every state is present."""

    column: Column
    counts: Mapping[CompletionState, int]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over `people` rows. Grades are counted one by one: a referent may owe several."""

    people: int
    modules: tuple[ModuleTotals, ...]
    recently_active: int
    grades_sent: int
    grades_due: int


def add_up(
    rows: Sequence[ReferentRow],
    columns: Sequence[Column],
    *,
    indexes: Sequence[int],
    now: datetime,
) -> Totals:
    """The totals of these rows. `indexes`: where each column is in the standings."""
    return Totals(
        people=len(rows),
        modules=tuple(
            ModuleTotals(column, _count_states(rows, index))
            for column, index in zip(columns, indexes, strict=True)
        ),
        recently_active=sum(is_recent(row, now) for row in rows),
        grades_sent=sum(row.grades_sent for row in rows),
        grades_due=sum(row.grades_due for row in rows),
    )


def _count_states(rows: Sequence[ReferentRow], index: int) -> dict[CompletionState, int]:
    found = Counter(row.standings[index].state for row in rows)
    return {state: found[state] for state in CompletionState}
