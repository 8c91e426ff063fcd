"""What the doctor measures and reads: plain facts, judged by the rules beside this module."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Obstacle(StrEnum):
    """Why nothing came back from an address."""

    FORBIDDEN = "forbidden"
    """Not an address that Relais may call: private, not https, with credentials…"""
    NAME = "name"
    """The name is not in the DNS."""
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    """Refused, cut, too large, not HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address said."""

    url: str
    obstacle: Obstacle | None = None
    detail: str = ""
    """Words of the obstacle, shortened."""
    status: int | None = None
    content_type: str = ""
    body: str = ""
    """Its first characters."""
    document: object = None
    """The JSON it holds; None when it holds none."""
    strict_transport: bool = False
    """Says Strict-Transport-Security, as Relais does when it knows that it is asked by https."""
    clock_ahead: float | None = None
    """Seconds by which its `Date` is ahead of our clock, to half a second; None when unsaid."""

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class ToolFacts:
    """Relais itself."""

    base_url: str
    development: bool
    trusted_proxies: int
    kids: frozenset[str]
    """Keys that we publish now."""
    jwks: Answer
    """Our own keys, asked for under our public address."""


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """The registration."""

    name: str
    state: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    product_family: str | None
    siblings: tuple[str, ...]
    """Names of the issuer's other registrations that are open."""
    deployments: Mapping[str, tuple[str, ...]]
    """Deployment ids by state."""
    jwks: Answer

    @property
    def is_moodle(self) -> bool:
        return "moodle" in (self.product_family or "") or "/mod/lti/" in self.token_url


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """A token asked for one scope alone."""

    scope: str
    refusal: str | None
    """Code of lti.services.tokens.TokenError; None when the token came."""
    said: str = ""
    """What the platform said, shortened."""
    answer: Answer | None = None
    """Its answer; None when we could not ask."""
    issued_ahead: float | None = None
    """Seconds by which the token's `iat` is ahead of our clock; None when it shows none."""


@dataclass(frozen=True, slots=True)
class RosterFacts:
    """The first page of one roster (NRPS)."""

    problem: str | None
    """A short code; None when the page could be read."""
    status: int | None = None
    members: int = 0
    named: int = 0
    with_email: int = 0


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """Launches refused for one reason, in the last days."""

    code: str
    count: int
    last_quote: str


@dataclass(frozen=True, slots=True)
class UsageFacts:
    """What the launches so far have left in Relais, counted. Nothing personal."""

    last_launch_at: datetime | None = None
    courses: int = 0
    courses_with_roster: int = 0
    people: int = 0
    """Active learners and trainers."""
    named: int = 0
    with_email: int = 0
    with_sourcedid: int = 0
    scored_links: int = 0
    """Activities that open something that earns a score."""
    links_without_column: int = 0
    """Among them, those whose gradebook column is not known."""
    links_to_complete: int = 0
    """Among those, the ones for which Relais may look for a column or make one."""
    ags_scopes: frozenset[str] = frozenset()
    """Scopes named by the launches."""
    refusals: tuple[RefusalCount, ...] = ()
    grades_waiting: int = 0
    oldest_waiting_at: datetime | None = None
    grades_refused: int = 0
    grade_problems: tuple[tuple[str, int], ...] = ()
    """(what it means, how many), the most frequent first."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a diagnosis is drawn from."""

    now: datetime
    tool: ToolFacts
    platform: PlatformFacts
    tokens: tuple[TokenFacts, ...] = ()
    roster: RosterFacts | None = None
    """None when no course gave the address of its roster."""
    usage: UsageFacts = field(default_factory=UsageFacts)
