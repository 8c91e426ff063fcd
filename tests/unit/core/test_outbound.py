import contextlib
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from lti_app.core import outbound
from lti_app.core.outbound import (
    ForbiddenAddressError,
    OutboundSession,
    ResponseTooLargeError,
    check_address,
    check_url,
)

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",  # noqa: S104
    "100.64.0.1", "224.0.0.1", "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::",
    # IPv6 that leads to private IPv4: NAT64, 6to4, Teredo, and the old « compatible » form.
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:7f00:1::", "2001:0:7f00:1::", "::7f00:1",
    "fec0::1", "5f00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        check_address(address, allow_loopback=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_public_addresses_are_accepted(address: str) -> None:
    check_address(address, allow_loopback=False)


@pytest.mark.parametrize("address", PRIVATE[1:8])
def test_loopback_alone_is_opened_in_development(address: str) -> None:
    check_address("127.0.0.1", allow_loopback=True)
    with pytest.raises(ForbiddenAddressError):
        check_address(address, allow_loopback=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://moodle.example.org/",
        "ftp://moodle.example.org/",
        "file:///etc/passwd",
        "//moodle.example.org",
        "https://",
        "https://user:secret@moodle.example.org/",
        "https://[::1]/",
        "https://127.0.0.1/",
        "https://[broken/",
        "https://host:99999/",
        "",
    ],
)
def test_urls_refused_in_production(url: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        check_url(url, allow_loopback=False)


@given(st.text())
def test_any_text_is_judged_without_crashing(url: str) -> None:
    try:
        check_url(url, allow_loopback=False)
    except ForbiddenAddressError:
        return
    assert url.strip().lower().startswith("https:")


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
            return
        if self.path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"x")
            return
        if self.path == "/slow":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(100):
                    self.wfile.write(b"x")
                    time.sleep(0.05)
            return
        body = b"x" * (200_000 if self.path == "/large" else 5)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Silent."""


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


def test_answer_is_read_and_redirect_is_not_followed(server: str) -> None:
    with OutboundSession(allow_loopback=True) as session:
        assert session.get(f"{server}/").content == b"xxxxx"
        redirect = session.get(f"{server}/redirect")
        assert redirect.status_code == 302
        assert not outbound.is_success(redirect)


def test_large_answer_is_cut(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "MAX_BODY_BYTES", 100_000)
    with OutboundSession(allow_loopback=True) as session, pytest.raises(ResponseTooLargeError):
        session.get(f"{server}/large")


def test_answer_that_drips_is_given_up(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "MAX_BODY_SECONDS", 0.3)
    begun = time.monotonic()
    with (
        OutboundSession(allow_loopback=True) as session,
        pytest.raises(requests.exceptions.Timeout),
    ):
        session.get(f"{server}/slow")
    assert time.monotonic() - begun < 3


def test_answer_cut_short_is_an_error_of_the_network(server: str) -> None:
    with (
        OutboundSession(allow_loopback=True) as session,
        pytest.raises(requests.exceptions.ConnectionError),
    ):
        session.get(f"{server}/short")


def test_name_that_resolves_inside_is_refused_at_connection(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the check is on the address connected to, not on an earlier answer."""
    port = int(server.rsplit(":", 1)[1])
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: answers)
    with (
        OutboundSession(allow_loopback=False) as session,
        # By its own name: a grade is then refused and explained, not tried for ever.
        pytest.raises(ForbiddenAddressError, match="not a public address"),
    ):
        session.get(f"https://public-looking.example.org:{port}/")


def test_no_answer_is_an_error_not_a_wait() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with (
        OutboundSession(allow_loopback=True) as session,
        pytest.raises(requests.exceptions.ConnectionError),
    ):
        session.get(f"http://127.0.0.1:{port}/")
