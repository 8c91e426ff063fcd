"""What a teacher does in a course: adding, changing, deleting, copying."""

import re
from collections.abc import Iterator
from pathlib import Path

import html5lib
import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_app.demo import queries
from lti_app.demo.app import create_demo_app
from lti_app.demo.models import Activity, Course, Grade
from lti_app.demo.settings import DemoSettings
from tests.unit.demo import bench
from tests.unit.demo.conftest import platform_of
from tests.unit.demo.test_launches import authn

TOOL = "http://localhost:8000"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The demonstration as it is delivered."""
    app = create_demo_app(DemoSettings(database_path=tmp_path / "teaching.sqlite"))
    yield app
    platform_of(app).database.dispose()


def visit(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    client.post("/login", data={"person": username})
    return client


def post(client: FlaskClient, url: str, **fields: str) -> int:
    """Send the form of a page, filled; the status of the answer."""
    page = client.get(url).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return client.post(url, data={**hidden, **fields}).status_code


def activities(app: Flask, course_id: int = 2) -> list[Activity]:
    with platform_of(app).database.reading() as session:
        return queries.activities(session, course_id=course_id)


EDITING_PAGES = [
    "/course/2/add",
    "/course/2/modedit?add=1",
    "/course/2/contentitem?add=1",
    "/course/2/activity/1/edit",
    "/course/2/activity/1/delete",
    "/course/2/copy",
]


@pytest.mark.parametrize("url", EDITING_PAGES)
def test_only_editing_teachers_enter(app: Flask, url: str) -> None:
    page = visit(app, "formatrice").get(url)
    assert page.status_code == 200
    html5lib.HTMLParser(strict=True).parse(page.text)
    assert len(re.findall("<h1", page.text)) == 1
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", page.text)
    for person in ("tuteur", "referent1", "formateur2"):
        assert visit(app, person).get(url).status_code == 403
    # The tutor teaches, sees the grades, and may not edit.
    assert "Ajouter une activité" not in visit(app, "tuteur").get("/course/2").text


@pytest.mark.parametrize(
    "url",
    ["/course/2/modedit?add=1", "/course/2/activity/1/edit", "/course/2/activity/1/delete",
     "/course/2/copy"],
)  # fmt: skip
def test_a_post_without_the_sesskey_changes_nothing(app: Flask, url: str) -> None:
    client = visit(app, "formatrice")
    fields = {"sesskey": "other", "name": "X", "fullname": "X", "shortname": "X"}
    assert client.post(url, data=fields).status_code == 403
    assert [each.id for each in activities(app)] == [1, 2, 3, 4]


def test_an_activity_is_added_by_hand_without_grade(app: Flask) -> None:
    client = visit(app, "formatrice")
    assert 'id="add-tool-1"' in client.get("/course/2/add").text
    assert post(client, "/course/2/modedit?add=1", name="Libre", custom="a=1\r\nb=2") == 303
    made = activities(app)[-1]
    assert (made.id, made.cmid, made.name, made.custom) == (6, 26, "Libre", "a=1\nb=2")
    with platform_of(app).database.reading() as session:
        assert queries.coupled_line_item(session, activity_id=made.id) is None


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"name": " "}, "obligatoire"),
        ({"name": "X", "completion": "grade"}, "sans note"),
        ({"name": "X", "graded": "1", "maximum": "beaucoup"}, "un nombre est attendu"),
        ({"name": "X", "graded": "1", "maximum": "-1"}, "positif"),
        ({"name": "X", "graded": "1", "completion": "passgrade", "pass_score": "0"}, "passage"),
        ({"name": "X", "graded": "1", "completion": "passgrade", "pass_score": "200"}, "passage"),
    ],
)
def test_a_form_moodle_would_not_save_comes_back(
    app: Flask, fields: dict[str, str], text: str
) -> None:
    client = visit(app, "formatrice")
    url = "/course/2/modedit?add=1"
    key = bench.read_form(client.get(url).text.partition('id="activity-form"')[0])[2]
    assert key == {}
    sesskey = re.search(r'name="sesskey" value="([^"]+)"', client.get(url).text)
    assert sesskey
    answer = client.post(url, data={"sesskey": sesskey[1], **fields})
    assert answer.status_code == 422
    assert text in answer.text
    assert len(activities(app)) == 4


def test_the_completion_condition_is_set_on_the_activity(app: Flask) -> None:
    client = visit(app, "formatrice")
    url = "/course/2/activity/3/edit"
    fields = {
        "name": "Réviser mieux", "graded": "1", "maximum": "20", "completion": "passgrade",
        "pass_score": "12,5",
    }  # fmt: skip
    assert post(client, url, **fields) == 303
    with platform_of(app).database.reading() as session:
        activity = session.get_one(Activity, 3)
        item = queries.coupled_line_item(session, activity_id=3)
        assert item is not None
        assert (activity.completion_rule, item.label) == ("passgrade", "Réviser mieux")
        assert (item.score_maximum, item.pass_score) == (20.0, 12.5)
    page = client.get(url).text
    assert 'value="12,50"' in page
    assert re.search(r'id="completion-passgrade"[^>]*checked', page)
    # Without grade any more, the column goes.
    assert post(client, url, name="Réviser", completion="") == 303
    with platform_of(app).database.reading() as session:
        assert queries.coupled_line_item(session, activity_id=3) is None


def test_a_smaller_maximum_keeps_the_percentage(app: Flask) -> None:
    with platform_of(app).database.writing() as session:
        session.add(
            Grade(line_item_id=11, person_id=5, raw_score=80.0, final_score=80.0, scored_at=1)
        )
    client = visit(app, "formatrice")
    assert post(client, "/course/2/activity/1/edit", name="N", graded="1", maximum="10") == 303
    with platform_of(app).database.reading() as session:
        assert session.scalars(select(Grade.final_score)).one() == 8.0


def test_a_deleted_number_is_never_given_again(app: Flask) -> None:
    client = visit(app, "formatrice")
    with platform_of(app).database.writing() as session:
        session.add(Grade(line_item_id=14, person_id=5, raw_score=1.0, final_score=1.0))
    assert post(client, "/course/2/modedit?add=1", name="Une") == 303
    assert post(client, "/course/2/activity/6/delete") == 303
    assert post(client, "/course/2/activity/4/delete") == 303
    assert post(client, "/course/2/modedit?add=1", name="Autre") == 303
    assert [each.id for each in activities(app)] == [1, 2, 3, 7]
    with platform_of(app).database.reading() as session:
        assert session.scalars(select(Grade.id)).all() == []


def test_an_activity_of_another_course_is_not_found(app: Flask) -> None:
    client = visit(app, "formatrice")
    assert client.get("/course/2/activity/5/edit").status_code == 404
    assert client.get("/course/2/activity/5/delete").status_code == 404


def test_a_copied_course_has_new_links_and_the_same_parameters(app: Flask) -> None:
    client = visit(app, "formatrice")
    names = {"fullname": "Parcours, session C", "shortname": "RRUPN-C"}
    assert post(client, "/course/2/copy", **names) == 303
    assert post(client, "/course/2/copy", **names) == 422
    assert post(client, "/course/2/copy", fullname=" ", shortname="X") == 422
    with platform_of(app).database.reading() as session:
        copy = session.scalars(select(Course).where(Course.copied_from == 2)).one()
        assert (copy.id, copy.fullname) == (4, "Parcours, session C")
    old, new = activities(app), activities(app, 4)
    assert [(each.name, each.custom, each.completion_rule) for each in new] == [
        (each.name, each.custom, each.completion_rule) for each in old
    ]
    assert not {each.id for each in old} & {each.id for each in new}
    with platform_of(app).database.reading() as session:
        item = queries.coupled_line_item(session, activity_id=new[0].id)
        assert item is not None
        assert (item.course_id, item.pass_score) == (4, 80.0)
    people = client.get("/course/4/participants").text
    assert re.findall(r'<tr data-person="(.*?)"', people) == ["formatrice"]


def test_the_history_of_a_copy_reaches_the_tool(app: Flask) -> None:
    client = visit(app, "formatrice")
    post(client, "/course/2/copy", fullname="Copie", shortname="C")
    post(client, "/course/4/copy", fullname="Encore", shortname="E")
    post(client, f"/course/5/activity/{activities(app, 5)[0].id}/edit", name="N",
         custom="anciens=$Context.id.history")  # fmt: skip
    cmid = activities(app, 5)[0].cmid
    fields = bench.read_form(client.get(f"/mod/lti/launch.php?id={cmid}").text)[2]
    asked = authn(fields, redirect_uri=f"{TOOL}/lti/launch")
    posted = bench.read_form(client.get("/mod/lti/auth.php", query_string=asked).text)[2]
    claims = jwt.decode(posted["id_token"], options={"verify_signature": False})
    assert claims["https://purl.imsglobal.org/spec/lti/claim/context"]["id"] == "5"
    assert claims["https://purl.imsglobal.org/spec/lti/claim/custom"]["anciens"] == "4,2"
