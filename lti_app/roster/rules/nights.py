"""When the night's rosters are read. Pure."""

import hashlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

FIRST_HOUR, LAST_HOUR = 2, 5
"""The night, in the service's zone: from 2:00 to 4:59."""

SPREAD = timedelta(minutes=150)
"""Courses have their turn in the first two and a half hours: the last half hour is for those that
a dead worker left half read."""


def night_began(now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the present night began (aware, UTC); None by day."""
    local = now.astimezone(zone)
    if not FIRST_HOUR <= local.hour < LAST_HOUR:
        return None
    return local.replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0).astimezone(UTC)


def turn(course_id: int) -> timedelta:
    """How long after the beginning of the night a course has its turn, the same every night.

    Drawn from its id: one LMS holds hundreds of courses, and must not be asked for all at once.
    """
    draw = int.from_bytes(hashlib.sha256(str(course_id).encode()).digest()[:4])
    return SPREAD * (draw / 2**32)
