"""« Agrandir »: a tab that the frame's cookie does not reach."""

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from tests import factories
from tests.conftest import make_client
from tests.unit.practice.conftest import Learner
from tests.unit.practice.page import Page

FRAME = {"Sec-Fetch-Dest": "iframe"}


def form_of_the_bar(learner: Learner, rest: str = "module/petit/?x=1") -> dict[str, str]:
    page = Page(learner.client.get(learner.url(rest), headers=FRAME))
    form = page.one("form", target="_blank")
    assert form.get("action") == "/session/agrandir"
    return {each.get("name", ""): each.get("value", "") for each in form.iter("input")}


def test_the_tab_opens_the_same_page_for_the_same_person(app: Flask, learner: Learner) -> None:
    tab = make_client(app)
    data = form_of_the_bar(learner)

    sent = tab.post("/session/agrandir", data=data)

    assert (sent.status_code, sent.headers["Location"]) == (303, learner.url("module/petit/?x=1"))
    assert Page(tab.get(sent.headers["Location"])).status == 200


def test_the_tab_knows_the_way_back_to_the_lms(app: Flask, learner: Learner) -> None:
    back = "https://moodle.example.org/mod/lti/return.php?course=2&launch_container=4"
    with learner.client.session_transaction(base_url="https://relais.example.org") as browser:
        browser["return_urls"] = {str(learner.course_id): back}
    tab = make_client(app)

    tab.post("/session/agrandir", data=form_of_the_bar(learner))

    link = Page(tab.get(learner.url())).one("a", target="_top")
    assert link.get("href") == back


def test_a_page_that_is_not_in_a_frame_does_not_offer_it(learner: Learner) -> None:
    response = learner.client.get(learner.url(), headers={"Sec-Fetch-Dest": "document"})

    assert not Page(response).all("form", target="_blank")


@pytest.mark.parametrize("token", ["", "x", "WzFd.abc.def"])
def test_a_forged_token_opens_nothing(app: Flask, learner: Learner, token: str) -> None:
    tab = make_client(app)

    sent = tab.post("/session/agrandir", data={"jeton": token, "page": learner.url()})

    assert sent.status_code == 401
    assert Page(tab.get(learner.url())).status == 401


def test_an_old_token_opens_nothing(app: Flask, learner: Learner) -> None:
    data = form_of_the_bar(learner)
    with time_machine.travel("2035-01-01"):
        assert make_client(app).post("/session/agrandir", data=data).status_code == 401


def test_a_suspended_person_stays_out(app: Flask, learner: Learner, session: Session) -> None:
    data = form_of_the_bar(learner)
    learner.enrolment.person.suspended_at = factories.NOW

    assert make_client(app).post("/session/agrandir", data=data).status_code == 401


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/session/1/",
        "//evil.example/session/1/",
        "/\\evil.example",
        "/session/\\..\\x",
        "/lti/login",
        "javascript:alert(1)",
        "",
        "/session/1/\r\nX: y",
        "//[",
        "http://[/session/1/",
    ],
)
def test_it_leads_to_our_own_pages_only(app: Flask, learner: Learner, page: str) -> None:
    data = {**form_of_the_bar(learner), "page": page}

    assert make_client(app).post("/session/agrandir", data=data).status_code == 400


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
)
def test_another_site_cannot_sign_people_in(
    app: Flask, learner: Learner, headers: dict[str, str]
) -> None:
    data = form_of_the_bar(learner)

    sent = make_client(app).post("/session/agrandir", data=data, headers=headers)

    assert sent.status_code == 400
