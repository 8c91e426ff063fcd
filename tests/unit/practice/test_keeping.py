"""An answer that came too late: kept for whoever typed it, shown to nobody else."""

import contextlib
import contextvars
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Draft
from lti_app.answers.services import keep_draft
from lti_app.core.database import mark_read_only
from lti_app.practice.routes import keeping
from lti_app.practice.tasks import purge_old_drafts
from tests import factories
from tests.conftest import make_client
from tests.unit.practice.conftest import Enrol, Learner
from tests.unit.practice.page import Page, read
from tests.unit.practice.test_questions import KINDS, MATCHING, MULTIPLE, ORDERING, SHORT, SINGLE

FOUND = "Nous avons retrouvé votre saisie du"


def drafts(session: Session) -> list[Draft]:
    session.expire_all()
    return list(session.scalars(sa.select(Draft).order_by(Draft.id)))


def end_visit(learner: Learner) -> None:
    """As the browser does with a cookie that is too old."""
    learner.client.delete_cookie("__Host-relais", domain="relais.example.org", path="/")


def shown_values(page: Page) -> dict[str, list[str]]:
    """What is filled in on the page of a question, as a browser would post it."""
    values: dict[str, list[str]] = {}
    for each in page.one("main").iter("input"):
        kind, name = each.get("type"), each.get("name", "")
        if kind in {"radio", "checkbox"} and each.get("checked") is not None:
            values.setdefault(name, []).append(each.get("value", ""))
        elif kind == "text":
            values[name] = [each.get("value", "")]
    for select in page.all("select"):
        for option in select.iter("option"):
            if option.get("selected") is not None:
                values[select.get("name", "")] = [option.get("value", "")]
    return {name: sorted(kept) for name, kept in values.items()}


@pytest.mark.parametrize("question_id", KINDS)
def test_what_was_filled_in_is_there_again_after_the_next_launch(
    learner: Learner, session: Session, question_id: str
) -> None:
    page = learner.question(question_id)
    typed = learner.right(question_id, page) | {"confidence": ["hesitant"]}
    end_visit(learner)

    late = learner.submit(page, typed)

    assert late.status in {400, 401}
    assert late.title.startswith("Votre saisie est gardée")
    assert session.scalar(sa.select(sa.func.count()).select_from(Answer)) == 0
    learner.sign_in()
    again = learner.question(question_id)
    assert FOUND in again.main
    assert shown_values(again) == typed
    assert again.one("div", role="status").get("tabindex") == "-1", "read first"
    assert learner.submit(again, typed).status == 303
    assert drafts(session) == []
    assert FOUND not in learner.question(question_id).main


@pytest.mark.parametrize("rest", ["", "module/petit/", "reviser/"])
def test_where_an_activity_opens_there_is_a_link_to_what_was_typed(
    learner: Learner, enrol: Enrol, rest: str
) -> None:
    other = enrol(course=learner.enrolment.course)
    page = learner.question(SHORT)
    end_visit(learner)
    learner.submit(page, {"text": ["Récupération"]})
    learner.sign_in()

    link = learner.get(rest).links()["reprendre cette question"]

    assert shown_values(learner.open(link))["text"] == ["Récupération"]
    assert "reprendre cette question" not in other.get(rest).links()
    learner.answer(SHORT)
    assert "reprendre cette question" not in learner.get(rest).links()


def test_incomplete_forms_are_kept_too(learner: Learner) -> None:
    page = learner.question(ORDERING)
    end_visit(learner)
    learner.submit(page, {"position-a": ["2"], "position-b": [""]})
    learner.sign_in()

    assert shown_values(learner.question(ORDERING))["position-a"] == ["2"]


def test_the_page_leads_back_to_the_course_in_moodle(learner: Learner, session: Session) -> None:
    course = learner.enrolment.course
    course.platform.product_family, course.context_id = "moodle", "17"
    page = learner.question(SHORT)
    end_visit(learner)

    late = learner.submit(page, {"text": ["Récup"]})

    link = late.one("a", target="_top")
    assert link.get("href") == f"{course.issuer}/course/view.php?id=17"
    assert read(link) == f"Retourner sur {course.issuer.removeprefix('https://')}"
    assert "sesskey" not in late.text


def test_a_visit_of_one_person_does_not_show_what_another_typed(
    learner: Learner, enrol: Enrol, session: Session
) -> None:
    other = enrol(course=learner.enrolment.course)
    page = learner.question(SHORT)
    # On the same computer, the other person launches: same browser, another session.
    with learner.client.session_transaction(base_url="https://relais.example.org") as browser:
        browser.clear()
    factories.sign_in(learner.client, other.enrolment.person)
    learner.question(SINGLE)

    late = learner.submit(page, {"text": ["Le secret de la première"]})

    assert late.status == 400
    assert "ouvert par une autre personne" in late.main
    assert "secret" not in late.text
    assert late.links()["Ouvrir mon parcours"] == learner.url()
    (draft,) = drafts(session)
    assert draft.person_id == learner.person_id
    assert FOUND not in other.question(SHORT).main
    learner.sign_in()
    assert shown_values(learner.question(SHORT))["text"] == ["Le secret de la première"]


def test_somebody_of_another_session_is_not_sent_to_that_one(
    learner: Learner, enrol: Enrol
) -> None:
    stranger = enrol()
    page = learner.question(SHORT)
    with learner.client.session_transaction(base_url="https://relais.example.org") as browser:
        browser.clear()
    factories.sign_in(learner.client, stranger.enrolment.person)

    late = learner.submit(page, {"text": ["x"]})

    assert "ouvert par une autre personne" in late.main
    assert "Ouvrir mon parcours" not in late.links()


def test_somebody_elses_form_with_a_good_csrf_token_is_kept_for_them(
    learner: Learner, enrol: Enrol, session: Session
) -> None:
    other = enrol(course=learner.enrolment.course)
    theirs, mine = other.question(SHORT), learner.question(SHORT)
    data = {**theirs.hidden("token"), **mine.hidden("csrf_token"), "text": "Une réponse"}

    late = Page(learner.client.post(mine.path, data=data))

    assert late.status == 409
    assert "ouvert par une autre personne" in late.main
    assert [draft.person_id for draft in drafts(session)] == [other.person_id]
    assert session.scalar(sa.select(sa.func.count()).select_from(Answer)) == 0


def test_a_form_of_an_earlier_visit_of_the_same_person_leads_back_to_the_question(
    learner: Learner,
) -> None:
    page = learner.question(MULTIPLE)
    end_visit(learner)
    learner.sign_in()

    late = learner.submit(page, {"choice": ["a", "c"]})

    assert late.status == 400
    again = learner.open(late.links()["Reprendre la question"])
    assert shown_values(again)["choice"] == ["a", "c"]


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_writer_that_comes_between_does_not_lose_what_was_typed(
    app: Flask, learner: Learner, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread of gunicorn still reads only, after a GET, when a form is refused at the door."""
    page = learner.question(SHORT)
    end_visit(learner)
    path = sa.make_url(app.config["RELAIS"].effective_database_url).database

    def come_between(*args: Any, **values: Any) -> None:
        with (
            contextlib.closing(sqlite3.connect(path or "", timeout=0)) as other,
            contextlib.suppress(sqlite3.OperationalError),
            other,
        ):
            other.execute("UPDATE person SET sort_name = 'x'")
        keep_draft(*args, **values)

    monkeypatch.setattr(keeping, "keep_draft", come_between)
    thread = contextvars.Context()
    thread.run(mark_read_only, True)
    data = {**page.hidden("token"), "text": "Récup"}
    thread.run(FlaskClient.open, learner.client, page.path, method="POST", data=data)

    assert [draft.fields["text"] for draft in drafts(session)] == [["Récup"]]


@pytest.mark.parametrize("token", ["", "x.y.z", None])
def test_a_forged_marker_keeps_nothing(
    app: Flask, learner: Learner, session: Session, token: str | None
) -> None:
    page = learner.question(SHORT)
    genuine = page.hidden("token")["token"]
    sent = genuine[:-4] + "AAAA" if token is None else token

    late = Page(make_client(app).post(page.path, data={"token": sent, "text": "x"}))

    assert late.status in {400, 401}
    assert "gardée" not in late.title
    assert drafts(session) == []


def test_a_marker_keeps_nothing_for_another_question(
    app: Flask, learner: Learner, session: Session
) -> None:
    token = learner.question(SHORT).hidden("token")["token"]
    path = learner.url(f"question/{MATCHING}/")

    make_client(app).post(path, data={"token": token, "text": "x"})

    assert drafts(session) == []


def test_an_empty_form_is_no_draft(app: Flask, learner: Learner, session: Session) -> None:
    page = learner.question(SHORT)
    data = {**page.hidden("token"), "text": " ", "confidence": "sure"}

    late = Page(make_client(app).post(page.path, data={**data, "text": ""}))

    assert "gardée" not in late.title
    assert drafts(session) == []


@pytest.mark.parametrize("text", ["\x00\x01", "é\x00" * 3000, "\udcff", "𝄞" * 4000])
def test_hostile_text_is_bounded(app: Flask, learner: Learner, session: Session, text: str) -> None:
    page = learner.question(SHORT)
    data = {**page.hidden("token"), "text": text.encode("utf-8", "surrogatepass")}

    late = Page(make_client(app).post(page.path, data=data))

    assert late.status in {400, 401}
    for draft in drafts(session):
        (kept,) = draft.fields["text"]
        assert 0 < len(kept) <= 1000
        assert "\x00" not in kept
    learner.sign_in()
    assert learner.question(SHORT).status == 200


def test_one_draft_for_each_question_of_a_person(
    app: Flask, learner: Learner, session: Session
) -> None:
    for words in ("un", "deux"):
        page = learner.question(SHORT)
        data = {**page.hidden("token"), "text": words}
        make_client(app).post(page.path, data=data)

    assert [draft.fields for draft in drafts(session)] == [{"text": ["deux"]}]


def test_a_suspended_person_has_no_draft(app: Flask, learner: Learner, session: Session) -> None:
    page = learner.question(SHORT)
    learner.enrolment.person.suspended_at = factories.NOW

    make_client(app).post(page.path, data={**page.hidden("token"), "text": "x"})

    assert drafts(session) == []


def test_markers_and_drafts_grow_old(app: Flask, learner: Learner, session: Session) -> None:
    page = learner.question(SHORT)
    make_client(app).post(page.path, data={**page.hidden("token"), "text": "x"})

    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        with app.app_context():
            purge_old_drafts.run()
        assert drafts(session) == []
        make_client(app).post(page.path, data={**page.hidden("token"), "text": "x"})
        assert drafts(session) == []
