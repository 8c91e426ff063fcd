"""/lti/register: what the administrator of an LMS sees and does, in a frame, without a cookie."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import html5lib
import pytest
import requests
import responses
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_app.core import clock
from lti_app.core.database import db
from lti_app.lti.models import Deployment, Invitation, Platform, PlatformState
from lti_app.lti.rules.registration import TOOL_CONFIGURATION
from lti_app.lti.services.invitations import invite
from lti_app.people.models import AuditEntry
from tests import factories
from tests.conftest import make_client
from tests.unit.lti.moodle import (
    CONFIGURATION_URL,
    ISSUER,
    REGISTRATION_URL,
    configuration,
    moodle_sample,
)

OWN_PAGE = {"Origin": "https://relais.example.org", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def lms() -> Iterator[responses.RequestsMock]:
    """A Moodle that registers whoever asks."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(CONFIGURATION_URL, json=configuration())
        mock.post(REGISTRATION_URL, json=moodle_sample("registration")["response"])
        yield mock


def token(session: Session, **values: Any) -> str:
    """A new invitation."""
    _, made = invite(session, now=clock.now(), **values)
    session.commit()
    return made


def address(invitation: str, url: str | None = CONFIGURATION_URL) -> str:
    """What the LMS opens."""
    asked = {} if url is None else {"openid_configuration": url, "registration_token": "a.b.c"}
    return f"/lti/register?{urlencode({'invitation': invitation, **asked})}"


def ancestors(response: TestResponse) -> list[str]:
    policy = response.headers["Content-Security-Policy"]
    return policy.partition("frame-ancestors ")[2].split()


def click(client: FlaskClient, page: TestResponse, **headers: str) -> TestResponse:
    """Press the one button of the page."""
    found = re.search(r'name="demande" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return client.post("/lti/register", data={"demande": found[1]}, headers={**OWN_PAGE, **headers})


def register(client: FlaskClient, invitation: str) -> TestResponse:
    return click(client, client.get(address(invitation)))


def code_of(response: TestResponse) -> str:
    found = re.search(r"<code>([A-Z-]+)-[0-9A-F]+</code>", response.text)
    assert found is not None, response.text
    return found[1]


def usable(session: Session) -> bool:
    """Whether the only invitation can be used (again)."""
    session.rollback()
    session.expire_all()
    invitation = session.query(Invitation).one()
    return invitation.used_at is None and invitation.claimed_until is None


# The page


def test_the_page_says_what_will_be_linked_and_changes_nothing(
    session: Session, client: FlaskClient
) -> None:
    page = client.get(address(token(session)))
    assert page.status_code == 200
    html5lib.HTMLParser(strict=True).parse(page.text)
    assert "Relier moodle.example.org à Relais" in page.text
    assert "devra encore approuver" in page.text
    assert "Set-Cookie" not in page.headers
    assert session.query(Platform).count() == 0
    assert usable(session)


def test_an_invitation_that_names_the_lms_needs_no_approval_later(
    session: Session, client: FlaskClient
) -> None:
    page = client.get(address(token(session, issuer=ISSUER)))
    assert "devra encore approuver" not in page.text


def test_the_lms_may_frame_it_though_it_is_not_known_yet(
    session: Session, client: FlaskClient
) -> None:
    page = client.get(address(token(session)))
    assert ISSUER in ancestors(page)
    assert page.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert "X-Frame-Options" not in page.headers


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example;script-src https://evil.example/c",
        "https://evil.example'/c",
        "https://*.example/c",
        "http://moodle.example.org/c",
        "javascript:alert(1)",
        "https://evil.example\r\nX-Frame-Options: no",
    ],
)
def test_no_strange_address_reaches_the_header(
    session: Session, client: FlaskClient, url: str
) -> None:
    page = client.get(address(token(session), url))
    assert page.status_code == 400
    assert code_of(page) == "INSCRIPTION-ADRESSE"
    assert ancestors(page) == ["'self'"]


def test_without_an_invitation_nobody_may_frame_it(session: Session, client: FlaskClient) -> None:
    page = client.get(address("x" * 43))
    assert (page.status_code, code_of(page)) == (400, "INSCRIPTION-INVITATION")
    assert ancestors(page) == ["'self'"]


def test_opened_alone_the_link_says_where_to_paste_it(
    session: Session, client: FlaskClient
) -> None:
    page = client.get(address(token(session), None))
    assert code_of(page) == "INSCRIPTION-LIEN"
    assert "Ajouter LTI Advantage" in page.text


def test_an_invitation_for_another_lms_is_refused_before_anything_is_fetched(
    session: Session, client: FlaskClient, lms: responses.RequestsMock
) -> None:
    page = client.get(address(token(session, issuer="https://other.example.org")))
    assert code_of(page) == "INSCRIPTION-EMETTEUR"
    assert len(lms.calls) == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/c",
        "https://[::1]/c",
        "https://[fe80::1]/c",
        "https://127.0.0.1/c",
    ],
)
def test_addresses_inside_our_network_are_refused(
    session: Session, client: FlaskClient, url: str
) -> None:
    page = client.get(address(token(session), url))
    assert code_of(page) == "INSCRIPTION-ADRESSE"


def test_an_expired_link_says_so(session: Session, client: FlaskClient) -> None:
    link = token(session, life=timedelta(days=1))
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1), tick=False):
        page = client.get(address(link))
    assert code_of(page) == "INSCRIPTION-EXPIREE"
    assert ISSUER in ancestors(page), "the page would be blank in the LMS"


@pytest.mark.parametrize(
    "query",
    [
        "invitation=%00",
        "invitation=%ff%fe",
        "invitation=" + "a" * 5000,
        "openid_configuration=https://moodle.example.org/%00",
        "invitation[]=a",
        "\x80",
    ],
)
def test_a_hostile_address_is_explained(session: Session, client: FlaskClient, query: str) -> None:
    page = client.get(f"/lti/register?{query}")
    assert page.status_code == 400
    assert code_of(page) == "INSCRIPTION-INVITATION"


# The click


def test_a_moodle_is_linked(
    session: Session, client: FlaskClient, lms: responses.RequestsMock
) -> None:
    done = register(client, token(session, name="poitiers", issuer=ISSUER))
    assert done.status_code == 200
    html5lib.HTMLParser(strict=True).parse(done.text)
    assert "Relais est inscrit dans moodle.example.org" in done.text
    assert "« Activer »" in done.text.replace("\u00a0", " ")
    assert f'data-close-for="{ISSUER}"' in done.text
    assert ISSUER in ancestors(done)
    assert "Set-Cookie" not in done.headers

    platform = session.query(Platform).one()
    assert (platform.name, platform.issuer, platform.client_id) == (
        "poitiers",
        ISSUER,
        "tJLItXEwOpJChHR",
    )
    assert platform.state == PlatformState.ACTIVE
    assert platform.token_url == f"{ISSUER}/mod/lti/token.php"
    assert platform.jwks_url == f"{ISSUER}/mod/lti/certs.php"
    assert [(each.deployment_id, each.state) for each in platform.deployments] == [("2", "active")]
    invitation = session.query(Invitation).one()
    assert invitation.platform_id == platform.id
    assert session.query(AuditEntry).one().subject == f"platform {platform.id}"


def test_what_the_lms_receives(
    session: Session, client: FlaskClient, lms: responses.RequestsMock
) -> None:
    register(client, token(session))
    fetched, posted = (call.request for call in lms.calls)
    assert "Authorization" not in fetched.headers
    assert posted.headers["Authorization"] == "Bearer a.b.c"
    body = json.loads(posted.body or "")
    assert body["redirect_uris"] == ["https://relais.example.org/lti/launch"]
    assert body[TOOL_CONFIGURATION]["domain"] == "relais.example.org"


def test_nothing_of_the_database_is_open_while_the_lms_answers(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bool] = []

    def answer(document: Any) -> Any:
        def callback(_request: Any) -> tuple[int, dict[str, str], str]:
            opened.append(db.session.in_transaction())
            return 200, {}, json.dumps(document)

        return callback

    with responses.RequestsMock() as mock:
        mock.add_callback("GET", CONFIGURATION_URL, answer(configuration()))
        mock.add_callback(
            "POST", REGISTRATION_URL, answer(moodle_sample("registration")["response"])
        )
        assert register(client, token(session)).status_code == 200
    assert opened == [False, False]


def test_without_approval_in_advance_it_waits(
    session: Session, client: FlaskClient, lms: responses.RequestsMock
) -> None:
    done = register(client, token(session))
    assert "relais platform activate moodle.example.org" in done.text
    assert session.query(Platform).one().state == PlatformState.PENDING
    assert session.query(Deployment).one().state == PlatformState.ACTIVE, "approved with it"


def test_d2l_gives_no_token(
    session: Session, client: FlaskClient, lms: responses.RequestsMock
) -> None:
    query = urlencode({"invitation": token(session), "openid_configuration": CONFIGURATION_URL})
    assert click(client, client.get(f"/lti/register?{query}")).status_code == 200
    assert "Authorization" not in lms.calls[1].request.headers


def test_the_deployment_may_be_named_later(session: Session, client: FlaskClient) -> None:
    with responses.RequestsMock() as mock:
        mock.get(CONFIGURATION_URL, json=configuration())
        mock.post(REGISTRATION_URL, json={"client_id": "abc"}, status=201)
        done = register(client, token(session, issuer=ISSUER))
    assert "numéro de déploiement" in done.text
    assert session.query(Deployment).count() == 0


def test_registering_again_updates(
    session: Session, client: FlaskClient, lms: responses.RequestsMock
) -> None:
    register(client, token(session, name="poitiers"))
    first = session.query(Platform).one()
    first.state = PlatformState.ACTIVE
    done = register(client, token(session, name="another"))
    assert "L’inscription est à jour dans" in done.text
    assert "vient de remettre ce réglage" in done.text
    session.expire_all()
    platform = session.query(Platform).one()
    assert (platform.id, platform.name, platform.state) == (first.id, "poitiers", "active")


def test_a_closed_platform_is_not_opened_by_a_link(
    session: Session, client: FlaskClient, lms: responses.RequestsMock
) -> None:
    register(client, token(session, issuer=ISSUER))
    session.query(Platform).one().state = PlatformState.INACTIVE
    done = register(client, token(session, issuer=ISSUER))
    assert "L’accès de cette plateforme est fermé" in done.text
    session.expire_all()
    assert session.query(Platform).one().state == PlatformState.INACTIVE


def test_a_link_serves_once(
    session: Session, client: FlaskClient, lms: responses.RequestsMock
) -> None:
    link = token(session)
    page = client.get(address(link))
    assert click(client, page).status_code == 200
    again = click(client, page)
    assert code_of(again) == "INSCRIPTION-SERVIE"
    assert code_of(client.get(address(link))) == "INSCRIPTION-SERVIE"
    assert len(lms.calls) == 2, "the LMS was not asked again"


def test_two_clicks_at_once_register_once(
    app: Flask, session: Session, client: FlaskClient, lms: responses.RequestsMock
) -> None:
    """The second arrives while the LMS answers the first."""
    page = client.get(address(token(session)))
    seconds: list[TestResponse] = []

    def answer(_request: Any) -> tuple[int, dict[str, str], str]:
        if not seconds:
            seconds.append(click(make_client(app), page))
        return 200, {}, json.dumps(moodle_sample("registration")["response"])

    lms.remove("POST", REGISTRATION_URL)
    lms.add_callback("POST", REGISTRATION_URL, answer)
    assert click(client, page).status_code == 200
    assert (seconds[0].status_code, code_of(seconds[0])) == (409, "INSCRIPTION-EN-COURS")
    assert session.query(Platform).count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_only_our_own_page_may_click(
    session: Session, client: FlaskClient, lms: responses.RequestsMock, headers: dict[str, str]
) -> None:
    page = client.get(address(token(session)))
    refused = click(client, page, **headers)
    assert (refused.status_code, code_of(refused)) == (400, "INSCRIPTION-PAGE")
    assert len(lms.calls) == 0
    assert usable(session)


@pytest.mark.parametrize("sealed", ["", "x", "é", "\x00", "a" * 10_000])
def test_only_what_our_page_sealed_is_read(
    session: Session, client: FlaskClient, sealed: str
) -> None:
    refused = client.post("/lti/register", data={"demande": sealed}, headers=OWN_PAGE)
    assert (refused.status_code, code_of(refused)) == (400, "INSCRIPTION-PAGE")


def test_a_page_left_open_too_long_is_refused(
    session: Session, client: FlaskClient, lms: responses.RequestsMock
) -> None:
    page = client.get(address(token(session)))
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=False):
        assert code_of(click(client, page)) == "INSCRIPTION-PAGE"


# The LMS says no


@pytest.mark.parametrize(
    "case", moodle_sample("registration_errors"), ids=lambda case: case["case"]
)
def test_a_refusal_is_explained_and_the_link_stays_good(
    session: Session, client: FlaskClient, lms: responses.RequestsMock, case: dict[str, Any]
) -> None:
    lms.replace("POST", REGISTRATION_URL, body=case["body"], status=case["status"])
    refused = register(client, token(session))
    assert refused.status_code == 400
    assert code_of(refused) in {"INSCRIPTION-JETON", "INSCRIPTION-REFUS"}
    assert ISSUER in ancestors(refused)
    assert session.query(Platform).count() == 0
    assert usable(session)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 302, "headers": {"Location": "https://10.0.0.1/"}}, "CONFIGURATION"),
        ({"status": 404, "body": "<html>"}, "CONFIGURATION"),
        ({"status": 500, "body": ""}, "INJOIGNABLE"),
        ({"body": "<html>"}, "CONFIGURATION"),
        ({"body": "[" * 100_000}, "CONFIGURATION"),
        ({"body": "9" * 300_000}, "CONFIGURATION"),
        ({"json": []}, "CONFIGURATION"),
        ({"json": {"issuer": ISSUER}}, "CONFIGURATION"),
        ({"json": configuration(jwks_uri="https://evil.example/keys")}, "HOTE"),
        ({"json": configuration(issuer="https://evil.example")}, "HOTE"),
        ({"json": configuration(token_endpoint="https://10.0.0.1/t")}, "HOTE"),
    ],
)
def test_a_configuration_that_cannot_be_believed(
    session: Session,
    client: FlaskClient,
    lms: responses.RequestsMock,
    answer: dict[str, Any],
    code: str,
) -> None:
    lms.replace("GET", CONFIGURATION_URL, **answer)
    refused = register(client, token(session))
    assert code_of(refused) == f"INSCRIPTION-{code}"
    assert len(lms.calls) == 1, "nothing was posted"
    assert usable(session)


@pytest.mark.parametrize("body", ["", "ok", "[]", '{"client_id": ""}', '{"client_id": "\\u0000"}'])
def test_an_answer_that_says_nothing(
    session: Session, client: FlaskClient, lms: responses.RequestsMock, body: str
) -> None:
    lms.replace("POST", REGISTRATION_URL, body=body)
    assert code_of(register(client, token(session))) == "INSCRIPTION-REPONSE"
    assert usable(session)


@pytest.mark.parametrize("error", [requests.ReadTimeout("slow"), requests.ConnectionError("none")])
def test_an_lms_that_does_not_answer(
    session: Session, client: FlaskClient, lms: responses.RequestsMock, error: Exception
) -> None:
    lms.replace("GET", CONFIGURATION_URL, body=error)
    refused = register(client, token(session))
    assert (refused.status_code, code_of(refused)) == (502, "INSCRIPTION-INJOIGNABLE")
    assert usable(session)


def test_an_open_link_cannot_move_the_keys_of_an_lms_that_is_linked(
    session: Session, client: FlaskClient, lms: responses.RequestsMock
) -> None:
    """Somebody with a page on the same host would answer with keys of their own."""
    factories.PlatformFactory(issuer=ISSUER, jwks_url=f"{ISSUER}/mod/lti/certs.php")
    lms.replace("GET", CONFIGURATION_URL, json=configuration(jwks_uri=f"{ISSUER}/~eve/keys"))
    refused = register(client, token(session))
    assert (refused.status_code, code_of(refused)) == (409, "INSCRIPTION-CHANGEMENT")
    assert len(lms.calls) == 1
    # The administrator who names the LMS vouches for it.
    assert register(client, token(session, issuer=ISSUER)).status_code == 200


def test_too_many_visits_are_limited(app: Flask, client: FlaskClient) -> None:
    """As every public address of the front door."""
    for name in ("launch.register", "launch.complete_registration"):
        assert hasattr(app.view_functions[name], "__wrapped__")
