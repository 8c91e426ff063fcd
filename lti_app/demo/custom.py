"""Custom parameters: Moodle's substitution variables and its doubled keys."""

import re
from collections.abc import Mapping


def parse_parameters(text: str) -> list[tuple[str, str]]:
    """`key=value` lines as pairs; lines without `=` are dropped."""
    pairs = []
    for line in text.splitlines():
        key, found, value = line.partition("=")
        if found and key.strip():
            pairs.append((key.strip(), value.strip()))
    return pairs


def custom_claim(text: str, variables: Mapping[str, str | None]) -> dict[str, str | None]:
    """The custom claim of those lines.

    A value that is a known `$Variable` is replaced, by None when the tool may not know it; an
    unknown one stays as it is. A key that is not already lower case and underscored comes twice:
    mapped, and as written.
    """
    claim: dict[str, str | None] = {}
    for key, value in parse_parameters(text):
        mapped = re.sub(r"[^a-z0-9]", "_", key.lower())
        resolved: str | None = value
        if value.startswith("$") and value[1:] in variables:
            resolved = variables[value[1:]]
        claim[mapped] = resolved
        claim[key] = resolved
    return claim
