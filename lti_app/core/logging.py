"""Structured logs without personal data: events carry ids and codes, never names or tokens."""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

from lti_app.core.settings import Settings

# A last net under the rule « log ids only »: a field with one of these names is blanked.
_PERSONAL = frozenset(
    {
        "name", "given_name", "family_name", "email", "id_token", "state", "nonce", "token",
        "authorization", "cookie", "return_url", "password", "client_assertion", "sub",
    }
)  # fmt: skip


def blank_personal_fields(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """structlog processor: replace the value of personal or secret fields."""
    for key in event.keys() & _PERSONAL:
        event[key] = "[…]"
    return event


def init_logging(settings: Settings) -> None:
    """One line per event on standard error: JSON in production, readable in development."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
        if settings.is_development
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            blank_personal_fields,
            # Plain tracebacks: the rich ones show local variables, names and answers included.
            *([] if settings.is_development else [structlog.processors.format_exc_info]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


def get_logger() -> structlog.typing.FilteringBoundLogger:
    """The logger of the application."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
