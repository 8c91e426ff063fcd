"""The one place that reads the wall clock, so that tests can move it (time-machine)."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
