"""The memory of one person for one question: FSRS-6 by py-fsrs, counted in whole days.

Source: https://github.com/open-spaced-repetition/py-fsrs, default parameters. Settings that differ
from its defaults, and why, stand beside `_SCHEDULER`.
"""

import math
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import fsrs

from lti_app.scheduling.local_day import noon_utc

SCHEDULER_VERSION = "fsrs6_dr90_max180"
"""Stored with every card: a card of another version is replayed from the raw answers."""

DESIRED_RETENTION = 0.90
MAXIMUM_INTERVAL_DAYS = 180  # a school year: nothing learnt in September waits for the next one

_SCHEDULER = fsrs.Scheduler(
    desired_retention=DESIRED_RETENTION,
    # Steps are in minutes: a first right answer would be asked again ten minutes later, in a tool
    # that people open once a week.
    learning_steps=(),
    relearning_steps=(),
    maximum_interval=MAXIMUM_INTERVAL_DAYS,
    # The fuzz draws from the global random(): it could neither be tested nor replayed.
    enable_fuzzing=False,
)

# fsrs sleeps a millisecond to make up an id when none is given; ours live in the database.
_ANY_CARD_ID = 1


class Rating(IntEnum):
    """How well an answer shows that the thing is known. Values are those of FSRS."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


@dataclass(frozen=True, slots=True)
class Memory:
    """What is believed of one person's memory of one question.

    stability: days until the chance of recall falls to 0.9 (> 0). difficulty: 1…10.
    reps: answers that counted. lapses: those, after the first, that were wrong.
    """

    stability: float
    difficulty: float
    due_on: date
    last_reviewed_on: date
    reps: int
    lapses: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.stability) and self.stability > 0):
            raise ValueError(f"stability must be a positive number of days: {self.stability}")
        if not 1 <= self.difficulty <= 10:
            raise ValueError(f"difficulty must lie in 1…10: {self.difficulty}")


def counts_for_memory(memory: Memory | None, on: date) -> bool:
    """Whether an answer given `on` that day moves the card: only the first one of a day does.

    Several answers within minutes show short-term memory, and each would push the due day further
    (fsrs-optimizer #192). A day before the last one (a clock moved back) does not count either.
    """
    return memory is None or on > memory.last_reviewed_on


def review(memory: Memory | None, rating: Rating, on: date) -> Memory:
    """The memory after an answer rated `rating` on the local day `on`; None is a new card.

    When `counts_for_memory` is false the memory comes back unchanged, so that recording an answer
    never depends on how many were given that day. The due day is always after `on`: nothing comes
    back the same day, right or wrong.
    """
    if memory is not None and not counts_for_memory(memory, on):
        return memory
    card, _log = _SCHEDULER.review_card(_to_card(memory, on), fsrs.Rating(rating), noon_utc(on))
    if card.stability is None or card.difficulty is None:  # fsrs types them so; never after review
        raise AssertionError("fsrs left a reviewed card without a memory state")
    lapsed = memory is not None and rating is Rating.AGAIN
    return Memory(
        stability=card.stability,
        difficulty=card.difficulty,
        due_on=card.due.date(),
        last_reviewed_on=on,
        reps=(memory.reps if memory else 0) + 1,
        lapses=(memory.lapses if memory else 0) + lapsed,
    )


def retrievability(memory: Memory, on: date) -> float:
    """Predicted chance (0…1) of a right answer on the local day `on`; 1 up to the last review."""
    return _SCHEDULER.get_card_retrievability(_to_card(memory, on), noon_utc(on))


def _to_card(memory: Memory | None, on: date) -> fsrs.Card:
    # `due` is always given: left out, fsrs reads the wall clock.
    if memory is None:
        return fsrs.Card(card_id=_ANY_CARD_ID, due=noon_utc(on))
    return fsrs.Card(
        card_id=_ANY_CARD_ID,
        state=fsrs.State.Review,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=noon_utc(memory.due_on),
        last_review=noon_utc(memory.last_reviewed_on),
    )
