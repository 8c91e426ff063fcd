"""A content selection, from the button to the activities it makes."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import responses
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_app.demo import queries
from lti_app.demo.app import create_demo_app
from lti_app.demo.models import Activity
from lti_app.demo.settings import DemoSettings
from tests.unit.demo import bench
from tests.unit.demo.conftest import platform_of
from tests.unit.demo.test_launches import _comparable, authn, sign_in
from tests.unit.demo.tool_double import (
    DEEP,
    JWKS_URL,
    LTI,
    OTHER_KEY,
    deep_linking_response,
    jwks,
)

SETTINGS = f"{DEEP}/deep_linking_settings"
MODULE = {
    "type": "ltiResourceLink",
    "title": "Module A",
    "text": "Desc A",
    "custom": {"module": "A"},
    "lineItem": {"scoreMaximum": 10, "resourceId": "R", "tag": "t", "label": "Ignorée"},
}


@pytest.fixture
def tool() -> Iterator[responses.RequestsMock]:
    """The tool's JWKS."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(JWKS_URL, json=jwks())
        yield mock


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Bench LMSs with settings of one's own."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        app = create_demo_app(
            DemoSettings(
                database_path=tmp_path / f"{len(made)}.sqlite",
                base_url=bench.BASE_URL,
                tool_base_url=bench.TOOL_URL,
                client_id=bench.CLIENT_ID,
                **settings,
            ),
            fill=bench.fill,
        )
        made.append(app)
        return app

    yield make
    for app in made:
        platform_of(app).database.dispose()


def open_selection(browser: FlaskClient) -> dict[str, Any]:
    """The claims of a deep linking request, from the page of the teacher."""
    form_id, action, fields = bench.read_form(
        browser.get("/mod/lti/contentitem.php?course=2&id=1").text
    )
    assert (form_id, action) == ("ltiInitiateLoginForm", f"{bench.TOOL_URL}/lti/login")
    posted = bench.read_form(browser.get("/mod/lti/auth.php", query_string=authn(fields)).text)[2]
    claims: dict[str, Any] = jwt.decode(posted["id_token"], options={"verify_signature": False})
    return claims


def send_back(browser: FlaskClient, token: str) -> TestResponse:
    url = urlsplit(open_selection(browser)[SETTINGS]["deep_link_return_url"])
    return browser.post(f"{url.path}?{url.query}", data={"JWT": token})


def received(answer: TestResponse) -> str:
    found = re.search(r'href="([^"]+)"[^>]*id="content-received"', answer.text, re.DOTALL)
    assert found, answer.text
    return found[1]


def activities(app: Flask) -> list[Activity]:
    with platform_of(app).database.reading() as session:
        return queries.activities(session, course_id=2)


def test_the_login_initiation_is_moodles(browser: FlaskClient) -> None:
    sign_in(browser, "formateur1")
    expected = bench.read_sample("login_initiation__dl_single")["params"]
    fields = bench.read_form(browser.get("/mod/lti/contentitem.php?course=2&id=1").text)[2]
    hint = json.loads(fields.pop("lti_message_hint"))
    expected.pop("lti_message_hint")
    assert fields == expected
    assert list(hint) == ["launchid"]
    assert hint["launchid"].startswith("ltilaunch_ContentItemSelectionRequest")


def test_the_request_has_the_claims_of_moodle(browser: FlaskClient) -> None:
    sign_in(browser, "formateur1")
    claims = open_selection(browser)
    expected = bench.read_sample("launch__dl_multiple")["claims"]
    for each in (claims, expected):
        settings = each[SETTINGS]
        url = settings["deep_link_return_url"]
        settings["deep_link_return_url"] = url.partition("sesskey=")[0]
        # What is compared for other launches holds a return address.
        each[f"{LTI}/launch_presentation"]["return_url"] = ""
    assert _comparable(claims) == _comparable(expected)


@pytest.mark.parametrize(
    ("person", "status"), [("referent1", 403), ("formateur1", 200), ("admin", 200), (None, 404)]
)
def test_only_who_edits_the_course_chooses_content(
    browser: FlaskClient, person: str | None, status: int
) -> None:
    if person:
        sign_in(browser, person)
    assert browser.get("/mod/lti/contentitem.php?course=2&id=1").status_code == status


def test_one_item_fills_a_form_that_is_still_to_be_saved(
    make_app: Callable[..., Flask], tool: responses.RequestsMock
) -> None:
    app = make_app()
    browser = app.test_client()
    sign_in(browser, "formateur1")
    before = len(activities(app))
    target = received(send_back(browser, deep_linking_response([MODULE])))
    page = browser.get(target).text
    assert 'value="Module A"' in page
    assert "module=A" in page
    assert len(activities(app)) == before
    _, action, hidden = bench.read_form(page)
    fields = {
        **hidden, "name": "Module A", "text": "Desc A", "custom": "module=A", "graded": "1",
        "maximum": "10,00", "pass_score": "8", "completion": "passgrade",
    }  # fmt: skip
    saved = browser.post(action, data=fields)
    assert (saved.status_code, saved.headers["Location"]) == (303, "/course/2")
    made = activities(app)[-1]
    assert (made.name, made.intro, made.custom, made.tool_type_id) == (
        "Module A", "Desc A", "module=A", "1",
    )  # fmt: skip
    assert made.completion_rule == "passgrade"
    with platform_of(app).database.reading() as session:
        item = queries.coupled_line_item(session, activity_id=made.id)
        assert item is not None
        # The column is named like the activity: lineItem.label is ignored.
        assert (item.label, item.score_maximum, item.pass_score) == ("Module A", 10.0, 8.0)
        assert (item.resource_id, item.tag) == ("R", "t")


def test_several_items_are_confirmed_then_all_made(
    make_app: Callable[..., Flask], tool: responses.RequestsMock
) -> None:
    app = make_app()
    browser = app.test_client()
    sign_in(browser, "formateur1")
    before = len(activities(app))
    link = {"type": "link", "title": "Lien", "url": "https://www.education.gouv.fr/"}
    items: list[dict[str, Any]] = [MODULE, {"type": "ltiResourceLink", "title": "B"}, link]
    target = received(send_back(browser, deep_linking_response(items)))
    page = browser.get(target).text
    assert "Les éléments suivants seront ajoutés" in page
    assert "Enregistrer et revenir au cours" in page
    assert len(activities(app)) == before
    browser.post(target, data=bench.read_form(page)[2])
    made = activities(app)[before:]
    assert [each.name for each in made] == ["Module A", "B", "Lien"]
    # Moodle sets no completion condition, and makes broken activities of plain links.
    assert {each.completion_rule for each in made} == {""}
    assert [each.broken for each in made] == [False, False, True]
    assert browser.get(f"/mod/lti/launch.php?id={made[2].cmid}").status_code == 404
    with platform_of(app).database.reading() as session:
        assert queries.coupled_line_item(session, activity_id=made[1].id) is None


def test_an_own_address_is_matched_again_to_a_tool(
    make_app: Callable[..., Flask], tool: responses.RequestsMock
) -> None:
    app = make_app()
    browser = app.test_client()
    sign_in(browser, "formateur1")
    own = f"{bench.TOOL_URL}/lti/launch/deep/A"
    items = [{"title": "A", "url": own}, {"title": "B"}]
    target = received(send_back(browser, deep_linking_response(items)))
    browser.post(target, data=bench.read_form(browser.get(target).text)[2])
    made = activities(app)[-2]
    assert (made.target_link_uri, made.broken) == (own, False)


def test_nothing_chosen_leads_back_to_the_empty_form(
    make_app: Callable[..., Flask], tool: responses.RequestsMock
) -> None:
    browser = make_app().test_client()
    sign_in(browser, "formateur1")
    told = {f"{DEEP}/msg": "Rien <b>pris", f"{DEEP}/errormsg": "Raté"}
    target = received(send_back(browser, deep_linking_response([], **told)))
    page = browser.get(target).text
    assert "Rien &lt;b&gt;pris" in page
    assert "Raté" in page
    assert 'id="activity-form"' in page


REFUSED: list[dict[str, Any]] = [
    {"iss": "someone-else"},
    {"key": OTHER_KEY},
    {"exp": 1000},
    {"iat": int(time.time()) + 3600},
    {"https://purl.imsglobal.org/spec/lti-dl/claim/content_items": "text"},
]
REFUSED_STRICTLY: list[dict[str, Any]] = [
    {"aud": "https://elsewhere.example"},
    {"exp": None},
    {"nonce": None},
    {f"{LTI}/deployment_id": "2"},
    {f"{LTI}/message_type": "LtiResourceLinkRequest"},
    {f"{DEEP}/data": "never sent"},
]


@pytest.mark.parametrize("changes", REFUSED)
def test_what_moodle_refuses(
    make_app: Callable[..., Flask], tool: responses.RequestsMock, changes: dict[str, Any]
) -> None:
    browser = make_app(strict_deep_linking=False).test_client()
    sign_in(browser, "formateur1")
    answer = send_back(browser, deep_linking_response([MODULE], **changes))
    assert answer.status_code == 404
    assert bench.error_message(answer.text)


@pytest.mark.parametrize("changes", REFUSED_STRICTLY)
def test_what_only_the_strict_switch_refuses(
    make_app: Callable[..., Flask], tool: responses.RequestsMock, changes: dict[str, Any]
) -> None:
    for strict, status in ((False, 200), (True, 404)):
        browser = make_app(strict_deep_linking=strict).test_client()
        sign_in(browser, "formateur1")
        answer = send_back(browser, deep_linking_response([MODULE], **changes))
        assert answer.status_code == status, changes


def test_an_answer_serves_once_when_strict(
    make_app: Callable[..., Flask], tool: responses.RequestsMock
) -> None:
    for strict, statuses in ((False, [200, 200]), (True, [200, 404])):
        browser = make_app(strict_deep_linking=strict).test_client()
        sign_in(browser, "formateur1")
        token = deep_linking_response([MODULE])
        assert [send_back(browser, token).status_code for _ in range(2)] == statuses


def test_an_answer_whose_tool_has_no_keys_is_an_error_page(
    make_app: Callable[..., Flask], tool: responses.RequestsMock
) -> None:
    tool.replace(responses.GET, JWKS_URL, status=404)
    browser = make_app().test_client()
    sign_in(browser, "formateur1")
    assert send_back(browser, deep_linking_response([MODULE])).status_code == 404


def test_without_our_cookie_the_answer_is_posted_again(browser: FlaskClient) -> None:
    stranger = browser.application.test_client()
    page = stranger.post(
        "/mod/lti/contentitem_return.php?course=2&id=1&sesskey=k", data={"JWT": "token"}
    ).text
    form_id, action, fields = bench.read_form(page)
    assert form_id == "repostform"
    assert action.endswith("course=2&id=1&sesskey=k")
    assert fields == {"repost": "true", "JWT": "token"}
    assert stranger.post(action, data=fields).status_code == 404


def test_the_return_address_needs_the_sesskey(browser: FlaskClient) -> None:
    sign_in(browser, "formateur1")
    answer = browser.post(
        "/mod/lti/contentitem_return.php?course=2&id=1&sesskey=other", data={"JWT": "x"}
    )
    assert answer.status_code == 403


def test_a_selection_belongs_to_its_browser_session(
    make_app: Callable[..., Flask], tool: responses.RequestsMock
) -> None:
    app = make_app()
    browser, other = app.test_client(), app.test_client()
    sign_in(browser, "formateur1")
    sign_in(other, "admin")
    target = received(send_back(browser, deep_linking_response([MODULE])))
    assert other.get(target).status_code == 404
    assert browser.get(target).status_code == 200
