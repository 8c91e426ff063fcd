"""The French wording as template filters: « now » and the zone are those of the service."""

from collections.abc import Callable
from datetime import date, datetime

from flask import Flask

from lti_app.core import clock
from lti_app.core.settings import current_settings
from lti_app.ui import french


def _local(value: date) -> date:
    """The day of an instant in the zone of the service; a day is already one."""
    if isinstance(value, datetime):
        return value.astimezone(current_settings().zone).date()
    return value


def _moment(value: datetime) -> str:
    return french.moment(value.astimezone(current_settings().zone), today())


def today() -> date:
    """The present day in the zone of the service."""
    return _local(clock.now())


def _on_days(wording: Callable[[date, date], str]) -> Callable[[date], str]:
    return lambda value: wording(_local(value), today())


def init_filters(app: Flask) -> None:
    """Register: day, weekday, relative_day, moment, minutes, percent, number, counted, plural."""
    app.jinja_env.filters.update(
        day=_on_days(french.day),
        weekday=_on_days(french.weekday),
        relative_day=_on_days(french.relative_day),
        minutes=french.minutes,
        moment=_moment,
        percent=french.percent,
        number=french.number,
        counted=french.counted,
        plural=french.plural,
    )
