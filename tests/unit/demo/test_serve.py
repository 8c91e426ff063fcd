"""The server, its faults, and what survives a restart."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from lti_app.demo import scopes
from lti_app.demo.models import AccessToken, Grade
from lti_app.demo.serve import DemoServer
from lti_app.demo.settings import DemoSettings

SCORE = "application/vnd.ims.lis.v1.score+json"
SCORES = "/mod/lti/services.php/2/lineitems/11/lineitem/scores?type_id=1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_in(folder: Path) -> DemoSettings:
    return DemoSettings(
        database_path=folder / "demo.sqlite",
        base_url=f"http://127.0.0.1:{free_port()}",
        allow_faults=True,
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DemoServer]:
    """A running LMS with one token, `t`, that opens everything."""
    with DemoServer(settings_in(tmp_path)) as running:
        with running.platform.database.writing() as session:
            session.add(
                AccessToken(
                    token="t",
                    client_id="relais-demo",
                    scopes=" ".join(scopes.PERMITTED_SCOPES),
                    expires_at=2**40,
                )
            )
        yield running


def post_score(server: DemoServer, *, given: float, timestamp: str, user: str = "5") -> int:
    answer = requests.post(
        server.settings.base_url + SCORES,
        headers={"Authorization": "Bearer t", "Content-Type": SCORE},
        json={
            "userId": user,
            "timestamp": timestamp,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "scoreGiven": given,
            "scoreMaximum": 100,
        },
        timeout=10,
    )
    return answer.status_code


def fault(server: DemoServer, **asked: object) -> None:
    answer = requests.post(f"{server.settings.base_url}/_demo/fault", json=asked, timeout=5)
    assert answer.status_code == 204, answer.text


def test_reasons_and_curly_quotes_travel_over_real_http(server: DemoServer) -> None:
    answer = requests.post(
        server.settings.base_url + SCORES,
        headers={"Authorization": "Bearer t", "Content-Type": SCORE},
        data='{"userId": "é\n"}'.encode(),
        timeout=5,
    )
    assert answer.status_code == 400
    assert answer.reason.startswith('Incorrect score received{"userId"')
    assert answer.json() == []
    listed = requests.get(
        f"{server.settings.base_url}/mod/lti/services.php/2/lineitems?type_id=1&limit=1",
        headers={
            "Authorization": "Bearer t",
            "Accept": "application/vnd.ims.lis.v2.lineitemcontainer+json",
        },
        timeout=5,
    )
    assert "rel=“next”" in listed.headers["Link"].encode("latin-1").decode()
    assert "next" not in listed.links


def test_of_many_scores_at_once_the_latest_stays(server: DemoServer) -> None:
    codes: list[int] = []

    def send(second: int) -> None:
        stamp = f"2026-11-21T10:00:{second:02}Z"
        codes.append(post_score(server, given=float(second), timestamp=stamp))

    threads = [threading.Thread(target=send, args=(second,)) for second in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes) <= {200, 409}
    with server.platform.database.reading() as session:
        assert session.scalars(sa.select(Grade.final_score)).one() == 19.0


def test_an_error_fault_strikes_the_asked_number_of_times(server: DemoServer) -> None:
    fault(server, target="services", kind="error", status=500, times=2)
    stamps = [f"2026-11-21T10:00:0{number}Z" for number in range(3)]
    assert [post_score(server, given=1, timestamp=stamp) for stamp in stamps] == [500, 500, 200]
    cleared = requests.post(f"{server.settings.base_url}/_demo/clear-fault", timeout=5)
    assert cleared.json() == {"struck": 2}


def test_a_fault_strikes_only_its_target(server: DemoServer) -> None:
    fault(server, target="jwks", kind="garbage")
    keys = requests.get(server.settings.jwks_url, timeout=5)
    assert keys.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        keys.json()
    assert post_score(server, given=1, timestamp="2026-11-21T10:00:00Z") == 200
    requests.post(f"{server.settings.base_url}/_demo/clear-fault", timeout=5)
    assert requests.get(server.settings.jwks_url, timeout=5).json()["keys"]


def test_a_hanging_service_answers_when_the_fault_is_cleared(server: DemoServer) -> None:
    fault(server, target="token", kind="hang", seconds=60)
    seen: list[int] = []
    thread = threading.Thread(
        target=lambda: seen.append(requests.post(server.settings.token_url, timeout=30).status_code)
    )
    thread.start()
    time.sleep(0.3)
    assert seen == []
    requests.post(f"{server.settings.base_url}/_demo/clear-fault", timeout=5)
    thread.join(timeout=5)
    assert seen == [400]


@pytest.mark.parametrize(
    "asked", [{"target": "moon"}, {"kind": "plague"}, {"status": "x"}, {"times": "x"}]
)
def test_an_unknown_fault_is_refused(server: DemoServer, asked: dict[str, str]) -> None:
    answer = requests.post(f"{server.settings.base_url}/_demo/fault", json=asked, timeout=5)
    assert answer.status_code == 400


def test_the_state_tells_grades_and_what_was_received(server: DemoServer) -> None:
    assert post_score(server, given=50, timestamp="2026-11-21T10:00:00Z") == 200
    assert post_score(server, given=60, timestamp="2026-11-21T10:00:00Z") == 409
    state = requests.get(f"{server.settings.base_url}/_demo/state", timeout=5).json()
    assert [row["final"] for row in state["grades"]] == [50.0]
    assert [row["status"] for row in state["received_scores"]] == [200, 409]
    assert json.loads(state["received_scores"][1]["body"])["scoreGiven"] == 60


def test_a_busy_port_is_told(server: DemoServer) -> None:
    with pytest.raises(OSError, match="busy"):
        DemoServer(server.settings)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_stops_cleanly_and_forgets_nothing(tmp_path: Path, how: signal.Signals) -> None:
    settings = settings_in(tmp_path)
    first = _start(settings)
    kid = requests.get(settings.jwks_url, timeout=5).json()["keys"][0]["kid"]
    browser = requests.Session()
    browser.post(f"{settings.base_url}/login", data={"person": "referent1"}, timeout=5)
    browser.get(f"{settings.base_url}/mod/lti/launch.php?id=21", timeout=5)
    first.send_signal(how)
    assert first.wait(timeout=10) == (-9 if how is signal.SIGKILL else 0)
    second = _start(settings)
    try:
        assert requests.get(settings.jwks_url, timeout=5).json()["keys"][0]["kid"] == kid
        course = browser.get(f"{settings.base_url}/course/2", timeout=5)
        assert 'data-person="referent1"' in course.text
        with sa.create_engine(f"sqlite:///{settings.database_path}").connect() as connection:
            pending = sa.text("SELECT count(*) FROM pending_launch")
            assert connection.execute(pending).scalar_one() == 1
            connection.engine.dispose()
    finally:
        second.terminate()
        second.wait(timeout=10)


def _start(settings: DemoSettings) -> subprocess.Popen[bytes]:
    port = settings.base_url.rpartition(":")[2]
    program = (
        "import pathlib; from lti_app.demo.serve import serve;"
        "from lti_app.demo.settings import DemoSettings;"
        f"serve(DemoSettings(database_path=pathlib.Path({str(settings.database_path)!r}),"
        f"base_url={settings.base_url!r}), port={port})"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            requests.get(f"{settings.base_url}/healthz", timeout=1)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return process
    process.kill()
    raise AssertionError("the demonstration LMS did not start")
