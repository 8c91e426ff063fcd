"""The preview: what learners see, over a folder that is being written, whatever is wrong in it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_app.core.database import db
from lti_app.preview.app import create_preview
from tests.unit.content.sample import edit, write_courses
from tests.unit.practice.conftest import RIGHT
from tests.unit.practice.page import Page

BASE = "http://127.0.0.1:8010"
FILE = "petit/questions.yaml"


@pytest.fixture
def courses(tmp_path: Path) -> Path:
    return write_courses(tmp_path / "courses")


@pytest.fixture
def app(courses: Path, tmp_path: Path) -> Iterator[Flask]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    app = create_preview(courses, scratch=scratch, port=8010)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    yield app
    with app.app_context():
        db.engine.dispose()


class Author:
    """Somebody whose browser shows the preview."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str) -> Page:
        return Page(self._open(path, method="GET"))

    def post(self, page: Page, values: dict[str, list[str]]) -> Page:
        hidden = page.hidden("token", "csrf_token")
        return Page(self._open(page.path, method="POST", data={**hidden, **values}))

    def version(self) -> int:
        answer = self._open("/apercu/etat", method="GET").get_json()
        assert isinstance(answer, dict)
        return int(answer["version"])

    def _open(self, path: str, **values: Any) -> TestResponse:
        return self.client.open(path, base_url=BASE, buffered=True, **values)


@pytest.fixture
def author(app: Flask) -> Author:
    return Author(app.test_client())


def test_everything_is_one_click_away_and_can_be_answered(author: Author) -> None:
    home = author.get("/")
    addresses = home.links().values()
    for question_id in (*RIGHT, "petit-q04"):
        address = f"/session/1/question/{question_id}/"
        assert address in addresses
        page = author.get(address)
        values = dict(RIGHT.get(question_id, {}))
        if not values:
            wanted = {"match-a": "Premier", "match-b": "Deuxième", "match-c": "Troisième"}
            values = {name: [page.option_value(name, text)] for name, text in wanted.items()}
        sent = author.post(page, values)
        assert sent.status == 303, sent.text
        assert "C’est juste" in author.get(sent.location.partition("#")[0]).main
    for address in addresses:
        if address.startswith("/"):
            assert author.get(address).status == 200, address


def test_an_edit_is_shown_at_once_and_asks_for_no_revision(author: Author, courses: Path) -> None:
    page = author.get("/session/1/question/petit-q01/")
    feedback = author.post(page, {"choice": ["a"]}).location.partition("#")[0]
    before = author.version()
    assert author.version() == before
    edit(courses, FILE, "feedback: Non.", "feedback: Non, et voici pourquoi.")
    assert author.version() == before + 1
    assert "voici pourquoi" in author.get(feedback).main
    edit(courses, FILE, "    - id: a\n", "    - id: z\n")
    assert author.get(feedback).status == 200
    edit(courses, "petit/01-un.md", "## Premier titre", "## Un autre titre")
    assert "Un autre titre" in author.get("/session/1/etape/petit-un/").main


def test_an_error_is_said_on_the_page_and_the_last_good_version_stays(
    author: Author, courses: Path
) -> None:
    lesson = "/session/1/etape/petit-un/"
    assert "À corriger" not in author.get(lesson).main
    line = edit(courses, FILE, "lesson: petit-un", "lesson: petit-zero")
    edit(courses, "petit/01-un.md", "## Premier titre", "## Un autre titre")
    page = author.get(lesson)
    assert f"petit/questions.yaml:{line}" in page.main
    assert "petit-zero" in page.main
    assert "Premier titre" in page.main
    assert author.get("/session/1/question/petit-q01/").status == 200
    edit(courses, FILE, "lesson: petit-zero", "lesson: petit-un")
    page = author.get(lesson)
    assert "À corriger" not in page.main
    assert "Un autre titre" in page.main


def test_a_broken_module_leaves_the_others_alone(author: Author, courses: Path) -> None:
    (courses / "autre").mkdir()
    (courses / "autre/module.yaml").write_text("id: [")
    page = author.get("/")
    assert "autre/module.yaml:" in page.main
    assert "/session/1/module/petit/" in page.links().values()
    (courses / "references.yaml").write_text("- id: [")
    assert author.get("/session/1/etape/petit-un/").status == 200
    for path in (courses / "petit").iterdir():
        path.unlink()
    (courses / "petit").rmdir()
    assert author.get("/").status == 200


def test_revisions_to_announce_are_said_and_do_not_stop_the_preview(
    author: Author, courses: Path
) -> None:
    author.get("/")
    (courses / "revisions.lock").write_text(f"question petit-q01 1 {'0' * 16}\n")
    page = author.get("/session/1/question/petit-q01/")
    assert "revision: 2" in page.main
    assert page.status == 200


def test_only_this_machine_may_read_a_draft(author: Author) -> None:
    strange = author.client.get("/", base_url="http://elsewhere.example:8010")
    assert strange.status_code == 400
    assert "Aperçu des modules" not in strange.text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),  # --port 80: browsers leave it out
        ("localhost:8010", 200),
        ("localhost.elsewhere.example", 400),
        ("127.0.0.1@elsewhere.example", 400),
        ("[::1]:8010", 400),
    ],
)
def test_it_answers_to_the_names_of_this_machine_only(
    author: Author, host: str, status: int
) -> None:
    assert author.client.get("/", base_url=BASE, headers={"Host": host}).status_code == status


def test_a_link_that_goes_in_circles_is_passed_by(author: Author, courses: Path) -> None:
    (courses / "petit" / "boucle").symlink_to("boucle")
    (courses / "petit" / "perdu").symlink_to("jamais")
    assert author.get("/").status == 200


def test_no_page_asks_for_more_than_its_policy_allows(author: Author) -> None:
    response = author.client.get("/", base_url=BASE)
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert not re.search(r"<script>|\sstyle=", response.text)
    script = re.search(r'src="(/apercu/[^"]+)"', response.text)
    assert script is not None
    assert author.get(script[1]).status == 200
