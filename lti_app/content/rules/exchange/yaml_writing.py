"""YAML in the hand of the house: block style, long texts folded, ids in flow lists."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import yaml

_WIDTH = 118
_ALWAYS_FOLDED = {"stem", "feedback", "explanation", "otherwise"}
_IDS = {"sources", "misconceptions"}
CLASS_TO_FILL = "# à remplir\u00a0: typo, clarification ou answer"


def written_entry(data: dict[str, Any]) -> list[str]:
    """One entry of a list, its lines without their end."""
    lines = [line for key, value in data.items() for line in written(key, value, indent=2)]
    return ["- " + lines[0][2:], *lines[1:]]


def written(key: str, value: Any, indent: int) -> list[str]:
    """`key: value`, its key at column `indent`."""
    margin = " " * indent
    if isinstance(value, list):
        return list(_listed(key, value, indent))
    if isinstance(value, str):
        return _text(key, value, indent)
    if value is None:
        return [f"{margin}{key}:  {CLASS_TO_FILL}" if key == "change" else f"{margin}{key}:"]
    if isinstance(value, bool):
        return [f"{margin}{key}: {'true' if value else 'false'}"]
    shown = value.isoformat() if isinstance(value, date) else str(value)
    return [f"{margin}{key}: {shown}"]


def _listed(key: str, values: list[Any], indent: int) -> Iterator[str]:
    margin = " " * indent
    if not values or key in _IDS:
        yield f"{margin}{key}: [{', '.join(map(_inline, values))}]"
        return
    yield f"{margin}{key}:"
    for value in values:
        entry = written_entry(value) if isinstance(value, dict) else [f"- {_inline(value)}"]
        yield from (f"{margin}  {line}" if line else line for line in entry)


def _text(key: str, text: str, indent: int) -> list[str]:
    margin = " " * indent
    plain = f"{margin}{key}: {text}"
    if key not in _ALWAYS_FOLDED and len(plain) <= _WIDTH and _says([plain], key, text):
        return [plain]
    mark = "|-" if "\n" in text else ">-"
    body = text.split("\n") if "\n" in text else list(_folded(text, _WIDTH - indent - 2))
    block = [f"{margin}{key}: {mark}", *(f"{margin}  {line}" if line else "" for line in body)]
    return block if _says(block, key, text) else [f"{margin}{key}: {_quoted(text)}"]


def _folded(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _says(lines: list[str], key: str, text: str) -> bool:
    try:
        found = yaml.safe_load("\n".join(lines))
    except (yaml.YAMLError, ValueError):
        return False
    return bool(found == {key: text})


def _inline(value: Any) -> str:
    text = str(value)
    return text if _says([f"k: [{text}]"], "k", text) or _is_item(text) else _quoted(text)


def _is_item(text: str) -> bool:
    try:
        found = yaml.safe_load(f"k: [{text}]") and yaml.safe_load(f"- {text}")
    except (yaml.YAMLError, ValueError):
        return False
    return bool(found == [text])


def _quoted(text: str) -> str:
    """Between double quotes; what YAML does not take as it is, by its number."""
    return '"' + _TO_ESCAPE.sub(lambda found: _escape(found[0]), text) + '"'


# All but what YAML prints, less its own line ends, quotes and escapes.
_TO_ESCAPE = re.compile(
    r'["\\]|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]'
)


def _escape(character: str) -> str:
    code = ord(character)
    if character in '"\\':
        return "\\" + character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
