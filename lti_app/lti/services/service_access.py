"""Talking to a gradebook in steps, so that no transaction is open while the platform answers.

`prepare_access` reads the database, `GradebookCaller` talks, `keep_token` writes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from lti_app.core.outbound import OutboundSession
from lti_app.lti.models import Platform
from lti_app.lti.services.ags import service_hosts
from lti_app.lti.services.ags_gradebook import UNAUTHORIZED, Gradebook, GradebookError
from lti_app.lti.services.tokens import (
    IssuedToken,
    TokenError,
    TokenRequest,
    cached_token,
    forget_token,
    prepare_request,
    remember_token,
    request_token,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ServiceAccess:
    """All that is needed to call a platform's service, without the database."""

    platform_id: int
    scope: str
    hosts: frozenset[str]
    token: str | None
    """Kept from an earlier call; None when one must be asked for."""
    token_request: TokenRequest | None
    """None when we have no key to sign it with."""


class GradebookCaller:
    """Calls a gradebook with a token that is asked for when needed, and renewed once when refused.

    `issued` and `token_refused` say afterwards what `keep_token` must write.
    """

    def __init__(
        self, access: ServiceAccess, http: OutboundSession, clock: Callable[[], datetime]
    ) -> None:
        self._access = access
        self._http = http
        self._clock = clock
        self.issued: IssuedToken | None = None
        self.token_refused = False

    def call(self, ask: Callable[[Gradebook], T]) -> T:
        """What `ask` makes of the gradebook. Raises GradebookError or TokenError."""
        if self._access.token is None and self.issued is None:
            self._ask_token()
        try:
            return ask(self._gradebook())
        except GradebookError as error:
            if error.reason != UNAUTHORIZED or self.issued is not None:
                self.token_refused |= error.reason == UNAUTHORIZED
                raise
        # Revoked before its time, or the platform was reinstalled.
        self._ask_token()
        return self.call(ask)

    def _ask_token(self) -> None:
        if self._access.token_request is None:
            raise TokenError("tool_key_missing")
        request = self._access.token_request
        self.issued = request_token(request, http=self._http, now=self._clock())

    def _gradebook(self) -> Gradebook:
        token = self.issued.token if self.issued else self._access.token or ""
        return Gradebook(hosts=self._access.hosts, http=self._http, token=token)


def prepare_access(
    session: Session, *, platform: Platform, scope: str, secret_key: str, now: datetime
) -> ServiceAccess:
    """The token kept for that scope, and what to ask another one with."""
    token = cached_token(
        session, platform_id=platform.id, scope=scope, secret_key=secret_key, now=now
    )
    try:
        request = prepare_request(
            session, platform=platform, scope=scope, secret_key=secret_key, now=now
        )
    except TokenError:
        request = None
    return ServiceAccess(platform.id, scope, service_hosts(platform), token, request)


def keep_token(
    session: Session, *, access: ServiceAccess, caller: GradebookCaller, secret_key: str
) -> None:
    """Remember the token that was issued, or forget the one that was refused."""
    key = {"platform_id": access.platform_id, "scope": access.scope}
    if caller.token_refused:
        forget_token(session, **key)  # type: ignore[arg-type]
    elif caller.issued is not None:
        remember_token(session, **key, issued=caller.issued, secret_key=secret_key)  # type: ignore[arg-type]
