"""Where one goes next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.practice.rules import (
    LessonState,
    lesson_state,
    next_unanswered,
    part_to_show,
    review_minutes,
    right_answers_needed,
)

QUESTIONS = ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("parts_read", "is_read", "answered", "state"),
    [
        (0, False, "", LessonState.UNREAD),
        (1, False, "", LessonState.READING),
        (3, True, "", LessonState.ANSWERING),
        (3, True, "abc", LessonState.ANSWERING),
        (3, True, "abcd", LessonState.DONE),
        (0, False, "abcd", LessonState.ANSWERING),
    ],
)
def test_lesson_state(parts_read: int, is_read: bool, answered: str, state: LessonState) -> None:
    last_right = dict.fromkeys(answered, False)
    found = lesson_state(
        parts_read=parts_read, is_read=is_read, question_ids=QUESTIONS, last_right=last_right
    )
    assert found is state


@given(asked=st.text(max_size=5) | st.none(), read=st.integers(0, 9), count=st.integers(1, 9))
def test_the_part_shown_exists(asked: str | None, read: int, count: int) -> None:
    assert 1 <= part_to_show(asked, parts_read=read, count=count) <= count


def test_the_part_asked_for_comes_first() -> None:
    assert part_to_show("2", parts_read=3, count=5) == 2
    assert part_to_show(None, parts_read=3, count=5) == 4
    assert part_to_show("6", parts_read=5, count=5) == 1
    assert part_to_show("02", parts_read=0, count=5) == 1


@pytest.mark.parametrize(
    ("current", "answered", "following"),
    [
        (None, "", "a"),
        ("a", "a", "b"),
        ("a", "ab", "c"),
        ("d", "d", "a"),
        ("c", "acd", "b"),
        ("a", "", "b"),
        ("d", "abcd", None),
        ("a", "bcd", None),
    ],
)
def test_next_unanswered(current: str | None, answered: str, following: str | None) -> None:
    assert next_unanswered(QUESTIONS, current, set(answered)) == following


@given(pass_mark=st.integers(1, 100), questions=st.integers(1, 200))
def test_the_right_answers_needed_are_the_fewest_that_pass(pass_mark: int, questions: int) -> None:
    needed = right_answers_needed(pass_mark, questions)

    assert 100 * needed // questions >= pass_mark
    assert 100 * (needed - 1) // questions < pass_mark
    assert needed <= questions


def test_review_minutes_are_rounded_up() -> None:
    assert [review_minutes(n) for n in (0, 1, 2, 3, 12)] == [0, 1, 1, 2, 6]
