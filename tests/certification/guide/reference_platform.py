"""The services of a reference platform: it gives tokens for what is signed, and trusts no one else.

As the certification suite's own: an OAuth 2 server that checks the assertion against the tool's
published keys, a roster, and a gradebook. Everything asked is kept, to be verified.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt
import responses
from flask.testing import FlaskClient

from tests.platform_double import Json, PlatformDouble

SCOPE = "https://purl.imsglobal.org/spec"
LINE_ITEM = f"{SCOPE}/lti-ags/scope/lineitem"
SCORE = f"{SCOPE}/lti-ags/scope/score"
RESULT = f"{SCOPE}/lti-ags/scope/result.readonly"
MEMBERSHIP = f"{SCOPE}/lti-nrps/scope/contextmembership.readonly"

Answer = tuple[int, dict[str, str], str]


@dataclass(frozen=True)
class Asked:
    """One request to a service, and the scopes of the token it bore."""

    method: str
    url: str
    accept: str
    content_type: str
    scopes: frozenset[str]
    body: Json


@dataclass
class ReferencePlatform:
    """Token endpoint, roster and gradebooks of one platform."""

    double: PlatformDouble
    mock: responses.RequestsMock
    browser: FlaskClient
    tokens: dict[str, frozenset[str]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    members: list[Json] = field(default_factory=list)
    line_items: dict[str, Json] = field(default_factory=dict)
    scores: dict[str, list[Json]] = field(default_factory=dict)

    def open(self, *contexts: str) -> None:
        """Serve the tokens, and the roster and the gradebook of each context."""
        self.mock.add_callback(responses.POST, self.double.row.token_url, self._give_token)
        for context in contexts:
            self._serve(responses.GET, self.memberships_url(context), self._roster)
            self._serve(responses.GET, self.line_items_url(context), self._list)
            self._serve(responses.POST, self.line_items_url(context), self._create)

    def memberships_url(self, context: str) -> str:
        return f"{self.double.row.issuer}/{context}/memberships"

    def line_items_url(self, context: str) -> str:
        return f"{self.double.row.issuer}/{context}/lineitems"

    def _give_token(self, request: Any) -> Answer:
        """Client credentials with a signed assertion (1EdTech Security Framework §4.1)."""
        form = {name: values[0] for name, values in parse_qs(request.body).items()}
        assert form["grant_type"] == "client_credentials"
        assertion = form["client_assertion"]
        keys = self.browser.get("/lti/jwks").get_json()["keys"]
        kid = jwt.get_unverified_header(assertion)["kid"]
        (key,) = (key for key in keys if key["kid"] == kid)
        claims = jwt.decode(
            assertion,
            jwt.PyJWK(key).key,
            algorithms=["RS256"],
            audience=self.double.row.token_url,
            issuer=self.double.row.client_id,
            options={"require": ["exp", "iat", "jti", "sub"]},
        )
        assert claims["sub"] == self.double.row.client_id
        token = f"token-{len(self.tokens) + 1}"
        self.tokens[token] = frozenset(form["scope"].split())
        body = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": form["scope"],
        }
        return 200, {"Content-Type": "application/json"}, json.dumps(body)

    def _serve(self, method: str, url: str, answer: Callable[[Asked], Answer]) -> None:
        def keep(request: Any) -> Answer:
            bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if bearer not in self.tokens:
                return 401, {}, ""
            asked = Asked(
                request.method,
                request.url,
                request.headers.get("Accept", ""),
                request.headers.get("Content-Type", ""),
                self.tokens[bearer],
                json.loads(request.body) if request.body else {},
            )
            self.asked.append(asked)
            return answer(asked)

        self.mock.add_callback(method, url, keep)

    def _roster(self, asked: Asked) -> Answer:
        return 200, {}, json.dumps({"id": asked.url, "members": self.members})

    def _list(self, asked: Asked) -> Answer:
        inside = f"{asked.url.partition('?')[0]}/"
        items = [item for url, item in self.line_items.items() if url.startswith(inside)]
        return 200, {}, json.dumps(items)

    def _create(self, asked: Asked) -> Answer:
        url = f"{asked.url.partition('?')[0]}/{len(self.line_items) + 1}"
        self.line_items[url] = {**asked.body, "id": url}
        self.scores[url] = []
        self._serve(responses.GET, url, lambda _asked: (200, {}, json.dumps(self.line_items[url])))
        self._serve(responses.POST, f"{url}/scores", self._take_score)
        self._serve(responses.GET, f"{url}/results", self._results)
        return 201, {}, json.dumps(self.line_items[url])

    def _take_score(self, asked: Asked) -> Answer:
        self.scores[asked.url.removesuffix("/scores")].append(asked.body)
        return 204, {}, ""

    def _results(self, asked: Asked) -> Answer:
        url = asked.url.partition("?")[0].removesuffix("/results")
        results = [
            {
                "id": f"{url}/results/{score['userId']}",
                "scoreOf": url,
                "userId": score["userId"],
                "resultScore": score["scoreGiven"],
                "resultMaximum": score["scoreMaximum"],
            }
            for score in self.scores[url][-1:]
        ]
        return 200, {}, json.dumps(results)
