"""A gradebook as Moodle's: it makes a column each time it is asked for one."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import requests
import responses

from lti_app.people.models import ResourceLink

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
ALL_SCOPES = [
    f"{AGS}{name}" for name in ("lineitem", "lineitem.readonly", "score", "result.readonly")
]

Json = dict[str, Any]
Answer = tuple[int, dict[str, str], str]


def take_column_away(link: ResourceLink, *, scopes: list[str] | None = None) -> None:
    """Make the link one whose launch names no column, only where columns are."""
    link.line_item_url = link.line_item_origin = None
    link.line_items_url = f"{link.platform.issuer}/mod/lti/services.php/2/lineitems?type_id=1"
    link.ags_scopes = ALL_SCOPES if scopes is None else scopes


@dataclass
class Columns:
    """The columns of course 2 of one platform, its tokens, and what was asked of it.

    `lose`: how many of the next creations are done, and their answers lost; `refuse`: statuses of
    the next requests, by method.
    """

    mock: responses.RequestsMock
    issuer: str
    items: list[Json] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    scores: list[Json] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)
    lose: int = 0
    refuse: dict[str, list[int | Exception]] = field(default_factory=dict)
    before_creating: Callable[[], None] | None = None
    results: list[Json] = field(default_factory=list)

    @property
    def root(self) -> str:
        return f"{self.issuer}/mod/lti/services.php/2/lineitems"

    def start(self) -> None:
        token_url = f"{self.issuer}/mod/lti/token.php"
        self.mock.add_callback("POST", token_url, self._token)
        self.mock.add_callback("GET", self.root, self._list)
        self.mock.add_callback("POST", self.root, self._create)
        one = re.compile(re.escape(self.root) + r"/\d+/lineitem(/scores|/results)?(\?.*)?$")
        for method in ("GET", "PUT", "POST"):
            self.mock.add_callback(method, one, self._one)

    def add(self, label: str = "x", *, link: str = "", tag: str = "", resource_id: str = "") -> str:
        """A column that is there already; its address."""
        url = f"{self.root}/{len(self.items) + 1}/lineitem?type_id=1"
        item = {"id": url, "label": label, "scoreMaximum": 100, "tag": tag}
        item["resourceId"] = resource_id
        if link:
            item |= {"resourceLinkId": link, "ltiLinkId": link}
        self.items.append(item)
        return url

    @property
    def made(self) -> list[Json]:
        return [item for item in self.items if item["tag"] == "relais"]

    def _token(self, request: Any) -> Answer:
        scope = parse_qs(request.body)["scope"][0]
        self.scopes.append(scope)
        body = {"access_token": f"token-{len(self.scopes)}", "expires_in": 3600, "scope": scope}
        return 200, {}, json.dumps(body)

    def _trouble(self, method: str) -> Answer | None:
        waiting = self.refuse.get(method)
        if not waiting:
            return None
        trouble = waiting.pop(0)
        if isinstance(trouble, Exception):
            raise trouble
        return trouble, {}, ""

    def _list(self, request: Any) -> Answer:
        self.asked.append("list")
        trouble = self._trouble("GET")
        if trouble is not None:
            return trouble
        wanted = {k: v for k, v in request.params.items() if k in {"tag", "resource_id"}}
        names = {"tag": "tag", "resource_id": "resourceId"}
        found = [i for i in self.items if all(i[names[k]] == v for k, v in wanted.items())]
        return 200, {}, json.dumps(found)

    def _create(self, request: Any) -> Answer:
        self.asked.append("create")
        if self.before_creating is not None:
            self.before_creating()
        trouble = self._trouble("POST")
        if trouble is not None:
            return trouble
        body = json.loads(request.body)
        url = self.add(body["label"], tag=body["tag"], resource_id=body["resourceId"])
        if self.lose:
            self.lose -= 1
            raise requests.ReadTimeout("the answer was lost")
        return 201, {}, json.dumps({**body, "id": url})

    def _one(self, request: Any) -> Answer:
        path = request.url.partition("?")[0]
        number = int(path.split("/lineitems/")[1].split("/")[0])
        kind = path.rsplit("/", 1)[1]
        self.asked.append(f"{request.method} {kind}")
        trouble = self._trouble(f"{request.method} {kind}")
        if trouble is not None:
            return trouble
        if kind == "results":
            return 200, {}, json.dumps(self.results)
        if kind == "scores":
            self.scores.append(json.loads(request.body) | {"column": number})
            return 200, {}, ""
        if number > len(self.items):
            return 404, {}, "{}"
        if request.method == "PUT":
            self.items[number - 1] = json.loads(request.body)
        return 200, {}, json.dumps(self.items[number - 1])


def columns_of(issuer: str) -> Iterator[Columns]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        book = Columns(mock, issuer)
        book.start()
        yield book
