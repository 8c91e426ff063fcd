"""Scores sent to a gradebook."""

import json
import threading
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
import requests
import responses

from lti_app.core.outbound import OutboundSession
from lti_app.lti.models import Platform
from lti_app.lti.services.ags import (
    FORBIDDEN_URL,
    SCORE_MEDIA_TYPE,
    TIMEOUT,
    UNREACHABLE,
    LineItemService,
    ScoreAnswer,
    is_on,
    scores_url,
    service_hosts,
)

LINE_ITEM = "https://moodle.example.org/mod/lti/services.php/2/lineitems/7/lineitem?type_id=1"
SCORES = "https://moodle.example.org/mod/lti/services.php/2/lineitems/7/lineitem/scores?type_id=1"


def platform(**changes: str) -> Platform:
    return Platform(
        **{
            "issuer": "https://moodle.example.org",
            "auth_url": "https://moodle.example.org/mod/lti/auth.php",
            "token_url": "https://moodle.example.org/mod/lti/token.php",
            "jwks_url": "https://cdn.example.net/certs",
            **changes,
        }
    )


def send(url: str = LINE_ITEM, **changes: Any) -> ScoreAnswer:
    values: dict[str, Any] = {
        "user_id": "5",
        "score": 92,
        "maximum": 100,
        "timestamp": datetime(2026, 11, 9, 10, 0, 5, tzinfo=UTC),
        "comment": "Module terminé",
        "completed": True,
    }
    with OutboundSession(allow_loopback=False) as http:
        service = LineItemService(hosts=service_hosts(platform()), http=http, token="secret-token")
        return service.send_score(url, **{**values, **changes})


@responses.activate
def test_a_score_is_posted_exactly_as_moodle_wants_it() -> None:
    responses.post(SCORES, status=200)
    assert send() == ScoreAnswer(200, "OK")
    request = responses.calls[0].request
    assert request.url == SCORES
    assert request.headers["Content-Type"] == SCORE_MEDIA_TYPE
    assert request.headers["Authorization"] == "Bearer secret-token"
    assert json.loads(request.body or "") == {
        "userId": "5",
        "scoreGiven": 92,
        "scoreMaximum": 100,
        "comment": "Module terminé",
        "timestamp": "2026-11-09T10:00:05.000Z",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
    }


@responses.activate
def test_a_partial_score_is_fully_graded_too_or_moodle_erases_the_grade() -> None:
    responses.post(SCORES, status=200)
    send(completed=False, score=40)
    body = json.loads(responses.calls[0].request.body or "")
    assert body["gradingProgress"] == "FullyGraded"
    assert body["scoreGiven"] == 40
    assert body["activityProgress"] == "InProgress"


@responses.activate
def test_timestamps_are_in_utc() -> None:
    responses.post(SCORES, status=200)
    paris = timezone(timedelta(hours=1))
    send(timestamp=datetime(2026, 11, 9, 11, 0, 5, tzinfo=paris))
    body = json.loads(responses.calls[0].request.body or "")
    assert body["timestamp"] == "2026-11-09T10:00:05.000Z"


@pytest.mark.parametrize(
    ("line_item", "scores"),
    [
        (LINE_ITEM, SCORES),
        ("https://lms.fr/item/3", "https://lms.fr/item/3/scores"),
        ("https://lms.fr/item/3/", "https://lms.fr/item/3/scores"),
        ("https://lms.fr/i?a=1&b=%2F", "https://lms.fr/i/scores?a=1&b=%2F"),
        ("https://lms.fr/i#part", "https://lms.fr/i/scores"),
    ],
)
def test_scores_come_before_the_query(line_item: str, scores: str) -> None:
    assert scores_url(line_item) == scores


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.org/lineitem",
        "https://moodle.example.org.evil.org/lineitem",
        "https://moodle.example.org:8443/lineitem",
        "https://moodle.example.org@evil.org/lineitem",
        "https://cdn.example.net/lineitem",
        "http://moodle.example.org/lineitem",
        "//moodle.example.org/lineitem",
        "/lineitem",
        "https://moodle.example.org:port/lineitem",
        "https://[::1/lineitem",
        "",
    ],
)
@responses.activate
def test_another_host_hears_nothing(url: str) -> None:
    assert send(url) == ScoreAnswer(None, FORBIDDEN_URL)
    assert len(responses.calls) == 0


def test_each_address_of_the_registration_counts() -> None:
    hosts = service_hosts(
        platform(
            issuer="https://canvas.instructure.com",
            auth_url="https://sso.canvaslms.com/auth",
            token_url="https://school.instructure.com:443/token",
        )
    )
    assert is_on(hosts, "https://school.instructure.com/api/lti/line_items/1")
    assert is_on(hosts, "https://CANVAS.instructure.com/x")
    assert not is_on(hosts, "https://other.instructure.com/x")


@responses.activate
def test_words_of_a_refusal_do_not_repeat_the_person() -> None:
    """Moodle puts the whole score in the reason phrase."""

    class Refusal(responses.Response):
        def get_response(self, request: requests.PreparedRequest) -> Any:
            answer = super().get_response(request)
            answer.reason = 'Incorrect score received{"userId": "99999", "scoreGiven": 40}'
            return answer

    responses.add(Refusal(responses.POST, SCORES, status=400))
    assert send() == ScoreAnswer(400, "Incorrect score received")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (requests.ConnectionError("refused"), UNREACHABLE),
        (requests.exceptions.SSLError("certificate"), UNREACHABLE),
        (requests.exceptions.ChunkedEncodingError("cut"), UNREACHABLE),
        (requests.ReadTimeout("slow"), TIMEOUT),
        (requests.ConnectTimeout("slow"), TIMEOUT),
    ],
)
@responses.activate
def test_no_answer_is_an_answer(error: Exception, reason: str) -> None:
    responses.post(SCORES, body=error)
    assert send() == ScoreAnswer(None, reason)


@responses.activate
def test_a_redirection_is_not_followed() -> None:
    responses.post(SCORES, status=302, headers={"Location": "https://evil.example.org/"})
    assert send().status == 302
    assert len(responses.calls) == 1


class _Moodle(BaseHTTPRequestHandler):
    """A gradebook on loopback, with Moodle's empty answer and its talkative reason phrase."""

    seen: ClassVar[list[tuple[str, str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers["Content-Type"], body))
        if b'"userId": "5"' in body:
            self.send_response(200)
        else:
            self.send_response(400, "Incorrect score received" + body.decode())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


def test_over_a_real_connection() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Moodle)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}"
    hosts = service_hosts(platform(issuer=root))

    def post(http: OutboundSession, user_id: str) -> ScoreAnswer:
        return LineItemService(hosts=hosts, http=http, token="t").send_score(
            f"{root}/lineitem?type_id=1",
            user_id=user_id,
            score=92,
            maximum=100,
            timestamp=datetime(2026, 11, 9, tzinfo=UTC),
            comment="Module terminé",
            completed=True,
        )

    try:
        with OutboundSession(allow_loopback=True) as http:
            assert post(http, "5") == ScoreAnswer(200, "OK")
            assert post(http, "99") == ScoreAnswer(400, "Incorrect score received")
    finally:
        server.shutdown()
        server.server_close()
    with OutboundSession(allow_loopback=True) as http:
        assert post(http, "5") == ScoreAnswer(None, UNREACHABLE)
    path, content_type, _ = _Moodle.seen[0]
    assert (path, content_type) == ("/lineitem/scores?type_id=1", SCORE_MEDIA_TYPE)


def test_a_private_address_is_not_called() -> None:
    inside = platform(issuer="https://10.0.0.7")
    with OutboundSession(allow_loopback=False) as http:
        service = LineItemService(hosts=service_hosts(inside), http=http, token="t")
        answer = service.send_score(
            "https://10.0.0.7/lineitem",
            user_id="5",
            score=1,
            maximum=100,
            timestamp=datetime(2026, 11, 9, tzinfo=UTC),
            comment="",
            completed=True,
        )
    assert answer == ScoreAnswer(None, FORBIDDEN_URL)
