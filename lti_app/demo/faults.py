"""Faults switched on by tests, so that they can watch the tool meet a sick LMS.

`POST /_demo/fault` with a JSON object:

* `target`: what fails: `jwks`, `auth`, `token`, `ags`, `scores`, `nrps` or `services`
  (token, ags, scores and nrps together);
* `kind`: `error` (answers `status`, 503 by default), `hang` (waits `seconds`, then answers as
  usual), `garbage` (200 with a body that is not JSON) or `link` (for `nrps`: the Link
  header of a page is broken as `variant` says, `curly` by default);
* `variant`: `curly` (typographic quotes), `unquoted`, `uppercase` (scheme and host), `relative`,
  `loop` (next is the page itself), `elsewhere` (next is on another host);
* `times`: how many calls fail; absent: until `POST /_demo/clear-fault`.
"""

import threading
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue


class Target(StrEnum):
    """A part of the LMS that can be made to fail."""

    JWKS = "jwks"
    AUTH = "auth"
    TOKEN = "token"  # noqa: S105 - not a password
    AGS = "ags"
    SCORES = "scores"
    NRPS = "nrps"
    SERVICES = "services"


class Kind(StrEnum):
    """How it fails."""

    ERROR = "error"
    HANG = "hang"
    GARBAGE = "garbage"
    LINK = "link"


class LinkVariant(StrEnum):
    """What is wrong with the Link header of a page."""

    CURLY = "curly"
    UNQUOTED = "unquoted"
    UPPERCASE = "uppercase"
    RELATIVE = "relative"
    LOOP = "loop"
    ELSEWHERE = "elsewhere"


_SERVICES = frozenset({Target.TOKEN, Target.AGS, Target.SCORES, Target.NRPS})


@dataclass(slots=True)
class Fault:
    """One fault, as asked."""

    target: Target
    kind: Kind
    status: int = 503
    seconds: float = 5.0
    times: int | None = None
    variant: LinkVariant = LinkVariant.CURLY

    def strikes(self, target: Target) -> bool:
        """Whether this fault concerns `target`."""
        return self.target is target or (self.target is Target.SERVICES and target in _SERVICES)


class Faults:
    """The fault in force in this process, if any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self._cleared = threading.Event()
        self.struck = 0
        """Calls that met the last fault."""

    def set(self, fault: Fault) -> None:
        """Put `fault` in force, in place of any other."""
        with self._lock:
            self._fault = fault
            self.struck = 0
            self._cleared.clear()

    def clear(self) -> None:
        """End the fault and free the requests that it holds."""
        with self._lock:
            self._fault = None
            self._cleared.set()

    def _take(self, target: Target, *, links: bool = False) -> Fault | None:
        with self._lock:
            fault = self._fault
            if fault is None or not fault.strikes(target):
                return None
            if (fault.kind is Kind.LINK) is not links:
                return None
            if fault.times is not None:
                if fault.times <= 0:
                    return None
                fault.times -= 1
            self.struck += 1
            return fault

    def strike(self, target: Target) -> Response | None:
        """The failing answer for a call to `target`, or None to answer as usual."""
        fault = self._take(target)
        if fault is None:
            return None
        if fault.kind is Kind.ERROR:
            return Response("Service indisponible (panne de démonstration).", fault.status)
        if fault.kind is Kind.GARBAGE:
            return Response("<html>ceci n’est pas du JSON</html>", 200, mimetype="text/html")
        self._cleared.wait(fault.seconds)
        return None

    def link(self, target: Target, header: str) -> str:
        """The Link header of a page, broken when a fault says so."""
        fault = self._take(target, links=True)
        return header if fault is None else break_link(header, fault.variant, request.url)


def break_link(header: str, variant: LinkVariant, page_url: str) -> str:
    """`<url>; rel="next"` made wrong; `page_url` is the page that holds it."""
    url, _, rest = header.removeprefix("<").partition(">")
    parts = urlsplit(url)
    if variant is LinkVariant.CURLY:
        rest = rest.replace('"next"', "“next”")
    elif variant is LinkVariant.UNQUOTED:
        rest = rest.replace('"', "")
    elif variant is LinkVariant.UPPERCASE:
        url = urlunsplit((parts.scheme.upper(), parts.netloc.upper(), *parts[2:]))
    elif variant is LinkVariant.RELATIVE:
        url = urlunsplit(("", "", *parts[2:]))
    elif variant is LinkVariant.LOOP:
        url = page_url
    else:
        url = urlunsplit((parts.scheme, "ailleurs.example", *parts[2:]))
    return f"<{url}>{rest}"


def create_blueprint(faults: Faults) -> Blueprint:
    """The routes `/_demo/fault` and `/_demo/clear-fault`."""
    blueprint = Blueprint("faults", __name__, url_prefix="/_demo")

    @blueprint.post("/fault")
    def set_fault() -> ResponseReturnValue:
        asked = request.get_json(silent=True) or request.form.to_dict()
        try:
            fault = Fault(
                target=Target(asked.get("target", "services")),
                kind=Kind(asked.get("kind", "error")),
                status=int(asked.get("status", 503)),
                seconds=float(asked.get("seconds", 5)),
                times=int(asked["times"]) if asked.get("times") else None,
                variant=LinkVariant(asked.get("variant", "curly")),
            )
        except (TypeError, ValueError) as error:
            abort(Response(f"{error}\n", 400, mimetype="text/plain"))
        faults.set(fault)
        current_app.logger.warning("fault on: %s %s", fault.target, fault.kind)
        return "", 204

    @blueprint.post("/clear-fault")
    def clear_fault() -> ResponseReturnValue:
        faults.clear()
        return jsonify(struck=faults.struck)

    return blueprint
