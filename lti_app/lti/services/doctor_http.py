"""HTTP for the doctor: the guarded session, less patient, that tells what it saw."""

import json
import socket
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from lti_app.core.outbound import ForbiddenAddressError, OutboundSession
from lti_app.lti.rules.diagnosis.facts import Answer, Obstacle

PATIENCE_SECONDS = (3.05, 5.0)
_BODY_SHOWN = 500
_WORDS_SHOWN = 120


class ObservedSession(OutboundSession):
    """Like OutboundSession; `last` says what the last address answered. Not shared by threads."""

    def __init__(self, *, allow_loopback: bool, clock: Callable[[], datetime]) -> None:
        super().__init__(allow_loopback=allow_loopback)
        self._clock = clock
        self.last: Answer | None = None

    def request(  # type: ignore[override]
        self, method: str, url: str, **kwargs: Any
    ) -> requests.Response:
        """Raises what OutboundSession does."""
        kwargs.setdefault("timeout", PATIENCE_SECONDS)
        begun = self._clock()
        try:
            response = super().request(method, url, **kwargs)
        except UnicodeError as error:  # a host name that IDNA cannot write
            self.last = Answer(url, obstacle=Obstacle.NAME)
            raise requests.exceptions.InvalidURL(str(error)) from error
        except requests.exceptions.RequestException as error:
            self.last = Answer(url, obstacle=_obstacle(error), detail=_words(error))
            raise
        self.last = _answer(url, response, begun, self._clock())
        return response

    def read(self, url: str, headers: Mapping[str, str]) -> tuple[Answer, bytes]:
        """GET, whatever happens: the answer, and its body (empty when there is none)."""
        try:
            response = self.get(url, headers=dict(headers))
        except requests.exceptions.RequestException:
            return self.last or Answer(url, obstacle=Obstacle.UNREACHABLE), b""
        return self.last or Answer(url), response.content


def fetch(http: ObservedSession, url: str) -> Answer:
    """What an address that should hold JSON answers."""
    answer, _ = http.read(url, {"Accept": "application/json"})
    return answer


def _answer(url: str, response: requests.Response, begun: datetime, ended: datetime) -> Answer:
    return Answer(
        url,
        status=response.status_code,
        content_type=response.headers.get("Content-Type", "")[:_WORDS_SHOWN],
        body=response.content[:_BODY_SHOWN].decode("utf-8", "replace"),
        document=_document(response.content),
        strict_transport="Strict-Transport-Security" in response.headers,
        clock_ahead=_clock_ahead(response, begun, ended),
    )


def _document(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _clock_ahead(response: requests.Response, begun: datetime, ended: datetime) -> float | None:
    """Seconds by which the answer's Date is ahead of our clock.

    `Date` is cut to the second, hence the half; an answer with an `Age` was dated long ago.
    """
    if "Age" in response.headers:
        return None
    try:
        date = parsedate_to_datetime(response.headers.get("Date", ""))
        middle = begun + (ended - begun) / 2
        return (date - middle).total_seconds() + 0.5
    except (TypeError, ValueError, OverflowError):  # no date, or one without a zone
        return None


def _obstacle(error: BaseException) -> Obstacle:
    for cause in _chain(error):
        if isinstance(cause, ForbiddenAddressError):
            return Obstacle.FORBIDDEN
        if isinstance(cause, requests.exceptions.SSLError):
            return Obstacle.CERTIFICATE
        if isinstance(cause, socket.gaierror):
            return Obstacle.NAME
        if isinstance(cause, requests.exceptions.Timeout | TimeoutError):
            return Obstacle.TIMEOUT
    # urllib3 keeps only the words of a connection that was not made in time.
    return Obstacle.TIMEOUT if "timed out" in str(error) else Obstacle.UNREACHABLE


def _chain(error: BaseException | None) -> list[BaseException]:
    """The error and what caused it, the outermost first."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain


def _words(error: BaseException) -> str:
    """The words of a refusal of ours; a library's name addresses of memory and objects."""
    return str(error)[:_WORDS_SHOWN] if isinstance(error, ForbiddenAddressError) else ""
