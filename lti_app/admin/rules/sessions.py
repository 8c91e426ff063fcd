"""How long an administrator stays signed in."""

from datetime import datetime, timedelta

IDLE = timedelta(hours=2)
"""An administrator's session ends when nothing was asked for so long: a learner's lives longer."""


def is_over(seen_at: object, now: datetime) -> bool:
    """Whether an administrator's session, last used then (seconds since the epoch), has ended."""
    if not isinstance(seen_at, int) or isinstance(seen_at, bool):
        return True
    return not 0 <= now.timestamp() - seen_at <= IDLE.total_seconds()
