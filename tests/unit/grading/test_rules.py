"""What is sent to the LMS, when, and what its answers mean."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.grading.rules import (
    FIRST_WAIT,
    LONGEST_WAIT,
    GradePolicy,
    Outcome,
    backoff,
    classify,
    next_timestamp,
    parse_policy,
    score_to_send,
)

COMPLETION, PROGRESS = GradePolicy.COMPLETION, GradePolicy.PROGRESS

scores = st.integers(0, 100)
policies = st.sampled_from(GradePolicy)
instants = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=11)), timezone(timedelta(hours=-4))]),
)


# Policy


@pytest.mark.parametrize(
    ("custom", "policy"),
    [
        ({}, COMPLETION),
        ({"grades": None}, COMPLETION),
        ({"grades": "completion"}, COMPLETION),
        ({"grades": "$Unexpanded.variable"}, COMPLETION),
        ({"grades": 1}, COMPLETION),
        ({"grades": "progress"}, PROGRESS),
        ({"grades": " Progress "}, PROGRESS),
    ],
)
def test_the_policy_of_a_link(custom: dict[str, str | None], policy: GradePolicy) -> None:
    assert parse_policy(custom) is policy


# Score to send


@pytest.mark.parametrize(
    ("previous", "score", "completed", "policy", "sent"),
    [
        (None, 79, False, COMPLETION, None),
        (None, 100, False, COMPLETION, None),
        (None, 80, True, COMPLETION, 80),
        (80, 80, True, COMPLETION, None),
        (80, 75, True, COMPLETION, None),
        (80, 90, True, COMPLETION, 90),
        (None, 0, True, COMPLETION, 0),
        (None, 20, False, PROGRESS, 20),
        (20, 15, False, PROGRESS, None),
        (20, 30, False, PROGRESS, 30),
        (30, 80, True, PROGRESS, 80),
        # Moodle takes any FullyGraded score, even 0, for "received a grade": complete.
        (None, 0, False, PROGRESS, None),
    ],
)
def test_what_is_sent(
    previous: int | None, score: int, completed: bool, policy: GradePolicy, sent: int | None
) -> None:
    assert score_to_send(previous, score, completed, policy) == sent


@pytest.mark.parametrize("score", [-1, 101])
def test_a_score_that_cannot_be_is_refused(score: int) -> None:
    with pytest.raises(ValueError, match="0…100"):
        score_to_send(None, score, True, COMPLETION)


@given(st.lists(st.tuples(scores, st.booleans())), policies)
def test_sent_scores_only_rise_and_none_leaves_before_its_time(
    history: list[tuple[int, bool]], policy: GradePolicy
) -> None:
    previous, sent = None, []
    completed = False
    for score, completes in history:
        completed = completed or completes
        owed = score_to_send(previous, score, completed, policy)
        if owed is not None:
            assert owed == score
            assert completed or policy is PROGRESS
            sent.append(owed)
            previous = owed
    assert all(one < other for one, other in pairwise(sent))
    due = [score for score, _ in history] if completed and policy is PROGRESS else []
    assert max(sent, default=0) >= max(due, default=0)


# Timestamps


def test_two_scores_within_a_second_get_two_seconds() -> None:
    now = datetime(2026, 9, 7, 10, 0, 0, 900_000, tzinfo=UTC)
    first = next_timestamp(None, now)
    second = next_timestamp(first, now)
    assert first == datetime(2026, 9, 7, 10, 0, 0, tzinfo=UTC)
    assert second == datetime(2026, 9, 7, 10, 0, 1, tzinfo=UTC)


@given(st.lists(instants, min_size=1, max_size=20))
def test_timestamps_strictly_increase_in_whole_seconds(clock: list[datetime]) -> None:
    # The clock may jump back or stand still.
    previous, given_out = None, []
    for now in clock:
        stamp = next_timestamp(previous, now)
        assert stamp.microsecond == 0
        assert stamp.tzinfo is UTC
        latest_needed = previous + timedelta(seconds=1) if previous else now
        assert stamp <= max(now, latest_needed)
        given_out.append(stamp)
        previous = stamp
    assert all(int(a.timestamp()) < int(b.timestamp()) for a, b in pairwise(given_out))


@given(instants, instants)
def test_a_previous_timestamp_with_a_fraction_is_passed_too(
    previous: datetime, now: datetime
) -> None:
    stamp = next_timestamp(previous, now)
    assert stamp > previous
    assert int(stamp.timestamp()) > int(previous.timestamp())


@pytest.mark.parametrize("naive_is_previous", [True, False])
def test_naive_times_are_refused(naive_is_previous: bool) -> None:
    naive, aware = datetime(2026, 9, 7), datetime(2026, 9, 7, tzinfo=UTC)  # noqa: DTZ001
    previous, now = (naive, aware) if naive_is_previous else (aware, naive)
    with pytest.raises(ValueError, match="aware"):
        next_timestamp(previous, now)


# Answers of the LMS


@pytest.mark.parametrize(
    ("outcome", "statuses"),
    [
        (Outcome.SENT, [200, 201, 202, 204]),
        (Outcome.SUPERSEDED, [409]),
        (Outcome.REFUSED, [301, 308, 400, 403, 404, 405, 410, 412, 415, 422]),
        (Outcome.RETRY, [None, 302, 303, 307, 401, 408, 425, 429, 500, 502, 503, 504]),
        (Outcome.RETRY, [0, -1, 100, 600, 999]),
    ],
)
def test_what_a_status_means(outcome: Outcome, statuses: list[int | None]) -> None:
    assert {status: classify(status) for status in statuses} == dict.fromkeys(statuses, outcome)


@given(st.none() | st.integers())
def test_every_status_means_something_and_only_2xx_is_sent(status: int | None) -> None:
    sent = classify(status) is Outcome.SENT
    assert sent == (status is not None and 200 <= status <= 299)


# Waiting


def test_the_wait_doubles_from_half_a_minute_to_six_hours() -> None:
    waits = [backoff(attempt, 1) / backoff(1, 1) for attempt in range(1, 6)]
    assert waits == pytest.approx([1, 2, 4, 8, 16])
    assert 0.75 * FIRST_WAIT <= backoff(1, 1) <= FIRST_WAIT
    assert 0.75 * LONGEST_WAIT <= backoff(30, 1) <= LONGEST_WAIT


def test_grades_that_failed_together_are_not_resent_together() -> None:
    waits = {backoff(5, owed_id) for owed_id in range(400)}
    assert len(waits) > 100
    assert max(waits) - min(waits) > 0.2 * max(waits)


@given(st.integers(-3, 10_000), st.integers() | st.text())
def test_the_wait_never_decreases_and_is_always_the_same(attempts: int, owed_id: int | str) -> None:
    wait = backoff(attempts, owed_id)
    assert wait == backoff(attempts, owed_id)
    assert timedelta(0) < wait <= backoff(attempts + 1, owed_id) <= LONGEST_WAIT
