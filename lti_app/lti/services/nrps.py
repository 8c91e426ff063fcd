"""Reading the members of a course (LTI NRPS 2.0), page after page, in bounded memory.

Pages of PAGE_SIZE members. A Moodle reads the whole enrolment for each page, so that small ones
cost it more (5,000 people: 0.11 s for each page of 100, 1.84 s for all at once), and an answer that
holds everybody grows with the course. A thousand is one answer for nearly every course, hence no
paging to trust, 0.4 s of Moodle's time and 0.25 MB of JSON.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import NoReturn

import requests

from lti_app.core.outbound import (
    ForbiddenAddressError,
    OutboundSession,
    ResponseTooLargeError,
    is_success,
)
from lti_app.lti.rules.membership import (
    Member,
    Members,
    UnreadableMembersError,
    first_address,
    next_address,
    pause_asked,
    read_members,
)
from lti_app.lti.services.ags import is_on
from lti_app.lti.services.tokens import IssuedToken, TokenError, TokenRequest, request_token

MEMBERSHIP_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MEMBERSHIP_MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

PAGE_SIZE = 1000
MAX_PAGES = 2000
MAX_MEMBERS = 100_000
LONGEST_READING = timedelta(minutes=20)
"""Beyond, the reading is given up: a platform that drips would hold a worker all night."""

SHORT_PAUSE = timedelta(seconds=20)
"""A Retry-After up to that is waited for; a longer one ends the reading."""
_PAUSES = 5

# Codes of RosterError, beside those of TokenError.
FORBIDDEN_URL = "forbidden_url"
TIMEOUT = "timeout"
UNREACHABLE = "unreachable"
UNAVAILABLE = "unavailable"
UNAUTHORIZED = "unauthorized"
NOT_ALLOWED = "not_allowed"
ROSTER_GONE = "roster_gone"
REJECTED = "rejected"
UNREADABLE = "unreadable"
TOO_LARGE = "too_large"
TOO_MANY = "too_many"
TOO_SLOW = "too_slow"
ENDLESS = "endless"

_GONE = frozenset({404, 410})
_LATER = frozenset({408, 425, 429})


class RosterError(Exception):
    """The roster could not be read to its end. `reason` is a code, explained on the screens."""

    def __init__(self, reason: str, *, detail: str = "", pause: timedelta | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        """What the platform said, shortened, without any name; for the administrator only."""
        self.pause = pause
        """How long the platform asks to be left alone."""


@dataclass(frozen=True, slots=True)
class Slice:
    """At most PAGE_SIZE members, from the answer number `answer` (1, 2, …)."""

    members: tuple[Member, ...]
    answer: int


class RosterReader:
    """One reading of one course's roster. Needs no database.

    `hosts` come from `ags.service_hosts`: the token goes nowhere else, whatever a Link header says.
    """

    def __init__(
        self,
        url: str,
        *,
        hosts: frozenset[str],
        http: OutboundSession,
        token: str | None,
        token_request: TokenRequest | None,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`token`: kept from an earlier reading. `token_request` is None without a signing key."""
        self._url = url
        self._hosts = hosts
        self._http = http
        self._token = token
        self._token_request = token_request
        self._clock = clock
        self._sleep = sleep
        self._pauses = 0
        self.issued: IssuedToken | None = None
        """A token to keep for the next readings."""
        self.token_refused = False
        """The token must not be used again."""
        self.answers = 0
        self.dropped = 0
        """Entries that named nobody."""

    def read(self) -> Iterator[Slice]:
        """The members, in the platform's order and with its repetitions. Raises RosterError."""
        deadline = self._clock() + LONGEST_READING
        first = first_address(self._url, limit=PAGE_SIZE)
        address: str | None = first
        asked: set[str] = set()
        entries = 0
        while address is not None:
            if address in asked:
                raise RosterError(ENDLESS, detail="a page leads back to an earlier one")
            asked.add(address)
            self._check_patience(deadline)
            response = self._get(address)
            self.answers += 1
            found = _members(response)
            self.dropped += found.dropped
            entries += len(found.members) + found.dropped
            if entries > MAX_MEMBERS:
                raise RosterError(TOO_MANY, detail=f"more than {MAX_MEMBERS} members")
            address = next_address(response.headers.get("Link"), address, first=first)
            yield from self._slices(found)

    def _check_patience(self, deadline: datetime) -> None:
        if self.answers >= MAX_PAGES:
            raise RosterError(TOO_MANY, detail=f"more than {MAX_PAGES} pages")
        if self._clock() >= deadline:
            raise RosterError(TOO_SLOW, detail=f"{self.answers} pages read")

    def _slices(self, found: Members) -> Iterator[Slice]:
        """A platform that ignores `limit` gives everybody at once: the database takes them so."""
        members = iter(found.members)
        while part := tuple(islice(members, PAGE_SIZE)):
            yield Slice(part, self.answers)

    def _get(self, address: str) -> requests.Response:
        if not is_on(self._hosts, address):
            raise RosterError(FORBIDDEN_URL, detail="a page on another host")
        if self._token is None:
            self._ask_token()
        while True:
            response = self._send(address)
            if is_success(response):
                return response
            if response.status_code == 401 and self.issued is None:
                # Revoked before its time: a new one is worth asking for.
                self._ask_token()
            else:
                self._wait_or_give_up(response)

    def _ask_token(self) -> None:
        if self._token_request is None:
            raise RosterError("tool_key_missing")
        try:
            self.issued = request_token(self._token_request, http=self._http, now=self._clock())
        except TokenError as error:
            raise RosterError(error.reason, detail=error.detail) from error
        self._token = self.issued.token

    def _send(self, address: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": MEMBERSHIP_MEDIA_TYPE}
        try:
            return self._http.get(address, headers=headers)
        except ForbiddenAddressError as error:
            raise RosterError(FORBIDDEN_URL, detail=str(error)) from error
        except ResponseTooLargeError as error:
            raise RosterError(TOO_LARGE) from error
        except requests.Timeout as error:
            raise RosterError(TIMEOUT) from error
        except requests.RequestException as error:
            raise RosterError(UNREACHABLE) from error

    def _wait_or_give_up(self, response: requests.Response) -> None:
        """Wait where the platform asks for a short pause; raise RosterError otherwise."""
        status = response.status_code
        if status == 401:
            self.token_refused = True
        if status in _LATER or status >= 500:
            pause = pause_asked(response.headers.get("Retry-After"), self._clock())
            if pause is not None and pause <= SHORT_PAUSE and self._pauses < _PAUSES:
                self._pauses += 1
                self._sleep(pause.total_seconds())
                return
            raise RosterError(UNAVAILABLE, detail=f"HTTP {status}", pause=pause)
        _refuse(status)


def _refuse(status: int) -> NoReturn:
    reason = {401: UNAUTHORIZED, 403: NOT_ALLOWED}.get(status, REJECTED)
    raise RosterError(ROSTER_GONE if status in _GONE else reason, detail=f"HTTP {status}")


def _members(response: requests.Response) -> Members:
    try:
        return read_members(response.content)
    except UnreadableMembersError as error:
        raise RosterError(UNREADABLE, detail=str(error)) from error
