"""« Gérer les outils »: manual registration, details, deletion."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient

from lti_app.demo.app import create_demo_app
from lti_app.demo.models import AccessToken, Activity
from lti_app.demo.queries import coupled_line_item
from lti_app.demo.settings import DemoSettings
from lti_app.demo.tools import match_url, tool_types
from tests.unit.demo.conftest import platform_of
from tests.unit.demo.test_teaching import post, visit

TOOL = "https://relais.ac-exemple.fr"
FIELDS = {
    "lti_typename": "Relais", "lti_toolurl": f"{TOOL}/lti/launch", "lti_ltiversion": "1.3.0",
    "lti_keytype": "JWK_KEYSET", "lti_publickeyset": f"{TOOL}/lti/jwks",
    "lti_initiatelogin": f"{TOOL}/lti/login", "lti_redirectionuris": f"{TOOL}/lti/launch",
    "lti_contentitem": "1", "lti_coursevisible": "2", "ltiservice_gradesynchronization": "2",
    "ltiservice_memberships": "1", "lti_sendname": "1", "lti_sendemailaddr": "0",
}  # fmt: skip


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The demonstration as it is delivered."""
    app = create_demo_app(DemoSettings(database_path=tmp_path / "admin.sqlite"))
    yield app
    platform_of(app).database.dispose()


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """The browser of the administrator."""
    return visit(app, "admin")


@pytest.mark.parametrize(
    "url",
    ["/admin/tools", "/admin/tools/new", "/admin/tools/1", "/admin/tools/3/edit",
     "/admin/tools/register?url=http://localhost:8000/x",
     "/admin/tools/register?url=http://localhost:8000/x&choice=new"],
)  # fmt: skip
def test_every_page_is_plain_valid_html(admin: FlaskClient, url: str) -> None:
    answer = admin.get(url)
    assert answer.status_code == 200
    html5lib.HTMLParser(strict=True).parse(answer.text)
    assert len(re.findall("<h1", answer.text)) == 1
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", answer.text)


def test_the_administrator_finds_the_way_from_home_and_others_do_not(app: Flask) -> None:
    assert 'id="manage-tools"' in visit(app, "admin").get("/").text
    assert 'id="manage-tools"' not in visit(app, "formatrice").get("/").text


def test_a_tool_configured_by_hand_shows_what_to_copy(app: Flask, admin: FlaskClient) -> None:
    assert post(admin, "/admin/tools/new", **FIELDS) == 303
    page = admin.get("/admin/tools/4").text
    shown = dict(re.findall(r'<dd id="([\w-]+)">\s*(.*?)\s*</dd>', page))
    client_id = shown.pop("client-id")
    assert re.fullmatch(r"[A-Za-z0-9]{15}", client_id)
    base = "http://localhost:8001"
    assert shown == {
        "platform-id": base, "deployment-id": "4", "jwks-url": f"{base}/mod/lti/certs.php",
        "token-url": f"{base}/mod/lti/token.php", "auth-url": f"{base}/mod/lti/auth.php",
    }  # fmt: skip
    with platform_of(app).database.reading() as session:
        row = tool_types(session)[-1]
        assert (row.state, row.in_chooser, row.deep_linking) == ("configured", True, True)
        assert (row.shares_name, row.shares_email, row.grade_service) == (True, False, 2)
    # The policy of every page now lets the tool in.
    policy = admin.get("/").headers["Content-Security-Policy"]
    assert f"frame-src 'self' http://localhost:8000 {TOOL};" in policy


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lti_typename", " "),
        ("lti_toolurl", "relais"),
        ("lti_publickeyset", ""),
        ("lti_initiatelogin", "javascript:x"),
        ("lti_redirectionuris", f"{TOOL}/a\nnon"),
        ("lti_toolurl_ContentItemSelectionRequest", "ici"),
        ("lti_toolurl", "https://a;script-src *"),
    ],
)
def test_a_wrong_field_comes_back(app: Flask, admin: FlaskClient, field: str, value: str) -> None:
    assert post(admin, "/admin/tools/new", **{**FIELDS, field: value}) == 422
    with platform_of(app).database.reading() as session:
        assert len(tool_types(session)) == 2


def test_a_form_saved_unchanged_changes_nothing(app: Flask, admin: FlaskClient) -> None:
    post(admin, "/admin/tools/new", **FIELDS)
    before = admin.get("/admin/tools/4/edit").text
    assert post(admin, "/admin/tools/4/edit", **FIELDS) == 303
    assert admin.get("/admin/tools/4/edit").text == before


def test_a_deleted_tool_leaves_broken_activities_and_dead_tokens(
    app: Flask, admin: FlaskClient
) -> None:
    post(admin, "/admin/tools/new", **FIELDS)
    trainer = visit(app, "formatrice")
    assert post(trainer, "/course/2/modedit?add=4", name="Module") == 303
    with platform_of(app).database.writing() as session:
        row = tool_types(session)[-1]
        assert match_url(session, f"{TOOL}/x", platform_of(app).settings) is row
        session.add(
            AccessToken(
                token="t", client_id=row.client_id, scopes="", expires_at=int(time.time()) + 60
            )
        )
    sesskey = re.search(r'name="sesskey" value="([^"]+)"', admin.get("/admin/tools").text)
    assert sesskey
    assert admin.post("/admin/tools/4/delete", data={"sesskey": "x"}).status_code == 403
    assert admin.post("/admin/tools/4/delete", data={"sesskey": sesskey[1]}).status_code == 303
    assert admin.get("/admin/tools/4").status_code == 404
    with platform_of(app).database.reading() as session:
        assert session.get_one(Activity, 6).broken
        assert session.get(AccessToken, "t") is None
        assert match_url(session, f"{TOOL}/x", platform_of(app).settings) is None
    assert trainer.get("/mod/lti/launch.php?id=26").status_code == 404
    assert trainer.get("/course/2").status_code == 200
    # Its number is not given again.
    assert post(admin, "/admin/tools/new", **FIELDS) == 303
    assert admin.get("/admin/tools/5").status_code == 200


@pytest.mark.parametrize(
    ("setting", "asked", "graded"),
    [
        ("0", {"graded": "1"}, False),
        ("1", {}, True),
        ("2", {}, False),
        ("2", {"graded": "1"}, True),
    ],
)
def test_the_tool_setting_decides_whether_grades_are_accepted(
    app: Flask, admin: FlaskClient, setting: str, asked: dict[str, str], graded: bool
) -> None:
    post(admin, "/admin/tools/new", **{**FIELDS, "lti_acceptgrades": setting})
    assert post(visit(app, "formatrice"), "/course/2/modedit?add=4", name="M", **asked) == 303
    with platform_of(app).database.reading() as session:
        assert (coupled_line_item(session, activity_id=6) is not None) is graded
