"""Reading untrusted claims: every type is checked, nothing is assumed."""

from collections.abc import Mapping
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from lti_app.core.errors import Explanation
from lti_app.lti.rules import explanations

Claims = Mapping[str, Any]

# Longer than any LMS sends, short enough for our columns and our pages.
ID_LENGTH = 255
TEXT_LENGTH = 500
URL_LENGTH = 1000


class ClaimError(Exception):
    """A claim that cannot be accepted: `explanation` for the screen, the message for the log."""

    def __init__(self, explanation: Explanation, detail: str) -> None:
        super().__init__(detail)
        self.explanation = explanation
        self.detail = detail
        self.platform_id: int | None = None
        """The registration that spoke, where that much is known: refusals are counted by it."""


def mapping_of(claims: Claims, name: str, why: Explanation, *, required: bool = False) -> Claims:
    """An object, empty when it is absent and may be. Raises ClaimError."""
    value = claims.get(name)
    if value is None and not required:
        return {}
    if not isinstance(value, dict):
        raise ClaimError(why, f"{_short(name)} is missing or not an object")
    return value


def text_of(claims: Claims, name: str, why: Explanation, *, length: int = 10_000) -> str | None:
    """Text that a database can hold, None when absent. Raises ClaimError."""
    value = claims.get(name)
    if value is None:
        return None
    if not is_text(value) or len(value) > length:
        raise ClaimError(why, f"{_short(name)} is not usable text")
    return value


def required_text(claims: Claims, name: str, why: Explanation) -> str:
    """Text with something in it. Raises ClaimError."""
    value = text_of(claims, name, why, length=ID_LENGTH)
    if not value or not value.strip():
        raise ClaimError(why, f"{_short(name)} is missing or empty")
    return value


def free_text(claims: Claims, name: str) -> str | None:
    """Optional text about a person or a product: unusable values are dropped, never fatal."""
    value = claims.get(name)
    if not isinstance(value, str):
        return None
    storable = value.encode(errors="replace").decode().replace("\x00", " ")
    return " ".join(storable.split())[:ID_LENGTH] or None


def is_text(value: object) -> TypeGuard[str]:
    """Text a database can hold: JSON can spell a null character and half a surrogate pair."""
    if not isinstance(value, str) or "\x00" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def texts_of(claims: Claims, name: str) -> tuple[str, ...]:
    """A list of texts, empty when absent. Raises ClaimError."""
    value = claims.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(is_text(entry) for entry in value):
        raise ClaimError(explanations.CLAIM, f"{_short(name)} is not a list of texts")
    return tuple(value)


def url_of(claims: Claims, name: str, *, length: int = URL_LENGTH) -> str | None:
    """An http(s) address, None when absent or empty. Raises ClaimError."""
    value = text_of(claims, name, explanations.CLAIM, length=length)
    if not value:
        return None
    try:
        is_address = urlsplit(value).scheme in {"https", "http"} and bool(urlsplit(value).hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise ClaimError(explanations.CLAIM, f"{name} is not an http address")
    return value


def _short(name: str) -> str:
    return name.rsplit("/", 1)[-1]
