"""What a real Moodle 4.5 sent: when a tool registered, and of its gradebook."""

import json
from pathlib import Path
from typing import Any

_SAMPLES = Path(__file__).parents[2] / "fixtures" / "moodle"
_THEIR_ORIGIN = "http://moodle.localhost:8090"

ISSUER = "https://moodle.example.org"
CONFIGURATION_URL = f"{ISSUER}/mod/lti/openid-configuration.php"
REGISTRATION_URL = f"{ISSUER}/mod/lti/openid-registration.php"

AGS: dict[str, dict[str, Any]] = {
    each["case"]: each for each in json.loads((_SAMPLES / "ags.json").read_text(encoding="utf-8"))
}
"""Captured exchanges with its gradebook service, by case, at its own address."""


def moodle_sample(name: str) -> Any:
    """A captured exchange, as if the Moodle had been at ISSUER."""
    text = (_SAMPLES / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(text.replace(_THEIR_ORIGIN, ISSUER))


def configuration(**changes: Any) -> dict[str, Any]:
    """Its openid-configuration; None removes."""
    document = {**moodle_sample("openid-configuration"), **changes}
    return {name: value for name, value in document.items() if value is not None}
