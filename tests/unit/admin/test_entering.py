"""The two ways in: from one's own page of Relais, and by a one-time link."""

from datetime import timedelta
from threading import Thread

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.admin.forms.entering import seal_entry
from lti_app.core import clock
from lti_app.people.access import signed_in_values
from lti_app.people.administration import create_admin_link, revoke_administrator
from lti_app.people.models import AdminLink, AuditEntry, Person
from lti_app.people.sessions import open_visit
from tests import factories
from tests.conftest import BASE_URL, SECRET_KEY, make_client
from tests.unit.admin.conftest import Desk, enter
from tests.unit.practice.page import Page

OURS = {"Sec-Fetch-Site": "same-origin", "Origin": BASE_URL}


@pytest.fixture
def token(session: Session, administrator: Person) -> str:
    """Of a one-time link that nobody used."""
    made = create_admin_link(session, person_id=administrator.id, actor_id=None, now=clock.now())
    session.commit()
    return made


def click(client: FlaskClient, token: str) -> Page:
    """Open the page of a link and press its button."""
    page = Page(client.get(f"/admin/lien/{token}"))
    if page.status != 200:
        return page
    data = page.hidden("csrf_token", "jeton")
    return Page(client.post("/admin/lien", data=data, follow_redirects=True))


def test_a_link_signs_its_administrator_in(client: FlaskClient, token: str) -> None:
    page = click(client, token)
    assert page.status == 200
    assert page.title.startswith("Administration")
    assert client.get("/admin/personnes/").status_code == 200


def test_looking_at_a_link_does_not_use_it_up(client: FlaskClient, token: str) -> None:
    for _ in range(3):
        assert client.get(f"/admin/lien/{token}").status_code == 200
        assert client.head(f"/admin/lien/{token}").status_code == 200
    assert click(client, token).status == 200


def test_a_link_serves_once(app: Flask, client: FlaskClient, token: str) -> None:
    page = Page(client.get(f"/admin/lien/{token}"))
    assert click(make_client(app), token).status == 200
    assert Page(client.get(f"/admin/lien/{token}")).status == 410
    late = client.post("/admin/lien", data=page.hidden("csrf_token", "jeton"))
    assert late.status_code == 410
    assert "ADMIN-LIEN" in late.text
    assert client.get("/admin/").status_code == 401


def test_a_link_serves_one_of_many_at_once(app: Flask, session: Session, token: str) -> None:
    clients = [make_client(app) for _ in range(6)]
    pages = [Page(each.get(f"/admin/lien/{token}")) for each in clients]
    forms = [page.hidden("csrf_token", "jeton") for page in pages]
    statuses: list[int] = []

    def press(client: FlaskClient, data: dict[str, str]) -> None:
        statuses.append(client.post("/admin/lien", data=data).status_code)

    session.commit()
    factories.bind(None)
    threads = [Thread(target=press, args=pair) for pair in zip(clients, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    factories.bind(session)
    assert sorted(statuses) == [303, 410, 410, 410, 410, 410]


def test_a_link_ends_after_a_quarter_of_an_hour(client: FlaskClient, token: str) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=1), tick=False):
        assert click(client, token).status == 410


def test_a_link_of_who_was_revoked_opens_nothing(
    client: FlaskClient, session: Session, administrator: Person, token: str
) -> None:
    revoke_administrator(
        session, person_id=administrator.id, actor_id=None, now=clock.now(), force=True
    )
    session.commit()
    assert session.query(AdminLink).count() == 0
    assert click(client, token).status == 410


def test_a_link_of_who_is_suspended_opens_nothing(
    client: FlaskClient, session: Session, administrator: Person, token: str
) -> None:
    administrator.suspended_at = clock.now()
    session.commit()
    assert click(client, token).status == 410


@pytest.mark.parametrize("wrong", ["x", "x" * 5000, "é", "%00", "%FF%FE", "..%2f..%2fetc"])
def test_wrong_links_are_explained(client: FlaskClient, session: Session, wrong: str) -> None:
    response = client.get(f"/admin/lien/{wrong}")
    assert response.status_code in {404, 410}
    assert "<h1>" in response.text


def test_coming_in_is_written_down(
    client: FlaskClient, session: Session, administrator: Person, token: str
) -> None:
    click(client, token)
    session.rollback()
    entry = session.query(AuditEntry).filter_by(action="link.use").one()
    assert (entry.actor_id, entry.subject) == (administrator.id, f"person {administrator.id}")
    assert token not in str(entry.detail)


def test_somebody_elses_session_ends(
    client: FlaskClient, session: Session, administrator: Person, token: str
) -> None:
    """A shared computer: the learner of before is no more."""
    other = factories.EnrolmentFactory()
    session.commit()
    factories.sign_in(client, other.person)
    click(client, token)
    assert client.get(f"/session/{other.course_id}/").status_code == 404


# From one's own page


def offered(client: FlaskClient, course_id: int) -> Page | None:
    """The learner's page, when it offers administration."""
    page = Page(client.get(f"/session/{course_id}/"))
    forms = [form for form in page.all("form") if form.get("action") == "/admin/entrer"]
    return page if forms else None


@pytest.fixture
def sealed(app: Flask, administrator: Person) -> str:
    with app.app_context():
        return seal_entry(administrator.id)


def test_the_way_in_is_shown_to_administrators_only(
    client: FlaskClient, session: Session, administrator: Person
) -> None:
    enrolment = factories.EnrolmentFactory(person=administrator)
    session.commit()
    factories.sign_in(client, administrator)
    assert offered(client, enrolment.course_id) is None
    with client.session_transaction(base_url=BASE_URL) as browser_session:
        browser_session["administrator"] = True
    page = offered(client, enrolment.course_id)
    assert page is not None
    form = next(each for each in page.all("form") if each.get("action") == "/admin/entrer")
    assert form.get("target") == "_blank"
    token = form.find("input[@name='jeton']")
    assert token is not None
    tab = make_client(client.application)
    response = tab.post(
        "/admin/entrer", data={"jeton": token.get("value")}, headers=OURS, follow_redirects=True
    )
    assert response.status_code == 200
    assert tab.get("/admin/personnes/").status_code == 200


def test_another_site_cannot_post_the_way_in(client: FlaskClient, sealed: str) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        response = client.post("/admin/entrer", data={"jeton": sealed}, headers=headers)
        assert response.status_code == 400
    assert client.get("/admin/").status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\0", "é" * 100])
def test_only_our_tokens_open(client: FlaskClient, session: Session, token: str) -> None:
    response = client.post("/admin/entrer", data={"jeton": token}, headers=OURS)
    assert response.status_code == 401


def test_a_token_lives_no_longer_than_a_session(client: FlaskClient, sealed: str) -> None:
    with time_machine.travel(clock.now() + timedelta(hours=2, minutes=1), tick=False):
        response = client.post("/admin/entrer", data={"jeton": sealed}, headers=OURS)
    assert response.status_code == 401


def test_a_token_gives_no_right(
    app: Flask, client: FlaskClient, session: Session, administrator: Person
) -> None:
    """The page was rendered while its person administered; they do no more."""
    stranger = factories.PersonFactory()
    session.commit()
    with app.app_context():
        token = seal_entry(stranger.id)
    response = client.post("/admin/entrer", data={"jeton": token}, headers=OURS)
    assert response.status_code == 404


def test_a_visit_named_by_its_address_has_no_administration(
    client: FlaskClient, session: Session, administrator: Person, sealed: str
) -> None:
    """It lives in a frame, where nothing of administration may be."""
    values = signed_in_values(administrator.id, 1, None, administrator=True)
    token = open_visit(session, values, secret_key=SECRET_KEY, now=clock.now())
    session.commit()
    framed = {**OURS, "Sec-Fetch-Dest": "iframe"}
    entered = client.post(f"/v/{token}/admin/entrer", data={"jeton": sealed}, headers=framed)
    assert entered.status_code == 404
    assert client.get(f"/v/{token}/admin/", headers=framed).status_code == 404
    assert client.get("/admin/").status_code == 401


def test_leaving_closes_the_session(desk: Desk) -> None:
    token = desk.open("/").all("input", name="csrf_token")[0].get("value", "")
    response = desk.client.post("/admin/sortir", data={"csrf_token": token})
    assert response.status_code == 200
    desk.open("/", 401)


def test_a_re_entry_keeps_the_forms_of_other_tabs(desk: Desk, sealed: str) -> None:
    token = desk.open("/").all("input", name="csrf_token")[0].get("value", "")
    desk.client.post("/admin/entrer", data={"jeton": sealed}, headers=OURS)
    enter(desk.client, desk.person)
    assert desk.client.post("/admin/sortir", data={"csrf_token": token}).status_code == 200
