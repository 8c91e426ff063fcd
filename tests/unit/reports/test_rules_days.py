"""Days as people of the service's zone say them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from lti_app.reports.rules.days import local_day, numeric_day

PARIS = ZoneInfo("Europe/Paris")


def test_the_day_is_that_of_the_zone() -> None:
    assert local_day(datetime(2026, 11, 8, 23, 30, tzinfo=UTC), PARIS) == date(2026, 11, 9)
    assert local_day(None, PARIS) is None


def test_days_have_one_width() -> None:
    assert numeric_day(date(2026, 2, 3)) == "03/02/2026"
