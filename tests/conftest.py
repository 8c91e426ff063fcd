"""Fixtures for every test: each database in turn, an application, a session, a client."""

import contextlib
import contextvars
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_app.app import create_app
from lti_app.core.database import Base, db, mark_read_only
from lti_app.core.logging import init_logging
from lti_app.core.settings import Environment, Settings
from tests import factories
from tests.postgresql import running_postgresql

_UNHURRIED = hypothesis_settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.register_profile("relais", _UNHURRIED, max_examples=40)
# HYPOTHESIS_PROFILE=thorough: what a night may afford, and `make test` may not.
hypothesis_settings.register_profile("thorough", _UNHURRIED, max_examples=1000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "relais"))

SECRET_KEY = "a secret of the tests, long enough for production"
BASE_URL = "https://relais.example.org"


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL 16 of this test process (socket only)."""
    with running_postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Every test that touches the database runs on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Flask]]:
    """Applications by database, built once per test process."""
    built: dict[str, Flask] = {}
    yield built
    for app in built.values():
        with app.app_context():
            db.engine.dispose()


def make_settings(folder: Path, **values: Any) -> Settings:
    """Settings of a production service at BASE_URL, with no proxy in front."""
    return Settings(
        **{
            "env": Environment.PRODUCTION,
            "base_url": BASE_URL,
            "secret_key": SECRET_KEY,
            "instance_path": folder,
            "broker_url": "memory://",
            "trusted_proxies": 0,
            "login_rate_limit": "100000 per minute",
            **values,
        }
    )


@pytest.fixture
def app(
    database: str,
    apps: dict[str, Flask],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """The application on an empty database. No context is pushed: see `session`."""
    if database not in apps:
        url = request.getfixturevalue("postgresql_url") if database == "postgresql" else ""
        folder = tmp_path_factory.mktemp(database)
        settings = make_settings(folder, database_url=url)
        built = create_app(settings, schema_required=False)
        built.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
        with built.app_context():
            mark_read_only(False)
            Base.metadata.create_all(db.engine)
        apps[database] = built
    app = apps[database]
    # Another application, of a preview say, may have been made since: logs are set up by the last.
    init_logging(app.config["RELAIS"])
    yield app
    with app.app_context():
        mark_read_only(False)
        empty(db.engine)
    for key in ("frame_ancestors",):
        app.extensions.pop(key, None)


def empty(engine: sa.Engine) -> None:
    """Delete every row."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
            connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
            return
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session in an application context; factories write to it, `client` commits it."""
    mark_read_only(False)
    with app.app_context():
        factories.bind(db.session)
        try:
            yield db.session
        finally:
            with contextlib.suppress(Exception):
                db.session.rollback()
            factories.bind(None)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser: https at the public address, cookies kept."""
    return make_client(app)


class Browser(FlaskClient):
    """A test client whose requests are strangers to the test.

    It first commits what the test's own session holds: the application sees what was prepared,
    SQLite's one writer is not the test itself, and the test reads afterwards what was written.
    And it leaves the test's application context, which Flask would otherwise reuse: `g` (hence
    Flask-Login's person) and `db.session` would live from one request to the next.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        factories.commit()
        kwargs.setdefault("buffered", True)
        kwargs.setdefault("base_url", BASE_URL)
        return contextvars.Context().run(super().open, *args, **kwargs)


def make_client(app: Flask) -> FlaskClient:
    """Another browser, with a cookie jar of its own."""
    app.test_client_class = Browser
    return app.test_client()
