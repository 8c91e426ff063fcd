"""Secrets at rest: purpose-bound encryption and hashing from the one secret key."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class UndecipherableError(Exception):
    """What was stored cannot be read back with the present RELAIS_SECRET_KEY."""


class SecretBox:
    """Encrypts text for one purpose. Boxes of different purposes cannot read each other."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        derived = HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(
            secret_key.encode()
        )
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """The text that was sealed. Raises UndecipherableError."""
        try:
            return self._fernet.decrypt(sealed.encode("ascii")).decode()
        except InvalidToken as error:
            raise UndecipherableError from error


def digest(value: str) -> str:
    """A one-way name (64 hex digits) for a random secret: what leaks from the table is useless."""
    return hashlib.sha256(value.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
