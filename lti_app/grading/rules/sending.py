"""When a score is owed, when to try again, and what the answers of the LMS mean.

How a real Moodle 4.5 answers is in the notes on its AGS service; where a rule exists because of
it, the rule says so.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)

_TEMPORARY_4XX = frozenset(
    {
        401,  # the token expired or was revoked: the next try asks for a new one
        408,  # request time-out
        425,  # too early
        429,  # too many requests
    }
)
_MOVED_FOR_GOOD = frozenset({301, 308})


class GradePolicy(StrEnum):
    """When a score is sent: from completion on, from the first right answer on, or never."""

    COMPLETION = "completion"
    PROGRESS = "progress"
    NONE = "none"


class Outcome(StrEnum):
    """What the answer of the LMS to a score means for the owed grade."""

    SENT = "sent"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    RETRY = "retry"


def parse_policy(custom: Mapping[str, str | None]) -> GradePolicy:
    """The policy a link asks for by its custom parameter `grades`; completion when in doubt.

    In doubt: absent, null, unknown, or a variable the platform left unexpanded.
    """
    wanted = custom.get("grades")
    # Custom claims come from outside: their values are whatever the platform's JSON held.
    if isinstance(wanted, str) and wanted.strip().lower() in set(GradePolicy):
        return GradePolicy(wanted.strip().lower())
    return GradePolicy.COMPLETION


def score_to_send(
    previous: int | None,
    score: int,
    completed: bool,
    policy: GradePolicy,
    *,
    announced: bool = True,
) -> int | None:
    """The score (0…100) to owe to the LMS now, None when it must hear nothing.

    Nothing before completion, then only a better one than `previous` (None: nothing yet). With the
    progress policy, every better score; not a first 0, which Moodle would take for "received a
    grade", hence complete. `completed` is "ever completed"; when `previous` did not say so yet
    (`announced`), completion is worth saying once, with the same score. Raises ValueError outside
    0…100.
    """
    if not 0 <= score <= 100:
        raise ValueError(f"a score lies in 0…100: {score}")
    if policy is GradePolicy.NONE:
        return None
    if not completed and (policy is GradePolicy.COMPLETION or score == 0):
        return None
    if previous is None or score > previous:
        return score
    return previous if completed and not announced else None


def next_timestamp(previous: datetime | None, now: datetime) -> datetime:
    """The timestamp of the next score of one person on one line item, in whole seconds, UTC.

    Later than `previous` (aware, None for the first) by a second at least, since Moodle compares
    whole seconds and answers 409 to an equal one; otherwise never later than `now`, since it would
    refuse every score until that time is reached. Raises ValueError for a naive datetime.
    """
    floor = _whole_second(now)
    return floor if previous is None else max(floor, _whole_second(previous) + timedelta(seconds=1))


def classify(status: int | None) -> Outcome:
    """What the HTTP status of a posted score means; None is no answer (time-out, network).

    409: the LMS holds a later score or a trainer's own grade: an end, not an error. Other 4xx will
    not change by insisting. What is neither (5xx, temporary redirections, nonsense) is tried again.
    """
    match status:
        case None:
            return Outcome.RETRY
        case 409:
            return Outcome.SUPERSEDED
        case code if 200 <= code < 300:
            return Outcome.SENT
        case code if code in _MOVED_FOR_GOOD:
            return Outcome.REFUSED
        case code if 400 <= code < 500 and code not in _TEMPORARY_4XX:
            return Outcome.REFUSED
        case _:
            return Outcome.RETRY


def backoff(attempts: int, owed_id: int | str) -> timedelta:
    """How long to wait after `attempts` failures (1, 2, …): 30 s doubled each time, 6 h at most.

    Shortened by up to a quarter, by the id of the owed grade: when an LMS comes back, four hundred
    grades that failed together are not all resent in one second. Never decreases with `attempts`.
    """
    doublings = min(max(attempts, 1) - 1, 20)  # bounded: 2**1000 seconds is no timedelta
    wait: timedelta = min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)
    draw = hashlib.sha256(str(owed_id).encode()).digest()[0] / 255
    return wait * (1 - draw / 4)


def _whole_second(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError("a score's timestamp needs an aware datetime")
    return instant.astimezone(UTC).replace(microsecond=0)
