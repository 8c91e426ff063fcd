"""Refused launches, added up by day."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo


class HourOfRefusals(NamedTuple):
    """Launches refused in one hour for one reason."""

    hour: datetime
    code: str
    platform_id: int
    launches: int
    last_at: datetime
    last_quote: str
    last_detail: str


class DayOfRefusals(NamedTuple):
    """Launches refused in one day for one reason, and what the last one could quote."""

    day: date
    code: str
    platform_id: int
    launches: int
    last_at: datetime
    last_quote: str
    last_detail: str


def by_day(hours: Iterable[HourOfRefusals], zone: ZoneInfo) -> list[DayOfRefusals]:
    """Add the hours up by day of the service's zone: the latest day first, then the most refused.

    Memory: one entry for each day, code and platform, whatever the number of hours.
    """
    days: dict[tuple[date, str, int], DayOfRefusals] = {}
    for row in hours:
        key = (row.hour.astimezone(zone).date(), row.code, row.platform_id)
        former = days.get(key)
        last = row if former is None or row.last_at >= former.last_at else former
        launches = row.launches + (former.launches if former else 0)
        days[key] = DayOfRefusals(*key, launches, last.last_at, last.last_quote, last.last_detail)
    return sorted(
        days.values(), key=lambda each: (-each.day.toordinal(), -each.launches, each.code)
    )
