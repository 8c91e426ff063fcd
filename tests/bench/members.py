"""An LMS that only gives rosters, as a Moodle would: `python -m tests.bench.members`.

A process of its own, so that neither its memory nor its time are those of what is measured. Prints
its port, then serves until its input ends. `/<course>/<size>/members` has that many members.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from lti_app.lti.services.nrps import MEMBERSHIP_MEDIA_TYPE, MEMBERSHIP_SCOPE

_GIVEN = ("Camille", "Zoé", "François", "Anaïs", "Driss", "Maud", "Jean-Noël", "Inès")
_FAMILY = ("N’Guessan", "Le Goff", "Bœuf-Hélène", "El Amrani", "Ferrand", "Lefèvre", "Étienne")


def member(number: int) -> dict[str, object]:
    """One in fifty is a trainer."""
    given, family = _GIVEN[number % len(_GIVEN)], f"{_FAMILY[number % len(_FAMILY)]} {number}"
    return {
        "status": "Active",
        "roles": ["Instructor" if number % 50 == 0 else "Learner"],
        "user_id": str(number),
        "lis_person_sourcedid": f"UID-{number:06}",
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "email": f"referent-{number:06}@ac-exemple.fr",
        "ext_user_username": f"referent-{number:06}",
    }


class Handler(BaseHTTPRequestHandler):
    """A token for whoever asks, and pages of members."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        token = {"access_token": "a-token", "expires_in": 3600, "scope": MEMBERSHIP_SCOPE}
        self._answer(json.dumps(token).encode(), "application/json")

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        size = int(parts.path.split("/")[2])
        query = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
        start, limit = query.get("from", 0), query.get("limit", size)
        end = min(start + limit, size)
        body = json.dumps({"members": [member(number) for number in range(start, end)]})
        host = self.headers["Host"]
        link = f'<http://{host}{parts.path}?limit={limit}&from={end}>; rel="next"'
        self._answer(body.encode(), MEMBERSHIP_MEDIA_TYPE, link if end < size else None)

    def _answer(self, body: bytes, media_type: str, link: str | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        if link:
            self.send_header("Link", link)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()
