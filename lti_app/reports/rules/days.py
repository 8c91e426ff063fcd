"""Days as the trainer's pages say them."""

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo


def local_day(instant: datetime | None, zone: ZoneInfo) -> date | None:
    """The calendar day of an aware instant in that zone; None for none.

    The plain calendar day: the school day of `scheduling`, which begins at four, is for memory.
    """
    return None if instant is None else instant.astimezone(zone).date()


@cache  # a few hundred different days, shown by every row of every page
def numeric_day(day: date) -> str:
    """« 07/11/2026 »: narrow, and of one width in a column."""
    return f"{day:%d/%m/%Y}"
