"""HTTP towards addresses that others gave us: guarded against SSRF, slowness and size.

Every URL taken from a registration, a claim or a Link header goes through `OutboundSession`:
https only, public addresses only (checked on the very socket address that is connected, so that a
DNS answer cannot change between check and use), no redirects, capped body, time-outs.
Development allows http and loopback, so that `make run` can talk to its demonstration LMS.
"""

import ipaddress
import socket
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.poolmanager import PoolManager

USER_AGENT = "Relais/0.1 (LTI 1.3 tool)"
TIMEOUT_SECONDS = (3.05, 10.0)
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_BODY_SECONDS = 20.0
"""The time-outs above start again at each byte: a body that drips would never end."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")  # `is_global` takes what is unassigned for public
_6TO4 = ipaddress.IPv6Network("2002::/16")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


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
    ip = _destination(ipaddress.ip_address(address.split("%")[0]))
    if allow_loopback and ip.is_loopback:
        return
    if not ip.is_global or ip.is_multicast or _leads_elsewhere(ip):
        raise ForbiddenAddressError(f"{ip} is not a public address")


def _destination(ip: _Address) -> _Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:  # what a server without IPv4 gets for every IPv4 host
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip


def _leads_elsewhere(ip: _Address) -> bool:
    """Site-local, tunnelled (6to4 may hold a private IPv4 address), or assigned to nobody."""
    return isinstance(ip, ipaddress.IPv6Address) and (ip not in _GLOBAL_IPV6 or ip in _6TO4)


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
        try:
            response = super().request(method, url, **kwargs)
        except requests.exceptions.ConnectionError as error:
            refusal = _refusal_behind(error)
            if refusal is None or refusal is error:
                raise
            raise refusal from error
        _read_capped(response)
        return response


def _refusal_behind(error: BaseException) -> ForbiddenAddressError | None:
    """The refusal of the guarded connection, which urllib3 wraps as any broken connection."""
    if isinstance(error, ForbiddenAddressError):
        return error
    inner = (each for each in error.args if isinstance(each, BaseException))
    return next(filter(None, map(_refusal_behind, inner)), None)


def _read_capped(response: requests.Response) -> None:
    body = bytearray()
    deadline = time.monotonic() + MAX_BODY_SECONDS
    try:
        for chunk in _chunks(response):
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise ResponseTooLargeError("the answer is too large")
            if time.monotonic() > deadline:
                raise requests.exceptions.ReadTimeout("the answer takes too long")
    finally:
        response.close()
    response._content = bytes(body)
    response._content_consumed = True  # type: ignore[attr-defined]


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """What has come, as it comes: `iter_content` would wait for a full chunk."""
    try:
        while chunk := response.raw.read1(64 * 1024, decode_content=True):
            yield chunk
    except ReadTimeoutError as error:
        raise requests.exceptions.ReadTimeout("the answer stopped half-way") from error
    except HTTPError as error:
        raise requests.exceptions.ConnectionError(f"broken answer: {error}") from error


def is_success(response: requests.Response) -> bool:
    """2xx only: a redirect is not followed and is not a success."""
    return HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES
