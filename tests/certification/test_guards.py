"""What holds for every address: forms bound to their session, administration closed, headers.

The addresses are read from the application, so that a new one is covered, or complained of.
"""

import re
from collections.abc import Iterator

import pytest
import responses
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_app.admin.routes.blueprint import OPEN_TO_ALL
from lti_app.lti.models import PlatformState
from lti_app.lti.rules import claims as claim
from lti_app.people.models import Enrolment, Role
from tests import factories
from tests.conftest import BASE_URL, make_client
from tests.platform_double import PlatformDouble
from tests.routes import addresses, token_of

WITHOUT_FORM_TOKEN = {
    "launch.login": "begins a login, which its cookie and its state bind to the browser",
    "launch.launch": "the platform's answer: signature, state, nonce and cookie stand for it",
    "launch.continue_in_tab": "a sealed one-time token, from a page of ours only",
    "launch.continue_in_frame": "a sealed one-time token, and a secret kept by the LMS",
    "launch.contents": "a sealed request of the LMS, from a page of ours only",
    "launch.complete_registration": "a sealed one-time invitation, from a page of ours only",
    "practice.enlarge": "a sealed token of the person, from a page of ours only",
    "admin.enter": "a sealed token of the administrator, from a page of ours only",
}
"""Posts that ask for no token of the session, and what stands for it."""

TRAINER = ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


@pytest.fixture
def platform(session: Session, mock: responses.RequestsMock) -> PlatformDouble:
    double = PlatformDouble.register(session)
    double.publish(mock)
    return double


@pytest.fixture
def trainer(session: Session, client: FlaskClient) -> Enrolment:
    """The client's browser is a trainer's, of course 1."""
    enrolment: Enrolment = factories.EnrolmentFactory(role=Role.TRAINER)
    session.commit()
    factories.sign_in(client, enrolment.person)
    return enrolment


def is_refused_form(response: TestResponse) -> bool:
    return response.status_code == 400 and "<code>FORMULAIRE-" in response.text


class TestForms:
    @pytest.mark.usefixtures("trainer")
    @pytest.mark.parametrize("token", [None, "", "x", "theirs"])
    def test_no_post_without_a_token_of_this_very_session(
        self, app: Flask, client: FlaskClient, token: str | None
    ) -> None:
        token_of(app, client)
        if token == "theirs":
            token = token_of(app, make_client(app))  # well signed, of another session
        data = {} if token is None else {"csrf_token": token}
        tried = set()
        for endpoint, address in addresses(app, "POST"):
            tried.add(endpoint)
            refused = is_refused_form(client.post(address, data=data))
            assert refused == (endpoint not in WITHOUT_FORM_TOKEN), endpoint
        assert set(WITHOUT_FORM_TOKEN) <= tried

    def test_nothing_changes_by_other_methods(self, app: Flask) -> None:
        methods = {method for rule in app.url_map.iter_rules() for method in rule.methods or ()}
        assert methods == {"GET", "HEAD", "OPTIONS", "POST"}

    def test_a_form_of_the_former_person_of_this_browser_is_void(
        self, app: Flask, platform: PlatformDouble, client: FlaskClient
    ) -> None:
        place = platform.launch(client, sub="5").location
        form_of_zoe = {"csrf_token": token_of(app, client)}
        address = f"{place.rsplit('/session/')[0]}/session/1/question/x/"
        assert client.post(address, data=form_of_zoe).status_code == 404
        platform.launch(client, sub="6", name="Yann")
        assert is_refused_form(client.post(address, data=form_of_zoe))
        assert client.post(address, data={"csrf_token": token_of(app, client)}).status_code == 404

    def test_a_second_frame_of_the_same_person_voids_nothing(
        self, app: Flask, platform: PlatformDouble, client: FlaskClient
    ) -> None:
        platform.launch(client, sub="5")
        form = {"csrf_token": token_of(app, client)}
        platform.launch(client, sub="5", **{claim.RESOURCE_LINK: {"id": "2"}})
        assert client.post("/session/1/question/x/", data=form).status_code == 404


class TestAdministration:
    @pytest.mark.usefixtures("trainer")
    def test_every_page_refuses_strangers_and_those_who_do_not_administer(
        self, app: Flask, client: FlaskClient
    ) -> None:
        stranger, tried = make_client(app), 0
        for method in ("GET", "POST"):
            for endpoint, address in addresses(app, method):
                if not endpoint.startswith("admin.") or endpoint in OPEN_TO_ALL:
                    continue
                for browser, status in ((stranger, 401), (client, 404)):
                    data = {"csrf_token": token_of(app, browser)} if method == "POST" else {}
                    response = browser.open(address, method=method, data=data)
                    assert response.status_code == status, (method, endpoint)
                    assert "frame-ancestors 'none'" in policy_of(response)
                tried += 1
        assert tried >= 10

    @pytest.mark.usefixtures("app")
    def test_what_is_open_to_all_is_known(self) -> None:
        assert {"admin.enter", "admin.link", "admin.use_link"} == OPEN_TO_ALL


def policy_of(response: TestResponse) -> str:
    return response.headers["Content-Security-Policy"]


class TestHeaders:
    def test_every_kind_of_page_has_them_all(
        self, platform: PlatformDouble, client: FlaskClient, app: Flask
    ) -> None:
        learner = platform.launch(client, sub="5").location
        teaching = make_client(app)
        trainer = platform.launch(teaching, sub="6", **{claim.ROLES: TRAINER}).location
        stranger = make_client(app)
        answers = {
            "learner": client.get(learner),
            "trainer": teaching.get(trainer),
            "export": teaching.get(f"{trainer}export.csv"),
            "administration": stranger.get("/admin/"),
            "login": platform.begin(stranger).response,
            "refused launch": stranger.post("/lti/launch", data={"id_token": "x"}),
            "registration": stranger.get("/lti/register"),
            "personal data": stranger.get("/lti/donnees-personnelles"),
            "keys": stranger.get("/lti/jwks"),
            "error": stranger.get("/nowhere"),
            "health": stranger.get("/healthz"),
            "file": stranger.get("/ui/static/ui/relais.css"),
        }
        assert {answers[kind].status_code for kind in ("learner", "trainer", "file")} == {200}
        for kind, response in answers.items():
            assert response.headers["X-Content-Type-Options"] == "nosniff", kind
            assert response.headers["Referrer-Policy"] == "same-origin", kind
            assert "camera=()" in response.headers["Permissions-Policy"], kind
            assert response.headers["Cross-Origin-Opener-Policy"].startswith("same-origin"), kind
            assert response.headers["Strict-Transport-Security"].startswith("max-age="), kind
            policy = policy_of(response)
            for directive in ("default-src 'none'", "script-src 'self'", "base-uri 'none'"):
                assert directive in policy, kind
            assert "form-action 'self'" in policy, kind
            assert "unsafe" not in policy, kind
            # It would forbid the LMS's frame, whatever frame-ancestors allows.
            assert "X-Frame-Options" not in response.headers, kind
            framed = f"frame-ancestors 'self' {platform.row.issuer}"
            wanted = "frame-ancestors 'none'" if kind == "administration" else framed
            assert policy.endswith(wanted), kind
            cached = response.headers["Cache-Control"]
            assert ("no-store" in cached) == (kind not in {"keys", "file"}), kind

    @pytest.mark.parametrize("state", [PlatformState.INACTIVE, PlatformState.PENDING])
    def test_a_platform_that_is_not_active_frames_nothing(
        self,
        platform: PlatformDouble,
        client: FlaskClient,
        session: Session,
        state: PlatformState,
    ) -> None:
        other = PlatformDouble.register(session, state=state)
        policy = policy_of(client.get("/lti/jwks"))
        assert platform.row.issuer in policy
        assert other.row.issuer not in policy

    def test_a_registration_cannot_write_into_the_policy(
        self, client: FlaskClient, session: Session
    ) -> None:
        PlatformDouble.register(
            session,
            issuer="https://evil.example/; script-src *",
            auth_url="https://evil.example;script-src%20* https://x",
        )
        policy = policy_of(client.get("/lti/jwks"))
        assert policy.count("script-src") == 1
        assert "script-src *" not in policy


@pytest.mark.parametrize(
    "target",
    [
        f"{BASE_URL}//evil.example/",
        f"{BASE_URL}/lti/launch?target=//evil.example",
        f"{BASE_URL}/lti/launch?module=https://evil.example",
        f"{BASE_URL}/admin/",
        f"{BASE_URL}\\@evil.example/",
    ],
)
def test_a_launch_leads_nowhere_but_to_our_own_pages(
    platform: PlatformDouble, client: FlaskClient, target: str
) -> None:
    answer = platform.launch(client, **{claim.TARGET_LINK_URI: target})
    if answer.status_code == 303:
        assert re.fullmatch(r"/session/\d+/", answer.location)
    else:
        assert answer.status_code == 400
        assert "LTI-CIBLE" in answer.text


def test_launches_leave_nobody_in_the_log(
    platform: PlatformDouble, app: Flask, client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Good, refused, replayed or broken: neither the person, nor what would open as them."""
    person = {
        "sub": "sub-5f1c",
        "name": "Zéphyrine Qwark",
        "given_name": "Zéphyrine",
        "family_name": "Qwark",
        "email": "zephyrine@ac-exemple.fr",
        claim.LIS: {"person_sourcedid": "UID-5f1c"},
    }
    begun = platform.begin(client, login_hint="hint-5f1c", lti_message_hint="message-5f1c")
    good = platform.sign(platform.claims(begun.nonce, **person))
    sent = [good]
    client.post("/lti/launch", data={"id_token": good, "state": begun.state})
    client.post("/lti/launch", data={"id_token": good, "state": begun.state})
    for changes in ({claim.ROLES: None}, {claim.VERSION: "1.1"}, {"exp": 1}, {"aud": "x"}):
        other = platform.begin(make_client(app), login_hint="hint-5f1c")
        sent.append(platform.sign(platform.claims(other.nonce, **{**person, **changes})))
        other.client.post("/lti/launch", data={"id_token": sent[-1], "state": other.state})
        other.client.post("/lti/launch", data={"id_token": sent[-1][:-9], "state": other.state})
    written = "".join(capsys.readouterr())
    assert "LTI-REJEU" in written  # the refusals themselves are there
    secrets = ["5f1c", "Qwark", "phyrine", begun.state, begun.nonce]
    secrets += [token.split(".")[part] for token in sent for part in (1, 2)]
    assert [secret for secret in secrets if secret in written] == []
