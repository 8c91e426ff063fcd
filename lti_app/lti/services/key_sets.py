"""The platforms' public keys: cached, refetched once on an unknown kid, kept when they are down."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import requests
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from lti_app.core.database import insert_ignoring, transactions
from lti_app.core.logging import get_logger
from lti_app.core.outbound import is_success
from lti_app.lti.models import PlatformKeySet
from lti_app.lti.queries import find_key_set
from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import ClaimError

Jwk = dict[str, Any]

FRESH_FOR = timedelta(hours=24)
REFETCH_AFTER = timedelta(seconds=30)
"""An unknown kid makes us ask again at most this often: junk tokens must not make us hammer."""

FIRST_BURST = timedelta(seconds=5)
"""Before the first success, launches that come together all ask. Later ones do not: were the
platform down, each would hold a thread of ours for the length of a time-out."""


class KeySets:
    """Finds the key of a platform.

    Reads with the caller's session, but ends its transaction before asking a platform: nobody may
    hold a connection (nor, on SQLite, a lock) while a slow platform answers, and holding one
    while taking another from the pool can deadlock a busy process.
    """

    def __init__(
        self,
        session: Session,
        sessions: sessionmaker[Session],
        http: Callable[[], requests.Session],
        now: datetime,
    ) -> None:
        self._session = session
        self._sessions = sessions
        self._http = http
        self._now = now

    def find(self, platform_id: int, jwks_url: str, kid: str) -> Jwk:
        """The JWK of that kid. Raises ClaimError when the platform does not publish it."""
        keys, fetched_at = self._stored(platform_id)
        stale = fetched_at is None or self._now - fetched_at > FRESH_FOR
        key = _by_kid(keys, kid)
        if key is not None and not stale:
            return key
        fetched = self._fetch(platform_id, jwks_url, first_time=fetched_at is None)
        if fetched is not None:
            key = _by_kid(fetched, kid)
        if key is None:
            nothing = fetched_at is None and fetched is None
            why = explanations.KEYS_UNREACHABLE if nothing else explanations.KEY
            raise ClaimError(why, f"kid not published by platform {platform_id}")
        return key

    def _stored(self, platform_id: int) -> tuple[list[Jwk], datetime | None]:
        row = find_key_set(self._session, platform_id)
        return (row.keys, row.fetched_at) if row else ([], None)

    def _fetch(self, platform_id: int, jwks_url: str, *, first_time: bool) -> list[Jwk] | None:
        """Ask the platform, if it is time to. None when not asked, or when it gave nothing good."""
        self._session.rollback()
        if not self._claim_attempt(platform_id) and not (
            first_time and self._attempt_under_way(platform_id)
        ):
            return None
        keys = self._download(platform_id, jwks_url)
        if keys:
            with transactions(read_only=False), self._sessions.begin() as session:
                session.execute(
                    sa.update(PlatformKeySet)
                    .where(PlatformKeySet.platform_id == platform_id)
                    .values(keys=keys, fetched_at=self._now)
                )
        return keys

    def _claim_attempt(self, platform_id: int) -> bool:
        """True for one process per REFETCH_AFTER."""
        with transactions(read_only=False), self._sessions.begin() as session:
            new = insert_ignoring(
                session,
                PlatformKeySet,
                {"platform_id": platform_id, "keys": [], "attempted_at": self._now},
            )
            if new:
                return True
            result = session.execute(
                sa.update(PlatformKeySet)
                .where(
                    PlatformKeySet.platform_id == platform_id,
                    PlatformKeySet.attempted_at <= self._now - REFETCH_AFTER,
                )
                .values(attempted_at=self._now)
                .execution_options(synchronize_session=False)
            )
            return bool(result.rowcount)  # type: ignore[attr-defined]

    def _attempt_under_way(self, platform_id: int) -> bool:
        """Whether another launch is asking this very moment; of the first ones, all may."""
        with transactions(read_only=True), self._sessions.begin() as session:
            row = find_key_set(session, platform_id)
            return row is not None and self._now - row.attempted_at < FIRST_BURST

    def _download(self, platform_id: int, jwks_url: str) -> list[Jwk] | None:
        problem = "unusable"
        try:
            response = self._http().get(jwks_url, headers={"Accept": "application/json"})
            if is_success(response):
                keys = _read_jwks(response.json())
                if keys:
                    return keys
            else:
                problem = f"status {response.status_code}"
        except (requests.exceptions.RequestException, ValueError, RecursionError) as error:
            problem = type(error).__name__
        get_logger().warning("jwks_unavailable", platform=platform_id, problem=problem)
        return None


def _read_jwks(document: object) -> list[Jwk]:
    """The public keys of a JWKS document; whatever else it holds is left out.

    Private ones included: who publishes one has no secret left to sign with.
    """
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        return []
    return [
        key
        for key in keys
        if isinstance(key, dict)
        and isinstance(key.get("kid"), str)
        and key.get("kty") in {"RSA", "EC"}
        and "d" not in key
    ]


def _by_kid(keys: list[Jwk], kid: str) -> Jwk | None:
    return next((key for key in keys if key["kid"] == kid), None)
