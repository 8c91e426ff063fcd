"""French wording of figures, durations and dates, for the screens. Pure.

Spaces follow French typography: U+00A0 before %, between a figure and its unit.
"""

from datetime import date, datetime

NBSP = "\N{NO-BREAK SPACE}"
NARROW = "\N{NARROW NO-BREAK SPACE}"

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def number(value: int) -> str:
    """12345 → « 12 345 » (narrow no-break spaces)."""
    return f"{value:,}".replace(",", NARROW)


def plural(count: float, singular: str, plural_form: str | None = None) -> str:
    """The noun alone, agreed with `count`: in French the plural begins at 2, not at 1.5."""
    return singular if abs(count) < 2 else plural_form or f"{singular}s"


def counted(count: int, singular: str, plural_form: str | None = None) -> str:
    """« 1 question », « 3 questions »."""
    return f"{number(count)}{NBSP}{plural(count, singular, plural_form)}"


def percent(value: float) -> str:
    """A percentage already between 0 and 100: « 80 % »; one decimal at most, with a comma."""
    figure = f"{value:.1f}".removesuffix(".0").replace(".", ",")
    return f"{figure}{NBSP}%"


def minutes(value: int) -> str:
    """A duration in minutes: « 45 min », « 1 h », « 1 h 05 »."""
    if value < 60:
        return f"{value}{NBSP}min"
    hours, rest = divmod(value, 60)
    return f"{hours}{NBSP}h" + (f"{NBSP}{rest:02}" if rest else "")


def day(value: date, today: date) -> str:
    """« 3 mars », « 1er avril »; with the year when it is not this year's."""
    rank = "1er" if value.day == 1 else str(value.day)
    text = f"{rank}{NBSP}{_MONTHS[value.month - 1]}"
    return text if value.year == today.year else f"{text} {value.year}"


def weekday(value: date, today: date) -> str:
    """« jeudi 3 mars »."""
    return f"{_DAYS[value.weekday()]} {day(value, today)}"


def moment(value: datetime, today: date) -> str:
    """« jeudi 3 mars à 10 h 05 »."""
    return f"{weekday(value.date(), today)} à {value.hour}{NBSP}h{NBSP}{value.minute:02}"


def relative_day(value: date, today: date) -> str:
    """« aujourd’hui », « demain », « il y a 2 jours », « dans 5 jours »; beyond a week, the day."""
    days = (value - today).days
    close = {0: "aujourd’hui", 1: "demain", -1: "hier"}
    if days in close:
        return close[days]
    if -7 <= days < 0:
        return f"il y a {-days}{NBSP}jours"
    if 0 < days <= 7:
        return f"dans {days}{NBSP}jours"
    return f"le {day(value, today)}"
