"""What Moodle makes of the content items of a deep linking answer. Pure functions.

Held to `content_item_to_form` of Moodle 4.5 and to the samples `dl_response__*.json`: the type of
an item is not looked at, and much of it is ignored (lineItem.label, window, iframe, thumbnail,
available, submission).
"""

import math
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

DEFAULT_MAXIMUM = 100.0


@dataclass(frozen=True, slots=True)
class Draft:
    """An activity not yet saved; `maximum` is None when it is not graded."""

    name: str = ""
    text: str = ""
    url: str = ""
    """Empty: the activity belongs to the tool it was chosen with."""
    custom: str = ""
    """One `key=value` a line."""
    icon_url: str = ""
    maximum: float | None = None
    resource_id: str = ""
    tag: str = ""

    def as_json(self) -> dict[str, Any]:
        """The fields, to be kept until the teacher saves."""
        return asdict(self)


def read_items(items: Any, *, tool_name: str) -> list[Draft]:
    """The drafts of a `content_items` claim, in its order.

    Raises ValueError when it is not a list of objects.
    """
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError("content_items is not a list of objects")
    return [draft(item, tool_name=tool_name) for item in items]


def draft(item: dict[str, Any], *, tool_name: str) -> Draft:
    """What one item pre-fills in the form of the activity."""
    icon, line_item = item.get("icon"), item.get("lineItem")
    graded = isinstance(line_item, dict)
    line: dict[str, Any] = line_item if isinstance(line_item, dict) else {}
    return Draft(
        name=_text(item.get("title")) or tool_name,
        text=_text(item.get("text")),
        url=_address(item.get("url")),
        custom=custom_lines(item.get("custom")),
        icon_url=_address(icon.get("url")) if isinstance(icon, dict) else "",
        maximum=_maximum(line.get("scoreMaximum")) if graded else None,
        resource_id=_text(line.get("resourceId")),
        tag=_text(line.get("tag")),
    )


def custom_lines(custom: Any) -> str:
    """`key=value` lines. A value that is not a string becomes what PHP writes of it."""
    if not isinstance(custom, dict):
        return ""
    return "\n".join(f"{key}={_php_text(value)}" for key, value in custom.items())


def _php_text(value: Any) -> str:
    if isinstance(value, list | dict):
        return "Array"
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)


def _text(value: Any) -> str:
    return _php_text(value).replace("\x00", "")


def _address(value: Any) -> str:
    """An http(s) address as given, or nothing."""
    text = _text(value)
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc else ""


def _maximum(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return DEFAULT_MAXIMUM
    return number if math.isfinite(number) and 0 <= number < 1e9 else DEFAULT_MAXIMUM
