"""Talking to the LMS: one grade, a few requests, no database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lti_app.core.outbound import OutboundSession
from lti_app.grading.rules import Outcome, Problem, classify, next_timestamp, refusal_of
from lti_app.lti.services import ags
from lti_app.lti.services.ags import LineItemService, ScoreAnswer
from lti_app.lti.services.tokens import IssuedToken, TokenError, TokenRequest, request_token

SCORE_MAXIMUM = 100

PLATFORM_AWAY = frozenset({Problem.UNREACHABLE, Problem.TIMEOUT, Problem.UNAVAILABLE})
"""Problems of the platform as a whole, and not of one grade."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A leased grade, with all that is needed to send it without the database."""

    owed_grade_id: int
    resource_link_id: int
    target: str
    platform_id: int
    leased_until: datetime
    attempts: int
    line_item_url: str
    hosts: frozenset[str]
    user_id: str
    score: int
    completed: bool
    timestamp: datetime
    comment: str
    enrolled: bool
    token: str | None
    """Kept from an earlier sending; None when one must be asked for."""
    token_request: TokenRequest | None
    """None when we have no key to sign it with."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a sending. `timestamp`: of the last score posted."""

    outcome: Outcome
    problem: Problem | None
    timestamp: datetime
    issued: IssuedToken | None = None
    """A token to keep for the next grades."""
    token_refused: bool = False
    """The token must not be used again."""

    @property
    def platform_is_away(self) -> bool:
        """Whether the other grades of the platform would fare no better."""
        return self.outcome is Outcome.RETRY and self.problem in PLATFORM_AWAY


def deliver(sending: Sending, *, http: OutboundSession, clock: Callable[[], datetime]) -> Delivery:
    """Send the grade; raises nothing that the platform or the network may cause."""
    return _Courier(sending, http, clock).deliver()


class _Courier:
    """One delivery: the token in use, and the timestamp last posted."""

    def __init__(
        self, sending: Sending, http: OutboundSession, clock: Callable[[], datetime]
    ) -> None:
        self._sending = sending
        self._http = http
        self._clock = clock
        self._timestamp = sending.timestamp
        self._issued: IssuedToken | None = None

    def deliver(self) -> Delivery:
        try:
            answer = self._post_with_token()
        except TokenError as error:
            return self._delivery(Outcome.RETRY, Problem(error.reason))
        if answer.status == 409:
            # Either the LMS holds a later grade, or one of the same second: told apart by asking
            # again with a later timestamp.
            self._timestamp = next_timestamp(self._timestamp, self._clock())
            answer = self._post(self._token)
        return self._judge(answer)

    def _post_with_token(self) -> ScoreAnswer:
        if self._sending.token is None:
            self._ask_token()
        answer = self._post(self._token)
        if answer.status == 401 and self._issued is None:
            # Revoked before its time, or the LMS was reinstalled: a new one is worth asking for.
            self._ask_token()
            answer = self._post(self._token)
        return answer

    def _ask_token(self) -> None:
        request = self._sending.token_request
        if request is None:
            raise TokenError(Problem.TOOL_KEY_MISSING)
        self._issued = request_token(request, http=self._http, now=self._clock())

    @property
    def _token(self) -> str:
        return self._issued.token if self._issued else self._sending.token or ""

    def _post(self, token: str) -> ScoreAnswer:
        sending = self._sending
        if self._clock() >= sending.leased_until:
            # Paused meanwhile: another worker may have sent a better score.
            return ScoreAnswer(None, ags.TIMEOUT)
        service = LineItemService(hosts=sending.hosts, http=self._http, token=token)
        return service.send_score(
            sending.line_item_url,
            user_id=sending.user_id,
            score=sending.score,
            maximum=SCORE_MAXIMUM,
            timestamp=self._timestamp,
            comment=sending.comment,
            completed=sending.completed,
        )

    def _judge(self, answer: ScoreAnswer) -> Delivery:
        if answer.reason == ags.FORBIDDEN_URL and answer.status is None:
            return self._delivery(Outcome.REFUSED, Problem.FORBIDDEN_URL)
        outcome = classify(answer.status)
        match outcome:
            case Outcome.REFUSED:
                problem = refusal_of(answer.status, enrolled=self._sending.enrolled)
                return self._delivery(outcome, problem)
            case Outcome.RETRY:
                return self._delivery(outcome, _trouble(answer), token_refused=answer.status == 401)
            case _:
                return self._delivery(outcome, None)

    def _delivery(
        self, outcome: Outcome, problem: Problem | None, *, token_refused: bool = False
    ) -> Delivery:
        return Delivery(outcome, problem, self._timestamp, self._issued, token_refused)


def _trouble(answer: ScoreAnswer) -> Problem:
    if answer.status is None:
        return Problem.TIMEOUT if answer.reason == ags.TIMEOUT else Problem.UNREACHABLE
    return Problem.UNAUTHORIZED if answer.status == 401 else Problem.UNAVAILABLE
