"""What the commands share: the application context, the listing format."""

import json
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

import click
from flask import Flask

P = ParamSpec("P")
R = TypeVar("R")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def create_app() -> Flask:
    """The web application, imported only by the commands that need it: it takes a second."""
    app: Flask = import_module("lti_app.app").create_app()
    return app


def with_app(command: Callable[P, R]) -> Callable[P, R]:
    """Run the command inside the application's context; the database must be up to date."""

    @wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with create_app().app_context():
            return command(*args, **kwargs)

    return wrapper


def print_listing(rows: Sequence[dict[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print rows as JSON, or as a table of these columns."""
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
        return
    texts = [[_text(row.get(column)) for column in columns] for row in rows]
    widths = [
        max(len(column), *(len(line[index]) for line in texts)) if texts else len(column)
        for index, column in enumerate(columns)
    ]
    for line in [list(columns), *texts]:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)
