"""The columns and results of a platform's gradebook (AGS 2.0), in Moodle's strictness.

Exact media types (Moodle answers 400 to any other), nothing paged by us (its line item pages cannot
be parsed, its result pages are a 404), addresses with a query, and no token beyond the platform's
own hosts. Specification: https://www.imsglobal.org/spec/lti-ags/v2p0
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

import requests

from lti_app.core.outbound import ForbiddenAddressError, OutboundSession, is_success
from lti_app.lti.rules.line_items import (
    LineItem,
    Result,
    parse_line_item,
    parse_line_items,
    parse_results,
    sub_address,
    with_label,
    with_query,
)
from lti_app.lti.rules.paging import next_page
from lti_app.lti.services.ags import FORBIDDEN_URL, TIMEOUT, UNREACHABLE, is_on

LINE_ITEM_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
LINE_ITEM_READ_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
RESULT_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"

LINE_ITEM_MEDIA_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_MEDIA_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS_MEDIA_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"

UNAVAILABLE = "unavailable"
UNAUTHORIZED = "unauthorized"
NOT_ALLOWED = "not_allowed"
GONE = "line_item_gone"
REJECTED = "rejected"
UNREADABLE = "answer_unreadable"

MAX_PAGES = 50
MAX_ENTRIES = 50_000


class GradebookError(Exception):
    """The gradebook did not do as asked. `reason` is a code; `status` the HTTP status, if any."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason if status is None else f"{reason}: HTTP {status}")
        self.reason = reason
        self.status = status

    @property
    def is_uncertain(self) -> bool:
        """Whether the platform may have done what it was asked all the same."""
        if self.status is None:
            return self.reason in {TIMEOUT, UNREACHABLE}
        return self.reason in {UNAVAILABLE, UNREADABLE}


def reading_scope(granted: Collection[str]) -> str | None:
    """The least of the granted scopes that lists columns; None when none does."""
    if LINE_ITEM_READ_SCOPE in granted and LINE_ITEM_SCOPE not in granted:
        return LINE_ITEM_READ_SCOPE
    return LINE_ITEM_SCOPE if LINE_ITEM_SCOPE in granted else None


class Gradebook:
    """One platform's gradebook. Needs no database; every method may raise GradebookError.

    `hosts` come from `ags.service_hosts`, `token` from `tokens`.
    """

    def __init__(self, *, hosts: frozenset[str], http: OutboundSession, token: str) -> None:
        self._hosts = hosts
        self._http = http
        self._token = token

    def line_items(
        self,
        line_items_url: str,
        *,
        resource_link_id: str | None = None,
        resource_id: str | None = None,
        tag: str | None = None,
    ) -> list[LineItem]:
        """The columns of a course that are Relais's to see, narrowed by each filter given.

        Filtered here too: a platform may ignore what it is asked.
        """
        wanted = {"resource_link_id": resource_link_id, "resource_id": resource_id, "tag": tag}
        filters = {name: value for name, value in wanted.items() if value is not None}
        url = with_query(line_items_url, filters) if filters else line_items_url
        found = parse_line_items(self._read_all(url, LINE_ITEMS_MEDIA_TYPE))
        return [
            item
            for item in found
            if all(getattr(item, name) == value for name, value in filters.items())
        ]

    def line_item(self, line_item_url: str) -> LineItem:
        """One column."""
        headers = {"Accept": LINE_ITEM_MEDIA_TYPE}
        return _item(self._request("GET", line_item_url, headers), line_item_url)

    def create(
        self, line_items_url: str, *, label: str, maximum: int, resource_id: str, tag: str
    ) -> LineItem:
        """A new column. Not idempotent: asked twice, Moodle makes two."""
        body = {"label": label, "scoreMaximum": maximum, "resourceId": resource_id, "tag": tag}
        response = self._send("POST", line_items_url, body)
        made = parse_line_item(_decode(response))
        if made is None:
            raise GradebookError(UNREADABLE, response.status_code)
        return made

    def rename(self, item: LineItem, label: str) -> LineItem:
        """The column with another label, all the rest as it was."""
        return _item(self._send("PUT", item.url, with_label(item, label)), item.url)

    def results(self, line_item_url: str) -> list[Result]:
        """What the column holds; people without a grade are absent."""
        url = sub_address(line_item_url, "results")
        return parse_results(self._read_all(url, RESULTS_MEDIA_TYPE))

    def _read_all(self, url: str, media_type: str) -> list[object]:
        """The entries of a container and of the pages that follow it."""
        entries: list[object] = []
        seen: set[str] = set()
        following: str | None = url
        while following is not None and following not in seen:
            if len(seen) == MAX_PAGES or len(entries) > MAX_ENTRIES:
                raise GradebookError(UNREADABLE)
            seen.add(following)
            response = self._request("GET", following, {"Accept": media_type})
            page = _decode(response)
            if not isinstance(page, list):
                raise GradebookError(UNREADABLE, response.status_code)
            entries += page
            following = next_page(response.headers.get("Link"))
        return entries

    def _send(self, method: str, url: str, body: Mapping[str, Any]) -> requests.Response:
        headers = {"Content-Type": LINE_ITEM_MEDIA_TYPE, "Accept": LINE_ITEM_MEDIA_TYPE}
        return self._request(method, url, headers, json.dumps(body).encode())

    def _request(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None = None
    ) -> requests.Response:
        if not is_on(self._hosts, url):
            raise GradebookError(FORBIDDEN_URL)
        headers["Authorization"] = f"Bearer {self._token}"
        try:
            response = self._http.request(method, url, data=body, headers=headers)
        except ForbiddenAddressError as error:
            raise GradebookError(FORBIDDEN_URL) from error
        except requests.Timeout as error:
            raise GradebookError(TIMEOUT) from error
        except (requests.RequestException, ValueError) as error:
            raise GradebookError(UNREACHABLE) from error
        if not is_success(response):
            raise GradebookError(_refusal(response.status_code), response.status_code)
        return response


def _item(response: requests.Response, url: str) -> LineItem:
    """The column of an answer, under the address that it was asked at."""
    body = _decode(response)
    item = parse_line_item({**body, "id": url} if isinstance(body, dict) else None)
    if item is None:
        raise GradebookError(UNREADABLE, response.status_code)
    return item


def _refusal(status: int) -> str:
    if status in {404, 410}:
        return GONE
    if status == 401:
        return UNAUTHORIZED
    if status == 403:
        return NOT_ALLOWED
    if status in {408, 425, 429} or status >= 500 or status < 400:
        return UNAVAILABLE
    return REJECTED


def _decode(response: requests.Response) -> object:
    try:
        decoded: object = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return decoded
