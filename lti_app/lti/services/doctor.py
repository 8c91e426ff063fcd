"""The registration doctor: asks what a launch, a grade or a roster would ask, and measures.

In steps, so that no transaction is open while addresses answer: `prepare_examination` reads the
database, `examine` talks. What it all means is judged by lti.rules.diagnosis.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import jwt
from sqlalchemy.orm import Session

from lti_app.lti.models import Platform, PlatformState
from lti_app.lti.queries import platforms_of_issuer
from lti_app.lti.rules.diagnosis.facts import (
    Answer,
    Facts,
    Obstacle,
    PlatformFacts,
    RosterFacts,
    TokenFacts,
    ToolFacts,
    UsageFacts,
)
from lti_app.lti.rules.diagnosis.services import SERVICES
from lti_app.lti.rules.membership import UnreadableMembersError, first_address, read_members
from lti_app.lti.services.ags import is_on, service_hosts
from lti_app.lti.services.doctor_http import ObservedSession, fetch
from lti_app.lti.services.keys import published_jwks
from lti_app.lti.services.nrps import MEMBERSHIP_MEDIA_TYPE, MEMBERSHIP_SCOPE
from lti_app.lti.services.tokens import TokenError, TokenRequest, prepare_request, request_token

STAGE_SECONDS = 9.0
"""Each of the two rounds of questions: an administrator waits for the page meanwhile."""
FIRST_PAGE = 100
_SAID = 160

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tool:
    """Relais, as this installation is set."""

    base_url: str
    jwks_url: str
    development: bool
    trusted_proxies: int
    secret_key: str


@dataclass(frozen=True, slots=True)
class Examination:
    """All that is needed to examine a registration, without the database."""

    tool: Tool
    kids: frozenset[str]
    platform: PlatformFacts
    """Its keys are not fetched yet."""
    hosts: frozenset[str]
    requests: Mapping[str, TokenRequest | None]
    """By scope; None when we have no key to sign with."""
    memberships_url: str | None


def prepare_examination(
    session: Session,
    platform: Platform,
    *,
    tool: Tool,
    memberships_url: str | None,
    now: datetime,
) -> Examination:
    """Read what the examination needs; `memberships_url`: a roster of this platform, if any."""
    kids = frozenset(key["kid"] for key in published_jwks(session, now)["keys"])
    siblings = platforms_of_issuer(session, platform.issuer)
    requests = {
        scope: _request(session, platform, scope, secret_key=tool.secret_key, now=now)
        for scope in SERVICES
    }
    facts = PlatformFacts(
        name=platform.name,
        state=str(platform.state),
        issuer=platform.issuer,
        client_id=platform.client_id,
        auth_url=platform.auth_url,
        token_url=platform.token_url,
        jwks_url=platform.jwks_url,
        product_family=platform.product_family,
        siblings=tuple(
            each.name
            for each in siblings
            if each.id != platform.id and each.state == PlatformState.ACTIVE
        ),
        deployments={
            str(state): tuple(
                each.deployment_id for each in platform.deployments if each.state == state
            )
            for state in PlatformState
        },
        jwks=Answer(platform.jwks_url),
    )
    return Examination(tool, kids, facts, service_hosts(platform), requests, memberships_url)


def examine(examination: Examination, *, usage: UsageFacts, clock: Callable[[], datetime]) -> Facts:
    """Ask every address, in two rounds of STAGE_SECONDS at most. Touches no database."""
    asking = _Asking(examination, clock)
    # One thread for each question: together they take as long as the slowest.
    pool = ThreadPoolExecutor(max_workers=len(examination.requests) + 2)
    try:
        ours, theirs, tokens, bearer = asking.first_round(pool)
        roster = asking.second_round(pool, bearer)
    finally:
        # A dripping answer ends by itself; nobody waits for it.
        pool.shutdown(wait=False, cancel_futures=True)
    tool = examination.tool
    return Facts(
        now=clock(),
        tool=ToolFacts(
            base_url=tool.base_url,
            development=tool.development,
            trusted_proxies=tool.trusted_proxies,
            kids=examination.kids,
            jwks=ours,
        ),
        platform=replace(examination.platform, jwks=theirs),
        tokens=tokens,
        roster=roster,
        usage=usage,
    )


class _Asking:
    """The questions of one examination."""

    def __init__(self, examination: Examination, clock: Callable[[], datetime]) -> None:
        self._examination = examination
        self._clock = clock

    def first_round(
        self, pool: ThreadPoolExecutor
    ) -> tuple[Answer, Answer, tuple[TokenFacts, ...], str | None]:
        """Keys, ours and theirs; a token for each scope; the one that reads rosters."""
        plan = self._examination
        ours = pool.submit(fetch, self._session(), plan.tool.jwks_url)
        theirs = pool.submit(fetch, self._session(), plan.platform.jwks_url)
        asked = {
            scope: pool.submit(self._ask_token, scope, request)
            for scope, request in plan.requests.items()
        }
        questions: list[Future[Any]] = [ours, theirs, *asked.values()]
        wait(questions, timeout=STAGE_SECONDS)
        tokens, bearer = [], None
        for scope, future in asked.items():
            facts, token = _done(future, (self._too_slow(scope), None))
            tokens.append(facts)
            if scope == MEMBERSHIP_SCOPE:
                bearer = token
        return (
            _done(ours, _silence(plan.tool.jwks_url)),
            _done(theirs, _silence(plan.platform.jwks_url)),
            tuple(tokens),
            bearer,
        )

    def second_round(self, pool: ThreadPoolExecutor, bearer: str | None) -> RosterFacts | None:
        """The first page of a roster, where there is one and a token for it."""
        url = self._examination.memberships_url
        if url is None or bearer is None:
            return None
        if not is_on(self._examination.hosts, url):
            return RosterFacts("l’adresse de la liste est sur un autre hôte que la plateforme")
        asked = pool.submit(self._read_roster, first_address(url, limit=FIRST_PAGE), bearer)
        wait([asked], timeout=STAGE_SECONDS)
        return _done(asked, RosterFacts("rien n’est venu à temps"))

    def _session(self) -> ObservedSession:
        return ObservedSession(allow_loopback=self._examination.tool.development, clock=self._clock)

    def _ask_token(self, scope: str, request: TokenRequest | None) -> tuple[TokenFacts, str | None]:
        if request is None:
            return TokenFacts(scope, "tool_key_missing"), None
        http = self._session()
        try:
            issued = request_token(request, http=http, now=self._clock())
        except TokenError as error:
            return TokenFacts(scope, error.reason, _said(http.last), http.last), None
        ahead = _issued_ahead(issued.token, self._clock())
        return TokenFacts(scope, None, "", http.last, ahead), issued.token

    def _too_slow(self, scope: str) -> TokenFacts:
        return TokenFacts(scope, "timeout", "", _silence(self._examination.platform.token_url))

    def _read_roster(self, url: str, bearer: str) -> RosterFacts:
        headers = {"Authorization": f"Bearer {bearer}", "Accept": MEMBERSHIP_MEDIA_TYPE}
        answer, body = self._session().read(url, headers)
        if answer.obstacle is not None or not answer.is_success:
            return RosterFacts("l’adresse de la liste ne répond pas comme il faut", answer.status)
        try:
            found = read_members(body)
        except UnreadableMembersError:
            return RosterFacts("la réponse n’est pas une liste de participants", answer.status)
        return RosterFacts(
            None,
            answer.status,
            members=len(found.members),
            named=sum(1 for each in found.members if each.full_name),
            with_email=sum(1 for each in found.members if each.email),
        )


def _request(
    session: Session, platform: Platform, scope: str, *, secret_key: str, now: datetime
) -> TokenRequest | None:
    try:
        return prepare_request(
            session, platform=platform, scope=scope, secret_key=secret_key, now=now
        )
    except TokenError:
        return None


def _done(future: Future[T], otherwise: T) -> T:
    return future.result() if future.done() and not future.cancelled() else otherwise


def _said(answer: Answer | None) -> str:
    """The error that a platform named: Moodle's unknown kid is not even JSON."""
    if answer is None or answer.is_success:
        return ""
    if isinstance(answer.document, dict):
        named = answer.document.get("error")
        return str(named)[:_SAID] if isinstance(named, str) else ""
    return "" if "<" in answer.body else " ".join(answer.body.split())[:_SAID]


def _silence(url: str) -> Answer:
    return Answer(url, obstacle=Obstacle.TIMEOUT)


def _issued_ahead(token: str, now: datetime) -> float | None:
    """Seconds by which a token that is a JWT was issued ahead of our clock; Moodle's are not."""
    try:
        issued = jwt.decode(token, options={"verify_signature": False}).get("iat")
    except jwt.PyJWTError:
        return None
    if not isinstance(issued, int | float):
        return None
    return float(issued) - now.timestamp()
