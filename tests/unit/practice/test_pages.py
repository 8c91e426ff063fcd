"""The path, the module, the lesson: what is said, and exactly where one goes on."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.completion.models import LessonReading, ModuleCompletion
from lti_app.content.services import sync_content
from lti_app.core.database import db
from lti_app.grading.models import OwedGrade
from lti_app.people.models import EnrolmentState
from tests import factories
from tests.conftest import make_client
from tests.unit.practice.conftest import Enrol, Learner
from tests.unit.practice.page import Page, read
from tests.unit.practice.statements import counted_statements

ALL_PAGES = (
    "",
    "module/petit/",
    "etape/petit-un/",
    "etape/petit-un/?partie=3",
    "etape/petit-un/?tout=1",
    "question/petit-q01/",
    "question/petit-q02/",
    "question/petit-q03/",
    "question/petit-q04/",
    "question/petit-q05/",
    "question/petit-q06/",
    "reviser/",
)


@pytest.mark.parametrize("rest", ALL_PAGES)
def test_every_page_is_sound(learner: Learner, rest: str) -> None:
    page = learner.get(rest)

    assert page.status == 200
    assert page.title.endswith("– Relais")
    assert len(page.all("h1")) == 1
    assert len(page.ids()) == len(set(page.ids())), "an id stands twice"
    assert page.one("html").get("lang") == "fr"
    assert not [each for each in page.tree.iter() if each.get("style")], "refused by the CSP"
    assert all(script.get("src") and not script.text for script in page.all("script"))
    assert page.all("a", href="#contenu")
    labelled = {label.get("for") for label in page.all("label")}
    controls = [*page.all("input"), *page.all("select")]
    assert all(c.get("type") == "hidden" or c.get("id") in labelled for c in controls)


@pytest.mark.parametrize("rest", ALL_PAGES)
def test_pages_are_for_the_enrolled(app: Flask, learner: Learner, enrol: Enrol, rest: str) -> None:
    stranger, nobody = enrol(), make_client(app)

    assert Page(stranger.client.get(learner.url(rest))).status == 404
    refused = Page(nobody.get(learner.url(rest)))
    assert refused.status == 401
    assert "SESSION-FIN" in refused.main


def test_who_left_the_course_sees_nothing(learner: Learner, session: Session) -> None:
    learner.enrolment.state = EnrolmentState.LEFT

    assert learner.get().status == 404


@pytest.mark.parametrize(
    "rest", ["module/autre/", "etape/autre/", "question/autre/", "reponse/1/", "module/%00/"]
)
def test_what_does_not_exist_is_explained(learner: Learner, rest: str) -> None:
    page = learner.get(rest)

    assert page.status == 404
    assert "INTROUVABLE" in page.main


def test_the_path_says_where_to_begin(learner: Learner) -> None:
    page = learner.get()

    assert page.title.startswith("Parcours – Parcours RRUPN")
    assert "Non commencé" in page.main
    assert "0 sur 1 étape lue" in page.main
    assert "Encore 10 min environ" in page.main
    assert "La note partira vers votre plateforme" in page.main
    start = "Commencer : Étape 1 : Une leçon"
    assert page.links()[start] == learner.url("etape/petit-un/?partie=1")


def test_the_path_goes_on_exactly_where_one_left(learner: Learner) -> None:
    learner.read(part=2)
    label = "Reprendre : Étape 1, partie 3 sur 4 : Une leçon"
    assert learner.get().links()[label] == learner.url("etape/petit-un/?partie=3")

    learner.read(part=4)
    learner.answer("petit-q01")
    page = learner.get()
    label = "Reprendre : À répondre : question 2 de l’étape 1, « Une leçon »"
    assert page.links()[label] == learner.url("question/petit-q02/")
    assert "1 sur 1 étape lue" in page.main
    assert "Score : 16 % (1 réponse juste sur 6)" in page.main
    # Between midnight and dawn the school day is still yesterday's, and its morrow is today.
    soon = ("dans 2 jours", "demain", "aujourd’hui")
    assert any(f"{day} 1 question" in page.main for day in soon)


def test_an_empty_path_says_so(
    app: Flask, session: Session, learner: Learner, content: Path
) -> None:
    session.execute(sa.text("UPDATE module SET state = 'removed'"))
    session.execute(sa.text("UPDATE lesson SET state = 'removed'"))
    session.execute(sa.text("UPDATE question SET state = 'removed'"))
    session.execute(sa.text("UPDATE content_release SET content_hash = 'other'"))

    page = learner.get()

    assert page.status == 200
    assert "Aucun module pour le moment" in page.main


def test_a_session_shows_only_the_modules_its_links_open(
    learner: Learner, session: Session, content: Path
) -> None:
    for name in ("module.yaml", "01-un.md", "questions.yaml"):
        source = (content / "petit" / name).read_text(encoding="utf-8")
        other = content / "autre" / name
        other.parent.mkdir(exist_ok=True)
        other.write_text(source.replace("petit", "autre").replace("Un petit", "Un autre"))
    sync_content(session, folder=content, now=factories.NOW)

    assert "Un autre module" not in learner.get().main
    for rest in ("module/autre/", "etape/autre-un/", "question/autre-q01/"):
        assert learner.get(rest).status == 404

    factories.ResourceLinkFactory.create(course=learner.enrolment.course, target="path")
    page = learner.get()
    assert "Un autre module" in page.main
    assert "Modules de cette session" in page.main
    assert learner.get("question/autre-q01/").status == 200


def test_the_module_says_what_is_missing(learner: Learner) -> None:
    page = learner.get("module/petit/")

    assert page.title == "Un petit module – Relais"
    assert "Il en faut 5 (80 %) pour terminer" in page.main
    assert "1 étape à lire et 5 bonnes réponses à donner" in page.main
    assert "Expliquer une chose" in page.main

    learner.answer("petit-q01", {"choice": ["a"]})
    page = learner.get("module/petit/")
    assert "À refaire" in page.main
    assert page.links()["Étape 1, question 1"] == learner.url("question/petit-q01/")
    assert "0 réponse juste sur 6" in page.main


def test_a_question_that_resists_gets_advice_not_a_label(learner: Learner) -> None:
    for _ in range(4):
        learner.answer("petit-q01", {"choice": ["a"]})

    page = learner.get("module/petit/")

    assert "Besoin d’aide" not in page.main
    assert "Une question vous résiste ?" in page.main


def test_a_completed_module_says_so_for_good(learner: Learner, session: Session) -> None:
    learner.read(part=4)
    for number in range(1, 5):
        learner.answer(f"petit-q0{number}")
    last = learner.answer("petit-q05")

    assert "Module terminé" in last.main
    completion = session.scalars(sa.select(ModuleCompletion)).one()
    assert (completion.state, completion.score) == ("completed", 83)
    assert session.scalars(sa.select(OwedGrade)).one().score == 83
    page = learner.get("module/petit/")
    assert "Votre score est de 83 %" in page.main
    assert "En attente d’envoi" in page.main
    assert "Il vous reste" not in page.main
    path = learner.get()
    assert "Parcours terminé" in path.main

    learner.answer("petit-q05", {"choice": ["vrai"]})
    assert "Module terminé" in learner.get("module/petit/").main


@pytest.mark.parametrize(("answered", "score"), [(6, 100), (5, 83)])
def test_reading_the_last_part_may_complete_the_module(
    learner: Learner, session: Session, answered: int, score: int
) -> None:
    """It is said at once, even with a question left to meet."""
    for number in range(1, answered + 1):
        learner.answer(f"petit-q0{number}")

    sent = learner.read(part=4)

    assert sent.location == learner.url("module/petit/?termine=1")
    assert "Module terminé" in learner.open(sent.location).main
    assert session.scalars(sa.select(OwedGrade)).one().score == score


def test_a_lesson_is_read_part_by_part(learner: Learner, session: Session) -> None:
    first = learner.get("etape/petit-un/")
    assert first.title == "Premier titre (1 sur 4) – Une leçon – Un petit module – Relais"
    assert "Deuxième titre" in read(first.one("nav", class_="p-parts"))
    assert [read(h2) for h2 in first.all("h2")] == ["Premier titre", "Sources", "Dans cette étape"]
    assert first.all("li", id="source-dehaene2018")
    assert not first.all("li", id="source-yang2021"), "only what this part cites"

    sent = learner.read(part=1)
    assert (sent.status, sent.location) == (303, learner.url("etape/petit-un/?partie=2"))
    second = learner.open(sent.location)
    assert second.all("li", id="source-yang2021")
    assert second.links()["Partie précédente"] == learner.url("etape/petit-un/?partie=1")
    assert learner.get("etape/petit-un/").title.startswith("Deuxième titre"), "where one left"

    learner.read(part=4)
    reading = session.scalars(sa.select(LessonReading)).one()
    assert reading.read_at is not None
    assert learner.get("etape/petit-un/").title.startswith("Premier titre"), "read: from the start"


def test_the_last_part_leads_to_the_first_question_not_answered(learner: Learner) -> None:
    learner.answer("petit-q01")

    assert learner.read(part=4).location == learner.url("question/petit-q02/")


def test_a_lesson_can_be_shown_whole_and_read_at_once(learner: Learner, session: Session) -> None:
    page = learner.get("etape/petit-un/?tout=1")

    assert page.title == "Une leçon – Un petit module – Relais"
    titles = [read(h2) for h2 in page.all("h2")]
    assert titles[:4] == ["Premier titre", "Deuxième titre", "Troisième titre", "Quatrième titre"]
    assert page.hidden("partie") == {"partie": "4"}
    learner.client.post(learner.url("etape/petit-un/"), data=page.hidden("csrf_token", "partie"))
    assert session.scalars(sa.select(LessonReading)).one().part == 4


@pytest.mark.parametrize("asked", ["0", "5", "-1", "abc", "²", "1e0", "", "9" * 400])
def test_a_part_that_does_not_exist_is_where_one_left(learner: Learner, asked: str) -> None:
    page = learner.get(f"etape/petit-un/?partie={asked}")

    assert page.status == 200
    assert page.title.startswith("Premier titre")


def test_calls_to_sources_lead_somewhere(learner: Learner) -> None:
    page = learner.get("etape/petit-un/?tout=1")

    calls = re.findall(r'href="#(source-[^"]+)"', page.text)
    assert calls
    assert set(calls) <= set(page.ids())


def test_trainers_are_told_that_their_tries_do_not_count(
    trainer: Learner, learner: Learner
) -> None:
    assert "ni notés ni transmis" in trainer.get().main
    assert trainer.get().links()["Suivi"] == f"/suivi/{trainer.course_id}/"
    assert "ni notés ni transmis" not in learner.get().main
    assert "Suivi" not in learner.get().links()


def test_people_may_have_no_name(enrol: Enrol) -> None:
    nameless = enrol(person=factories.PersonFactory.create(name=None))

    page = nameless.get()

    assert page.status == 200
    assert "Vous êtes" not in page.text


def test_the_bar_leads_back_to_the_lms(learner: Learner) -> None:
    with learner.client.session_transaction(base_url="https://relais.example.org") as browser:
        browser["return_urls"] = {str(learner.course_id): "https://moodle.example.org/c?id=2"}

    link = learner.get().one("a", target="_top")

    assert link.get("href") == "https://moodle.example.org/c?id=2"


def test_a_question_corrected_since_is_announced(
    learner: Learner, session: Session, content: Path
) -> None:
    learner.answer("petit-q05")
    session.execute(sa.text("UPDATE card SET restarted_at = '2026-11-09 10:00:00+00'"))

    assert "La bonne réponse de 1 question a changé" in learner.get("module/petit/").main
    assert "La bonne réponse de cette question a changé" in learner.question("petit-q05").main


def test_pages_take_few_statements(app: Flask, learner: Learner) -> None:
    learner.read(part=4)
    feedback = learner.answer("petit-q01")
    limits = {
        learner.url(): 8,
        learner.url("module/petit/"): 8,
        learner.url("etape/petit-un/"): 6,
        learner.url("question/petit-q02/"): 6,
        feedback.path: 7,
        learner.url("reviser/"): 7,
    }
    for url, limit in limits.items():
        with app.app_context(), counted_statements(db.engine) as statements:
            assert learner.open(url).status == 200
        assert len(statements) <= limit, (url, statements)
