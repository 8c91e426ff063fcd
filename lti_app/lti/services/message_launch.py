"""Verify what a platform posts to /lti/launch.

Built on PyLTI1p3's MessageLaunch with the checks it leaves open (lti.md §3, "beyond the guide"):
required and fresh timestamps with leeway, audience and authorised party, allow-listed algorithms
chosen by the key and not by the token, claim types, and a state that binds nonce, platform and
browser together for one use.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from jwt.types import Options
from pylti1p3.message_launch import MessageLaunch
from sqlalchemy.orm import Session

from lti_app.core.secrecy import digest, same
from lti_app.lti.models import LoginState
from lti_app.lti.queries import (
    consume_login_state,
    find_login_state,
    remember_product_family,
)
from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import (
    DEPLOYMENT_ID,
    ClaimError,
    DataPrivacyRequest,
    Message,
    check_message,
    client_id_of,
    is_text,
    read_message,
)
from lti_app.lti.services.adapters import (
    MappingRequest,
    NoCookies,
    NoSession,
    PlatformDirectory,
    PlatformRegistration,
)
from lti_app.lti.services.key_sets import Jwk, KeySets

ALGORITHMS = {"RSA": ("RS256", "RS384", "RS512", "PS256"), "EC": ("ES256", "ES384")}
LEEWAY = timedelta(seconds=60)
MAX_AGE = timedelta(minutes=10)
"""Oldest `iat` accepted, leeway apart: a token older than a login can last was not made for it."""
MAX_TOKEN_LENGTH = 64 * 1024
MAX_DEPLOYMENT_ID_LENGTH = 255


class HeldDeploymentError(ClaimError):
    """A genuine launch from a deployment that no administrator approved yet."""

    def __init__(self, deployment_id: str) -> None:
        super().__init__(explanations.HELD_DEPLOYMENT, "a deployment not approved yet")
        self.deployment_id = deployment_id


@dataclass(frozen=True)
class VerifiedMessage:
    """A message whose token is genuine, and the login it answers. Not yet used up."""

    message: Message
    platform_id: int
    deployment_id: int
    """Our row's id."""
    state_digest: str
    browser_digest: str
    storage_target: str | None
    new_product_family: str | None = None
    """What the platform says it is, where that is not what we knew."""


class _Launch(MessageLaunch[MappingRequest, PlatformDirectory, NoSession, NoCookies]):
    """PyLTI1p3's message launch, with every check replaced or completed as lti.md asks."""

    def __init__(
        self, request: MappingRequest, directory: PlatformDirectory, keys: KeySets, now: datetime
    ) -> None:
        # By keyword: pylti1p3next takes them no other way.
        super().__init__(
            request, directory, session_service=NoSession(request), cookie_service=NoCookies()
        )
        self._keys = keys
        self._now = now
        self._registration: PlatformRegistration | None = None

    def validate(self) -> "_Launch":
        """Cheapest first; the login is not used up here, so that a forger cannot burn it."""
        self._validated = True
        self.validate_jwt_format()
        self.validate_registration()
        self.validate_jwt_signature()
        self.validate_deployment()
        self.validate_message()
        return self

    def _get_request_param(self, key: str) -> str:
        return self._request.get_param(key)

    @property
    def claims(self) -> dict[str, Any]:
        return dict(self._jwt["body"])

    @property
    def registration(self) -> PlatformRegistration:
        if self._registration is None:
            raise LookupError("validate_registration comes first")
        return self._registration

    def get_client_id(self) -> str:
        return client_id_of(self.claims)

    def validate_jwt_format(self) -> "_Launch":
        token = self._get_request_param("id_token")
        if not token or len(token) > MAX_TOKEN_LENGTH:
            raise ClaimError(explanations.TOKEN, "id_token is missing or too long")
        try:
            parts = jwt.decode_complete(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise ClaimError(explanations.TOKEN, f"unreadable: {type(error).__name__}") from error
        self._jwt = {"header": parts["header"], "body": parts["payload"]}
        return self

    def validate_registration(self) -> "_Launch":
        issuer = self.claims.get("iss")
        if not is_text(issuer) or not issuer:
            raise ClaimError(explanations.TOKEN, "iss is missing or not text")
        self._registration = self._tool_config.find_registration_by_params(
            issuer, self.get_client_id()
        )
        return self

    def validate_jwt_signature(self) -> "_Launch":
        header = self._jwt["header"]
        kid, algorithm = header.get("kid"), header.get("alg")
        if not isinstance(kid, str) or not kid:
            raise ClaimError(explanations.KEY, "no kid in the header")
        if not isinstance(algorithm, str) or all(
            algorithm not in names for names in ALGORITHMS.values()
        ):
            raise ClaimError(explanations.ALGORITHM, "algorithm not in the allow-list")
        key = self._keys.find(
            self.registration.platform_id, self.registration.get_key_set_url() or "", kid
        )
        self._decode(key, algorithm)
        self._check_age()
        return self

    def _decode(self, key: Jwk, algorithm: str) -> None:
        # The key says what it may verify; a token must not choose for it.
        if (
            algorithm not in ALGORITHMS.get(key["kty"], ())
            or key.get("alg", algorithm) != algorithm
        ):
            raise ClaimError(explanations.ALGORITHM, "the key is not meant for this algorithm")
        options: Options = {"require": ["exp", "iat", "iss", "aud", "nonce"]}
        try:
            jwt.decode(
                self._get_request_param("id_token"),
                _public_key(json.dumps(key, sort_keys=True)),
                algorithms=[algorithm],
                audience=self.registration.get_client_id(),
                issuer=self.registration.get_issuer(),
                leeway=LEEWAY,
                # Time claims are checked below, on the clock that tests can move.
                options={
                    **options,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "verify_sub": False,
                },
            )
        except jwt.MissingRequiredClaimError as error:
            why = explanations.CLOCK if error.claim in {"exp", "iat"} else explanations.TOKEN
            raise ClaimError(why, f"{error.claim} is missing") from error
        except jwt.InvalidSignatureError as error:
            raise ClaimError(explanations.SIGNATURE, "signature does not verify") from error
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise ClaimError(explanations.TOKEN, type(error).__name__) from error

    def _check_age(self) -> None:
        moment = self._now.timestamp()
        leeway = LEEWAY.total_seconds()
        issued, expires = (_instant(self.claims, name) for name in ("iat", "exp"))
        not_before = _instant(self.claims, "nbf") if "nbf" in self.claims else issued
        if expires + leeway <= moment:
            raise ClaimError(explanations.CLOCK, "expired")
        if max(issued, not_before) - leeway > moment:
            raise ClaimError(explanations.CLOCK, "issued in the future: clocks differ")
        if moment - issued > MAX_AGE.total_seconds() + leeway:
            raise ClaimError(explanations.CLOCK, "issued too long ago")

    def validate_deployment(self) -> "_Launch":
        deployment_id = self.claims.get(DEPLOYMENT_ID)
        if not is_text(deployment_id) or not 0 < len(deployment_id) <= MAX_DEPLOYMENT_ID_LENGTH:
            raise ClaimError(explanations.DEPLOYMENT, "deployment_id is missing or unusable")
        if deployment_id in self.registration.closed_deployments:
            raise ClaimError(explanations.DEPLOYMENT, "closed deployment")
        if deployment_id not in self.registration.active_deployments:
            raise HeldDeploymentError(deployment_id)
        return self

    def validate_message(self) -> "_Launch":
        check_message(self.claims)
        return self


def verify_message(
    session: Session,
    params: Mapping[str, str],
    *,
    keys: KeySets,
    own_host: str,
    now: datetime,
) -> VerifiedMessage:
    """Check the token and that it answers a login of ours. Reads only.

    Raises ClaimError with the explanation of the first thing that is wrong: HeldDeploymentError
    when all that is missing is an administrator's approval.
    """
    if params.get("error"):
        raise ClaimError(explanations.platform_error(params["error"]), "error answer")
    state = _pending_state(session, params.get("state", ""), now)
    # Plain values from here on: looking for a key may end the transaction.
    session.expunge(state)
    try:
        return _verify(session, params, state, keys=keys, own_host=own_host, now=now)
    except ClaimError as error:
        error.platform_id = state.platform_id
        raise


def _verify(
    session: Session,
    params: Mapping[str, str],
    state: LoginState,
    *,
    keys: KeySets,
    own_host: str,
    now: datetime,
) -> VerifiedMessage:
    launch = _Launch(MappingRequest(params), PlatformDirectory(session), keys, now).validate()
    if state.platform_id != launch.registration.platform_id:
        raise ClaimError(explanations.NONCE, "the login was begun with another platform")
    nonce = launch.claims["nonce"]
    if not is_text(nonce) or not same(digest(nonce), state.nonce_digest):
        raise ClaimError(explanations.NONCE, "the nonce is not the one of this state")
    registration = launch.registration
    message = read_message(
        launch.claims, client_id=registration.get_client_id() or "", own_host=own_host
    )
    family = None if isinstance(message, DataPrivacyRequest) else message.product_family
    return VerifiedMessage(
        message=message,
        platform_id=state.platform_id,
        deployment_id=registration.active_deployments[launch.claims[DEPLOYMENT_ID]],
        state_digest=state.state_digest,
        browser_digest=state.browser_digest,
        storage_target=state.storage_target,
        new_product_family=None if family == registration.product_family else family,
    )


def use_login(session: Session, verified: VerifiedMessage, now: datetime) -> None:
    """Use the login up: the launch may now open a session. Raises ClaimError on a replay."""
    if not consume_login_state(session, verified.state_digest, now):
        raise ClaimError(explanations.REPLAY, "the state was used already")
    if verified.new_product_family is not None:
        remember_product_family(session, verified.platform_id, verified.new_product_family)


def _pending_state(session: Session, state: str, now: datetime) -> LoginState:
    if not state:
        raise ClaimError(explanations.STATE, "no state")
    row = find_login_state(session, digest(state))
    if row is None or row.expires_at <= now:
        raise ClaimError(explanations.STATE, "unknown or expired state")
    if row.consumed_at is not None:
        raise ClaimError(explanations.REPLAY, "the state was used already")
    return row


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims[name]
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    if not usable or not 0 <= value < 1e12:
        raise ClaimError(explanations.CLOCK, f"{name} is not a date")
    return float(value)


@lru_cache(maxsize=128)
def _public_key(jwk_json: str) -> Any:
    return jwt.PyJWK.from_json(jwk_json).key
