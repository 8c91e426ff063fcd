"""Scores as Moodle reads them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.demo import grades
from lti_app.demo.models import CompletionRule

PARIS = ZoneInfo("Europe/Paris")
BODY: dict[str, Any] = {
    "userId": "5",
    "timestamp": "2026-11-21T19:18:10Z",
    "activityProgress": "Completed",
    "gradingProgress": "FullyGraded",
    "scoreGiven": 9,
    "scoreMaximum": 10,
}


@given(
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - aware below
    hours=st.integers(-12, 14),
    milliseconds=st.booleans(),
)
def test_a_timestamp_is_whole_seconds_whatever_its_form(
    moment: datetime, hours: int, milliseconds: bool
) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    text = aware.isoformat(timespec="milliseconds" if milliseconds else "seconds")
    expected = int(aware.replace(microsecond=0).astimezone(UTC).timestamp())
    assert grades.parse_timestamp(text, zone=PARIS) == expected


def test_a_timestamp_without_offset_is_in_the_servers_zone() -> None:
    winter = grades.parse_timestamp("2026-11-21T20:18:10", zone=PARIS)
    assert winter == grades.parse_timestamp("2026-11-21T19:18:10Z", zone=PARIS)


@pytest.mark.parametrize("value", [None, 5, "", "yesterday", "2026-11-21", "2026-13-21T00:00:00Z"])
def test_anything_else_is_no_timestamp(value: Any) -> None:
    with pytest.raises(grades.IncorrectScoreError):
        grades.parse_timestamp(value, zone=PARIS)


@pytest.mark.parametrize("progress", ["Initialized", "InProgress", "Pending", "x"])
def test_only_a_fully_graded_score_is_given(progress: str) -> None:
    assert grades.parse_score({**BODY, "gradingProgress": progress}, zone=PARIS).given is None
    assert grades.parse_score(BODY, zone=PARIS).given == 9


@pytest.mark.parametrize("value", [True, "nan", "inf", [], {}, "beaucoup"])
def test_a_score_is_a_finite_number(value: Any) -> None:
    with pytest.raises(grades.IncorrectScoreError):
        grades.parse_score({**BODY, "scoreGiven": value}, zone=PARIS)


@given(
    given_=st.floats(-1e6, 1e6),
    maximum=st.floats(0.5, 1000),
    column=st.floats(0.5, 1000),
)
def test_the_final_score_fits_the_column(given_: float, maximum: float, column: float) -> None:
    score = grades.Score("5", 0, given_, maximum, None)
    final = grades.final_score(
        grades.raw_score(score, column_maximum=column), column_maximum=column
    )
    assert final is not None
    assert 0 <= final <= column


@pytest.mark.parametrize(
    ("final", "rule", "state"),
    [
        (None, CompletionRule.NONE, None),
        (100.0, CompletionRule.NONE, None),
        (None, CompletionRule.GRADE, grades.CompletionState.INCOMPLETE),
        (0.0, CompletionRule.GRADE, grades.CompletionState.COMPLETE),
        (79.9, CompletionRule.PASS_GRADE, grades.CompletionState.FAILED),
        (80.0, CompletionRule.PASS_GRADE, grades.CompletionState.PASSED),
        (None, CompletionRule.PASS_GRADE, grades.CompletionState.INCOMPLETE),
    ],
)
def test_completion_follows_the_grade(
    final: float | None, rule: CompletionRule, state: grades.CompletionState | None
) -> None:
    assert grades.completion_state(final, rule=rule, pass_score=80.0) is state
