"""What Moodle does with a score, and what an activity's completion becomes. Pure functions."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

from lti_app.demo.models import CompletionRule

_ISO_8601 = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}(:?\d{2})?)?", re.ASCII
)


class CompletionState(IntEnum):
    """Moodle's own numbers."""

    INCOMPLETE = 0
    COMPLETE = 1
    PASSED = 2
    FAILED = 3


class IncorrectScoreError(ValueError):
    """The score is not one: Moodle answers 400 « Incorrect score received »."""


@dataclass(frozen=True, slots=True)
class Score:
    """A well-formed score: `given` is None when no grade is to be kept."""

    user_id: str
    timestamp: int
    given: float | None
    maximum: float
    comment: str | None


def parse_score(body: Any, *, zone: ZoneInfo) -> Score:
    """Read the JSON of a score, as Moodle 4.5.

    Only a scoreGiven that is FullyGraded counts: anything else gives `given` None, which erases
    the grade. `activityProgress` must be there and is otherwise ignored.

    Raises IncorrectScoreError.
    """
    if not isinstance(body, dict):
        raise IncorrectScoreError
    required = ("userId", "timestamp", "activityProgress", "gradingProgress")
    if any(body.get(field) is None for field in required):
        raise IncorrectScoreError
    given, maximum = _number(body.get("scoreGiven")), _number(body.get("scoreMaximum"))
    if given is not None and maximum is None:
        raise IncorrectScoreError
    comment = body.get("comment")
    return Score(
        user_id=str(body["userId"]),
        timestamp=parse_timestamp(body["timestamp"], zone=zone),
        given=given if body["gradingProgress"] == "FullyGraded" else None,
        maximum=1.0 if maximum is None else maximum,
        comment=str(comment) if comment else None,
    )


def _number(value: Any) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise IncorrectScoreError from error
    if isinstance(value, bool) or number != number or abs(number) == float("inf"):
        raise IncorrectScoreError
    return number


def parse_timestamp(value: Any, *, zone: ZoneInfo) -> int:
    """Whole Unix seconds of an ISO 8601 instant; without offset it is in the server's `zone`.

    Raises IncorrectScoreError.
    """
    if not isinstance(value, str) or not _ISO_8601.fullmatch(value):
        raise IncorrectScoreError
    # Python 3.11 reads at most microseconds; seconds are all that Moodle keeps.
    try:
        instant = datetime.fromisoformat(re.sub(r"\.\d+", "", value))
    except ValueError as error:
        raise IncorrectScoreError from error
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    return int(instant.timestamp())


def raw_score(score: Score, *, column_maximum: float) -> float | None:
    """The score rescaled to the column; a scoreMaximum of 0 is left as it is."""
    if score.given is None:
        return None
    if score.maximum in (0.0, column_maximum):
        return score.given
    return score.given * column_maximum / score.maximum


def final_score(raw: float | None, *, column_maximum: float) -> float | None:
    """The score that is shown: clipped to 0…maximum."""
    return None if raw is None else min(max(raw, 0.0), column_maximum)


def completion_state(
    final: float | None, *, rule: str, pass_score: float
) -> CompletionState | None:
    """What the grade makes of the activity's completion; None when no rule watches the grade."""
    if rule == CompletionRule.NONE:
        return None
    if final is None:
        return CompletionState.INCOMPLETE
    if rule == CompletionRule.GRADE:
        return CompletionState.COMPLETE
    return CompletionState.PASSED if final >= pass_score else CompletionState.FAILED
