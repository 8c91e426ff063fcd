"""What one line says of a person."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.grading.rules import GradeState
from lti_app.reports.rules.rows import GradeStatus, later, most_urgent, tidy_name

EARLY = datetime(2026, 9, 1, tzinfo=UTC)
LATE = datetime(2026, 11, 1, tzinfo=UTC)


def test_every_grade_state_has_its_status() -> None:
    assert {state.value for state in GradeState} == {status.value for status in GradeStatus} - {
        GradeStatus.NONE
    }


@pytest.mark.parametrize(
    ("statuses", "shown"),
    [
        ([], GradeStatus.NONE),
        ([GradeStatus.SENT], GradeStatus.SENT),
        ([GradeStatus.SENT, GradeStatus.OWED], GradeStatus.OWED),
        ([GradeStatus.OWED, GradeStatus.REFUSED, GradeStatus.SENT], GradeStatus.REFUSED),
        ([GradeStatus.SENT, GradeStatus.SUPERSEDED], GradeStatus.SUPERSEDED),
    ],
)
def test_of_several_grades_the_line_shows_what_needs_an_eye(
    statuses: list[GradeStatus], shown: GradeStatus
) -> None:
    assert most_urgent(statuses) is shown


def test_the_later_instant_is_the_one_known_or_the_greater() -> None:
    assert later(None, None) is None
    assert later(EARLY, None) == later(None, EARLY) == EARLY
    assert later(EARLY, LATE) == later(LATE, EARLY) == LATE


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (None, ""),
        ("  ", ""),
        ("Ada\nLovelace", "Ada Lovelace"),
        ("\tAda\r\n  Lovelace\x00 ", "Ada Lovelace"),
        ("Ada\u2028Lovelace", "Ada Lovelace"),
        ("Inès d’Almeida", "Inès d’Almeida"),
    ],
)
def test_a_name_is_one_line(sent: str | None, shown: str) -> None:
    assert tidy_name(sent) == shown


@given(st.text())
def test_a_tidy_name_is_printable_and_stays_as_it_is(text: str) -> None:
    tidy = tidy_name(text)
    assert tidy.isprintable()
    assert tidy_name(tidy) == tidy
