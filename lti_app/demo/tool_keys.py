"""The tool's public keys, fetched from its JWKS and kept in memory."""

import threading
from typing import Any

import requests

_TIMEOUT_SECONDS = 5


class ToolKeysUnavailableError(Exception):
    """The tool's JWKS did not answer, or not with a key set."""


class ToolKeys:
    """Cache of the tool's key set. A rotated key is found by fetching again, as Moodle does."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._keys: dict[str, dict[str, Any]] = {}

    def find(self, kid: str) -> dict[str, Any] | None:
        """The JWK of that id, from memory or from the tool; None when the tool has no such key.

        Raises ToolKeysUnavailableError.
        """
        with self._lock:
            known = self._keys.get(kid)
        return known if known is not None else self.fetch().get(kid)

    def fetch(self) -> dict[str, dict[str, Any]]:
        """Ask the tool for its keys and remember them, by id.

        Raises ToolKeysUnavailableError.
        """
        try:
            answer = requests.get(
                self._url,
                timeout=_TIMEOUT_SECONDS,
                headers={"User-Agent": "MoodleBot/1.0 (Relais demonstration LMS)"},
            )
            answer.raise_for_status()
            keys = {str(key["kid"]): key for key in answer.json()["keys"]}
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise ToolKeysUnavailableError(f"{self._url}: {error}") from error
        with self._lock:
            self._keys = keys
        return keys
