"""The limits on public addresses: whose requests count together, and without their store."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lti_app.app import create_app, security
from lti_app.core.database import Base, db
from tests.conftest import BASE_URL, make_settings
from tests.routes import FILES_AND_HEALTH, addresses


@pytest.fixture
def mute_server() -> Iterator[str]:
    """A store that accepts connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(20)
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def limited_app(folder: Path, **values: Any) -> Flask:
    settings = make_settings(folder, **{"login_rate_limit": "3 per hour", **values})
    app = create_app(settings, schema_required=False)
    with app.app_context():
        Base.metadata.create_all(db.engine)
    return app


def limited_client(folder: Path, **values: Any) -> FlaskClient:
    return limited_app(folder, **values).test_client()


def logins(client: FlaskClient, count: int = 5) -> list[int]:
    return [client.post("/lti/login", base_url=BASE_URL).status_code for _ in range(count)]


def test_launches_of_one_address_are_limited(tmp_path: Path) -> None:
    client = limited_client(tmp_path)
    assert logins(client) == [400, 400, 400, 429, 429]
    refused = client.post("/lti/login", base_url=BASE_URL)
    assert "TROP-DE-DEMANDES" in refused.text


def test_addresses_are_those_that_our_own_proxy_saw(tmp_path: Path) -> None:
    """What a client writes in X-Forwarded-For changes nothing: the proxy adds to its right."""
    client = limited_client(tmp_path, trusted_proxies=1)

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


def test_every_address_open_to_strangers_is_limited(tmp_path: Path) -> None:
    """All but those that ask for a visit, or for the token of a form, before anything else."""
    app = limited_app(tmp_path)
    client = app.test_client()
    limited = set()
    for method in ("GET", "POST"):
        for endpoint, address in addresses(app, method):
            if endpoint.startswith(FILES_AND_HEALTH):
                continue
            answers = [client.open(address, method=method, base_url=BASE_URL) for _ in range(4)]
            if answers[-1].status_code == 429:
                limited.add(endpoint)
                continue
            view = app.view_functions[endpoint]
            sealed = f"{view.__module__}.{view.__name__}" in security.csrf._exempt_views
            assert not sealed, endpoint
            assert (
                "SESSION-FIN" in answers[-1].text
                or "ADMIN-FIN" in answers[-1].text
                or (method == "POST" and "FORMULAIRE" in answers[-1].text)
            ), endpoint
    assert {"launch.login", "launch.jwks", "launch.register", "practice.enlarge"} <= limited
    assert "certificates.check" in limited
    assert {"launch.contents", "admin.enter", "admin.link"} <= limited


def test_an_ipv6_network_is_one_client(tmp_path: Path) -> None:
    client = limited_client(tmp_path)

    def login(address: str) -> int:
        peer = {"REMOTE_ADDR": address}
        return client.post("/lti/login", base_url=BASE_URL, environ_overrides=peer).status_code

    many = [login(f"2001:db8:0:1::{number:x}") for number in range(1, 6)]
    assert many == [400, 400, 400, 429, 429]
    assert login("2001:db8:0:2::1") == 400
    # An IPv4 client seen through an IPv6 socket is itself, not the whole of IPv4.
    assert [login("::ffff:192.0.2.7") for _ in range(4)] == [400, 400, 400, 429]
    assert login("::ffff:192.0.2.8") == 400
    assert login("192.0.2.7") == 429


@pytest.mark.parametrize("address", ["", "unix:", "fe80::1%eth0"])
def test_addresses_that_are_none(tmp_path: Path, address: str) -> None:
    client = limited_client(tmp_path)
    peer = {"REMOTE_ADDR": address}
    answer = client.post("/lti/login", base_url=BASE_URL, environ_overrides=peer)
    assert answer.status_code == 400


def test_costly_pages_are_limited_for_each_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "_COSTLY_LIMIT", "2 per hour")
    app = limited_app(tmp_path)

    def exports(person_id: int) -> list[int]:
        client = app.test_client()
        with client.session_transaction(base_url=BASE_URL) as browser_session:
            browser_session["_user_id"] = str(person_id)
            browser_session["_fresh"] = True
        path = "/suivi/1/export.csv"
        return [client.get(path, base_url=BASE_URL).status_code for _ in range(3)]

    # Nobody by that number: refused by the page at first, then before it.
    assert exports(1) == [401, 401, 429]
    assert exports(2) == [401, 401, 429]


@pytest.mark.parametrize(
    ("trusted", "headers", "said"),
    [
        (1, {}, "proxy_expected_but_not_seen"),
        (0, {"X-Forwarded-For": "192.0.2.1"}, "proxy_seen_but_not_trusted"),
        (0, {}, None),
        (1, {"X-Forwarded-For": "192.0.2.1"}, None),
    ],
)
def test_proxies_that_are_not_those_of_the_settings_are_said_once(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    trusted: int,
    headers: dict[str, str],
    said: str | None,
) -> None:
    client = limited_client(tmp_path, trusted_proxies=trusted)
    for path in ("/healthz", "/lti/jwks", "/lti/jwks"):
        client.get(path, base_url=BASE_URL, headers=headers)
    out = capsys.readouterr().out
    assert out.count("proxy_") == (1 if said else 0)
    assert said is None or said in out
    assert "192.0.2.1" not in out


def test_a_health_probe_without_proxy_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limited_client(tmp_path, trusted_proxies=1).get("/healthz", base_url=BASE_URL)
    assert "proxy_" not in capsys.readouterr().out
