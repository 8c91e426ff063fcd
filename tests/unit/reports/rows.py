"""Rows made by hand for the tests of the rules."""

from datetime import UTC, datetime, timedelta
from typing import Any

from lti_app.completion.rules import CompletionState
from lti_app.reports.rules.rows import NOT_STARTED, Column, ReferentRow, Standing

NOW = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
COLUMNS = (Column("memoriser", "Mémoriser"), Column("proteger", "Protéger"))


def make_row(person_id: int, name: str = "Camille Martin", **values: Any) -> ReferentRow:
    """A referent who has begun nothing, unless told otherwise; `days`: since the last activity."""
    days = values.pop("days", 0)
    last = None if days is None else NOW - timedelta(days=days)
    defaults: dict[str, Any] = {
        "nameless": False,
        "sort_name": name.casefold(),
        "left": False,
        "standings": (NOT_STARTED, NOT_STARTED),
        "last_activity": last,
        "last_day": last.date() if last else None,
    }
    return ReferentRow(person_id=person_id, name=name, **{**defaults, **values})


def at(state: CompletionState, score: int) -> Standing:
    return Standing(state, score)
