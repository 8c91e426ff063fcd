"""Dynamic Registration, against the samples, then a registered tool from end to end."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jwt import PyJWKSet
from werkzeug.test import TestResponse

from lti_app.demo.app import create_demo_app
from lti_app.demo.models import AccessToken
from lti_app.demo.models_tools import ToolType
from lti_app.demo.registration import RefusedRegistrationError, read_request
from lti_app.demo.scopes import PERMITTED_SCOPES
from lti_app.demo.settings import DemoSettings
from lti_app.demo.tools import tool_types
from tests.unit.demo import bench
from tests.unit.demo.conftest import platform_of
from tests.unit.demo.test_launches import authn, sign_in
from tests.unit.demo.test_teaching import post

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
SAMPLE = bench.read_sample("registration")
REQUEST: dict[str, Any] = SAMPLE["request"]
TOOL = "http://127.0.0.1:9002"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """A bench LMS of one's own: registrations change it."""
    app = create_demo_app(
        DemoSettings(
            database_path=tmp_path / "registration.sqlite",
            base_url=bench.BASE_URL,
            tool_base_url=bench.TOOL_URL,
            client_id=bench.CLIENT_ID,
        ),
        fill=bench.fill,
    )
    yield app
    platform_of(app).database.dispose()


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """The browser of the administrator."""
    browser = app.test_client()
    sign_in(browser, "admin")
    return browser


def start(admin: FlaskClient, url: str, choice: str = "") -> dict[str, str]:
    """What the tool is told at its registration address, from the page of the administrator."""
    page = admin.get("/admin/tools/register", query_string={"url": url, "choice": choice})
    frame = re.search(r'id="external-registration-page".*?src="([^"]+)"', page.text, re.DOTALL)
    assert frame, page.text
    answer = admin.get(frame[1].replace("&amp;", "&"))
    assert answer.status_code == 302
    location = answer.headers["Location"]
    assert location.startswith(url)
    return dict(parse_qsl(urlsplit(location).query))


def call(app: Flask, token: str | None, body: Any = None) -> TestResponse:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    client = app.test_client()
    if body is None:
        return client.get("/mod/lti/openid-registration.php", headers=headers)
    return client.post("/mod/lti/openid-registration.php", headers=headers, json=body)


def changed(**changes: Any) -> dict[str, Any]:
    """The sample's request with changes of the tool configuration or of itself."""
    tool = {**REQUEST[TOOL_CONFIGURATION]}
    body = {**REQUEST, TOOL_CONFIGURATION: tool}
    for name, value in changes.items():
        target = tool if name in tool else body
        if value is None:
            del target[name]
        else:
            target[name] = value
    return body


def tools(app: Flask) -> list[ToolType]:
    with platform_of(app).database.reading() as session:
        return tool_types(session)


def test_the_configuration_is_moodles(app: Flask) -> None:
    answer = app.test_client().get("/mod/lti/openid-configuration.php")
    assert answer.content_type == "application/json; charset=utf-8"
    assert answer.get_json() == bench.read_sample("openid-configuration")


def test_a_registration_is_answered_as_moodle_answers_it(app: Flask, admin: FlaskClient) -> None:
    told = start(admin, f"{TOOL}/register")
    assert list(told) == list(SAMPLE["initiation_query_params"])
    assert told["openid_configuration"] == SAMPLE["initiation_query_params"]["openid_configuration"]
    token = told["registration_token"]
    header = jwt.get_unverified_header(token)
    assert set(header) == set(SAMPLE["registration_token_header"])
    keys = PyJWKSet.from_dict(app.test_client().get("/mod/lti/certs.php").get_json())
    claims = jwt.decode(token, keys[header["kid"]], algorithms=["RS256"])
    assert set(claims) == set(SAMPLE["registration_token_claims"])
    assert (claims["scope"], claims["exp"] - claims["iat"]) == ("reg", 3600)
    answer = call(app, token, REQUEST)
    assert answer.status_code == SAMPLE["response_status"]
    assert answer.content_type == SAMPLE["response_headers"]["Content-Type"]
    expected = SAMPLE["response"]
    expected["client_id"] = claims["sub"]
    # The bench had no tool of type 3 yet.
    expected[TOOL_CONFIGURATION]["deployment_id"] = "4"
    assert answer.get_json() == expected
    made = tools(app)[-1]
    assert (made.state, made.in_chooser) == ("pending", False)
    assert (made.shares_name, made.shares_email, made.grade_service) == (True, True, 2)


ERROR_CASES = {case["case"]: case for case in bench.read_sample("registration_errors")}
BROKEN: dict[str, dict[str, Any]] = {
    "no domain": {"domain": None},
    "domain mismatch (domain without port)": {"domain": "127.0.0.1"},
    "domain other": {"domain": "tool.example"},
    "no jwks_uri": {"jwks_uri": None},
    "auth method none": {"token_endpoint_auth_method": "none"},
    "native": {"application_type": "native"},
    "no lti conf": {TOOL_CONFIGURATION: None},
    "resp type code": {"response_types": ["code"]},
}


@pytest.mark.parametrize("name", list(ERROR_CASES))
def test_refusals_are_moodles(app: Flask, admin: FlaskClient, name: str) -> None:
    case = ERROR_CASES[name]
    token = start(admin, f"{TOOL}/register")["registration_token"]
    body: Any = REQUEST
    if name in ("token reused", "GET with used reg token"):
        assert call(app, token, REQUEST).status_code == 200
        body = None if name.startswith("GET") else REQUEST
    elif name in BROKEN:
        body = changed(**BROKEN[name])
    sent = {"no token": None, "garbage token": "x.y.z", "truncated sig": token[:-9]}
    answer = call(app, sent.get(name, token), body)
    assert answer.status_code == case["status"]
    if case["body"].startswith("<!DOCTYPE"):
        assert bench.error_message(answer.text) == "Requête non valide"
    else:
        assert answer.text == case["body"]


def test_a_token_too_old_or_of_another_scope_is_refused(app: Flask) -> None:
    platform = platform_of(app)
    old = platform.sign({"sub": "x", "scope": "reg"}, seconds=-1)
    assert call(app, old, REQUEST).status_code == 404
    other = platform.sign({"sub": "x", "scope": "openid"}, seconds=60)
    assert (call(app, other, REQUEST).status_code, call(app, other, REQUEST).text) == (
        403, "Incorrect scope",
    )  # fmt: skip
    unknown = platform.sign({"sub": "99", "scope": "reg-update"}, seconds=60)
    assert call(app, unknown, REQUEST).text == "Unknown client"
    assert call(app, platform.sign({"sub": "new", "scope": "reg"}, seconds=60)).status_code == 404
    not_json = app.test_client().post(
        "/mod/lti/openid-registration.php",
        headers={
            "Authorization": f"Bearer {platform.sign({'sub': 'n', 'scope': 'reg'}, seconds=9)}"
        },
        data="{",
    )
    assert not_json.status_code == 404


def test_an_update_keeps_the_client_and_hides_the_tool_again(
    app: Flask, admin: FlaskClient
) -> None:
    token = start(admin, f"{TOOL}/register")["registration_token"]
    first = call(app, token, REQUEST).get_json()
    with platform_of(app).database.writing() as session:
        row = tool_types(session)[-1]
        row.state, row.in_chooser, row.shares_email = "configured", True, False
    choice = admin.get("/admin/tools/register", query_string={"url": f"{TOOL}/register"}).text
    assert 'id="update-4"' in choice
    assert 'id="register-new"' in choice
    update = start(admin, f"{TOOL}/register", "4")["registration_token"]
    claims = jwt.decode(update, options={"verify_signature": False})
    assert (claims["sub"], claims["scope"]) == ("4", "reg-update")
    assert call(app, update).get_json()["client_id"] == first["client_id"]
    second = call(app, update, changed(client_name="Outil v2")).get_json()
    assert second == {**first, "client_name": "Outil v2"}
    row = tools(app)[-1]
    assert (row.id, row.state, row.in_chooser, row.shares_email) == ("4", "configured", False, True)
    # « Inscrire comme nouvel outil » gives another client and another deployment.
    again = start(admin, f"{TOOL}/register", "new")["registration_token"]
    assert call(app, again, REQUEST).get_json()[TOOL_CONFIGURATION]["deployment_id"] == "5"


@pytest.mark.parametrize(
    ("scopes", "level", "listed"),
    [("", 0, False), (SCORE, 1, True), (f"{SCORE} {LINE_ITEM}", 2, True)],
)
def test_scopes_decide_services_and_the_answer_lists_too_much(
    app: Flask, admin: FlaskClient, scopes: str, level: int, listed: bool
) -> None:
    token = start(admin, f"{TOOL}/register")["registration_token"]
    answer = call(app, token, changed(scope=scopes)).get_json()
    assert tools(app)[-1].grade_service == level
    assert (LINE_ITEM in answer["scope"].split()) is listed


@pytest.mark.parametrize(
    ("claims", "shared"),
    [
        (["sub"], (False, False)),
        (["given_name"], (True, False)),
        (["email"], (False, True)),
        ("name", (False, False)),
    ],
)
def test_claims_decide_privacy(claims: Any, shared: tuple[bool, bool]) -> None:
    values = read_request(changed(claims=claims))
    assert (values["shares_name"], values["shares_email"]) == shared


def test_a_custom_value_is_cut_at_its_equal_sign_in_the_answer_only(
    app: Flask, admin: FlaskClient
) -> None:
    token = start(admin, f"{TOOL}/register")["registration_token"]
    answer = call(app, token, changed(custom_parameters={"a": "b=c"})).get_json()
    assert answer[TOOL_CONFIGURATION]["custom_parameters"] == {"a": "b"}
    assert tools(app)[-1].custom == "a=b=c"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@hypothesis_settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([*REQUEST, *REQUEST[TOOL_CONFIGURATION]]), json_values)
def test_any_request_gives_columns_or_a_refusal(name: str, value: Any) -> None:
    body = changed()
    target = body[TOOL_CONFIGURATION] if name in body[TOOL_CONFIGURATION] else body
    target[name] = value
    try:
        values = read_request(body)
    except RefusedRegistrationError:
        return
    assert all(isinstance(each, str | bool | int) for each in values.values())


def test_a_registered_tool_launches_once_shown_to_teachers(app: Flask, admin: FlaskClient) -> None:
    token = start(admin, f"{TOOL}/register")["registration_token"]
    client_id = call(app, token, REQUEST).get_json()["client_id"]
    teacher = app.test_client()
    sign_in(teacher, "formateur1")
    assert 'id="add-tool-4"' not in teacher.get("/course/2/add").text
    page = admin.get("/admin/tools").text
    assert 'data-state="pending"' in page
    sesskey = re.search(r'name="sesskey" value="([^"]+)"', page)
    assert sesskey
    admin.post("/admin/tools/4/activate", data={"sesskey": sesskey[1]})
    assert 'id="add-tool-4"' not in teacher.get("/course/2/add").text
    fields = {
        "lti_typename": "Parcours", "lti_toolurl": f"{TOOL}/launch", "lti_coursevisible": "2",
        "lti_publickeyset": f"{TOOL}/jwks", "lti_initiatelogin": f"{TOOL}/login",
        "lti_redirectionuris": f"{TOOL}/launch\n{TOOL}/launch/deep", "lti_contentitem": "1",
        "lti_toolurl_ContentItemSelectionRequest": f"{TOOL}/launch/deep",
    }  # fmt: skip
    assert post(admin, "/admin/tools/4/edit", **fields) == 303
    assert 'id="add-tool-4"' in teacher.get("/course/2/add").text
    assert post(teacher, "/course/2/modedit?add=4", name="Module", graded="1") == 303
    # In the bench, cmid is id + 1.
    launched = teacher.get("/mod/lti/launch.php?id=7")
    _, action, initiation = bench.read_form(launched.text)
    assert (action, initiation["client_id"], initiation["lti_deployment_id"]) == (
        f"{TOOL}/login", client_id, "4",
    )  # fmt: skip
    assert (
        f"form-action 'self' {bench.TOOL_URL} {TOOL}" in launched.headers["Content-Security-Policy"]
    )
    asked = authn(initiation, redirect_uri=f"{TOOL}/launch/deep")
    _, action, posted = bench.read_form(teacher.get("/mod/lti/auth.php", query_string=asked).text)
    assert action == f"{TOOL}/launch/deep"
    claims = jwt.decode(posted["id_token"], options={"verify_signature": False})
    assert claims["aud"] == client_id
    # The administrator chose to share nothing and to give no service.
    assert not {"name", "email"} & set(claims)
    assert not [name for name in claims if "lti-ags" in name or "lti-nrps" in name]


def test_registration_pages_are_for_administrators(app: Flask, admin: FlaskClient) -> None:
    browser = app.test_client()
    sign_in(browser, "formateur1")
    for url in (
        "/admin/tools", "/admin/tools/new", "/admin/tools/1", "/admin/tools/1/edit",
        f"/admin/tools/register?url={TOOL}", f"/mod/lti/startltiadvregistration.php?url={TOOL}",
    ):  # fmt: skip
        assert browser.get(url).status_code == 403
    # Without its sesskey nobody, not even an administrator, starts a registration.
    assert admin.get(f"/mod/lti/startltiadvregistration.php?url={TOOL}").status_code == 403


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "ftp://x/", "http://[", "not a url"])
def test_an_address_that_is_none_is_refused(admin: FlaskClient, url: str) -> None:
    answer = admin.get("/admin/tools/register", query_string={"url": url})
    assert answer.status_code == 422
    assert "adresse" in answer.text


def test_the_token_of_one_tool_does_not_open_the_services_of_another(
    app: Flask, admin: FlaskClient
) -> None:
    token = start(admin, f"{TOOL}/register")["registration_token"]
    client_id = call(app, token, REQUEST).get_json()["client_id"]
    with platform_of(app).database.writing() as session:
        session.add(
            AccessToken(
                token="t4", client_id=client_id, scopes=" ".join(PERMITTED_SCOPES),
                expires_at=int(time.time()) + 60,
            )
        )  # fmt: skip
    client, headers = app.test_client(), {"Authorization": "Bearer t4"}
    path = f"{bench.SERVICES}/CourseSection/2/bindings"
    assert client.get(f"{path}/1/memberships", headers=headers).status_code == 401
    assert client.get(f"{path}/4/memberships", headers=headers).status_code == 200
    # Without type_id the type is that of the token.
    own = client.get(f"{bench.SERVICES}/2/lineitems", headers=headers)
    assert own.get_json(force=True) == []
