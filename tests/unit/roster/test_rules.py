"""Nights, doubts and French words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.lti.services import nrps
from lti_app.roster.rules.departures import LARGE, Headcount, doubt
from lti_app.roster.rules.explanations import Problem, advise
from lti_app.roster.rules.nights import SPREAD, night_began, turn

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("now", "began"),
    [
        (datetime(2026, 11, 9, 0, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 9, 1, 0, tzinfo=UTC), datetime(2026, 11, 9, 1, tzinfo=UTC)),
        (datetime(2026, 11, 9, 3, 59, tzinfo=UTC), datetime(2026, 11, 9, 1, tzinfo=UTC)),
        (datetime(2026, 11, 9, 4, 0, tzinfo=UTC), None),
        (datetime(2026, 7, 9, 0, 30, tzinfo=UTC), datetime(2026, 7, 9, 0, tzinfo=UTC)),
        # 2:00 does not exist on the night clocks go forward: it begins at 3:00.
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ],
)
def test_the_night_is_that_of_the_zone(now: datetime, began: datetime | None) -> None:
    assert night_began(now, PARIS) == began


@given(st.integers(0, 5_000_000))
def test_a_night_began_before_now_and_not_long_ago(minutes: int) -> None:
    now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    began = night_began(now, PARIS)
    assert began is None or timedelta() <= now - began < timedelta(hours=4)


def test_courses_have_their_turn_all_along_the_night() -> None:
    turns = [turn(course_id) for course_id in range(300)]
    assert turns == [turn(course_id) for course_id in range(300)]
    assert all(timedelta() <= each < SPREAD for each in turns)
    thirds = [sum(start * SPREAD / 3 <= each < (start + 1) * SPREAD / 3 for each in turns)
              for start in range(3)]  # fmt: skip
    assert min(thirds) > 60


@pytest.mark.parametrize(
    ("known", "missing", "named", "expected"),
    [
        (0, 0, 0, None),
        (30, 0, 30, None),
        (3, 3, 0, Problem.NOBODY_NAMED),
        (9, 8, 1, None),
        (10, 5, 5, None),
        (10, 6, 4, Problem.TOO_MANY_MISSING),
        (10, 6, 400, Problem.TOO_MANY_MISSING),
    ],
)
def test_doubts(known: int, missing: int, named: int, expected: Problem | None) -> None:
    assert doubt(Headcount(known=known, missing=missing, named=named)) == expected


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_nobody_missing_is_never_doubted_and_a_lost_class_always(
    kept: int, missing: int, named: int
) -> None:
    count = Headcount(known=kept + missing, missing=missing, named=named)
    if missing == 0:
        assert doubt(count) is None
    if missing > kept and kept + missing >= LARGE:
        assert doubt(count) is not None


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_is_explained(problem: Problem) -> None:
    advice = advise(problem)
    assert advice is not None
    # It stands in the middle of a sentence.
    assert advice.reason[0].islower() or advice.reason.startswith("Relais")
    assert advice.reason[-1].isalpha()
    assert advice.action.endswith(".")


def test_no_problem_and_an_unknown_one() -> None:
    assert advise(None) is None
    assert advise("from a later release") == advise(Problem.REJECTED)


def test_every_reason_of_the_platform_has_a_name_here() -> None:
    reasons = {
        nrps.FORBIDDEN_URL, nrps.TIMEOUT, nrps.UNREACHABLE, nrps.UNAVAILABLE, nrps.UNAUTHORIZED,
        nrps.NOT_ALLOWED, nrps.ROSTER_GONE, nrps.REJECTED, nrps.UNREADABLE, nrps.TOO_LARGE,
        nrps.TOO_MANY, nrps.TOO_SLOW, nrps.ENDLESS,
        # Of TokenError.
        "tool_key_missing", "token_url_forbidden", "timeout", "unreachable", "token_unreadable",
        "scope_refused", "unavailable", "token_url_wrong", "client_refused",
    }  # fmt: skip
    assert reasons <= set(Problem)
