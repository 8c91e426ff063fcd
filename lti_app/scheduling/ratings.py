"""From an answer to a rating of memory.

The table is versioned and the raw answer kept, so a better table can be replayed over the past.
Sources (learning notes, 3.7): right/wrong alone costs 1.5 % of log loss against four grades; a
declared guess separates luck from knowledge (PMC10201919).
"""

from enum import StrEnum

from lti_app.scheduling.memory import Rating

MAPPING_VERSION = "mapping_v1"

FEW_OPTIONS = 3
"""Up to that many options, a guess is right at least one time in three: it shows nothing."""

FLASH_MILLISECONDS = 2_000
READING_MILLISECONDS_PER_WORD = 300  # 200 words a minute, the pace the lessons are timed at


class Confidence(StrEnum):
    """How sure the person said they were; always optional."""

    GUESS = "guess"
    HESITANT = "hesitant"
    SURE = "sure"


def rate(correct: bool, confidence: Confidence | None, option_count: int | None) -> Rating:
    """The rating of one answer by `mapping_v1`: wrong is AGAIN, right is GOOD, EASY is never given.

    A right answer declared a guess is AGAIN with three options or fewer, else HARD. It stays right
    in the score. `option_count` counts the options of a question with one right option; None where
    chance is negligible (several right options, short answer, ordering, matching).
    """
    if not correct:
        return Rating.AGAIN
    if confidence is Confidence.GUESS:
        lucky = option_count is not None and option_count <= FEW_OPTIONS
        return Rating.AGAIN if lucky else Rating.HARD
    return Rating.GOOD


def shows_misconception(correct: bool, confidence: Confidence | None) -> bool:
    """Sure and wrong: asked again first in the next session, its explanation shown in full."""
    return not correct and confidence is Confidence.SURE


def is_flash_answer(milliseconds: int | None, words: int) -> bool:
    """Whether the answer came too fast for a question of `words` words (with options) to be read.

    Under two seconds, or under a quarter of the reading time. Such an answer is recorded and
    marked as any other; it only leaves the memory where it was. An unknown time (None) or one that
    cannot be (negative: a clock moved back) is never held against the person.
    """
    if milliseconds is None or milliseconds < 0:
        return False
    quarter_of_reading = words * READING_MILLISECONDS_PER_WORD / 4
    return milliseconds < max(FLASH_MILLISECONDS, quarter_of_reading)
