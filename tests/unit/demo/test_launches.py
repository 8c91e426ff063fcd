"""Login initiation, authentication and launch, against the samples."""

import json
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from jwt import PyJWKSet

from lti_app.demo.models import Enrolment, PendingLaunch, Person
from lti_app.demo.platform import Platform
from tests.unit.demo import bench

LTI = "https://purl.imsglobal.org/spec/lti/claim"
LAUNCH = f"{bench.TOOL_URL}/lti/launch"


def sign_in(browser: FlaskClient, username: str) -> None:
    assert browser.post("/login", data={"person": username}).status_code == 303


def start(browser: FlaskClient, cmid: int, container: str = "iframe") -> dict[str, str]:
    answer = browser.get(f"/mod/lti/launch.php?id={cmid}&container={container}")
    form_id, action, fields = bench.read_form(answer.text)
    assert (form_id, action) == ("ltiInitiateLoginForm", f"{bench.TOOL_URL}/lti/login")
    return fields


def authn(fields: dict[str, str], **changes: str | None) -> dict[str, str]:
    """The authentication request of a good tool, but for `changes` (None drops a parameter)."""
    asked: dict[str, str | None] = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": fields["client_id"],
        "redirect_uri": LAUNCH,
        "login_hint": fields["login_hint"],
        "lti_message_hint": fields["lti_message_hint"],
        "state": "st",
        "nonce": "n1",
    }
    asked.update(changes)
    return {name: value for name, value in asked.items() if value is not None}


def launch(browser: FlaskClient, cmid: int, container: str = "iframe") -> dict[str, str]:
    answer = browser.get(
        "/mod/lti/auth.php", query_string=authn(start(browser, cmid, container), nonce="n1")
    )
    form_id, action, posted = bench.read_form(answer.text)
    assert (form_id, action) == ("ltiAuthForm", LAUNCH)
    return posted


@pytest.mark.parametrize(
    ("sample", "person", "cmid", "container"),
    [("student_iframe", "referent1", 2, "iframe"), ("student_window", "referent1", 3, "window")],
)
def test_login_initiation_is_moodles(
    browser: FlaskClient, sample: str, person: str, cmid: int, container: str
) -> None:
    sign_in(browser, person)
    expected = bench.read_sample(f"login_initiation__{sample}")["params"]
    sent = start(browser, cmid, container)
    hint, expected_hint = sent.pop("lti_message_hint"), expected.pop("lti_message_hint")
    assert sent == expected
    assert list(json.loads(hint)) == ["cmid", "launchid"]
    assert json.loads(hint)["cmid"] == json.loads(expected_hint)["cmid"]
    # No blanks: the tool must give back this very string.
    assert " " not in hint


@pytest.mark.parametrize(
    ("sample", "person", "cmid", "container"),
    [
        ("student_iframe", "referent1", 2, "iframe"),
        ("teacher_iframe", "formateur1", 2, "iframe"),
        ("manager_iframe", "dane1", 2, "iframe"),
        ("admin_iframe", "admin", 2, "iframe"),
        ("student_window", "referent1", 3, "window"),
        ("student_mobile", "referent1", 2, "frame"),
        ("student_nograde", "referent1", 4, "iframe"),
        ("student_urlquery", "referent2", 5, "iframe"),
        ("student_noprivacy", "referent1", 6, "iframe"),
    ],
)
def test_id_token_has_the_claims_of_moodle(
    browser: FlaskClient, sample: str, person: str, cmid: int, container: str
) -> None:
    sign_in(browser, person)
    posted = launch(browser, cmid, container)
    expected = bench.read_sample(f"launch__{sample}")
    assert list(posted) == expected["post_fields"]
    keys = PyJWKSet.from_dict(browser.get("/mod/lti/certs.php").get_json())
    header = jwt.get_unverified_header(posted["id_token"])
    assert set(header) == set(expected["jwt_header"])
    claims = jwt.decode(
        posted["id_token"], keys[header["kid"]], algorithms=["RS256"], audience=bench.CLIENT_ID
    )
    assert claims["exp"] - claims["iat"] == 60
    assert _comparable(claims) == _comparable(expected["claims"])


def _comparable(claims: dict[str, Any]) -> dict[str, Any]:
    """The claims without what changes at each launch or names the site."""
    kept = json.loads(json.dumps(claims))
    for name in ("nonce", "iat", "exp", "aud"):
        kept.pop(name)
    site = kept[f"{LTI}/tool_platform"]
    kept[f"{LTI}/tool_platform"] = {**site, "guid": "", "name": "", "description": ""}
    presentation = kept[f"{LTI}/launch_presentation"]
    presentation["return_url"] = presentation["return_url"].rpartition("=")[0]
    outcome = kept.get("https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome")
    if outcome is not None:
        sourced = json.loads(outcome["lis_result_sourcedid"])
        assert len(sourced["hash"]) == 64
        sourced["data"]["launchid"] = sourced["hash"] = None
        outcome["lis_result_sourcedid"] = sourced
    return dict(kept)


AUTH_CHANGES: dict[str, dict[str, str | None]] = {
    "ok GET": {},
    "ok POST": {},
    "no lti_message_hint": {"lti_message_hint": None},
    "no nonce": {"nonce": None},
    "wrong client_id": {"client_id": "other"},
    "unregistered redirect_uri": {"redirect_uri": "https://evil.example/launch"},
    "redirect_uri with added query": {"redirect_uri": f"{LAUNCH}?a=1"},
    "login_hint of another user": {"login_hint": "6"},
    "response_mode=fragment": {"response_mode": "fragment"},
    "no response_mode": {"response_mode": None},
    "prompt=login": {"prompt": "login"},
    "scope=openid profile": {"scope": "openid profile"},
    "launchid replayed": {},
    "no Moodle cookie (cross-site)": {},
    "no state": {"state": None},
}
AUTH_CASES = {case["case"]: case for case in bench.read_sample("auth_errors")}


@pytest.mark.parametrize("name", list(AUTH_CASES))
def test_authentication_answers_as_moodle(browser: FlaskClient, name: str) -> None:
    case = AUTH_CASES[name]
    sign_in(browser, "referent1")
    asked = authn(start(browser, 2), **AUTH_CHANGES[name])
    if name == "launchid replayed":
        assert browser.get("/mod/lti/auth.php", query_string=asked).status_code == 200
    if name == "no Moodle cookie (cross-site)":
        browser = browser.application.test_client()
    if name == "ok POST":
        answer = browser.post("/mod/lti/auth.php", data=asked)
    else:
        answer = browser.get("/mod/lti/auth.php", query_string=asked)
    assert answer.status_code == case["status"]
    form_id, action, posted = bench.read_form(answer.text)
    if case["moodle_error_page"]:
        assert bench.error_message(answer.text) == "Requête non valide"
        assert posted == {}
    elif case["repost_page"]:
        assert form_id == "repostform"
        assert action.startswith("/mod/lti/auth.php?scope=openid&response_type=id_token")
        assert "Set-Cookie" not in answer.headers
    else:
        assert action == case["form_action"]
        if "id_token" in posted:
            posted["id_token"] = case["posted_fields"]["id_token"]
        assert posted == case["posted_fields"]


def test_the_repost_page_brings_the_launch_home(browser: FlaskClient) -> None:
    sign_in(browser, "referent1")
    asked = authn(start(browser, 2))
    stranger = browser.application.test_client()
    page = stranger.get("/mod/lti/auth.php", query_string=asked).text
    _, action, fields = bench.read_form(page)
    answer = browser.post(action, data=fields)
    assert "id_token" in bench.read_form(answer.text)[2]


def test_a_repost_without_cookie_does_not_loop(browser: FlaskClient) -> None:
    sign_in(browser, "referent1")
    asked = authn(start(browser, 2))
    stranger = browser.application.test_client()
    answer = stranger.post("/mod/lti/auth.php", data={**asked, "repost": "true"})
    assert answer.status_code == 404


def test_a_launch_belongs_to_one_browser_session(browser: FlaskClient) -> None:
    sign_in(browser, "referent1")
    asked = authn(start(browser, 2))
    other = browser.application.test_client()
    sign_in(other, "referent1")
    assert other.get("/mod/lti/auth.php", query_string=asked).status_code == 404
    # The one who started it may still finish.
    assert "id_token" in browser.get("/mod/lti/auth.php", query_string=asked).text


def test_a_refused_request_burns_its_launch(browser: FlaskClient, bench_platform: Platform) -> None:
    sign_in(browser, "referent1")
    asked = authn(start(browser, 2), client_id="other")
    browser.get("/mod/lti/auth.php", query_string=asked)
    launch_id = json.loads(asked["lti_message_hint"])["launchid"]
    with bench_platform.database.reading() as session:
        assert session.get(PendingLaunch, launch_id) is None


@pytest.mark.parametrize("hint", ["5", "[]", "{}", "not json", '{"launchid": null}'])
def test_a_hint_that_is_not_ours_is_refused(browser: FlaskClient, hint: str) -> None:
    sign_in(browser, "referent1")
    asked = authn(start(browser, 2), lti_message_hint=hint)
    assert browser.get("/mod/lti/auth.php", query_string=asked).status_code == 404


def test_someone_unenrolled_between_two_steps_is_refused(
    browser: FlaskClient, bench_platform: Platform
) -> None:
    sign_in(browser, "referent3")
    asked = authn(start(browser, 2))
    _suspend(bench_platform, suspended=True)
    try:
        assert browser.get("/mod/lti/auth.php", query_string=asked).status_code == 404
        assert browser.get("/mod/lti/launch.php?id=2").status_code == 403
    finally:
        _suspend(bench_platform, suspended=False)


def _suspend(platform: Platform, *, suspended: bool) -> None:
    with platform.database.writing() as session:
        session.get_one(Enrolment, (7, 2)).suspended = suspended


def test_a_withheld_person_keeps_their_name_everywhere(
    browser: FlaskClient, bench_platform: Platform
) -> None:
    with bench_platform.database.writing() as session:
        session.get_one(Person, 6).identity_withheld = True
    try:
        sign_in(browser, "referent2")
        claims = jwt.decode(launch(browser, 2)["id_token"], options={"verify_signature": False})
    finally:
        with bench_platform.database.writing() as session:
            session.get_one(Person, 6).identity_withheld = False
    assert not {"name", "given_name", "family_name", "email"} & set(claims)
    assert claims[f"{LTI}/ext"] == {"lms": "moodle-2"}


def test_launching_needs_a_signed_in_person_and_an_activity(browser: FlaskClient) -> None:
    assert browser.get("/mod/lti/launch.php?id=2").headers["Location"] == "/"
    sign_in(browser, "referent1")
    assert browser.get("/mod/lti/launch.php?id=999").status_code == 404
    assert browser.get("/mod/lti/launch.php?id=x").status_code == 404
