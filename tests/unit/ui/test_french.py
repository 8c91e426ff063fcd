"""Figures, durations and dates as French writes them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.ui import french

TODAY = date(2026, 11, 9)  # a Monday
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (TODAY, "9\xa0novembre"),
        (date(2026, 4, 1), "1er\xa0avril"),
        (date(2027, 8, 31), "31\xa0août 2027"),
    ],
)
def test_day(value: date, words: str) -> None:
    assert french.day(value, TODAY) == words


def test_weekday() -> None:
    assert french.weekday(TODAY, TODAY) == "lundi 9\xa0novembre"
    assert french.weekday(date(2026, 12, 6), TODAY) == "dimanche 6\xa0décembre"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "aujourd’hui"),
        (1, "demain"),
        (-1, "hier"),
        (-2, "il y a 2\xa0jours"),
        (-7, "il y a 7\xa0jours"),
        (-8, "le 1er\xa0novembre"),
        (7, "dans 7\xa0jours"),
        (8, "le 17\xa0novembre"),
    ],
)
def test_relative_day(days: int, words: str) -> None:
    assert french.relative_day(TODAY + timedelta(days=days), TODAY) == words


@given(value=DAYS, today=DAYS)
def test_every_day_has_words(value: date, today: date) -> None:
    assert str(value.year) in french.day(value, today) or value.year == today.year
    assert french.relative_day(value, today)


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0\xa0min"), (59, "59\xa0min"), (60, "1\xa0h"), (65, "1\xa0h\xa005"), (120, "2\xa0h")],
)
def test_minutes(value: int, words: str) -> None:
    assert french.minutes(value) == words


@given(value=st.integers(0, 10_000))
def test_minutes_lose_nothing(value: int) -> None:
    words = french.minutes(value).replace("\xa0", " ").split()
    hours = int(words[0]) if "h" in words else 0
    rest = int(words[-1]) if words[-1].isdigit() else int(words[0]) if "min" in words else 0
    assert 60 * hours + rest == value


@pytest.mark.parametrize(
    ("value", "words"), [(80, "80\xa0%"), (82.5, "82,5\xa0%"), (0, "0\xa0%"), (33.333, "33,3\xa0%")]
)
def test_percent(value: float, words: str) -> None:
    assert french.percent(value) == words


def test_moments_say_day_and_hour() -> None:
    at = datetime(2026, 11, 9, 7, 5, tzinfo=UTC)
    assert french.moment(at, TODAY) == "lundi 9\xa0novembre à 7\xa0h\xa005"


def test_plurals_begin_at_two() -> None:
    assert [french.plural(n, "jour") for n in (0, 1, 1.5, 2)] == ["jour", "jour", "jour", "jours"]
    assert french.plural(3, "travail", "travaux") == "travaux"
    assert french.counted(12345, "carte") == "12\u202f345\xa0cartes"
    assert french.counted(0, "question due", "questions dues") == "0\xa0question due"
