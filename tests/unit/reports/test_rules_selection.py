"""Which rows are shown, in which order."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.completion.rules import CompletionState
from lti_app.reports.rules.rows import NOT_STARTED, GradeStatus, ReferentRow
from lti_app.reports.rules.selection import (
    BY_NAME,
    Activity,
    Filters,
    Presence,
    SortField,
    Sorting,
    fold,
    parse_sorting,
    select_rows,
    sort_rows,
)
from tests.unit.reports.rows import COLUMNS, NOW, at, make_row

ROWS = [
    make_row(1, "Zoé Allard", standings=(at(CompletionState.COMPLETED, 90), NOT_STARTED)),
    make_row(
        2,
        "Éloïse Bœuf",
        days=31,
        standings=(at(CompletionState.STARTED, 40), at(CompletionState.NEEDS_HELP, 10)),
        grade=GradeStatus.OWED,
    ),
    make_row(3, "Jean-Marc Le Goff", days=5, left=True),
    make_row(4, "Participant 4 (nom non transmis)", nameless=True, sort_name=None, days=None),
]


def ids(filters: Filters, module_index: int | None = None) -> list[int]:
    return [r.person_id for r in select_rows(ROWS, filters, module_index=module_index, now=NOW)]


@pytest.mark.parametrize(
    ("filters", "module_index", "expected"),
    [
        (Filters(), None, [1, 2, 4]),
        (Filters(presence=Presence.LEFT), None, [3]),
        (Filters(presence=Presence.ALL), None, [1, 2, 3, 4]),
        (Filters(text="ELOISE"), None, [2]),
        (Filters(text="boeuf élo"), None, [2]),
        (Filters(text="bœuf"), None, [2]),
        (Filters(text="  "), None, [1, 2, 4]),
        (Filters(text="absent"), None, []),
        (Filters(text="non transmis"), None, [4]),
        (Filters(state=CompletionState.NEEDS_HELP), None, [2]),
        (Filters(state=CompletionState.NEEDS_HELP), 0, []),
        (Filters(state=CompletionState.NOT_STARTED), 1, [1, 4]),
        (Filters(grade=GradeStatus.NONE), None, [1, 4]),
        (Filters(grade=GradeStatus.OWED), None, [2]),
        (Filters(activity=Activity.WEEK), None, [1]),
        (Filters(activity=Activity.MONTH, presence=Presence.ALL), None, [1, 3]),
        (Filters(activity=Activity.QUARTER), None, [1, 2]),
        (Filters(activity=Activity.IDLE), None, [2, 4]),
        (Filters(text="é", grade=GradeStatus.OWED, activity=Activity.IDLE), None, [2]),
    ],
)
def test_filters(filters: Filters, module_index: int | None, expected: list[int]) -> None:
    assert ids(filters, module_index) == expected


def test_thirty_days_ago_to_the_second_is_recent() -> None:
    rows = [make_row(1, days=30), make_row(2, days=30.0001)]
    shown = select_rows(rows, Filters(activity=Activity.MONTH), module_index=None, now=NOW)
    assert [row.person_id for row in shown] == [1]


@pytest.mark.parametrize(
    ("key", "direction", "sorting"),
    [
        ("", "", BY_NAME),
        ("nom", "desc", Sorting(SortField.NAME, None, True)),
        ("activite", "asc", Sorting(SortField.ACTIVITY)),
        ("activite", "n’importe", Sorting(SortField.ACTIVITY)),
        ("score.proteger", "desc", Sorting(SortField.SCORE, "proteger", True)),
        ("score.inconnu", "desc", BY_NAME),
        ("score", "desc", BY_NAME),
        ("note.memoriser", "", BY_NAME),
        ("'; DROP TABLE person", "desc", BY_NAME),
    ],
)
def test_a_sorting_comes_from_the_address_or_is_by_name(
    key: str, direction: str, sorting: Sorting
) -> None:
    assert parse_sorting(key, direction, COLUMNS) == sorting


@pytest.mark.parametrize("field", list(SortField))
def test_a_sorting_goes_to_the_address_and_back(field: SortField) -> None:
    module_id = "proteger" if field in {SortField.STATE, SortField.SCORE} else None
    sorting = Sorting(field, module_id, True)
    assert parse_sorting(sorting.key, "desc", COLUMNS) == sorting


def test_names_sort_in_french_order_and_those_without_come_last() -> None:
    rows = [
        make_row(9, "Participant 9", nameless=True, sort_name=None),
        make_row(1, "Zoé Étienne", sort_name="etienne zoe"),
        make_row(2, "Ali Faure", sort_name="faure ali"),
        make_row(3, "Ève Dumas", sort_name="dumas eve"),
        make_row(8, "Participant 8", nameless=True, sort_name=None),
    ]
    assert [r.person_id for r in sort_rows(rows, BY_NAME, module_index=None)] == [3, 1, 2, 8, 9]


def test_never_active_is_older_than_any_date_and_no_score_less_than_zero() -> None:
    rows = [
        make_row(1, days=1, standings=(at(CompletionState.STARTED, 0), NOT_STARTED)),
        make_row(2, days=None),
    ]
    for sorting in (Sorting(SortField.ACTIVITY), Sorting(SortField.SCORE, "memoriser")):
        assert [r.person_id for r in sort_rows(rows, sorting, module_index=0)] == [2, 1]


row_strategy = st.builds(
    make_row,
    st.integers(1, 10_000),
    st.sampled_from(["Ada Martin", "Ève Martin", "Zoé Allard"]),
    days=st.sampled_from([None, 0, 10, 100]),
    grade=st.sampled_from(GradeStatus),
    standings=st.tuples(
        st.sampled_from([NOT_STARTED, at(CompletionState.STARTED, 50)]), st.just(NOT_STARTED)
    ),
)
people = st.lists(row_strategy, max_size=30, unique_by=lambda row: row.person_id)

COLUMN_OF: dict[SortField, Callable[[ReferentRow], object]] = {
    SortField.NAME: lambda row: row.sort_name,
    SortField.ACTIVITY: lambda row: row.last_activity,
    SortField.GRADE: lambda row: row.grade,
    SortField.STATE: lambda row: row.standings[0].state,
    SortField.SCORE: lambda row: row.standings[0].score,
}


@given(people, st.sampled_from(SortField), st.booleans(), st.randoms(use_true_random=False))
def test_sorting_loses_nobody_and_does_not_depend_on_the_order_before(
    rows: list[ReferentRow], field: SortField, descending: bool, random: object
) -> None:
    sorting = Sorting(field, "memoriser", descending)
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    result = sort_rows(rows, sorting, module_index=0)
    assert sort_rows(shuffled, sorting, module_index=0) == result
    assert sorted(row.person_id for row in result) == sorted(row.person_id for row in rows)


@given(people, st.sampled_from(SortField), st.booleans())
def test_equals_stay_in_order_of_name_whatever_the_direction(
    rows: list[ReferentRow], field: SortField, descending: bool
) -> None:
    result = sort_rows(rows, Sorting(field, "memoriser", descending), module_index=0)
    column = COLUMN_OF[field]
    for one, next_ in pairwise(result):
        if column(one) == column(next_):
            assert (one.sort_name, one.person_id) < (next_.sort_name, next_.person_id)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
