"""/admin/plateformes/relier/: a link that is shown once, and the six values of Moodle."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.core import clock
from lti_app.lti.models import Deployment, Invitation, Platform, PlatformState
from lti_app.lti.rules.moodle_fields import moodle_fields
from lti_app.lti.services.invitations import check_invitation, invite
from tests import factories
from tests.conftest import BASE_URL
from tests.unit.admin.conftest import Desk
from tests.unit.practice.page import Page, read

PATH = "/plateformes/relier/"
MOODLE = "https://moodle.example.org"
VALUES = {
    "issuer": MOODLE,
    "client_id": "abc",
    "deployment_id": "2",
    "jwks_url": f"{MOODLE}/mod/lti/certs.php",
    "token_url": f"{MOODLE}/mod/lti/token.php",
    "auth_url": f"{MOODLE}/mod/lti/auth.php",
    "nom": "",
}


def by_hand(desk: Desk, status: int = 200, **changes: str) -> Page:
    values: Any = {f"main-{name}": value for name, value in {**VALUES, **changes}.items()}
    return desk.post(f"{PATH}main", status, **values)


def ask_link(desk: Desk, status: int = 200, **values: str) -> Page:
    asked = {"issuer": "", "nom": "", "jours": "7", **values}
    posted: Any = {f"invitation-{name}": value for name, value in asked.items()}
    return desk.post(f"{PATH}invitation", status, **posted)


def errors(page: Page) -> dict[str, str]:
    """Messages of the summary, by the field they lead to."""
    summary = page.one("div", id="erreurs")
    return {link.get("href", "").removeprefix("#"): read(link) for link in summary.iter("a")}


def test_every_value_to_paste_is_on_the_page(desk: Desk) -> None:
    page = desk.open(PATH)
    copied = {each.get("data-copy") for each in page.all("button") if each.get("data-copy")}
    for group in moodle_fields(BASE_URL):
        for field in group.fields:
            assert field.label in page.main
            assert field.value in page.main
            assert (field.value in copied) == field.typed
    assert "n’avons pas pu vérifier" in page.main


def test_the_way_there_is_on_the_platforms_page(desk: Desk) -> None:
    assert desk.open("/plateformes/").links()["Relier une plateforme"] == f"/admin{PATH}"


def test_only_administrators_link_platforms(client: FlaskClient, session: Session) -> None:
    person = factories.PersonFactory()
    session.commit()
    factories.sign_in(client, person)
    assert client.get(f"/admin{PATH}").status_code in {401, 404}
    assert client.post(f"/admin{PATH}invitation").status_code in {400, 401, 404}
    assert session.query(Invitation).count() == 0


# Invitations


def link_on(page: Page) -> str:
    return next(
        value
        for each in page.all("button")
        if "/lti/register?invitation=" in (value := each.get("data-copy") or "")
    )


def test_a_link_is_made_and_shown_once(desk: Desk) -> None:
    page = ask_link(desk)
    link = link_on(page)
    assert link.startswith(f"{BASE_URL}/lti/register?invitation=")
    assert page.main.count(link) == 1
    invitation = check_invitation(desk.session, link.partition("=")[2], now=clock.now())
    assert invitation.issuer is None
    assert link not in desk.open(PATH).text
    assert "toute plateforme, à approuver ensuite" in desk.open(PATH).main
    assert [entry.action for entry in desk.log()] == ["invitation.create"]


def test_a_link_for_one_platform(desk: Desk) -> None:
    page = ask_link(desk, issuer=f" {MOODLE} ", nom="poitiers", jours="30")
    assert f"Seule la plateforme {MOODLE}" in page.main
    row = desk.session.query(Invitation).one()
    assert (row.issuer, row.name, (row.expires_at - row.created_at).days) == (
        MOODLE,
        "poitiers",
        30,
    )


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("issuer", "moodle.example.org", "https://"),
        ("issuer", "http://moodle.example.org", "https://"),
        ("issuer", "https://10.0.0.1", "n’est pas publique"),
        ("issuer", f"{MOODLE}/mod/lti/certs.php", "l’adresse du site"),
        ("issuer", "https://" + "a" * 500, "500"),
        ("nom", "x" * 81, "80"),
        ("nom", "a\x00b", "invisible"),
        ("nom", "taken", "déjà ce nom"),
        ("jours", "400", ""),
    ],
)
def test_a_link_that_could_not_serve_is_refused(
    desk: Desk, field: str, value: str, message: str
) -> None:
    factories.PlatformFactory(name="taken")
    page = ask_link(desk, 400, **{field: value})
    assert message in errors(page)[f"invitation-{field}"]
    assert desk.session.query(Invitation).count() == 0


def test_a_link_is_cancelled_once_confirmed(desk: Desk) -> None:
    invitation, _ = invite(desk.session, now=clock.now())
    desk.session.commit()
    path = f"{PATH}invitations/{invitation.id}/annuler"
    asked = desk.open(path)
    assert "ne servira plus" in asked.main
    assert desk.session.query(Invitation).count() == 1, "asking changes nothing"
    desk.session.rollback()
    desk.confirm(path)
    assert desk.session.query(Invitation).count() == 0
    assert [entry.action for entry in desk.log()] == ["invitation.revoke"]
    desk.session.rollback()
    desk.confirm(path)
    assert len(desk.log()) == 1, "it was cancelled already"


# By hand


def test_the_six_values_link_a_platform(desk: Desk) -> None:
    page = by_hand(desk, issuer=f"  {MOODLE}\n")
    platform = desk.session.query(Platform).one()
    assert page.path.startswith(f"/admin/plateformes/{platform.id}/")
    assert platform.state == PlatformState.ACTIVE
    assert (platform.issuer, platform.client_id, platform.name) == (
        MOODLE,
        "abc",
        "moodle.example.org",
    )
    assert platform.jwks_url == VALUES["jwks_url"]
    assert platform.token_url == VALUES["token_url"]
    assert platform.auth_url == VALUES["auth_url"]
    assert [each.deployment_id for each in platform.deployments] == ["2"]
    assert [entry.action for entry in desk.log()] == ["platform.add"]


def test_the_same_client_again_is_an_update(desk: Desk) -> None:
    by_hand(desk)
    desk.session.rollback()
    by_hand(desk, deployment_id="3", nom="poitiers")
    assert desk.session.query(Platform).one().name == "poitiers"
    assert desk.session.query(Deployment).count() == 2


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"issuer": ""}, "issuer", "Recopiez"),
        ({"client_id": " "}, "client_id", "Recopiez"),
        ({"client_id": "x" * 256}, "client_id", "255"),
        ({"deployment_id": ""}, "deployment_id", "Recopiez"),
        ({"deployment_id": "a\x00"}, "deployment_id", "invisible"),
        ({"jwks_url": "http://moodle.example.org/c"}, "jwks_url", "https://"),
        ({"token_url": "https://169.254.169.254/t"}, "token_url", "n’est pas publique"),
        ({"auth_url": "https://user@moodle.example.org/"}, "auth_url", "https://"),
        ({"issuer": f"{MOODLE}/mod/lti/auth.php"}, "issuer", "l’adresse du site"),
        ({"nom": "taken"}, "nom", "déjà ce nom"),
    ],
)
def test_a_value_copied_wrong_is_said_beside_its_field(
    desk: Desk, changes: dict[str, str], field: str, message: str
) -> None:
    factories.PlatformFactory(name="taken")
    page = by_hand(desk, 400, **changes)
    assert list(errors(page)) == [f"main-{field}"]
    assert message in errors(page)[f"main-{field}"]
    said = page.one("input", id=f"main-{field}")
    assert said.get("aria-invalid") == "true"
    # What was typed right stays.
    kept = page.one("input", id="main-auth_url" if field != "auth_url" else "main-jwks_url")
    assert kept.get("value")
    assert desk.session.query(Platform).count() == 1


@pytest.mark.parametrize(
    "value", ["\ud800", "<script>alert(1)</script>", "\x00" * 3000], ids=["half", "script", "nul"]
)
def test_hostile_values_end_on_the_form(desk: Desk, value: Any) -> None:
    text = value.encode("utf-8", "surrogatepass")
    hostile: Any = dict.fromkeys(VALUES, text)
    page = by_hand(desk, 400, **hostile)
    assert "<script>alert" not in page.text
