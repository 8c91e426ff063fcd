"""The limit on launches, and what becomes of it without its store."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from lti_app.app import create_app
from lti_app.core.database import Base, db
from tests.conftest import BASE_URL, make_settings


@pytest.fixture
def mute_server() -> Iterator[str]:
    """A store that accepts connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(20)
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def limited_client(folder: Path, **values: str) -> FlaskClient:
    settings = make_settings(folder, login_rate_limit="3 per hour", **values)
    app = create_app(settings, schema_required=False)
    with app.app_context():
        Base.metadata.create_all(db.engine)
    return app.test_client()


def logins(client: FlaskClient, count: int = 5) -> list[int]:
    return [client.post("/lti/login", base_url=BASE_URL).status_code for _ in range(count)]


def test_launches_of_one_address_are_limited(tmp_path: Path) -> None:
    client = limited_client(tmp_path)
    assert logins(client) == [400, 400, 400, 429, 429]
    refused = client.post("/lti/login", base_url=BASE_URL)
    assert "TROP-DE-DEMANDES" in refused.text


def test_addresses_are_those_that_our_own_proxy_saw(tmp_path: Path) -> None:
    """What a client writes in X-Forwarded-For changes nothing: the proxy adds to its right."""
    settings = make_settings(tmp_path, login_rate_limit="3 per hour", trusted_proxies=1)
    app = create_app(settings, schema_required=False)
    with app.app_context():
        Base.metadata.create_all(db.engine)
    client = app.test_client()

    def login(forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
        return client.post("/lti/login", base_url=BASE_URL, headers=headers).status_code

    forged = [login(f"10.0.0.{number}, 192.0.2.1") for number in range(5)]
    assert forged == [400, 400, 400, 429, 429]
    assert login("10.0.0.1, 192.0.2.2") == 400


def test_without_its_store_each_process_counts_and_nobody_waits(
    tmp_path: Path, mute_server: str
) -> None:
    client = limited_client(tmp_path, rate_limit_storage=mute_server)
    begun = time.monotonic()
    assert logins(client) == [400, 400, 400, 429, 429]
    assert time.monotonic() - begun < 8
