"""How Moodle's `services.php` speaks HTTP: exact media types, reasons in the status line."""

import json
from typing import Any

from flask import Request, Response, render_template, request

LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

_REASONS = {
    200: "OK", 201: "Created", 204: "OK", 400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
    500: "Internal Server Error",
}  # fmt: skip
_LONGEST_REASON = 4000


def status_line(code: int, reason: str = "") -> str:
    """`code reason`, fit for a status line.

    Moodle repeats the tool's own JSON in it. Control characters are dropped, or a body with a
    line break would write headers of its own; the rest travels as UTF-8 bytes.
    """
    text = "".join(char for char in reason.strip() if char.isprintable()) or _REASONS[code]
    wire = text[:_LONGEST_REASON].encode("utf-8").decode("latin-1")
    return f"{code} {wire}"


def header_text(value: str) -> str:
    """A header value with characters outside ASCII, as the UTF-8 bytes PHP sends."""
    return value.encode("utf-8").decode("latin-1")


def number(value: float) -> int | float:
    """As PHP writes floats in JSON: 100, not 100.0."""
    return int(value) if value == int(value) else value


def json_response(body: Any, *, content_type: str, code: int = 200, reason: str = "") -> Response:
    """A JSON answer with an exact media type; `body` None gives an empty one."""
    text = "" if body is None else json.dumps(body, ensure_ascii=False)
    answer = Response(text, content_type=f"{content_type}; charset=utf-8")
    answer.status = status_line(code, reason)
    return answer


def routing_error(code: int, reason: str = "", *, incoming: Request | None = None) -> Response:
    """The error of `services.php` itself: the request is described back in the body."""
    incoming = incoming or request
    body = {
        "status": code,
        "reason": reason or _REASONS[code],
        "request": {
            "method": incoming.method,
            "url": incoming.full_path.removesuffix("?"),
            "accept": incoming.headers.get("Accept", ""),
            "contentType": incoming.headers.get("Content-Type", ""),
        },
    }
    answer = Response(
        json.dumps(body, indent=4, ensure_ascii=False),
        content_type="application/json; charset=utf-8",
    )
    answer.status = status_line(code, reason)
    return answer


def refuse_media_type(path: str, formats: tuple[str, ...]) -> Response | None:
    """The 400 of a request whose Accept (GET) or Content-Type is not one of `formats`.

    `path` is what follows `services.php`. `*/*` passes here, as in Moodle: what it meets next
    depends on the resource. DELETE is not looked at.
    """
    accept = request.headers.get("Accept", "") if request.method == "GET" else ""
    sent = request.headers.get("Content-Type", "") if request.method != "GET" else ""
    if request.method == "GET":
        refused = bool(accept) and "*/*" not in accept and accept not in formats
    else:
        refused = request.method != "DELETE" and sent not in formats
    if not refused:
        return None
    return routing_error(400, f"No handler found for {path} {accept} {sent}")


def error_page(message: str = "Requête non valide") -> Response:
    """Moodle's page for an exception: 404, HTML, the tool hears nothing."""
    html = render_template("demo/error.html", message=message)
    return Response(html, status_line(404), content_type="text/html; charset=utf-8")
