"""Line items and results of a gradebook (LTI Assignment and Grade Services 2.0), as they are read.

Whatever a platform answers, nothing here raises: what is no line item, or no result, is left out.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from lti_app.lti.rules.claims import is_text

_LONGEST_URL = 1000
_LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class LineItem:
    """One column. `url` is its id; a `resource_link_id` says that it belongs to that activity."""

    url: str
    label: str
    maximum: float
    resource_id: str
    tag: str
    resource_link_id: str
    whole: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """As received, unknown members included: an update must send them back."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the gradebook holds for one person; no `score` where the platform shows an empty row.

    `maximum` is what `score` is out of, 1 where it is not said (AGS 2.0 §3.4.3).
    """

    user_id: str
    score: float | None
    maximum: float


def parse_line_item(value: object) -> LineItem | None:
    """A column from its JSON; None when it has no address, or one that cannot be stored."""
    if not isinstance(value, dict):
        return None
    url = value.get("id")
    if not is_text(url) or not 0 < len(url) <= _LONGEST_URL:
        return None
    return LineItem(
        url=url,
        label=_text(value, "label"),
        maximum=_number(value.get("scoreMaximum")) or 0.0,
        resource_id=_text(value, "resourceId"),
        tag=_text(value, "tag"),
        # Moodle says it twice; its second name is older than the specification.
        resource_link_id=_text(value, "resourceLinkId") or _text(value, "ltiLinkId"),
        whole=value,
    )


def parse_line_items(value: object) -> list[LineItem]:
    """The columns of a container, in its order."""
    return [item for item in map(parse_line_item, _entries(value)) if item is not None]


def parse_results(value: object) -> list[Result]:
    """The results of a container. A person named twice comes twice: the last one counts."""
    return [result for result in map(_result, _entries(value)) if result is not None]


def with_label(item: LineItem, label: str) -> dict[str, Any]:
    """The whole column with another label: a PUT replaces all that it does not repeat."""
    return {**item.whole, "label": label}


def sub_address(line_item_url: str, name: str) -> str:
    """« …/lineitem?type_id=1 » and « scores » → « …/lineitem/scores?type_id=1 »."""
    parts = urlsplit(line_item_url)
    path = f"{parts.path.rstrip('/')}/{name}"
    return urlunsplit(SplitResult(parts.scheme, parts.netloc, path, parts.query, ""))


def with_query(url: str, values: Mapping[str, str]) -> str:
    """The address with these parameters, those it has of the same name replaced."""
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in values
    ]
    query = urlencode([*kept, *values.items()])
    return urlunsplit(SplitResult(parts.scheme, parts.netloc, parts.path, query, ""))


def _result(value: object) -> Result | None:
    if not isinstance(value, dict):
        return None
    user_id = value.get("userId")
    if isinstance(user_id, int) and not isinstance(user_id, bool):
        user_id = str(user_id)
    if not is_text(user_id) or not 0 < len(user_id) <= _LONGEST_TEXT:
        return None
    maximum = _number(value.get("resultMaximum"))
    return Result(user_id, _number(value.get("resultScore")), 1.0 if maximum is None else maximum)


def _entries(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text)
    return text[:_LONGEST_TEXT] if is_text(text) else ""


def _number(value: object) -> float | None:
    """A finite number; some platforms write theirs between quotes."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
