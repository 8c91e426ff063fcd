"""Totals are what the rows say, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from lti_app.completion.rules import CompletionState
from lti_app.reports.rules.rows import NOT_STARTED, ReferentRow
from lti_app.reports.rules.totals import add_up
from tests.unit.reports.rows import COLUMNS, NOW, at, make_row

standing = st.one_of(
    st.just(NOT_STARTED),
    st.builds(at, st.sampled_from(CompletionState), st.integers(0, 100)),
)
rows_strategy = st.lists(
    st.builds(
        make_row,
        st.integers(1, 10_000),
        days=st.sampled_from([None, 0, 29, 31]),
        standings=st.tuples(standing, standing),
        grades_due=st.just(2),
        grades_sent=st.integers(0, 2),
    ),
    max_size=40,
)


@given(rows_strategy)
def test_states_of_a_module_add_up_to_everybody(rows: list[ReferentRow]) -> None:
    totals = add_up(rows, COLUMNS, indexes=(0, 1), now=NOW)
    assert totals.people == len(rows)
    for index, module in enumerate(totals.modules):
        assert set(module.counts) == set(CompletionState)
        assert sum(module.counts.values()) == len(rows)
        for state, count in module.counts.items():
            assert count == sum(row.standings[index].state == state for row in rows)


@given(rows_strategy)
def test_activity_and_grades_are_those_of_the_rows(rows: list[ReferentRow]) -> None:
    totals = add_up(rows, COLUMNS, indexes=(0, 1), now=NOW)
    recent = [row for row in rows if row.last_activity and (NOW - row.last_activity).days <= 30]
    assert totals.recently_active == len(recent)
    assert totals.grades_sent == sum(row.grades_sent for row in rows)
    assert totals.grades_due == 2 * len(rows)


def test_one_column_of_two_counts_its_own_states() -> None:
    rows = [make_row(1, standings=(NOT_STARTED, at(CompletionState.COMPLETED, 90)))]
    totals = add_up(rows, COLUMNS[1:], indexes=(1,), now=NOW)
    (module,) = totals.modules
    assert module.column.module_id == "proteger"
    assert module.counts[CompletionState.COMPLETED] == 1
