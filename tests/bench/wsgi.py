"""What gunicorn runs: Relais as it is in production, and a header with what each request cost."""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from lti_app.app import create_app as create_relais
from lti_app.app import security

STATEMENTS_HEADER = "X-Bench-Statements"
_BOOKKEEPING = ("BEGIN", "PRAGMA")

_count: ContextVar[list[int]] = ContextVar("bench_statements")


def create_app() -> Flask:
    """Relais from the environment, with the counter around it."""
    # One trainer asks for more exports here than anybody does: counted as always, never refused.
    security._COSTLY_LIMIT = "1000000 per minute"
    app = create_relais()
    app.wsgi_app = _Counter(app.wsgi_app)  # type: ignore[method-assign]
    return app


class _Counter:
    """Says in a header how many SQL statements the request took (BEGIN and COMMIT apart).

    What a streamed body does after its headers is not counted.
    """

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self._inner = inner

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        spent = [0]
        _count.set(spent)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, (STATEMENTS_HEADER, str(spent[0]))], *rest)

        return self._inner(environ, start)


@event.listens_for(Engine, "before_cursor_execute")
def _one_more(
    _connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
) -> None:
    spent = _count.get(None)
    if spent is not None and not statement.startswith(_BOOKKEEPING):
        spent[0] += 1
