"""The LMS's storage instead of a cookie: what is asked of it, and what its answer opens."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_app.lti.models import HeldLaunch, LoginState
from lti_app.lti.rules import claims as claim
from lti_app.people.models import FrameSession, Person
from tests.conftest import BASE_URL, make_client
from tests.platform_double import Begun, PlatformDouble
from tests.unit.launch.conftest import INSTRUCTOR
from tests.unit.practice.page import Page

pytestmark = pytest.mark.usefixtures("courses")

FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"}
OWN = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin", "Origin": BASE_URL}


def log_in(
    client: FlaskClient, platform: PlatformDouble, target: str = "_parent", **headers: str
) -> TestResponse:
    params = platform.login_params(lti_storage_target=target)
    return client.post("/lti/login", data=params, headers={**FRAME, **headers})


def place(page: Page) -> Element:
    """Where the words for `storage.js` are."""
    (found,) = (each for each in page.all("div") if each.get("data-storage"))
    return found


def begin(client: FlaskClient, platform: PlatformDouble) -> tuple[Begun, Element]:
    """A login in a frame whose browser drops every cookie; what was left with the LMS."""
    response = log_in(client, platform)
    page = Page(response)
    for header in response.headers.getlist("Set-Cookie"):
        client.delete_cookie(header.split("=")[0], domain="relais.example.org", path="/")
    query = parse_qs(urlsplit(page.links()["Continuer"]).query)
    return Begun(client, query["state"][0], query["nonce"][0], response), place(page)


def launch(
    begun: Begun, platform: PlatformDouble, headers: dict[str, str] = FRAME, **claims: Any
) -> Page:
    token = platform.sign(platform.claims(begun.nonce, **claims))
    data = {"id_token": token, "state": begun.state}
    return Page(begun.client.post("/lti/launch", data=data, headers=headers))


def answer(client: FlaskClient, page: Page, value: str, **headers: str) -> TestResponse:
    """What storage.js posts when the LMS has answered."""
    (token,) = {each.get("value", "") for each in page.all("input", name="token")}
    data = {"token": token, "value": value}
    return client.post("/lti/stored", data=data, headers={**OWN, **headers})


def test_the_login_leaves_its_secret_with_the_lms_and_in_a_cookie(
    client: FlaskClient, platform: PlatformDouble, session: Session
) -> None:
    response = log_in(client, platform, "lti_frame-1")
    page = Page(response)

    words = place(page)
    assert words.get("data-target") == "lti_frame-1"
    assert words.get("data-origin") == platform.row.issuer
    secret = words.get("data-value") or ""
    assert f"={secret};" in response.headers["Set-Cookie"]
    assert page.links()["Continuer"].startswith(platform.row.auth_url)
    assert page.all("noscript"), "goes on without JavaScript"
    assert session.scalars(sa.select(LoginState)).one().storage_target == "lti_frame-1"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("target", ["", "a b", "<x>", "é", "a" * 256, "\x00", "_parent\n"])
def test_without_a_usable_target_the_login_is_a_plain_302(
    client: FlaskClient, platform: PlatformDouble, target: str
) -> None:
    assert log_in(client, platform, target).status_code == 302


def test_in_a_window_of_its_own_the_login_is_a_plain_302(
    client: FlaskClient, platform: PlatformDouble
) -> None:
    assert log_in(client, platform, **{"Sec-Fetch-Dest": "document"}).status_code == 302


def test_a_cookie_that_comes_back_needs_no_storage(
    client: FlaskClient, platform: PlatformDouble
) -> None:
    page = Page(log_in(client, platform))
    query = parse_qs(urlsplit(page.links()["Continuer"]).query)
    begun = Begun(client, query["state"][0], query["nonce"][0], client.get("/healthz"))

    opened = launch(begun, platform)

    assert opened.status == 303
    assert "/v/" not in opened.location


def test_the_secret_given_back_opens_a_visit_in_the_frame(
    client: FlaskClient, platform: PlatformDouble, session: Session
) -> None:
    begun, left = begin(client, platform)
    held = launch(begun, platform)
    asked = place(held)
    assert asked.get("data-storage") == "get"
    for name in ("data-target", "data-origin", "data-key"):
        assert asked.get(name) == left.get(name), name
    assert left.get("data-value", "") not in held.text, "it is for the LMS to say it"

    sent = answer(client, held, left.get("data-value", ""))

    assert sent.status_code == 303
    assert urlsplit(sent.location).path.startswith("/v/")
    assert "Set-Cookie" not in sent.headers
    page = Page(client.get(sent.location, headers=OWN))
    assert page.status == 200
    assert "Zoé" in page.text
    assert session.scalar(sa.select(sa.func.count()).select_from(FrameSession)) == 1


def test_a_trainer_is_led_to_the_report_in_the_frame(
    client: FlaskClient, platform: PlatformDouble
) -> None:
    begun, left = begin(client, platform)
    held = launch(begun, platform, FRAME, **{claim.ROLES: [INSTRUCTOR]})
    sent = answer(client, held, left.get("data-value", ""))

    page = Page(client.get(sent.location, headers=OWN))

    assert "/suivi/" in sent.location
    assert page.status == 200
    prefix = "/".join(sent.location.split("/")[:3])
    assert page.links()["Parcours"].startswith(prefix)


@pytest.mark.parametrize("value", ["", "x", "\x00", "a" * 10_000, "é\udcff"])
def test_any_other_secret_opens_nothing_and_uses_nothing_up(
    client: FlaskClient, platform: PlatformDouble, session: Session, value: str
) -> None:
    begun, left = begin(client, platform)
    held = launch(begun, platform)

    refused = Page(answer(client, held, value.encode("utf-8", "surrogatepass").decode("latin-1")))

    assert refused.status == 400
    assert "LTI-NAVIGATEUR" in refused.main
    assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0
    assert answer(client, held, left.get("data-value", "")).status_code == 303


def test_the_secret_of_another_login_opens_nothing(
    app: Flask, client: FlaskClient, platform: PlatformDouble
) -> None:
    """An attacker's launch in the victim's frame: the victim's LMS holds the victim's secret."""
    begun, _ = begin(client, platform)
    _, of_victim = begin(make_client(app), platform)

    held = launch(begun, platform)

    assert answer(client, held, of_victim.get("data-value", "")).status_code == 400


def test_a_held_launch_opens_once_whichever_way(
    client: FlaskClient, platform: PlatformDouble
) -> None:
    begun, left = begin(client, platform)
    held = launch(begun, platform)
    value = left.get("data-value", "")
    assert answer(client, held, value).status_code == 303

    assert answer(client, held, value).status_code == 400
    (token,) = {each.get("value", "") for each in held.all("input", name="token")}
    again = client.post("/lti/continue", data={"token": token}, headers=OWN)
    assert again.status_code == 400


def test_the_tab_is_on_the_same_page(client: FlaskClient, platform: PlatformDouble) -> None:
    begun, _ = begin(client, platform)
    held = launch(begun, platform)
    form = held.one("form", target="_blank")
    assert form.get("action") == "/lti/continue"
    (token,) = {each.get("value", "") for each in held.all("input", name="token")}

    sent = client.post("/lti/continue", data={"token": token}, headers=OWN)

    assert sent.status_code == 303
    assert "/v/" not in sent.location


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://moodle.example.org"},
        {"Origin": "null"},
    ],
)
def test_only_our_own_page_may_answer(
    client: FlaskClient, platform: PlatformDouble, headers: dict[str, str]
) -> None:
    begun, left = begin(client, platform)
    held = launch(begun, platform)

    assert answer(client, held, left.get("data-value", ""), **headers).status_code == 400


def test_a_browser_that_does_not_say_where_requests_come_from_gets_the_tab(
    client: FlaskClient, platform: PlatformDouble
) -> None:
    begun, _ = begin(client, platform)

    held = launch(begun, platform, headers={})

    assert held.one("form", target="_blank").get("action") == "/lti/continue"
    assert not [each for each in held.all("div") if each.get("data-storage")]


def test_at_top_level_a_launch_without_its_cookie_is_refused(
    client: FlaskClient, platform: PlatformDouble
) -> None:
    begun, _ = begin(client, platform)

    refused = launch(begun, platform, headers={"Sec-Fetch-Dest": "document"})

    assert refused.status == 400
    assert "LTI-NAVIGATEUR" in refused.main


def test_a_held_launch_ends_after_ten_minutes(
    client: FlaskClient, platform: PlatformDouble, session: Session
) -> None:
    begun, left = begin(client, platform)
    held = launch(begun, platform)
    assert session.scalars(sa.select(HeldLaunch)).one().browser_digest

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        assert answer(client, held, left.get("data-value", "")).status_code == 400
