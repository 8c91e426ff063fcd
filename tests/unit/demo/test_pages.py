"""The pages people see, on the invented courses."""

import re
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient

from lti_app.demo.app import create_demo_app
from lti_app.demo.models import Grade
from lti_app.demo.settings import DemoSettings
from tests.unit.demo import bench
from tests.unit.demo.conftest import platform_of


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration as it is delivered, with three more learners and one grade."""
    path = Path(tmp_path_factory.mktemp("demo")) / "pages.sqlite"
    app = create_demo_app(DemoSettings(database_path=path, extra_learners=3))
    with platform_of(app).database.writing() as session:
        session.add(
            Grade(
                line_item_id=11, person_id=5, raw_score=92.5, final_score=92.5,
                scored_at=1795288690, feedback="<script>alert(1)</script>",
            )
        )  # fmt: skip
    yield app
    platform_of(app).database.dispose()


def visit(app: Flask, username: str | None) -> FlaskClient:
    client = app.test_client()
    if username is not None:
        client.post("/login", data={"person": username})
    return client


PAGES = [
    (None, "/"),
    ("referent1", "/"),
    ("admin", "/"),
    ("referent1", "/course/2"),
    ("formatrice", "/course/2"),
    ("referent1", "/course/2/activity/1"),
    ("formatrice", "/course/2/grades"),
    ("referent1", "/course/2/grades"),
    ("referent1", "/course/2/participants"),
    ("referent1", "/course/99"),
    ("formatrice", "/course/3"),
    ("referent1", "/mod/lti/launch.php?id=21"),
    (None, "/mod/lti/return.php?course=2&launch_container=3"),
    (None, "/mod/lti/return.php?course=2&lti_errormsg=x&lti_msg=y"),
]


@pytest.mark.parametrize(("username", "url"), PAGES)
def test_every_page_is_plain_valid_html(app: Flask, username: str | None, url: str) -> None:
    page = visit(app, username).get(url).text
    html5lib.HTMLParser(strict=True).parse(page)
    assert len(re.findall("<h1", page)) == 1
    assert '<html lang="fr">' in page
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=|https?://(?!localhost)", page)


def test_each_activity_opens_in_the_page_or_in_a_window(app: Flask) -> None:
    client = visit(app, "referent1")
    course = client.get("/course/2").text
    for activity in (1, 2, 3, 4):
        assert f'id="open-frame-{activity}"' in course
        assert f'id="open-window-{activity}"' in course
    page = client.get("/course/2/activity/1").text
    frame = re.search(r'<iframe id="contentframe".*?>', page, re.DOTALL)
    assert frame is not None
    for part in ('src="/mod/lti/launch.php?id=21"', 'height="510"', 'width="100%"'):
        assert part in frame[0]
    assert 'allow="microphone; camera; geolocation; midi; encrypted-media; autoplay"' in frame[0]
    window = client.get("/course/2/activity/1?container=window")
    assert window.headers["Location"] == "/mod/lti/launch.php?id=21&container=window"
    phone = client.get("/course/2/activity/1", headers={"User-Agent": "X (Android) Mobile"})
    assert phone.headers["Location"] == "/mod/lti/launch.php?id=21&container=frame"
    assert client.get("/course/2/activity/5").status_code == 404


def test_the_trainer_reads_everyone_and_a_learner_their_own_line(app: Flask) -> None:
    trainer = visit(app, "formatrice").get("/course/2/grades").text
    assert len(re.findall(r'<tr data-person="', trainer)) == 9
    assert 'data-score="92.5"' in trainer
    assert "92,50" in trainer
    assert "note de passage obtenue" in trainer
    assert "<script>alert" not in trainer
    own = visit(app, "referent1").get("/course/2/grades").text
    assert re.findall(r'<tr data-person="(.*?)"', own) == ["referent1"]
    assert "note de passage obtenue" in visit(app, "referent1").get("/course/2").text


@pytest.mark.parametrize("url", ["/course/3", "/course/3/grades", "/course/3/activity/5"])
def test_a_trainer_of_one_course_has_no_business_in_another(app: Flask, url: str) -> None:
    assert visit(app, "formatrice").get(url).status_code == 403
    assert visit(app, "admin").get(url).status_code == 200


def test_strangers_are_sent_to_the_door(app: Flask) -> None:
    assert visit(app, None).get("/course/2").headers["Location"] == "/"
    assert visit(app, "nobody").get("/course/2").headers["Location"] == "/"
    client = visit(app, "referent1")
    client.post("/logout")
    assert client.get("/course/2").headers["Location"] == "/"


def test_the_tool_comes_back_with_a_message(app: Flask) -> None:
    client = visit(app, None)
    base = "/mod/lti/return.php?course=2&sesskey=abc"
    page = client.get(f"{base}&launch_container=3&lti_errormsg=%3Cb%3Ecass%C3%A9").text
    assert "&lt;b&gt;cassé" in page
    assert 'target="_top"' in page
    assert "leave_frame.js" not in page
    assert "leave_frame.js" in client.get(f"{base}&launch_container=3").text
    assert client.get(f"{base}&launch_container=4").headers["Location"] == "/course/2"
    missing = client.get("/mod/lti/return.php?course=77")
    assert missing.status_code == 404
    assert bench.error_message(missing.text)


def test_pages_have_one_address(app: Flask) -> None:
    answer = app.test_client().get("/course/2?x=1", base_url="http://127.0.0.1:8001")
    assert answer.headers["Location"] == "http://localhost:8001/course/2?x=1"


def test_headers_protect_the_page(app: Flask) -> None:
    answer = visit(app, "referent1").get("/course/2")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "frame-src 'self' http://localhost:8000" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = app.test_client().post("/login", data={"person": "referent1"}).headers["Set-Cookie"]
    assert cookie.startswith("DemoMoodleSession=")
    assert "SameSite=Lax" in cookie
    assert "HttpOnly" in cookie


def test_faults_are_closed_by_default(app: Flask) -> None:
    assert app.test_client().post("/_demo/fault", json={}).status_code == 404
    assert app.test_client().get("/_demo/state").status_code == 404
