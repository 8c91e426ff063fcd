"""How long an administrator stays signed in."""

from datetime import datetime, timedelta

IDLE = timedelta(hours=2)
"""An administrator's session ends when nothing was asked for so long: a learner's lives longer."""
CLOCK_SLACK = timedelta(minutes=1)
"""Several web servers may answer one administrator, and their clocks differ a little."""


def is_over(seen_at: object, now: datetime) -> bool:
    """Whether an administrator's session, last used then (seconds since the epoch), has ended."""
    if not isinstance(seen_at, int) or isinstance(seen_at, bool):
        return True
    idle = now.timestamp() - seen_at
    return not -CLOCK_SLACK.total_seconds() <= idle <= IDLE.total_seconds()
