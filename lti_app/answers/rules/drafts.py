"""What is worth keeping of a form that could not be received. Pure."""

import re
import unicodedata

from lti_app.answers.rules.forms import Form

_NAMES = re.compile(r"choice|text|confidence|(?:position|match)-[\w.-]{1,120}", re.ASCII)
_LONGEST_VALUE = 1000
"""Characters. A short answer has two hundred at most; what is too long is still somebody's text."""
_MOST_VALUES = 60
_UNSTORABLE = frozenset({"Cc", "Cs"})  # PostgreSQL refuses NUL and lone surrogates in JSON


def draft_fields(form: Form) -> dict[str, list[str]]:
    """The fields of an answer's form that hold something: name → values, bounded.

    Nothing at all when nothing was answered: a degree of confidence alone is no answer.
    Everything posted may be forged; what is kept is shown again, never marked.
    """
    kept: dict[str, list[str]] = {}
    left = _MOST_VALUES
    for name, posted in form.items():
        values = [clean for value in posted[:left] if (clean := _storable(value))]
        if values and _NAMES.fullmatch(name):
            kept[name] = values
            left -= len(values)
    return kept if kept.keys() - {"confidence"} else {}


def _storable(text: str) -> str:
    shortened = text[:_LONGEST_VALUE]
    return "".join(char for char in shortened if unicodedata.category(char) not in _UNSTORABLE)
