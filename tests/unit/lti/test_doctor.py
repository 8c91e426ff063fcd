"""The doctor's measures: what is asked, of whom, and what is made of each answer."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import jwt
import pytest
import requests
import responses
from requests import PreparedRequest
from sqlalchemy.orm import Session

from lti_app.core import clock
from lti_app.core.outbound import ForbiddenAddressError
from lti_app.lti.models import PlatformState
from lti_app.lti.rules.diagnosis import Facts, Level, diagnose
from lti_app.lti.rules.diagnosis.facts import Obstacle, UsageFacts
from lti_app.lti.rules.diagnosis.services import SERVICES
from lti_app.lti.services import doctor
from lti_app.lti.services.keys import published_jwks
from tests import factories
from tests.conftest import BASE_URL, SECRET_KEY
from tests.healthy_lms import OURS, Reply, form, give_token, register
from tests.platform_double import PlatformDouble


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


@pytest.fixture
def platform(session: Session, mock: responses.RequestsMock) -> PlatformDouble:
    return register(session, mock)


def replace_token(
    mock: responses.RequestsMock, platform: PlatformDouble, answer: Callable[..., Reply]
) -> None:
    mock.remove(responses.POST, platform.row.token_url)
    mock.add_callback(responses.POST, platform.row.token_url, callback=answer)


def examine(session: Session, platform: PlatformDouble, **values: Any) -> Facts:
    tool = doctor.Tool(
        base_url=BASE_URL,
        jwks_url=OURS,
        development=False,
        trusted_proxies=0,
        secret_key=values.get("secret_key", SECRET_KEY),
    )
    prepared = doctor.prepare_examination(
        session,
        platform.row,
        tool=tool,
        memberships_url=values.get("memberships_url"),
        now=clock.now(),
    )
    session.rollback()
    return doctor.examine(prepared, usage=UsageFacts(), clock=clock.now)


def errors(measured: Facts) -> set[str]:
    return {each.code for each in diagnose(measured) if each.level == Level.ERROR}


def test_each_scope_is_asked_for_alone_and_signed_with_our_published_key(
    session: Session, platform: PlatformDouble, mock: responses.RequestsMock
) -> None:
    asked: list[str] = []

    def answer(request: PreparedRequest) -> Reply:
        fields = form(request)
        header = jwt.get_unverified_header(fields["client_assertion"])
        assert header["kid"] in measured_kids
        asked.append(fields["scope"])
        return give_token(request)

    measured_kids = {key["kid"] for key in published_jwks(session, clock.now())["keys"]}
    replace_token(mock, platform, answer)
    measured = examine(session, platform)
    assert sorted(asked) == sorted(SERVICES)
    assert measured.tool.kids == measured_kids
    assert errors(measured) == set()


def test_the_first_page_of_a_roster_is_read_and_counted(
    session: Session, platform: PlatformDouble, mock: responses.RequestsMock
) -> None:
    url = f"{platform.row.issuer}/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
    members = [
        {"user_id": "1", "roles": ["Learner"], "name": "Zoé", "email": "z@example.org"},
        {"user_id": "2", "roles": ["Learner"]},
    ]
    mock.add(responses.GET, url, json={"members": members})
    roster = examine(session, platform, memberships_url=url).roster
    assert roster is not None
    assert (roster.problem, roster.members, roster.named, roster.with_email) == (None, 2, 1, 1)
    (asked,) = [call.request for call in mock.calls if url in str(call.request.url)]
    assert "limit=100" in str(asked.url)
    assert asked.headers["Authorization"] == "Bearer opaque"


@pytest.mark.parametrize("reply", [(403, "{}"), (200, "<p>no list</p>"), (200, "[]")])
def test_a_roster_that_is_none(
    session: Session,
    platform: PlatformDouble,
    mock: responses.RequestsMock,
    reply: tuple[int, str],
) -> None:
    url = f"{platform.row.issuer}/memberships"
    mock.add(responses.GET, url, status=reply[0], body=reply[1])
    roster = examine(session, platform, memberships_url=url).roster
    assert roster is not None
    assert roster.problem
    assert roster.status == reply[0]


def test_our_token_goes_to_no_other_host(
    session: Session, platform: PlatformDouble, mock: responses.RequestsMock
) -> None:
    measured = examine(session, platform, memberships_url="https://evil.example/memberships")
    assert measured.roster is not None
    assert "autre hôte" in (measured.roster.problem or "")
    assert not any("evil" in str(call.request.url) for call in mock.calls)


@pytest.mark.parametrize("seconds", [-120, 0, 90])
def test_their_clock_is_measured_by_the_date_of_their_answers(
    session: Session, platform: PlatformDouble, mock: responses.RequestsMock, seconds: int
) -> None:
    def answer(request: PreparedRequest) -> Reply:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
        return 200, {"Date": date}, give_token(request)[2]

    replace_token(mock, platform, answer)
    measured = examine(session, platform)
    for token in measured.tokens:
        assert token.answer is not None
        assert token.answer.clock_ahead == pytest.approx(seconds, abs=5)
    assert ("HORLOGE" in errors(measured)) == (seconds != 0)


def test_an_answer_out_of_a_cache_dates_nothing(
    session: Session, platform: PlatformDouble, mock: responses.RequestsMock
) -> None:
    mock.replace(
        responses.GET,
        OURS,
        json={},
        headers={"Date": "Mon, 09 Nov 2020 10:00:00 GMT", "Age": "3600"},
    )
    assert examine(session, platform).tool.jwks.clock_ahead is None


def test_a_token_that_is_a_jwt_dates_itself(
    session: Session, platform: PlatformDouble, mock: responses.RequestsMock
) -> None:
    issued = int(clock.now().timestamp()) + 75
    token = jwt.encode({"iat": issued}, "k" * 32)
    replace_token(mock, platform, lambda _: (200, {}, json.dumps({"access_token": token})))
    for each in examine(session, platform).tokens:
        assert each.issued_ahead == pytest.approx(75, abs=5)


def test_what_a_real_moodle_says_of_an_unknown_kid_is_heard_though_it_is_not_json(
    session: Session, platform: PlatformDouble, mock: responses.RequestsMock
) -> None:
    body = '{\n  "error" : ""kid" invalid, unable to lookup correct key"\n}'
    replace_token(mock, platform, lambda _: (400, {}, body))
    (finding,) = [each for each in diagnose(examine(session, platform)) if each.code == "JETON"]
    assert "unable to lookup correct key" in finding.meaning
    assert "curlsecurityblockedhosts" in finding.action


def test_a_page_is_not_quoted(
    session: Session, platform: PlatformDouble, mock: responses.RequestsMock
) -> None:
    replace_token(mock, platform, lambda _: (503, {"Content-Type": "text/html"}, "<h1>Zoé</h1>"))
    assert {token.said for token in examine(session, platform).tokens} == {""}


def test_without_a_key_nothing_is_asked_of_the_token_address(
    session: Session, platform: PlatformDouble, mock: responses.RequestsMock
) -> None:
    measured = examine(session, platform, secret_key="another secret")
    assert {token.refusal for token in measured.tokens} == {"tool_key_missing"}
    assert not [call for call in mock.calls if call.request.method == "POST"]


def a_dns_error() -> requests.ConnectionError:
    error = requests.ConnectionError("HTTPSConnectionPool(host='x'): Max retries exceeded")
    error.__cause__ = socket.gaierror(-2, "Name or service not known")
    return error


@pytest.mark.parametrize(
    ("failure", "obstacle"),
    [
        (a_dns_error(), Obstacle.NAME),
        (requests.exceptions.SSLError("certificate verify failed"), Obstacle.CERTIFICATE),
        (requests.exceptions.ConnectTimeout("slow"), Obstacle.TIMEOUT),
        (requests.ConnectionError("could not connect: timed out"), Obstacle.TIMEOUT),
        (requests.ConnectionError("refused"), Obstacle.UNREACHABLE),
        (ForbiddenAddressError("10.0.0.1 is not a public address"), Obstacle.FORBIDDEN),
        (UnicodeError("label too long"), Obstacle.NAME),
    ],
)
def test_what_stands_between(
    session: Session,
    platform: PlatformDouble,
    mock: responses.RequestsMock,
    failure: Exception,
    obstacle: Obstacle,
) -> None:
    mock.replace(responses.GET, OURS, body=failure)
    replace = responses.CallbackResponse(
        responses.POST, platform.row.token_url, callback=lambda _: failure
    )
    mock.remove(responses.POST, platform.row.token_url)
    mock.add(replace)
    measured = examine(session, platform)
    assert measured.tool.jwks.obstacle == obstacle
    for token in measured.tokens:
        assert token.answer is not None
        assert token.answer.obstacle == obstacle


def test_an_address_that_never_ends_answering_is_not_waited_for(
    session: Session,
    platform: PlatformDouble,
    mock: responses.RequestsMock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "STAGE_SECONDS", 0.3)
    release = threading.Event()

    def drip(_request: PreparedRequest) -> Reply:
        release.wait(30)
        return 200, {}, "{}"

    replace_token(mock, platform, drip)
    try:
        measured = examine(session, platform)
    finally:
        release.set()
    assert {token.refusal for token in measured.tokens} == {"timeout"}


def test_siblings_and_deployments_are_told(session: Session, platform: PlatformDouble) -> None:
    other = factories.PlatformFactory(issuer=platform.row.issuer)
    factories.PlatformFactory(issuer=platform.row.issuer, state=PlatformState.INACTIVE)
    factories.DeploymentFactory(
        platform=platform.row, deployment_id="9", state=PlatformState.PENDING
    )
    session.commit()
    session.refresh(platform.row)
    measured = examine(session, platform).platform
    assert measured.siblings == (other.name,)
    assert measured.deployments == {"active": ("1",), "inactive": (), "pending": ("9",)}


def test_examining_touches_no_database(session: Session, platform: PlatformDouble) -> None:
    """The measures come after the rollback: nothing may read the session again."""
    prepared = doctor.prepare_examination(
        session,
        platform.row,
        tool=doctor.Tool(BASE_URL, OURS, False, 0, SECRET_KEY),
        memberships_url=None,
        now=clock.now(),
    )
    session.rollback()
    doctor.examine(prepared, usage=UsageFacts(), clock=clock.now)
    assert not session.in_transaction()
