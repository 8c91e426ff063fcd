"""Our RSA keys: made, published, used to sign, replaced without any platform noticing."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

import sqlalchemy as sa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy.orm import Session

from lti_app.core.database import JsonDict
from lti_app.core.secrecy import SecretBox
from lti_app.lti.models import ToolKey
from lti_app.lti.queries import all_keys

KEY_BITS = 2048
DEFAULT_OVERLAP = timedelta(days=2)
"""Between publishing a new key and signing with it: platforms keep our JWKS for a day at most."""
ROWS_KEPT = timedelta(days=30)
"""How long the public part of a retired key still shows in `relais key list`."""


class KeyState(StrEnum):
    """Where a key stands in its life, in order."""

    PUBLISHED = "published"
    """Platforms may fetch it; it does not sign yet."""
    SIGNING = "signing"
    LEAVING = "leaving"
    """Signs no more; published for what it signed last."""
    RETIRED = "retired"


class NoSigningKeyError(Exception):
    """No key may sign at this instant: `relais key rotate` or `relais run` makes one."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key ready to sign, and the `kid` its signatures must name."""

    kid: str
    private_key: rsa.RSAPrivateKey


def create_key(
    session: Session, *, secret_key: str, now: datetime, signs_from: datetime | None = None
) -> ToolKey:
    """Make an RSA key, published at once, that signs from `signs_from` (now by default)."""
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    jwk = _public_jwk(private_key.public_key())
    pem = private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key = ToolKey(
        kid=jwk["kid"],
        sealed_private_key=_box(secret_key).seal(pem.decode("ascii")),
        public_jwk=jwk,
        created_at=now,
        signs_from=signs_from or now,
        retired_at=None,
    )
    session.add(key)
    session.flush()
    return key


def ensure_key(session: Session, *, secret_key: str, now: datetime) -> ToolKey:
    """The key that signs now, made if there is none.

    Two processes that start together on an empty database may make one each: both are published,
    the newest signs, nothing breaks.
    """
    return _newest_signing(session, now) or create_key(session, secret_key=secret_key, now=now)


def rotate_key(
    session: Session, *, secret_key: str, now: datetime, overlap: timedelta = DEFAULT_OVERLAP
) -> ToolKey:
    """Publish a new key at once; it signs after `overlap`, the older ones leave after twice that.

    The older key signs meanwhile, and stays published as long again, for what it signed last. The
    first key has nobody to wait for: it signs at once.
    """
    signs_from = now + overlap if _newest_signing(session, now) else now
    leaves_at = signs_from + overlap
    # A shorter overlap than the last one brings the older keys' departure forward: after a leak,
    # `--overlap-hours 0` leaves none of them published.
    session.execute(
        sa.update(ToolKey)
        .where(sa.or_(ToolKey.retired_at.is_(None), ToolKey.retired_at > leaves_at))
        .values(retired_at=leaves_at)
    )
    return create_key(session, secret_key=secret_key, now=now, signs_from=signs_from)


def rotate_when_old(
    session: Session,
    *,
    secret_key: str,
    max_age: timedelta,
    now: datetime,
    overlap: timedelta = DEFAULT_OVERLAP,
) -> ToolKey | None:
    """Rotate if the newest key is older than `max_age`; the new key, None when it was not time.

    Of several workers at once, one rotates.
    """
    newest = session.scalars(
        sa.select(ToolKey)
        .where(ToolKey.retired_at.is_(None))
        .order_by(ToolKey.created_at.desc(), ToolKey.kid)
        .limit(1)
    ).first()
    if newest is None:
        return rotate_key(session, secret_key=secret_key, now=now, overlap=overlap)
    if now - newest.created_at < max_age:
        return None
    # The row is claimed by giving it an end: a second worker waits for it, then finds it ended.
    claimed = session.execute(
        sa.update(ToolKey)
        .where(ToolKey.kid == newest.kid, ToolKey.retired_at.is_(None))
        .values(retired_at=now + 2 * overlap)
        .execution_options(synchronize_session=False)
    )
    if not claimed.rowcount:  # type: ignore[attr-defined]
        return None
    return rotate_key(session, secret_key=secret_key, now=now, overlap=overlap)


def forget_retired(session: Session, now: datetime) -> int:
    """Erase the private part of the retired keys, and the rows of those retired for ROWS_KEPT.

    How many private parts went.
    """
    session.execute(sa.delete(ToolKey).where(ToolKey.retired_at <= now - ROWS_KEPT))
    erased = session.execute(
        sa.update(ToolKey)
        .where(ToolKey.retired_at <= now, ToolKey.sealed_private_key != "")
        .values(sealed_private_key="")
        .execution_options(synchronize_session=False)
    )
    return int(erased.rowcount)  # type: ignore[attr-defined]


def key_states(session: Session, now: datetime) -> list[tuple[ToolKey, KeyState]]:
    """Every key with its state, the newest first."""
    signing = _newest_signing(session, now)
    return [(key, _state(key, signing, now)) for key in all_keys(session)]


def _state(key: ToolKey, signing: ToolKey | None, now: datetime) -> KeyState:
    if key.retired_at is not None and key.retired_at <= now:
        return KeyState.RETIRED
    if key is signing:
        return KeyState.SIGNING
    return KeyState.PUBLISHED if key.signs_from > now else KeyState.LEAVING


def public_pem(key: ToolKey) -> str:
    """The public key as PEM, for an LMS that cannot fetch our JWKS."""
    numbers = rsa.RSAPublicNumbers(e=_number(key.public_jwk["e"]), n=_number(key.public_jwk["n"]))
    return (
        numbers.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    )


def signing_key(session: Session, *, secret_key: str, now: datetime) -> SigningKey:
    """The newest key whose time to sign has come.

    Raises NoSigningKeyError, or UndecipherableError when RELAIS_SECRET_KEY has changed since.
    """
    key = _newest_signing(session, now)
    if key is None:
        raise NoSigningKeyError
    return SigningKey(key.kid, _open_private_key(key.sealed_private_key, secret_key))


def published_jwks(session: Session, now: datetime) -> JsonDict:
    """Our public keys as a JWKS, newest first: those that sign, will sign or signed lately."""
    statement = (
        sa.select(ToolKey.public_jwk).where(_not_retired(now)).order_by(ToolKey.signs_from.desc())
    )
    return {"keys": list(session.scalars(statement))}


def _newest_signing(session: Session, now: datetime) -> ToolKey | None:
    statement = (
        sa.select(ToolKey)
        .where(ToolKey.signs_from <= now, _not_retired(now))
        .order_by(ToolKey.signs_from.desc(), ToolKey.kid)
        .limit(1)
    )
    return session.scalars(statement).first()


def _not_retired(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(ToolKey.retired_at.is_(None), ToolKey.retired_at > now)


@lru_cache(maxsize=8)
def _open_private_key(sealed: str, secret_key: str) -> rsa.RSAPrivateKey:
    # Kept by the process: opening and checking a key takes longer than signing with it.
    pem = _box(secret_key).open(sealed).encode("ascii")
    private_key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(private_key, rsa.RSAPrivateKey):
        raise TypeError("a tool key is an RSA key")
    return private_key


def _box(secret_key: str) -> SecretBox:
    return SecretBox(secret_key, "tool-key")


def _public_jwk(public_key: rsa.RSAPublicKey) -> dict[str, str]:
    """The public key as a JWK, its `kid` the RFC 7638 thumbprint."""
    numbers = public_key.public_numbers()
    required = {"e": _base64url_number(numbers.e), "kty": "RSA", "n": _base64url_number(numbers.n)}
    # RFC 7638, 3: required members only, sorted, without white space.
    canonical = json.dumps(required, separators=(",", ":"), sort_keys=True).encode("ascii")
    kid = _base64url(hashlib.sha256(canonical).digest())
    return required | {"alg": "RS256", "use": "sig", "kid": kid}


def _base64url_number(number: int) -> str:
    return _base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")
