"""The table `mapping_v1` and the "réponse éclair" rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.scheduling.memory import Rating
from lti_app.scheduling.ratings import (
    MAPPING_VERSION,
    Confidence,
    is_flash_answer,
    rate,
    shows_misconception,
)

confidences = st.none() | st.sampled_from(Confidence)
option_counts = st.none() | st.integers(2, 8)


@pytest.mark.parametrize(
    ("correct", "confidence", "option_count", "rating"),
    [
        (True, None, 4, Rating.GOOD),
        (True, Confidence.SURE, 2, Rating.GOOD),
        (True, Confidence.HESITANT, 4, Rating.GOOD),
        (True, Confidence.GUESS, 2, Rating.AGAIN),
        (True, Confidence.GUESS, 3, Rating.AGAIN),
        (True, Confidence.GUESS, 4, Rating.HARD),
        (True, Confidence.GUESS, None, Rating.HARD),
        (False, None, 4, Rating.AGAIN),
        (False, Confidence.SURE, None, Rating.AGAIN),
    ],
)
def test_the_table(
    correct: bool, confidence: Confidence | None, option_count: int | None, rating: Rating
) -> None:
    assert rate(correct, confidence, option_count) is rating


@given(confidences, option_counts)
def test_wrong_is_always_again_and_right_never_below_it(
    confidence: Confidence | None, option_count: int | None
) -> None:
    wrong = rate(False, confidence, option_count)
    right = rate(True, confidence, option_count)
    assert wrong is Rating.AGAIN
    assert wrong <= right < Rating.EASY


@given(option_counts)
def test_confidence_never_lowers_the_rating_of_a_right_answer(option_count: int | None) -> None:
    ratings = [rate(True, confidence, option_count) for confidence in Confidence]
    assert ratings == sorted(ratings)  # guess, hesitant, sure


def test_only_sure_and_wrong_is_a_misconception() -> None:
    flagged = [
        (correct, confidence)
        for correct in (True, False)
        for confidence in (None, *Confidence)
        if shows_misconception(correct, confidence)
    ]
    assert flagged == [(False, Confidence.SURE)]


@pytest.mark.parametrize(
    ("milliseconds", "words", "flash"),
    [
        (0, 10, True),
        (1_999, 10, True),
        (2_000, 10, False),
        # 100 words take 30 s to read: a quarter is 7.5 s.
        (7_499, 100, True),
        (7_500, 100, False),
        (None, 100, False),
        (-5, 100, False),
    ],
)
def test_flash_answers(milliseconds: int | None, words: int, flash: bool) -> None:
    assert is_flash_answer(milliseconds, words) is flash


@given(st.integers(0, 10**7), st.integers(0, 10**4), st.integers(0, 10**6))
def test_taking_longer_is_never_more_flash(milliseconds: int, words: int, more: int) -> None:
    assert is_flash_answer(milliseconds, words) or not is_flash_answer(milliseconds + more, words)


def test_the_version_fits_its_column() -> None:
    assert 0 < len(MAPPING_VERSION) <= 20
