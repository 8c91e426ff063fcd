"""Scores towards the LMS gradebook (LTI Assignment and Grade Services 2.0), in Moodle's strictness.

Specification: https://www.imsglobal.org/spec/lti-ags/v2p0
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests

from lti_app.core.outbound import ForbiddenAddressError, OutboundSession
from lti_app.lti.models import Platform
from lti_app.lti.rules.line_items import sub_address

SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCORE_MEDIA_TYPE = "application/vnd.ims.lis.v1.score+json"

FORBIDDEN_URL = "forbidden_url"
TIMEOUT = "timeout"
UNREACHABLE = "unreachable"

_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class ScoreAnswer:
    """What the LMS said to a score: its HTTP status and words.

    No status when it said nothing; `reason` is then FORBIDDEN_URL, TIMEOUT or UNREACHABLE.
    """

    status: int | None
    reason: str


def service_hosts(platform: Platform) -> frozenset[str]:
    """« host:port » of the platform's registration: where its services may be."""
    known = (platform.issuer, platform.token_url, platform.auth_url)
    return frozenset(filter(None, map(_host_and_port, known)))


def is_on(hosts: frozenset[str], url: str) -> bool:
    """Whether `url` is on one of `hosts`.

    A claim that names a line item elsewhere must not receive our access token.
    """
    return _host_and_port(url) in hosts


def scores_url(line_item_url: str) -> str:
    """Where scores of a line item are posted: `/scores` comes before the query (Moodle has one)."""
    return sub_address(line_item_url, "scores")


class LineItemService:
    """The columns of one platform's gradebook.

    Needs no database: `hosts` come from `service_hosts`, `token` from `tokens`.
    """

    def __init__(self, *, hosts: frozenset[str], http: OutboundSession, token: str) -> None:
        self._hosts = hosts
        self._http = http
        self._token = token

    def send_score(
        self,
        line_item_url: str,
        *,
        user_id: str,
        score: int,
        maximum: int,
        timestamp: datetime,
        comment: str,
        completed: bool,
    ) -> ScoreAnswer:
        """Post a final score out of `maximum`; raises nothing that the network may cause.

        Always FullyGraded with a score: anything else makes Moodle erase the grade it has and put
        the completion back to "not done". A comment each time: Moodle wipes the former one.
        """
        if not is_on(self._hosts, line_item_url):
            return ScoreAnswer(None, FORBIDDEN_URL)
        body = {
            "userId": user_id,
            "scoreGiven": score,
            "scoreMaximum": maximum,
            "comment": comment,
            "timestamp": _iso(timestamp),
            "activityProgress": "Completed" if completed else "InProgress",
            "gradingProgress": "FullyGraded",
        }
        return self._post(scores_url(line_item_url), body)

    def _post(self, url: str, body: dict[str, object]) -> ScoreAnswer:
        # requests leaves our Content-Type alone; Moodle refuses application/json.
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": SCORE_MEDIA_TYPE,
            "Accept": SCORE_MEDIA_TYPE,
        }
        try:
            response = self._http.post(url, json=body, headers=headers)
        except ForbiddenAddressError:
            return ScoreAnswer(None, FORBIDDEN_URL)
        except requests.Timeout:
            return ScoreAnswer(None, TIMEOUT)
        except requests.RequestException:
            return ScoreAnswer(None, UNREACHABLE)
        return ScoreAnswer(response.status_code, _words(response.reason))


def _words(reason: str | bytes | None) -> str:
    """The reason phrase without the score that Moodle repeats in it: logs hold no user id."""
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason or ""
    return text.partition("{")[0].strip()[:100]


def _iso(instant: datetime) -> str:
    # The specification asks for a fraction of a second; Moodle compares whole seconds.
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _host_and_port(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return f"{parts.hostname}:{port}" if parts.hostname and port else None
