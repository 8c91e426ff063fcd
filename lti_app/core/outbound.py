"""HTTP towards addresses that others gave us: guarded against SSRF, slowness and size.

Every URL taken from a registration, a claim or a Link header goes through `OutboundSession`:
https only, public addresses only (checked on the very socket address that is connected, so that a
DNS answer cannot change between check and use), no redirects, capped body, time-outs.
Development allows http and loopback, so that `make run` can talk to its demonstration LMS.
"""

import ipaddress
import socket
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.poolmanager import PoolManager

USER_AGENT = "Relais/0.1 (LTI 1.3 tool)"
TIMEOUT_SECONDS = (3.05, 10.0)
MAX_BODY_BYTES = 8 * 1024 * 1024


class ForbiddenAddressError(requests.exceptions.ConnectionError):
    """The URL is not one that Relais may call; the message says why."""


class ResponseTooLargeError(requests.exceptions.ConnectionError):
    """The answer is larger than MAX_BODY_BYTES."""


def check_url(url: str, *, allow_loopback: bool) -> None:
    """Refuse what can be refused without resolving the name. Raises ForbiddenAddressError."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ForbiddenAddressError(f"not a URL: {error}") from error
    if not host:
        raise ForbiddenAddressError("not an absolute URL")
    if parts.username or parts.password:
        raise ForbiddenAddressError("credentials in a URL are refused")
    if parts.scheme == "https" or (allow_loopback and parts.scheme == "http"):
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return
        check_address(str(address), allow_loopback=allow_loopback)
        return
    raise ForbiddenAddressError("only https addresses are allowed")


def check_address(address: str, *, allow_loopback: bool) -> None:
    """Refuse an IP address that is not public. Raises ForbiddenAddressError."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if allow_loopback and ip.is_loopback:
        return
    if not ip.is_global or ip.is_multicast:
        raise ForbiddenAddressError(f"{ip} is not a public address")


class _GuardedConnectionMixin:
    """Connects only to an address that was checked, whatever the name resolves to later."""

    allow_loopback = False

    def _new_conn(self) -> socket.socket:
        host, port = self._dns_host, self.port  # type: ignore[attr-defined]
        last_error: OSError | None = None
        for family, kind, protocol, _name, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
            check_address(str(address[0]), allow_loopback=self.allow_loopback)
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(TIMEOUT_SECONDS[0])
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.connect(address)
            except OSError as error:
                connection.close()
                last_error = error
            else:
                return connection
        raise NewConnectionError(
            self,  # type: ignore[arg-type]
            f"could not connect: {last_error}",
        )


def _guarded_pools(*, allow_loopback: bool) -> dict[str, type[HTTPConnectionPool]]:
    guard = {"allow_loopback": allow_loopback}
    http = type("GuardedHTTPConnection", (_GuardedConnectionMixin, HTTPConnection), guard)
    https = type("GuardedHTTPSConnection", (_GuardedConnectionMixin, HTTPSConnection), guard)
    return {
        "http": type("GuardedHTTPPool", (HTTPConnectionPool,), {"ConnectionCls": http}),
        "https": type("GuardedHTTPSPool", (HTTPSConnectionPool,), {"ConnectionCls": https}),
    }


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, *, allow_loopback: bool) -> None:
        self._allow_loopback = allow_loopback
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        self.poolmanager = PoolManager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _guarded_pools(
            allow_loopback=self._allow_loopback
        )


class OutboundSession(requests.Session):
    """A requests session that only goes where Relais may go, and never waits for long."""

    def __init__(self, *, allow_loopback: bool) -> None:
        super().__init__()
        self._allow_loopback = allow_loopback
        self.headers["User-Agent"] = USER_AGENT  # some Moodle refuse requests without one
        self.trust_env = False  # a proxy variable must not become a way round the guard
        adapter = _GuardedAdapter(allow_loopback=allow_loopback)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def request(  # type: ignore[override]
        self, method: str, url: str, **kwargs: Any
    ) -> requests.Response:
        """Like requests, but guarded; a 3xx comes back as it is.

        Raises ForbiddenAddressError, ResponseTooLargeError or requests' own exceptions.
        """
        check_url(url, allow_loopback=self._allow_loopback)
        kwargs["allow_redirects"] = False
        kwargs["stream"] = True
        kwargs.setdefault("timeout", TIMEOUT_SECONDS)
        response = super().request(method, url, **kwargs)
        _read_capped(response)
        return response


def _read_capped(response: requests.Response) -> None:
    body = bytearray()
    try:
        for chunk in response.iter_content(64 * 1024):
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise ResponseTooLargeError("the answer is too large")
    finally:
        response.close()
    response._content = bytes(body)
    response._content_consumed = True  # type: ignore[attr-defined]


def is_success(response: requests.Response) -> bool:
    """2xx only: a redirect is not followed and is not a success."""
    return HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES
