"""Days as the trainer's pages say them."""

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo


def local_day(instant: datetime | None, zone: ZoneInfo) -> date | None:
    """The calendar day of an aware instant in that zone; None for none.

    The plain calendar day: the school day of `scheduling`, which begins at four, is for memory.
    """
    return None if instant is None else instant.astimezone(zone).date()


def clock_time(instant: datetime | None, zone: ZoneInfo) -> str:
    """The hour of an aware instant in that zone: « 3 h 05 »; empty for none."""
    if instant is None:
        return ""
    local = instant.astimezone(zone)
    return f"{local.hour}\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}{local.minute:02}"


@cache  # a few hundred different days, shown by every row of every page
def numeric_day(day: date) -> str:
    """« 07/11/2026 »: narrow, and of one width in a column."""
    return f"{day:%d/%m/%Y}"
