"""The security table of lti.md §4 for logins and launches, and its two-frame, two-tab cases.

Which tests hold which row: test_security_table.py.
"""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_app.app import create_app
from lti_app.core import clock
from lti_app.core.database import db
from lti_app.launch.tasks import purge_logins
from lti_app.lti.models import LoginState, PlatformKeySet, PlatformState
from lti_app.lti.rules import claims as claim
from lti_app.lti.services.keys import ensure_key
from lti_app.people.models import Enrolment, Person, Role
from tests.conftest import make_client
from tests.platform_double import (
    KID,
    PlatformDouble,
    private_key,
    public_jwk,
)

BASE = "https://relais.example.org"
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


def state_cookie(response: TestResponse) -> tuple[str, str]:
    """Name and value of the login's cookie."""
    (header,) = state_cookies(response)
    name, value = header.split(";")[0].split("=", 1)
    return name, value


def browser_with(app: Flask, name: str, value: str) -> FlaskClient:
    """Another browser that holds this cookie."""
    browser = make_client(app)
    browser.set_cookie(name, value, domain="relais.example.org", secure=True)
    return browser


def state_cookies(response: TestResponse) -> list[str]:
    return [
        header
        for header in response.headers.getlist("Set-Cookie")
        if header.startswith("__Host-relais-etat-")
    ]


class TestLogin:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_is_a_plain_302_that_returns_the_hints_verbatim(
        self, platform: PlatformDouble, client: FlaskClient, method: str
    ) -> None:
        hint = '{"cmid":2,"launchid":"ltilaunch1_é &=+"}'
        params = platform.login_params(lti_message_hint=hint, repost="1")
        how: dict[str, Any] = {"query_string" if method == "GET" else "data": params}
        response = client.open("/lti/login", method=method, **how)
        assert response.status_code == 302
        assert response.location.startswith(platform.row.auth_url + "?")
        query = {k: v[0] for k, v in parse_qs(urlsplit(response.location).query).items()}
        assert query.keys() == {
            "scope", "response_type", "response_mode", "prompt", "client_id", "redirect_uri",
            "state", "nonce", "login_hint", "lti_message_hint",
        }  # fmt: skip
        assert query["login_hint"] == "5"
        assert query["lti_message_hint"] == hint
        assert query["response_mode"] == "form_post"

    def test_always_sends_our_own_launch_url(
        self, platform: PlatformDouble, client: FlaskClient
    ) -> None:
        params = platform.login_params(target_link_uri="https://evil.example/")
        response = client.post("/lti/login", data=params)
        query = parse_qs(urlsplit(response.location).query)
        assert query["redirect_uri"] == ["https://relais.example.org/lti/launch"]

    def test_keeps_the_query_of_the_authorisation_url(
        self, platform: PlatformDouble, client: FlaskClient, session: Session
    ) -> None:
        platform.row.auth_url += "?tenant=7"
        session.commit()
        response = client.post("/lti/login", data=platform.login_params())
        assert response.location.count("?") == 1
        assert parse_qs(urlsplit(response.location).query)["tenant"] == ["7"]

    def test_cookie_survives_in_a_cross_site_frame(
        self, platform: PlatformDouble, client: FlaskClient
    ) -> None:
        (cookie,) = state_cookies(platform.begin(client).response)
        for attribute in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
            assert f"; {attribute}" in cookie
        assert "Domain" not in cookie

    @pytest.mark.parametrize(
        ("missing", "code"),
        [("iss", "LTI-EMETTEUR"), ("login_hint", "LTI-INDICE"), ("target_link_uri", "LTI-CIBLE")],
    )
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_says_what_is_missing(
        self, platform: PlatformDouble, client: FlaskClient, missing: str, code: str, method: str
    ) -> None:
        params = platform.login_params()
        del params[missing]
        how: dict[str, Any] = {"query_string" if method == "GET" else "data": params}
        response = client.open("/lti/login", method=method, **how)
        assert response.status_code == 400
        assert f"<code>{code}-" in response.text

    def test_unknown_issuer_is_explained_and_escaped(
        self, platform: PlatformDouble, client: FlaskClient
    ) -> None:
        params = platform.login_params(iss="https://x.example/<script>alert(1)</script>")
        response = client.post("/lti/login", data=params)
        assert response.status_code == 403
        assert "LTI-PLATEFORME" in response.text
        assert "<script>alert" not in response.text

    def test_inactive_platform(
        self, platform: PlatformDouble, client: FlaskClient, session: Session
    ) -> None:
        platform.row.state = PlatformState.INACTIVE
        session.commit()
        response = client.post("/lti/login", data=platform.login_params())
        assert response.status_code == 403
        assert "LTI-PLATEFORME-FERMEE" in response.text

    def test_without_client_id_when_there_is_one_client(
        self, platform: PlatformDouble, client: FlaskClient
    ) -> None:
        params = platform.login_params()
        del params["client_id"]
        assert client.post("/lti/login", data=params).status_code == 302

    def test_without_client_id_when_there_are_several(
        self, platform: PlatformDouble, client: FlaskClient, session: Session
    ) -> None:
        PlatformDouble.register(session, issuer=platform.row.issuer)
        params = platform.login_params()
        del params["client_id"]
        response = client.post("/lti/login", data=params)
        assert response.status_code == 400
        assert "LTI-CLIENT" in response.text

    def test_nothing_at_all(self, client: FlaskClient) -> None:
        for method in ("GET", "POST"):
            assert client.open("/lti/login", method=method).status_code == 400
        assert client.get("/lti/launch").status_code == 405
        assert "LTI-ADRESSE" in client.get("/lti/launch").text

    def test_unfinished_logins_are_purged(
        self, platform: PlatformDouble, client: FlaskClient, session: Session
    ) -> None:
        for _ in range(20):
            platform.begin(client)
        count = sa.select(sa.func.count()).select_from(LoginState)
        assert session.scalar(count) == 20
        session.rollback()
        with time_machine.travel(clock.now() + timedelta(minutes=11)):
            purge_logins.run()
        assert session.scalar(count) == 0

    def test_digests_only_are_kept(
        self, platform: PlatformDouble, client: FlaskClient, session: Session
    ) -> None:
        begun = platform.begin(client)
        row = session.scalars(sa.select(LoginState)).one()
        stored = {row.state_digest, row.nonce_digest, row.browser_digest}
        assert not stored & {begun.state, begun.nonce}


class TestReplay:
    def test_same_browser(self, platform: PlatformDouble, client: FlaskClient) -> None:
        begun = platform.begin(client)
        data = {"id_token": platform.sign(platform.claims(begun.nonce)), "state": begun.state}
        assert client.post("/lti/launch", data=data).status_code == 303
        response = client.post("/lti/launch", data=data)
        assert response.status_code == 400
        assert "LTI-REJEU" in response.text

    def test_other_browser(self, platform: PlatformDouble, client: FlaskClient, app: Flask) -> None:
        begun = platform.begin(client)
        data = {"id_token": platform.sign(platform.claims(begun.nonce)), "state": begun.state}
        assert client.post("/lti/launch", data=data).status_code == 303
        other = make_client(app)
        assert other.post("/lti/launch", data=data).status_code == 400
        assert other.get_cookie("__Host-relais") is None

    def test_exactly_one_of_twenty_at_once(
        self, platform: PlatformDouble, client: FlaskClient, app: Flask, session: Session
    ) -> None:
        begun = platform.begin(client)
        data = {"id_token": platform.sign(platform.claims(begun.nonce)), "state": begun.state}
        cookie = state_cookie(begun.response)
        session.commit()
        statuses: list[int] = []
        gate = threading.Barrier(20)

        def replay() -> None:
            browser = browser_with(app, *cookie)
            gate.wait()
            statuses.append(browser.post("/lti/launch", data=data).status_code)

        threads = [threading.Thread(target=replay) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [303] + [400] * 19
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1


class TestBrowserBinding:
    def test_forged_launch_at_top_level_opens_nothing(
        self, platform: PlatformDouble, client: FlaskClient, app: Flask
    ) -> None:
        """Login CSRF: the attacker's own token and state, posted by the victim's browser."""
        begun = platform.begin(client)
        victim = make_client(app)
        response = victim.post(
            "/lti/launch",
            data={"id_token": platform.sign(platform.claims(begun.nonce)), "state": begun.state},
            headers={"Sec-Fetch-Dest": "document"},
        )
        assert response.status_code == 400
        assert "LTI-NAVIGATEUR" in response.text
        assert victim.get_cookie("__Host-relais") is None

    def test_cookie_of_another_login(
        self, platform: PlatformDouble, client: FlaskClient, app: Flask
    ) -> None:
        begun, other = platform.begin(client), make_client(app)
        _, theirs = state_cookie(platform.begin(other).response)
        name, _ = state_cookie(begun.response)
        response = browser_with(app, name, theirs).post(
            "/lti/launch",
            data={"id_token": platform.sign(platform.claims(begun.nonce)), "state": begun.state},
        )
        assert response.status_code == 400
        assert "LTI-NAVIGATEUR" in response.text
        # The true browser is not robbed of its login.
        assert platform.answer(begun, platform.claims(begun.nonce)).status_code == 303

    def test_expired_state(self, platform: PlatformDouble, client: FlaskClient) -> None:
        begun = platform.begin(client)
        with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1)):
            response = platform.answer(begun, platform.claims(begun.nonce))
        assert response.status_code == 400
        assert "LTI-ETAT" in response.text

    def test_state_of_another_platform(
        self,
        platform: PlatformDouble,
        client: FlaskClient,
        session: Session,
        mock: responses.RequestsMock,
    ) -> None:
        other = PlatformDouble.register(session)
        other.publish(mock)
        begun = platform.begin(client)
        response = other.answer(begun, other.claims(begun.nonce))
        assert response.status_code == 400
        assert "LTI-NONCE" in response.text

    def test_a_forger_cannot_burn_a_login(
        self, platform: PlatformDouble, client: FlaskClient
    ) -> None:
        begun = platform.begin(client)
        client.post("/lti/launch", data={"id_token": "a.b.c", "state": begun.state})
        assert platform.answer(begun, platform.claims(begun.nonce)).status_code == 303


class TestFramesAndTabs:
    def test_two_frames_of_one_page(self, platform: PlatformDouble, client: FlaskClient) -> None:
        """Logins interleave in one browser; both frames open, and neither voids the other."""
        first, second = platform.begin(client), platform.begin(client)
        for begun in (second, first):
            assert platform.answer(begun, platform.claims(begun.nonce)).status_code == 303

    def test_two_tabs_in_two_courses(self, platform: PlatformDouble, client: FlaskClient) -> None:
        """The course is in the URL: the second tab does not move the first one."""
        places = [
            platform.launch(client, **{claim.CONTEXT: {"id": context, "title": context}}).location
            for context in ("A", "B")
        ]
        assert places[0] != places[1]
        for place in places:
            assert client.get(place).status_code == 200

    def test_frame_without_cookies_offers_a_tab(
        self, platform: PlatformDouble, client: FlaskClient, app: Flask
    ) -> None:
        begun = platform.begin(client)
        frame, tab = make_client(app), make_client(app)
        page = frame.post(
            "/lti/launch",
            data={"id_token": platform.sign(platform.claims(begun.nonce)), "state": begun.state},
            headers={"Sec-Fetch-Dest": "iframe"},
        )
        assert page.status_code == 200
        assert "Ouvrir dans un nouvel onglet" in page.text
        assert frame.get_cookie("__Host-relais") is None
        (token,) = re.findall(r'name="token" value="([^"]+)"', page.text)
        opened = tab.post(
            "/lti/continue", data={"token": token}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert opened.status_code == 303
        assert tab.get(opened.location).status_code == 200
        again = make_client(app).post("/lti/continue", data={"token": token})
        assert again.status_code == 400

    @pytest.mark.parametrize(
        "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
    )
    def test_held_launch_is_opened_by_our_own_page_only(
        self, client: FlaskClient, headers: dict[str, str]
    ) -> None:
        response = client.post("/lti/continue", data={"token": "x"}, headers=headers)
        assert response.status_code == 400
        assert "LTI-NAVIGATEUR" in response.text

    def test_another_person_on_the_same_computer(
        self, platform: PlatformDouble, client: FlaskClient
    ) -> None:
        first = platform.launch(client, sub="5", name="Zoé").location
        second = platform.launch(client, sub="6", name="Yann").location
        page = client.get(second)
        assert "Yann" in page.text
        assert "Zoé" not in page.text
        assert client.get(first).status_code == 200


class TestKeys:
    def test_keys_are_fetched_once(
        self, platform: PlatformDouble, client: FlaskClient, mock: responses.RequestsMock
    ) -> None:
        for _ in range(3):
            assert platform.launch(client).status_code == 303
        assert len(mock.calls) == 1

    def test_a_new_key_is_fetched_and_junk_does_not_hammer(
        self, platform: PlatformDouble, client: FlaskClient, mock: responses.RequestsMock
    ) -> None:
        assert platform.launch(client).status_code == 303
        platform.jwks.append(public_jwk(private_key(), kid="platform-key-2"))

        def answer(kid: str) -> int:
            begun = platform.begin(client)
            token = platform.sign(platform.claims(begun.nonce), kid=kid)
            data = {"id_token": token, "state": begun.state}
            return client.post("/lti/launch", data=data).status_code

        with time_machine.travel(clock.now() + timedelta(minutes=1)):
            assert answer("platform-key-2") == 303
            assert len(mock.calls) == 2
            for _ in range(5):
                assert answer("made-up") == 400
            assert len(mock.calls) == 2

    def test_a_platform_that_never_answered_is_not_asked_by_every_launch(
        self, platform: PlatformDouble, client: FlaskClient, mock: responses.RequestsMock
    ) -> None:
        """Each would wait for a time-out, and the other platforms for a free thread."""
        mock.replace(responses.GET, platform.row.jwks_url, status=503)
        begin = clock.now()
        for seconds, asked in ((0, 1), (1, 2), (10, 2), (20, 2), (40, 3)):
            with time_machine.travel(begin + timedelta(seconds=seconds)):
                assert platform.launch(client).status_code == 503
                assert len(mock.calls) == asked

    def test_last_good_keys_serve_while_the_platform_is_down(
        self,
        platform: PlatformDouble,
        client: FlaskClient,
        mock: responses.RequestsMock,
        session: Session,
    ) -> None:
        assert platform.launch(client).status_code == 303
        mock.replace(responses.GET, platform.row.jwks_url, status=503)
        with time_machine.travel(clock.now() + timedelta(days=3)):
            assert platform.launch(client).status_code == 303
        assert session.scalars(sa.select(PlatformKeySet)).one().keys[0]["kid"] == KID

    def test_private_address_is_never_called(self, client: FlaskClient, session: Session) -> None:
        """SSRF: a registration that points inside is not fetched (no mock: a call would fail)."""
        for address in ("https://169.254.169.254/k", "https://10.0.0.1/k", "https://[::1]/k"):
            inside = PlatformDouble.register(session, jwks_url=address)
            response = inside.launch(client)
            assert response.status_code == 503
            assert "LTI-CLES" in response.text


class TestPeople:
    def test_same_sub_of_two_issuers_are_two_people(
        self,
        platform: PlatformDouble,
        client: FlaskClient,
        app: Flask,
        session: Session,
        mock: responses.RequestsMock,
    ) -> None:
        other = PlatformDouble.register(session)
        other.publish(mock)
        mine = platform.launch(client).location
        stranger = make_client(app)
        theirs = other.launch(stranger).location
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 2
        assert client.get(theirs).status_code == 404
        assert stranger.get(mine).status_code == 404

    def test_two_registrations_of_one_issuer_know_the_same_person(
        self,
        platform: PlatformDouble,
        client: FlaskClient,
        session: Session,
        mock: responses.RequestsMock,
    ) -> None:
        second = PlatformDouble.register(session, issuer=platform.row.issuer)
        second.publish(mock)
        platform.launch(client)
        second.launch(client)
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1

    @pytest.mark.parametrize(
        ("roles", "expected"),
        [
            (TRAINER, Role.TRAINER),
            (["Instructor"], Role.TRAINER),
            (["http://evil/membership#Instructor"], Role.LEARNER),
            (
                [
                    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
                    "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner",
                ],
                Role.LEARNER,
            ),
            (["http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"], Role.LEARNER),
            (["http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"], Role.LEARNER),
            ([], Role.LEARNER),
        ],
    )
    def test_roles(
        self,
        platform: PlatformDouble,
        client: FlaskClient,
        session: Session,
        roles: list[str],
        expected: Role,
    ) -> None:
        platform.launch(client, **{claim.ROLES: roles})
        assert session.scalars(sa.select(Enrolment)).one().role == expected

    def test_suspended_person_is_refused(
        self, platform: PlatformDouble, client: FlaskClient, session: Session
    ) -> None:
        place = platform.launch(client).location
        session.scalars(sa.select(Person)).one().suspended_at = clock.now()
        session.commit()
        assert client.get(place).status_code == 401
        response = platform.launch(client)
        assert response.status_code == 403
        assert "COMPTE-SUSPENDU" in response.text

    def test_closed_platform_shuts_open_sessions(
        self, platform: PlatformDouble, client: FlaskClient, session: Session
    ) -> None:
        place = platform.launch(client).location
        platform.row.state = PlatformState.INACTIVE
        session.commit()
        response = client.get(place)
        assert response.status_code == 403
        assert "PLATEFORME-FERMEE" in response.text

    def test_hostile_names_are_text(
        self, platform: PlatformDouble, client: FlaskClient, app: Flask
    ) -> None:
        hostile = "<script>alert(1)</script>"
        context = {claim.CONTEXT: {"id": "2", "title": hostile}}
        place = platform.launch(client, name=hostile, **context).location
        assert hostile not in client.get(place).text
        trainer = make_client(app)
        report = platform.launch(
            trainer, sub="7", name=hostile, **context, **{claim.ROLES: TRAINER}
        )
        assert hostile not in trainer.get(report.location).text


class TestHeaders:
    def test_active_platforms_only_may_frame(
        self, platform: PlatformDouble, client: FlaskClient, session: Session
    ) -> None:
        closed = PlatformDouble.register(session, state=PlatformState.INACTIVE)
        policy = client.get("/lti/login").headers["Content-Security-Policy"]
        assert platform.row.issuer in policy
        assert closed.row.issuer not in policy
        assert "X-Frame-Options" not in client.get("/lti/login").headers

    def test_policy_allows_nothing_foreign_nor_inline(
        self, platform: PlatformDouble, client: FlaskClient
    ) -> None:
        place = platform.launch(client).location
        response = client.get(place)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r'(src|href)="(https?:)?//', response.text.replace(BASE, ""))
        assert not re.search(r"\s(style|on[a-z]+)=", response.text)

    def test_jwks_never_shows_a_private_number(self, app: Flask, client: FlaskClient) -> None:
        with app.app_context():
            ensure_key(db.session, secret_key="k" * 32, now=clock.now())
            db.session.commit()
        response = client.get("/lti/jwks")
        assert response.mimetype == "application/json"
        (key,) = response.get_json()["keys"]
        assert key.keys() == {"kty", "kid", "n", "e", "alg", "use"}


def test_restart_between_login_and_launch(
    platform: PlatformDouble, client: FlaskClient, app: Flask, session: Session
) -> None:
    """Another process, started after the login, finishes it."""
    begun = platform.begin(client)
    settings = app.config["RELAIS"]
    restarted = create_app(settings, schema_required=False)
    response = browser_with(restarted, *state_cookie(begun.response)).post(
        "/lti/launch",
        data={"id_token": platform.sign(platform.claims(begun.nonce)), "state": begun.state},
    )
    assert response.status_code == 303
    with restarted.app_context():
        db.engine.dispose()
