"""Which referents are shown, and in which order."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from lti_app.completion.rules import CompletionState
from lti_app.reports.rules.rows import Column, GradeStatus, ReferentRow

RECENT = timedelta(days=30)


class Presence(StrEnum):
    """Enrolled today, or gone from the session (kept, shown on demand)."""

    ACTIVE = "actifs"
    LEFT = "partis"
    ALL = "tous"


class Activity(StrEnum):
    """How long ago the last activity was."""

    WEEK = "7j"
    MONTH = "30j"
    QUARTER = "90j"
    IDLE = "inactifs"
    """Nothing for 30 days, or nothing ever: whom to call."""


_WITHIN = {
    Activity.WEEK: timedelta(days=7),
    Activity.MONTH: RECENT,
    Activity.QUARTER: timedelta(days=90),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the trainer asked to see. None and « » ask for nothing.

    `module_id` keeps the columns of that module only; `state` then speaks of it, and otherwise of
    any module of the session.
    """

    text: str = ""
    module_id: str | None = None
    state: CompletionState | None = None
    grade: GradeStatus | None = None
    activity: Activity | None = None
    presence: Presence = Presence.ACTIVE


class SortField(StrEnum):
    NAME = "nom"
    ACTIVITY = "activite"
    GRADE = "note"
    STATE = "etat"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Sorting:
    """A column to sort by; `module_id` goes with STATE and SCORE only."""

    field: SortField = SortField.NAME
    module_id: str | None = None
    descending: bool = False

    @property
    def key(self) -> str:
        """Its name in the query string, e.g. « nom », « score.memoriser »."""
        return self.field if self.module_id is None else f"{self.field}.{self.module_id}"


BY_NAME = Sorting()
_PER_MODULE = frozenset({SortField.STATE, SortField.SCORE})
_STATE_RANK = {state: rank for rank, state in enumerate(CompletionState)}
_GRADE_RANK = {status: rank for rank, status in enumerate(GradeStatus)}


def parse_sorting(key: str, direction: str, columns: Sequence[Column]) -> Sorting:
    """The sorting of a query string; by name when it names no column of the table."""
    name, _, module_id = key.partition(".")
    descending = direction == "desc"
    try:
        field = SortField(name)
    except ValueError:
        return BY_NAME
    if field not in _PER_MODULE:
        return BY_NAME if module_id else Sorting(field, None, descending)
    if module_id in {column.module_id for column in columns}:
        return Sorting(field, module_id, descending)
    return BY_NAME


def select_rows(
    rows: Iterable[ReferentRow], filters: Filters, *, module_index: int | None, now: datetime
) -> list[ReferentRow]:
    """The rows that pass every filter, in their order.

    `module_index` is the position of `filters.module_id` in the standings.
    """
    tests = _tests(filters, module_index, now)
    return [row for row in rows if all(test(row) for test in tests)]


def is_present(row: ReferentRow, presence: Presence) -> bool:
    """Whether the row belongs to those enrolled, those gone, or all."""
    return presence is Presence.ALL or row.left == (presence is Presence.LEFT)


def is_recent(row: ReferentRow, now: datetime, within: timedelta = RECENT) -> bool:
    """Whether the last activity is at most `within` ago."""
    return row.last_activity is not None and row.last_activity >= now - within


def sort_rows(
    rows: Iterable[ReferentRow], sorting: Sorting, *, module_index: int | None
) -> list[ReferentRow]:
    """The rows in order; those that are equal stay in order of name, whatever the direction."""
    by_name = sorted(rows, key=_name_key)
    # reverse=True keeps the order of equals: only the chosen column is turned round.
    return sorted(by_name, key=_sort_key(sorting, module_index), reverse=sorting.descending)


def fold(text: str) -> str:
    """Lower case without accents, for finding « Éloïse » by « eloise »."""
    if text.isascii():  # most folded names: a search among hundreds of them is then immediate
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE"))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return bare.replace("’", "'").casefold()


def _tests(
    filters: Filters, module_index: int | None, now: datetime
) -> list[Callable[[ReferentRow], bool]]:
    tests: list[Callable[[ReferentRow], bool]] = [lambda row: is_present(row, filters.presence)]
    if words := fold(filters.text).split():
        tests.append(lambda row: _names(row, words))
    if filters.state is not None:
        tests.append(_state_test(filters.state, module_index))
    if filters.grade is not None:
        tests.append(lambda row: row.grade == filters.grade)
    if filters.activity is Activity.IDLE:
        tests.append(lambda row: not is_recent(row, now))
    elif filters.activity is not None:
        within = _WITHIN[filters.activity]
        tests.append(lambda row: is_recent(row, now, within))
    return tests


def _names(row: ReferentRow, words: Sequence[str]) -> bool:
    folded = fold(row.sort_name or row.name)
    return all(word in folded for word in words)


def _state_test(state: CompletionState, module_index: int | None) -> Callable[[ReferentRow], bool]:
    if module_index is None:
        return lambda row: any(standing.state is state for standing in row.standings)
    return lambda row: row.standings[module_index].state is state


def _name_key(row: ReferentRow) -> tuple[bool, str, int]:
    # Those without a name come after the others, in the order of their numbers.
    return (row.nameless, row.sort_name or fold(row.name), row.person_id)


def _sort_key(sorting: Sorting, module_index: int | None) -> Callable[[ReferentRow], Any]:
    index = module_index or 0
    keys: dict[SortField, Callable[[ReferentRow], Any]] = {
        SortField.NAME: lambda row: (row.nameless, row.sort_name or fold(row.name)),
        # « Never » is older than any date.
        SortField.ACTIVITY: lambda row: row.last_activity.timestamp() if row.last_activity else 0,
        SortField.GRADE: lambda row: _GRADE_RANK[row.grade],
        SortField.STATE: lambda row: _STATE_RANK[row.standings[index].state],
        SortField.SCORE: lambda row: _score_key(row.standings[index].score),
    }
    return keys[sorting.field]


def _score_key(score: int | None) -> int:
    return -1 if score is None else score
