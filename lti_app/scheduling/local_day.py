"""The school day an instant belongs to: the unit in which memory is counted."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_STARTS_AT = time(4, 0)
"""Local wall-clock time at which a new day begins.

Four in the morning and not midnight: somebody who works at 23:50 and at 00:10 is in one evening, so
an answer missed before midnight must not come back, or count again, twenty minutes later. It is
also after every clock change (02:00 or 03:00 in the zones of French schools), so each day starts
exactly once.
"""


def local_day(instant: datetime, timezone: ZoneInfo) -> date:
    """The day `instant` (aware) belongs to in `timezone`, days starting at `DAY_STARTS_AT`.

    Raises ValueError for a naive datetime: its day is unknowable.
    """
    if instant.utcoffset() is None:
        raise ValueError("local_day needs an aware datetime")
    local = instant.astimezone(timezone)
    before_start = local.time() < DAY_STARTS_AT
    return local.date() - timedelta(days=1) if before_start else local.date()


def noon_utc(day: date) -> datetime:
    """Noon of `day` as fsrs wants it: two noons are a whole number of 24 hours apart.

    fsrs floors elapsed time to 24-hour periods, so real times would count Monday 18:00 to Tuesday
    17:00 as the same day; and it refuses any UTC that is not `datetime.timezone.utc` itself.
    """
    return datetime.combine(day, time(12), tzinfo=UTC)
