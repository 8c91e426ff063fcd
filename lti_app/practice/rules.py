"""Where a learner goes next, and in which order a question shows its parts. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

SECONDS_PER_REVIEW = 30
"""Measured time of one question with its feedback, as in the minutes of a lesson."""


class LessonState(StrEnum):
    """Where a person stands in a lesson. Values are known to the macro `state_badge`."""

    UNREAD = "unread"
    READING = "reading"
    ANSWERING = "answering"
    DONE = "done"


class Goal(StrEnum):
    """What a « continue » button opens."""

    READ = "read"
    ANSWER = "answer"
    RETRY = "retry"
    REVIEW = "review"
    REVIEW_END = "review_end"
    MODULE = "module"


@dataclass(frozen=True, slots=True)
class NextStep:
    """A place to go. `part`: from 1, for READ; `question_id` for ANSWER, RETRY and REVIEW."""

    goal: Goal
    label: str
    module_id: str | None = None
    lesson_id: str | None = None
    part: int | None = None
    question_id: str | None = None


def lesson_state(
    *, parts_read: int, is_read: bool, question_ids: Sequence[str], last_right: Mapping[str, bool]
) -> LessonState:
    """Done: read, and every question answered at least once."""
    answered = sum(question in last_right for question in question_ids)
    if is_read and answered == len(question_ids):
        return LessonState.DONE
    if is_read or answered:
        return LessonState.ANSWERING
    return LessonState.READING if parts_read else LessonState.UNREAD


def part_to_show(asked: str | None, *, parts_read: int, count: int) -> int:
    """The part (from 1) of a lesson: the one asked for if it exists, else where one left.

    A lesson read to its end opens at its beginning.
    """
    offered = {str(number): number for number in range(1, count + 1)}
    if asked in offered:
        return offered[asked]
    return parts_read + 1 if parts_read < count else 1


def part_read(posted: str | None, *, count: int) -> int:
    """The part (from 1) that a posted form says was read.

    Beyond the last one when the lesson was shortened meanwhile: what was read to its end is read.
    """
    if posted is None or not posted.isdecimal() or len(posted) > _DIGITS:
        return 1
    return min(max(1, int(posted)), count)


_DIGITS = 4


def next_unanswered(
    question_ids: Sequence[str], current: str | None, last_right: Collection[str]
) -> str | None:
    """The question to ask after `current`: the next one never answered, then those skipped."""
    start = question_ids.index(current) + 1 if current in question_ids else 0
    ahead = (*question_ids[start:], *question_ids[:start])
    return next((q for q in ahead if q not in last_right and q != current), None)


def right_answers_needed(pass_mark: int, questions: int) -> int:
    """How many right answers reach the pass mark (0…100): the score is rounded down."""
    return -(-pass_mark * questions // 100)


def review_minutes(questions: int) -> int:
    """Honest minutes for that many due questions, rounded up."""
    return -(-questions * SECONDS_PER_REVIEW // 60)
