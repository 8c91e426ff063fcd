"""Every address of the application, for tests that hold for all of them, new ones included."""

import secrets
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from tests.conftest import BASE_URL

FILES_AND_HEALTH = ("ui.", "bootstrap.", "figures.", "health.")
"""Open to anybody, as often as they like: a whole school may share one address."""


def addresses(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """(endpoint, an address that it answers) of each route that takes the method."""
    routes = app.url_map.bind("relais.example.org", url_scheme="https")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if method in (rule.methods or set()):
            values = {name: _value(rule, name) for name in rule.arguments}
            yield rule.endpoint, routes.build(rule.endpoint, values, method=method)


def _value(rule: Rule, name: str) -> object:
    converter: BaseConverter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, IntegerConverter) else "x"


def token_of(app: Flask, client: FlaskClient) -> str:
    """The CSRF token that a page would give this browser."""
    with client.session_transaction(base_url=BASE_URL) as browser_session:
        value = browser_session.setdefault("csrf_token", secrets.token_hex(20))
    # As flask_wtf.csrf.generate_csrf does, which remembers its token in the test's own context.
    token = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token").dumps(value)
    return str(token)
