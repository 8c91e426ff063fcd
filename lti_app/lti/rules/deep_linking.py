"""The answer to a content selection, in the shape that platforms honour (LTI Deep Linking 2.0).

Where Moodle and the specification differ, what both honour is sent: resource links only (Moodle
makes a broken activity of anything else), our ids in `custom` (they survive a course copy), and no
`url` for Moodle, which would look for the tool again by it and may bind another registration.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lti_app.lti.rules.claims import DEPLOYMENT_ID, MESSAGE_TYPE, VERSION, DeepLinkingRequest

MESSAGE = "LtiDeepLinkingResponse"
RESOURCE_LINK = "ltiResourceLink"
CONTENT_ITEMS = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
DATA = "https://purl.imsglobal.org/spec/lti-dl/claim/data"
LIFE = timedelta(minutes=5)
DATED_BEFORE = timedelta(seconds=30)
"""Some platforms refuse an `iat` one second ahead of their clock."""
SCORE_MAXIMUM = 100
TITLE_LENGTH = 255
"""Of an activity's name in Moodle."""
TEXT_LENGTH = 2000

# Moodle sends a key of any other shape twice: as it is, and lower-cased.
_CUSTOM_KEY = re.compile(r"[a-z0-9_]{1,50}")
_CUSTOM_VALUE = re.compile(r"[A-Za-z0-9._-]{1,255}")


@dataclass(frozen=True, slots=True)
class LineItem:
    """The gradebook column of an item, out of SCORE_MAXIMUM. `resource_id` tells ours apart."""

    label: str
    tag: str
    resource_id: str


@dataclass(frozen=True, slots=True)
class ContentItem:
    """One activity to be. `title` and `text` are plain text, made into one line each.

    Raises ValueError when a custom parameter would not come back as it was sent.
    """

    title: str
    text: str
    custom: Mapping[str, str]
    line_item: LineItem | None = None

    def __post_init__(self) -> None:
        for key, value in self.custom.items():
            if not _CUSTOM_KEY.fullmatch(key) or not _CUSTOM_VALUE.fullmatch(value):
                raise ValueError(f"{key!r}: no custom parameter that every platform keeps")


def takes_resource_links(request: DeepLinkingRequest) -> bool:
    """Whether the platform wants what Relais has."""
    return RESOURCE_LINK in request.accept_types


def is_moodle(product_family: str | None) -> bool:
    """Moodle and its kin, M@gistère among them."""
    return (product_family or "").strip().lower().startswith("moodle")


def response_claims(
    request: DeepLinkingRequest,
    items: Sequence[ContentItem],
    *,
    launch_url: str,
    nonce: str,
    now: datetime,
) -> dict[str, Any]:
    """The claims of the answer; no item at all means that nothing was chosen.

    Raises ValueError for more items than the platform takes.
    """
    if len(items) > 1 and not request.accept_multiple:
        raise ValueError("the platform takes one item")
    issued_at = now - DATED_BEFORE
    claims: dict[str, Any] = {
        "iss": request.client_id,
        "aud": request.issuer,
        "iat": int(issued_at.timestamp()),
        "exp": int((issued_at + LIFE).timestamp()),
        "nonce": nonce,
        MESSAGE_TYPE: MESSAGE,
        VERSION: "1.3.0",
        DEPLOYMENT_ID: request.deployment_id,
        CONTENT_ITEMS: [_item(item, request, launch_url) for item in items],
    }
    # Verbatim when it was sent, even empty; never null, which some platforms refuse.
    if request.data is not None:
        claims[DATA] = request.data
    return claims


def _item(item: ContentItem, request: DeepLinkingRequest, launch_url: str) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "type": RESOURCE_LINK,
        "title": one_line(item.title, TITLE_LENGTH),
        "text": one_line(item.text, TEXT_LENGTH),
        "custom": dict(item.custom),
    }
    if not is_moodle(request.product_family):
        sent["url"] = launch_url
    if item.line_item is not None and request.accept_line_item:
        sent["lineItem"] = {
            "scoreMaximum": SCORE_MAXIMUM,
            "label": one_line(item.line_item.label, TITLE_LENGTH),
            "tag": item.line_item.tag,
            "resourceId": item.line_item.resource_id,
        }
    return sent


def one_line(text: str, length: int) -> str:
    """Plain text on one line: white space runs made one space, control characters dropped."""
    kept = "".join(
        char for char in text if char.isspace() or unicodedata.category(char) not in {"Cc", "Cs"}
    )
    line = " ".join(kept.split(None))
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"
