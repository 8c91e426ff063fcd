"""People come, go and are suspended; a course may have thousands of them."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lti_app.demo.app import create_demo_app
from lti_app.demo.models import AccessToken, Grade
from lti_app.demo.scopes import PERMITTED_SCOPES
from lti_app.demo.settings import DemoSettings
from tests.unit.demo.conftest import platform_of
from tests.unit.demo.test_teaching import visit

MEMBERS = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
CROWD = 700


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """More people than a page shows, and a token `t`."""
    path = Path(tmp_path_factory.mktemp("crowd")) / "crowd.sqlite"
    app = create_demo_app(DemoSettings(database_path=path, extra_learners=CROWD))
    with platform_of(app).database.writing() as session:
        session.add(
            AccessToken(
                token="t", client_id="relais-demo", scopes=" ".join(PERMITTED_SCOPES),
                expires_at=int(time.time()) + 600,
            )
        )  # fmt: skip
    yield app
    platform_of(app).database.dispose()


def roster(app: Flask, query: str = "") -> list[dict[str, Any]]:
    answer = app.test_client().get(MEMBERS + query, headers={"Authorization": "Bearer t"})
    found: list[dict[str, Any]] = answer.get_json(force=True)["members"]
    return found


def change(app: Flask, path: str, **fields: str) -> int:
    trainer = visit(app, "formatrice")
    page = trainer.get("/course/2/participants").text
    sesskey = re.search(r'name="sesskey" value="([^"]+)"', page)
    assert sesskey
    data = {"sesskey": sesskey[1], **fields}
    return trainer.post(f"/course/2/participants/{path}", data=data).status_code


def test_everyone_is_served_at_once_or_by_pages(crowded: Flask) -> None:
    everyone = roster(crowded)
    assert len(everyone) == CROWD + 8
    pages = [each for start in (0, 500) for each in roster(crowded, f"?limit=500&from={start}")]
    assert pages == everyone
    assert len({each["user_id"] for each in everyone}) == len(everyone)


def test_pages_show_the_first_people_of_a_crowd(crowded: Flask) -> None:
    assert crowded.test_client().get("/").text.count('name="person"') == 60
    trainer = visit(crowded, "formatrice")
    page = trainer.get("/course/2/participants").text
    assert page.count("<tr data-person=") == 500
    assert f"{CROWD + 8} personnes inscrites" in page
    assert trainer.get("/course/2/grades").text.count("<tr data-person=") == 498
    # Their own line is found all the same.
    last = visit(crowded, f"referent-{CROWD:04}").get("/course/2/grades").text
    assert last.count("<tr data-person=") == 1


def test_a_suspended_person_vanishes_and_comes_back(crowded: Flask) -> None:
    def names() -> set[str]:
        return {each["user_id"] for each in roster(crowded)}

    assert "6" in names()
    assert change(crowded, "6/suspend") == 303
    assert "6" not in names()
    assert visit(crowded, "referent2").get("/course/2").status_code == 403
    assert change(crowded, "6/activate") == 303
    assert "6" in names()


def test_an_unenrolled_person_leaves_with_their_grades(crowded: Flask) -> None:
    with platform_of(crowded).database.writing() as session:
        session.add(Grade(line_item_id=11, person_id=7, raw_score=1.0, final_score=1.0))
        session.add(Grade(line_item_id=11, person_id=8, raw_score=1.0, final_score=1.0))
    assert change(crowded, "7/unenrol") == 303
    assert change(crowded, "7/unenrol") == 404
    with platform_of(crowded).database.reading() as session:
        assert [row.person_id for row in session.query(Grade)] == [8]
    assert change(crowded, "enrol", username="referent3", role="teacher") == 303
    assert [each["roles"] for each in roster(crowded) if each["user_id"] == "7"] == [["Learner"]]
    assert change(crowded, "enrol", username="referent3", role="student") == 303


@pytest.mark.parametrize(
    "fields", [{"username": "nobody", "role": "student"}, {"username": "admin", "role": "king"}]
)
def test_an_impossible_enrolment_is_not_found(crowded: Flask, fields: dict[str, str]) -> None:
    assert change(crowded, "enrol", **fields) == 404


def test_only_an_editing_teacher_changes_participants(crowded: Flask) -> None:
    for person in ("tuteur", "referent1"):
        browser = visit(crowded, person)
        assert 'id="enrol"' not in browser.get("/course/2/participants").text
        answer = browser.post("/course/2/participants/6/suspend", data={"sesskey": "x"})
        assert answer.status_code == 403
    trainer = visit(crowded, "formatrice")
    answer = trainer.post("/course/2/participants/6/suspend", data={"sesskey": "x"})
    assert answer.status_code == 403
