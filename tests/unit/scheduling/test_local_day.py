"""The school day: 04:00 to 04:00 on the wall, through clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.scheduling.local_day import local_day, noon_utc

PARIS = ZoneInfo("Europe/Paris")
# Where French schools are, and two zones that change clocks at midnight.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Paris",
        "America/Guadeloupe",
        "America/Cayenne",
        "America/Miquelon",
        "Indian/Reunion",
        "Indian/Mayotte",
        "Pacific/Noumea",
        "Pacific/Tahiti",
        "Africa/Cairo",
        "Asia/Beirut",
    )
]

instants = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2080, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
zones = st.sampled_from(ZONES)


@pytest.mark.parametrize(
    ("local", "day"),
    [
        (datetime(2026, 9, 7, 18, 0, tzinfo=PARIS), date(2026, 9, 7)),
        (datetime(2026, 9, 7, 23, 50, tzinfo=PARIS), date(2026, 9, 7)),
        (datetime(2026, 9, 8, 0, 10, tzinfo=PARIS), date(2026, 9, 7)),
        (datetime(2026, 9, 8, 3, 59, 59, tzinfo=PARIS), date(2026, 9, 7)),
        (datetime(2026, 9, 8, 4, 0, tzinfo=PARIS), date(2026, 9, 8)),
        # 29 March 2026: 02:00 becomes 03:00. 25 October 2026: 03:00 becomes 02:00.
        (datetime(2026, 3, 29, 3, 30, tzinfo=PARIS), date(2026, 3, 28)),
        (datetime(2026, 3, 29, 4, 0, tzinfo=PARIS), date(2026, 3, 29)),
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=PARIS), date(2026, 10, 24)),
        (datetime(2026, 10, 25, 4, 0, tzinfo=PARIS), date(2026, 10, 25)),
    ],
)
def test_days_begin_at_four_on_the_wall(local: datetime, day: date) -> None:
    assert local_day(local.astimezone(UTC), PARIS) == day


def test_the_same_instant_is_another_day_overseas() -> None:
    evening_in_paris = datetime(2026, 9, 7, 20, 0, tzinfo=UTC)
    assert local_day(evening_in_paris, PARIS) == date(2026, 9, 7)
    assert local_day(evening_in_paris, ZoneInfo("Pacific/Noumea")) == date(2026, 9, 8)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        local_day(datetime(2026, 9, 7, 18, 0), PARIS)  # noqa: DTZ001


@given(instants, st.timedeltas(timedelta(0), timedelta(days=2)), zones)
def test_a_later_instant_never_falls_on_an_earlier_day(
    instant: datetime, later: timedelta, zone: ZoneInfo
) -> None:
    assert local_day(instant, zone) <= local_day(instant + later, zone)


@given(instants, zones)
def test_a_day_lasts_between_23_and_25_hours(instant: datetime, zone: ZoneInfo) -> None:
    day = local_day(instant, zone)
    assert local_day(instant + timedelta(hours=25), zone) > day
    assert local_day(instant + timedelta(hours=23), zone) <= day + timedelta(days=1)


@given(instants, zones, zones)
def test_the_zone_the_instant_is_expressed_in_does_not_matter(
    instant: datetime, zone: ZoneInfo, other: ZoneInfo
) -> None:
    assert local_day(instant.astimezone(other), zone) == local_day(instant, zone)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(0, 4000))
def test_noons_are_whole_days_apart(day: date, days: int) -> None:
    later = day + timedelta(days=days)
    assert noon_utc(later) - noon_utc(day) == timedelta(days=days)
    assert noon_utc(day).date() == day
    assert noon_utc(day).tzinfo is UTC
