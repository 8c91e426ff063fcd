"""A visit named by its address: for its frame only, and nothing of it anywhere else."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.app.sessions import VisitPrefix
from lti_app.people.access import signed_in_values
from lti_app.people.models import FrameSession, Person
from lti_app.people.sessions import open_visit, visit_address
from tests import factories
from tests.conftest import SECRET_KEY, make_client
from tests.unit.practice.conftest import Enrol, Learner, content, courses, enrol, learner, trainer
from tests.unit.practice.page import Page

__all__ = ["content", "courses", "enrol", "learner", "trainer"]

FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"}

Visit = Callable[..., str]


@pytest.fixture
def visit(session: Session) -> Visit:
    """Opens a visit for a learner; gives the address of their path in it."""

    def make(someone: Learner, url: str | None = None) -> str:
        token = open_visit(
            session,
            signed_in_values(someone.person_id, someone.course_id, url),
            secret_key=SECRET_KEY,
            now=datetime.now(UTC),
        )
        session.commit()
        return visit_address(token, someone.url())

    return make


def prefix(address: str) -> str:
    return "/".join(address.split("/")[:3])


def test_every_link_and_form_of_the_rooms_stays_in_the_visit(
    app: Flask, learner: Learner, visit: Visit
) -> None:
    address = visit(learner, "https://moodle.example.org/back")
    frame = make_client(app)
    for rest in ("", "module/petit/", "etape/petit-un/?partie=1", "question/petit-q01/"):
        page = Page(frame.get(address + rest, headers=FRAME))

        assert page.status == 200
        for link in page.all("a"):
            href = link.get("href", "")
            inside = href.startswith(prefix(address) + "/session/")
            assert inside or href.startswith("#") or link.get("target"), href
        for form in page.all("form"):
            action = form.get("action", "")
            assert action.startswith(prefix(address)) or action == "/session/agrandir", action
        for asset in (*page.all("link"), *page.all("script")):
            assert "/v/" not in (asset.get("href") or asset.get("src") or "")


def test_a_question_is_answered_without_any_cookie(
    app: Flask, learner: Learner, visit: Visit
) -> None:
    address = visit(learner)
    frame = make_client(app)
    page = Page(frame.get(f"{address}question/petit-q01/", headers=FRAME))
    action = page.one("main").find(".//form")
    assert action is not None
    data = {**page.hidden("token", "csrf_token"), "choice": "b"}

    sent = frame.post(action.get("action", ""), data=data, headers=FRAME)

    assert sent.status_code == 303
    assert sent.location.startswith(address)
    after = Page(frame.get(sent.location.partition("#")[0], headers=FRAME))
    assert "C’est juste" in after.main
    assert not frame._cookies, "no cookie was set on the way"


def test_csrf_still_stands(app: Flask, learner: Learner, visit: Visit) -> None:
    address = visit(learner)
    frame = make_client(app)
    page = Page(frame.get(f"{address}question/petit-q01/", headers=FRAME))

    sent = frame.post(
        f"{address}question/petit-q01/",
        data={**page.hidden("token"), "choice": "b"},
        headers=FRAME,
    )

    assert sent.status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Dest": "script", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_an_address_out_of_its_frame_opens_nothing(
    app: Flask, learner: Learner, visit: Visit, headers: dict[str, str]
) -> None:
    address = visit(learner)

    page = Page(make_client(app).get(address, headers=headers))

    assert page.status == 403
    assert re.search("HORS-CADRE-[0-9A-F]{8}", page.main), "a number to quote"
    assert (learner.enrolment.person.name or "") not in page.text


def test_a_cookie_does_not_help_an_address(app: Flask, learner: Learner, visit: Visit) -> None:
    """Nor the other way round: what the frame does leaves the browser's own session alone."""
    address = visit(learner)
    headers = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}

    assert learner.client.get(address, headers=headers).status_code == 403
    inside = learner.client.get(address, headers=FRAME)
    assert "Set-Cookie" not in inside.headers


def test_an_unknown_or_ended_visit_says_how_to_come_back(
    app: Flask, learner: Learner, visit: Visit
) -> None:
    address = visit(learner)
    frame = make_client(app)
    unknown = address.replace(address.split("/")[2], "A" * 43)
    assert Page(frame.get(unknown, headers=FRAME)).status == 401

    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2, minutes=1)):
        ended = Page(frame.get(address, headers=FRAME))
    assert ended.status == 401
    assert "SESSION-FIN" in ended.main


def test_a_visit_that_goes_on_lasts_twelve_hours_and_no_more(
    app: Flask, learner: Learner, visit: Visit
) -> None:
    address = visit(learner)
    frame = make_client(app)
    begun = datetime.now(UTC)
    for minutes in range(0, 12 * 60, 115):
        with time_machine.travel(begun + timedelta(minutes=minutes)):
            assert frame.get(address, headers=FRAME).status_code == 200, minutes
    with time_machine.travel(begun + timedelta(hours=12, seconds=5)):
        assert frame.get(address, headers=FRAME).status_code == 401


def test_what_was_typed_when_the_visit_ended_is_kept(
    app: Flask, learner: Learner, visit: Visit, session: Session
) -> None:
    address = f"{visit(learner)}question/petit-q06/"
    frame = make_client(app)
    page = Page(frame.get(address, headers=FRAME))
    session.execute(sa.delete(FrameSession))
    session.commit()
    data = {**page.hidden("token", "csrf_token"), "text": "Récupération"}

    late = Page(frame.post(address, data=data, headers=FRAME))

    assert late.status == 401
    assert late.title.startswith("Votre saisie est gardée")
    assert learner.question("petit-q06").one("input", name="text").get("value") == "Récupération"


@pytest.mark.parametrize(
    "path",
    [
        "/v/{token}/lti/jwks",
        "/v/{token}/admin/",
        "/v/{token}/healthz",
        "/v/{token}/ui/static/ui/relais.css",
        "/v/{token}/session/agrandir",
        "/v/{token}",
        "/v/{token}/v/{token}/session/1/",
        "/v/{token}x/session/1/",
        "/v//session/1/",
    ],
)
def test_nothing_else_is_under_a_visit(
    app: Flask, learner: Learner, visit: Visit, path: str
) -> None:
    token = visit(learner).split("/")[2]

    assert make_client(app).get(path.format(token=token), headers=FRAME).status_code == 404


def test_two_visits_do_not_meet(app: Flask, learner: Learner, enrol: Enrol, visit: Visit) -> None:
    other = enrol(course=learner.enrolment.course)
    mine, theirs = visit(learner), visit(other)
    browser = make_client(app)

    for address, someone in ((mine, learner), (theirs, other), (mine, learner)):
        page = Page(browser.get(address, headers=FRAME))
        assert (someone.enrolment.person.name or "") in page.text


def test_a_trainer_downloads_the_report_while_the_visit_is_put_off(
    app: Flask, trainer: Learner, visit: Visit, session: Session
) -> None:
    address = visit(trainer)
    begun = session.scalars(sa.select(FrameSession)).one().expires_at
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=30)):
        report = address.replace("/session/", "/suivi/")
        csv = make_client(app).get(f"{report}export.csv", headers=FRAME)

    assert csv.status_code == 200
    assert len(csv.get_data(as_text=True).splitlines()) == 2
    session.expire_all()
    assert session.scalars(sa.select(FrameSession)).one().expires_at > begun


def test_a_suspended_person_is_refused_at_the_next_request(
    app: Flask, learner: Learner, visit: Visit, session: Session
) -> None:
    address = visit(learner)
    session.execute(sa.update(Person).values(suspended_at=factories.NOW))
    session.commit()

    assert make_client(app).get(address, headers=FRAME).status_code == 401


def test_headers_of_a_visit_tell_nobody_its_address(
    app: Flask, learner: Learner, visit: Visit
) -> None:
    response = make_client(app).get(visit(learner), headers=FRAME)

    assert response.headers["Referrer-Policy"] == "strict-origin"
    assert response.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'self' https://moodle" in response.headers["Content-Security-Policy"]


def test_the_row_says_nothing_by_itself(learner: Learner, visit: Visit, session: Session) -> None:
    token = visit(learner).split("/")[2]
    row = session.scalars(sa.select(FrameSession)).one()

    assert token not in row.token_digest + row.sealed_session
    assert "_user_id" not in row.sealed_session


def test_enlarging_from_a_visit_opens_a_tab_with_a_cookie(
    app: Flask, learner: Learner, visit: Visit
) -> None:
    address = visit(learner)
    page = Page(make_client(app).get(f"{address}module/petit/?x=1", headers=FRAME))
    form = page.one("form", target="_blank")
    data = {each.get("name", ""): each.get("value", "") for each in form.iter("input")}
    tab = make_client(app)

    sent = tab.post(form.get("action", ""), data=data)

    assert sent.location == learner.url("module/petit/?x=1")
    assert Page(tab.get(sent.location)).status == 200


def test_the_server_log_does_not_see_the_token() -> None:
    seen: dict[str, Any] = {}
    token = "t" * 43
    environ = {
        "PATH_INFO": f"/v/{token}/session/2/",
        "RAW_URI": f"/v/{token}/session/2/?x=1",
        "REQUEST_URI": f"/v/{token}/session/2/?x=1",
    }

    def remember(environ: dict[str, Any], _start: object) -> list[bytes]:
        seen.update(environ)
        return []

    VisitPrefix(remember)(environ, lambda *_: lambda _: None)

    assert environ["PATH_INFO"] == "/session/2/"
    assert token not in environ["RAW_URI"] + environ["REQUEST_URI"]
    assert seen["SCRIPT_NAME"] == f"/v/{token}"


def test_a_database_that_is_down_is_said_to_be(
    app: Flask, learner: Learner, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    from lti_app.app import sessions

    def down(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("down"))

    address = visit(learner)
    monkeypatch.setattr(sessions, "find_visit", down)

    assert make_client(app).get(address, headers=FRAME).status_code == 503
