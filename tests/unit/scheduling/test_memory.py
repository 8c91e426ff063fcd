"""FSRS in whole days, and the traps of py-fsrs that were met by running it."""

import random
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from lti_app.scheduling.local_day import local_day
from lti_app.scheduling.memory import (
    MAXIMUM_INTERVAL_DAYS,
    SCHEDULER_VERSION,
    Memory,
    Rating,
    counts_for_memory,
    retrievability,
    review,
)

MONDAY = date(2026, 9, 7)

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
ratings = st.sampled_from(Rating)
histories = st.lists(st.tuples(ratings, st.integers(0, 400)), min_size=1, max_size=12)


def memory_after(history: list[tuple[Rating, int]], start: date = MONDAY) -> Memory:
    """The memory after answers each given some days after the one before."""
    memory, day = None, start
    for rating, gap in history:
        day += timedelta(days=gap)
        memory = review(memory, rating, day)
    assert memory is not None
    return memory


def days_to_due(memory: Memory) -> int:
    return (memory.due_on - memory.last_reviewed_on).days


def test_first_intervals_are_those_of_fsrs_6_at_retention_090() -> None:
    first = {rating: days_to_due(review(None, rating, MONDAY)) for rating in Rating}
    assert first == {Rating.AGAIN: 1, Rating.HARD: 1, Rating.GOOD: 2, Rating.EASY: 8}


def test_right_answers_on_the_due_day_space_out_up_to_the_cap() -> None:
    memory, intervals = None, []
    for _ in range(6):
        memory = review(memory, Rating.GOOD, memory.due_on if memory else MONDAY)
        intervals.append(days_to_due(memory))
    assert intervals == [2, 11, 46, 163, 180, 180]
    assert memory is not None
    assert (memory.reps, memory.lapses) == (6, 0)


def test_monday_evening_then_tuesday_afternoon_are_two_days() -> None:
    # By real time they are 23 hours apart, which fsrs would count as the same day.
    paris = ZoneInfo("Europe/Paris")
    monday = local_day(datetime(2026, 9, 7, 18, 0, tzinfo=paris), paris)
    tuesday = local_day(datetime(2026, 9, 8, 17, 0, tzinfo=paris), paris)
    first = review(None, Rating.GOOD, monday)
    second = review(first, Rating.GOOD, tuesday)
    assert second.stability == pytest.approx(7.315, abs=0.01)
    assert days_to_due(second) == 7


def test_a_lapse_is_a_wrong_answer_to_a_question_already_met() -> None:
    met = review(None, Rating.AGAIN, MONDAY)
    assert (met.reps, met.lapses) == (1, 0)
    forgotten = review(met, Rating.AGAIN, met.due_on)
    assert (forgotten.reps, forgotten.lapses) == (2, 1)


def test_no_wall_clock_no_sleep_no_random(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_to_sleep(_seconds: float) -> None:
        raise AssertionError("fsrs sleeps when it makes up a card id")

    monkeypatch.setattr(time, "sleep", refuse_to_sleep)
    state = random.getstate()
    with time_machine.travel(datetime(1990, 1, 1, tzinfo=UTC), tick=False):
        then = review(review(None, Rating.GOOD, MONDAY), Rating.GOOD, MONDAY + timedelta(days=9))
    with time_machine.travel(datetime(2090, 1, 1, tzinfo=UTC), tick=False):
        now = review(review(None, Rating.GOOD, MONDAY), Rating.GOOD, MONDAY + timedelta(days=9))
    assert then == now
    assert random.getstate() == state


def test_the_version_fits_its_column() -> None:
    assert 0 < len(SCHEDULER_VERSION) <= 20


@pytest.mark.parametrize(
    ("stability", "difficulty"),
    [(0.0, 5.0), (-1.0, 5.0), (float("nan"), 5.0), (float("inf"), 5.0), (1.0, 0.5), (1.0, 11.0)],
)
def test_a_memory_that_cannot_be_is_refused(stability: float, difficulty: float) -> None:
    with pytest.raises(ValueError, match=r"stability|difficulty"):
        Memory(stability, difficulty, MONDAY, MONDAY, reps=1, lapses=0)


@given(histories, ratings)
def test_a_second_answer_on_one_day_moves_nothing(
    history: list[tuple[Rating, int]], rating: Rating
) -> None:
    memory = memory_after(history)
    assert not counts_for_memory(memory, memory.last_reviewed_on)
    assert review(memory, rating, memory.last_reviewed_on) == memory


@given(histories, ratings, st.integers(1, 5000))
def test_a_clock_moved_back_moves_nothing(
    history: list[tuple[Rating, int]], rating: Rating, back: int
) -> None:
    memory = memory_after(history)
    earlier = memory.last_reviewed_on - timedelta(days=back)
    assert not counts_for_memory(memory, earlier)
    assert review(memory, rating, earlier) == memory
    assert retrievability(memory, earlier) == 1


@given(histories)
def test_never_due_the_same_day_nor_after_a_school_year(history: list[tuple[Rating, int]]) -> None:
    assert 1 <= days_to_due(memory_after(history)) <= MAXIMUM_INTERVAL_DAYS


@given(histories, st.integers(1, 400))
def test_a_better_rating_never_comes_back_sooner(
    history: list[tuple[Rating, int]], gap: int
) -> None:
    memory = memory_after(history)
    day = memory.last_reviewed_on + timedelta(days=gap)
    after = [review(memory, rating, day) for rating in Rating]
    assert [m.due_on for m in after] == sorted(m.due_on for m in after)
    assert [m.stability for m in after] == sorted(m.stability for m in after)
    assert [m.difficulty for m in after] == sorted((m.difficulty for m in after), reverse=True)


@given(histories, st.integers(0, 2000), st.integers(0, 2000))
def test_recall_only_fades(history: list[tuple[Rating, int]], one: int, other: int) -> None:
    memory = memory_after(history)
    sooner, later = sorted([one, other])
    at_once = retrievability(memory, memory.last_reviewed_on + timedelta(days=sooner))
    after = retrievability(memory, memory.last_reviewed_on + timedelta(days=later))
    assert 0 < after <= at_once <= 1


@given(histories, days)
def test_the_same_answers_any_year_give_the_same_memory(
    history: list[tuple[Rating, int]], start: date
) -> None:
    here, there = memory_after(history), memory_after(history, start)
    assert (here.stability, here.difficulty) == (there.stability, there.difficulty)
    assert days_to_due(here) == days_to_due(there)


@given(days, ratings)
def test_a_new_card_counts_whatever_the_day(day: date, rating: Rating) -> None:
    assert counts_for_memory(None, day)
    memory = review(None, rating, day)
    assert memory.last_reviewed_on == day
    assert counts_for_memory(memory, day + timedelta(days=1))
    assert retrievability(memory, day) == 1


def test_recall_is_nine_in_ten_after_as_many_days_as_the_stability() -> None:
    memory = Memory(stability=30, difficulty=5, due_on=MONDAY, last_reviewed_on=MONDAY,
                    reps=3, lapses=0)  # fmt: skip
    assert retrievability(memory, MONDAY + timedelta(days=30)) == pytest.approx(0.9)
