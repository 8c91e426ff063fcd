"""A demonstration LMS filled as the bench Moodle, and browsers and tools to speak to it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lti_app.demo.app import create_demo_app
from lti_app.demo.models import AccessToken
from lti_app.demo.platform import Platform
from lti_app.demo.scopes import PERMITTED_SCOPES
from lti_app.demo.settings import DemoSettings
from tests.unit.demo import bench


@pytest.fixture(scope="module")
def bench_settings(tmp_path_factory: pytest.TempPathFactory) -> DemoSettings:
    """Addresses of the samples."""
    return DemoSettings(
        database_path=Path(tmp_path_factory.mktemp("demo")) / "demo.sqlite",
        base_url=bench.BASE_URL,
        tool_base_url=bench.TOOL_URL,
        client_id=bench.CLIENT_ID,
        allow_faults=True,
    )


@pytest.fixture(scope="module")
def bench_app(bench_settings: DemoSettings) -> Iterator[Flask]:
    """One LMS per module: making its RSA key takes longer than all its answers."""
    app = create_demo_app(bench_settings, fill=bench.fill)
    app.testing = True
    yield app
    platform_of(app).database.dispose()


@pytest.fixture(scope="module")
def bench_platform(bench_app: Flask) -> Platform:
    """What is behind the pages."""
    return platform_of(bench_app)


@pytest.fixture
def browser(bench_app: Flask) -> FlaskClient:
    """A browser with no cookie yet."""
    return bench_app.test_client()


@pytest.fixture(scope="module")
def bearer(bench_platform: Platform) -> Callable[..., str]:
    """Makes an Authorization header for the scopes given, or all of them."""

    def make(*scopes: str) -> str:
        token = f"token-{time.perf_counter_ns()}"
        with bench_platform.database.writing() as session:
            session.add(
                AccessToken(
                    token=token,
                    client_id=bench.CLIENT_ID,
                    scopes=" ".join(scopes or sorted(PERMITTED_SCOPES)),
                    # The samples' clock is in 2026; some tests move ours.
                    expires_at=2**40,
                )
            )
        return f"Bearer {token}"

    return make


def platform_of(app: Flask) -> Platform:
    """The `Platform` of an app."""
    found = app.extensions["demo_platform"]
    assert isinstance(found, Platform)
    return found
