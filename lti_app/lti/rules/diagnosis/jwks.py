"""Reading a JWKS that anybody may have written."""

import base64
import binascii
from dataclasses import dataclass

WEAK_BITS = 2048
_ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}
_SHOWN = 64


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One key of a JWKS, whatever it holds."""

    kid: str
    kind: str
    algorithm: str
    bits: int | None
    """Length of an RSA modulus; None for other kinds, 0 when unreadable."""
    is_private: bool

    @property
    def is_weak(self) -> bool:
        return self.kind == "RSA" and (self.bits or 0) < WEAK_BITS

    @property
    def is_usable(self) -> bool:
        """Whether a launch signed with it could be accepted."""
        readable = self.kind in _ALGORITHMS and self.bits != 0
        return bool(self.kid) and readable and not self.is_private

    @property
    def described(self) -> str:
        bits = f" {self.bits} bits" if self.bits else ""
        algorithm = f", {self.algorithm}" if self.algorithm else ""
        return (
            f"{self.kind or 'genre inconnu'}{bits}{algorithm}, kid {self.kid[:_SHOWN] or 'absent'}"
        )


def read(document: object) -> list[KeyFacts]:
    """The keys of a JWKS document; none when it is something else."""
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        return []
    return [_read_key(key) for key in keys if isinstance(key, dict)]


def _read_key(key: dict[str, object]) -> KeyFacts:
    kind = _text(key.get("kty"))
    return KeyFacts(
        # Whole: it is compared with ours.
        kid=str(key["kid"]) if isinstance(key.get("kid"), str) else "",
        kind=kind,
        algorithm=_text(key.get("alg")),
        bits=_bits(key.get("n")) if kind == "RSA" else None,
        is_private="d" in key,
    )


def _text(value: object) -> str:
    return value[:_SHOWN] if isinstance(value, str) else ""


def _bits(modulus: object) -> int:
    """Length of a base64url number, 0 when it is not one."""
    if not isinstance(modulus, str):
        return 0
    try:
        padded = modulus.encode("ascii") + b"=" * (-len(modulus) % 4)
        number = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return 0
    return int.from_bytes(number, "big").bit_length()
