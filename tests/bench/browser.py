"""A browser for load: one keep-alive connection, a cookie jar per person, no more work than that.

`http.client` spends more time on parsing headers than Relais on some pages; the generator shares
the machine with what it measures.
"""

import socket
from collections.abc import Iterable
from urllib.parse import quote_plus

from tests.bench.server import BASE_URL, HOST
from tests.bench.wsgi import STATEMENTS_HEADER

_PUBLIC_HOST = BASE_URL.removeprefix("https://")
_TIMEOUT_SECONDS = 60.0
_CHUNK = 262_144


class Cookies(dict[str, str]):
    """What one person's browser keeps."""

    def receive(self, set_cookie: str) -> None:
        pair, _, attributes = set_cookie.partition(";")
        name, _, value = pair.partition("=")
        if "Max-Age=0" in attributes:
            self.pop(name, None)
        else:
            self[name] = value

    def __str__(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.items())


class Answer:
    """What came back. `statements`: SQL statements it took."""

    __slots__ = ("body", "location", "statements", "status")

    def __init__(self, status: int, location: str, statements: int, body: bytes) -> None:
        self.status = status
        self.location = location
        self.statements = statements
        self.body = body


class Connection:
    """One connection, opened again whenever the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._rest = b""

    def get(self, path: str, cookies: Cookies) -> Answer:
        return self._exchange(_head("GET", path, cookies) + b"\r\n", cookies)

    def post(self, path: str, cookies: Cookies, fields: Iterable[tuple[str, str]]) -> Answer:
        body = "&".join(f"{name}={quote_plus(value)}" for name, value in fields).encode()
        head = _head("POST", path, cookies) + (
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)
        )
        return self._exchange(head + body, cookies)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._rest = b""

    def _exchange(self, request: bytes, cookies: Cookies) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection((HOST, self._port), timeout=_TIMEOUT_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.sendall(request)
            return self._read(cookies)
        except OSError:
            self.close()
            raise

    def _read(self, cookies: Cookies) -> Answer:
        head = self._until(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            if name == "Set-Cookie":
                cookies.receive(value)
            else:
                headers[name.lower()] = value
        body = self._body(headers)
        if headers.get("connection") == "close":
            self.close()
        return Answer(
            int(first[9:12]),
            headers.get("location", ""),
            int(headers.get(STATEMENTS_HEADER.lower(), "0")),
            body,
        )

    def _body(self, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return self._take(int(headers["content-length"]))
        if headers.get("transfer-encoding") != "chunked":
            raise ConnectionError("a body of unknown length")
        chunks = []
        while size := int(self._until(b"\r\n"), 16):
            chunks.append(self._take(size))
            self._take(2)
        self._take(2)
        return b"".join(chunks)

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._more()
        part, _, self._rest = self._rest.partition(mark)
        return part

    def _take(self, size: int) -> bytes:
        while len(self._rest) < size:
            self._more()
        part, self._rest = self._rest[:size], self._rest[size:]
        return part

    def _more(self) -> None:
        received = self._socket.recv(_CHUNK) if self._socket else b""
        if not received:
            raise ConnectionError("the server closed the connection early")
        self._rest += received


def _head(method: str, path: str, cookies: Cookies) -> bytes:
    # What a browser sends inside an LMS's frame, through a proxy that ends TLS.
    return (
        f"{method} {path} HTTP/1.1\r\nHost: {_PUBLIC_HOST}\r\n"
        "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n"
        f"X-Forwarded-Host: {_PUBLIC_HOST}\r\n"
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
        "Accept: text/html,application/xhtml+xml\r\nAccept-Language: fr\r\n"
        "Sec-Fetch-Dest: iframe\r\nSec-Fetch-Mode: navigate\r\n"
        f"Cookie: {cookies}\r\n"
    ).encode()
