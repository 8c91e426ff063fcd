"""Edits published while people are in the middle: what each one loses (nothing) and is told."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Card, Draft
from lti_app.cli.content_publishing import publish
from lti_app.completion.models import ModuleCompletion
from lti_app.content.queries import is_behind, load_catalog
from lti_app.content.rules.catalog import Catalog
from lti_app.content.services import log_content
from lti_app.core.database import db
from lti_app.grading.models import OwedGrade
from tests import factories
from tests.unit.content.sample import LESSON, QUESTIONS, edit, write_courses
from tests.unit.practice.conftest import RIGHT, Enrol, Learner

FILE = "petit/questions.yaml"
SINGLE = "petit-q01"
LATER = datetime.now(UTC) + timedelta(hours=1)
"""After all that people do in these tests."""


@pytest.fixture
def courses(tmp_path: Path) -> Path:
    """The sample, whose questions may go one by one: they are all of one family."""
    folder = write_courses(tmp_path / "courses")
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(re.sub(r"family: \w+", "family: idee", text))
    return folder


def sync(session: Session, content: Path) -> None:
    """As `relais content sync` does."""
    session.rollback()
    publish(session, folder=content, now=LATER)
    session.commit()


def revise(content: Path, change: str, *, number: int = 2, name: str = FILE) -> None:
    """Announce the next revision of the first subject of a file."""
    indent = "  " if name == FILE else ""
    said = f"{indent}change: {change}\n"
    old = f"{indent}revision: {number - 1}\n"
    edit(content, name, old, f"{indent}revision: {number}\n{said}")
    text = (content / name).read_text()
    first, rest = text.split(said, 1)
    before = f"{indent}change: "
    if rest.startswith(before):  # the class of the edit before
        rest = rest.split("\n", 1)[1]
    (content / name).write_text(first + said + rest)


def clarify(content: Path) -> None:
    edit(content, FILE, "stem: Quelle", "stem: Au fait, quelle")
    revise(content, "clarification")


def move_the_answer(content: Path) -> None:
    """« b » was right, « a » is."""
    edit(content, FILE, "      correct: true\n", "")
    edit(content, FILE, "fausse\n", "fausse\n      correct: true\n")


def without(content: Path, question_id: str) -> None:
    text = (content / FILE).read_text()
    start = text.index(f"- id: {question_id}")
    end = text.find("\n- id: ", start)
    (content / FILE).write_text(text[:start] + (text[end + 1 :] if end > 0 else ""))


def finish(learner: Learner) -> None:
    learner.read(part=4)
    for question_id in (*RIGHT, "petit-q04"):
        learner.answer(question_id)


def completion(session: Session) -> ModuleCompletion:
    session.rollback()
    return session.query(ModuleCompletion).one()


class TestNotes:
    def test_a_typo_says_nothing(self, learner: Learner, session: Session, content: Path) -> None:
        learner.read(part=2)
        answered = learner.answer(SINGLE)
        edit(content, FILE, "stem: Quelle", "stem: Quelle  ")
        edit(content, FILE, "Parce que.", "Parce que, voilà.")
        revise(content, "typo")
        edit(content, "petit/01-un.md", "tient en une", "tient en une seule")
        revise(content, "typo", name="petit/01-un.md")
        sync(session, content)
        for page in (
            learner.get("etape/petit-un/"),
            learner.get("module/petit/"),
            learner.question(SINGLE),
            learner.open(answered.path),
        ):
            assert "Mise à jour" not in page.main
        assert session.query(Card).one().last_correct

    def test_a_clarified_lesson_says_so_until_it_is_read_on(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        learner.read(part=2)
        edit(content, "petit/01-un.md", "tient en une", "tient en une seule")
        revise(content, "clarification", name="petit/01-un.md")
        sync(session, content)
        assert "Mise à jour" in learner.get("module/petit/").main
        assert "Cette étape a été précisée" in learner.get("etape/petit-un/?partie=1").main
        learner.read(part=3)
        assert "précisée" not in learner.get("etape/petit-un/?partie=1").main
        assert "Mise à jour" not in learner.get("module/petit/").main

    def test_reading_an_older_page_is_not_having_seen_the_new_one(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        page = learner.get("etape/petit-un/?partie=4")
        edit(content, "petit/01-un.md", "tient en une", "tient en une seule")
        revise(content, "clarification", name="petit/01-un.md")
        sync(session, content)
        data = page.hidden("csrf_token", "partie", "revision")
        assert learner.client.post(page.path, data=data).status_code == 303
        assert "Cette étape a été précisée" in learner.get("etape/petit-un/").main
        forged = {**data, "revision": "999999"}
        assert learner.client.post(page.path, data=forged).status_code == 303
        assert "précisée" not in learner.get("etape/petit-un/").main
        learner.client.post(page.path, data=data)
        assert "précisée" not in learner.get("etape/petit-un/").main

    def test_a_clarified_question_says_so_until_answered_again(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        answered = learner.answer(SINGLE)
        clarify(content)
        sync(session, content)
        card = session.query(Card).one()
        assert (card.restarted_at, card.last_correct) == (None, True)
        assert "Cette question a été précisée" in learner.question(SINGLE).main
        assert "Cette question a été précisée" in learner.open(answered.path).main
        assert "précisée" not in learner.answer(SINGLE).main
        assert "précisée" not in learner.question(SINGLE).main

    def test_a_lesson_added_to_a_completed_module_is_new_and_takes_nothing(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        finish(learner)
        second = LESSON.replace("petit-un", "petit-deux").replace("Une leçon", "Une autre")
        second = second.replace("minutes: 10", "minutes: 7")
        (content / "petit/02-deux.md").write_text(second)
        more = QUESTIONS[QUESTIONS.index("- id: petit-q05") : QUESTIONS.index("- id: petit-q06")]
        more = more.replace("q05", "q07").replace("petit-un", "petit-deux").replace("dire", "idee")
        with (content / FILE).open("a") as questions:
            questions.write(more)
        edit(content, "petit/module.yaml", "[petit-un]", "[petit-un, petit-deux]")
        edit(content, "petit/module.yaml", "minutes: 10", "minutes: 17")
        revise(content, "clarification", name="petit/module.yaml")
        sync(session, content)
        page = learner.get("module/petit/").main
        assert "Module terminé" in page
        assert "Nouveau" in page
        assert completion(session).state == "completed"
        learner.read("petit-deux", part=1)
        assert "Nouveau" not in learner.get("module/petit/").main


class TestAnswerMoved:
    def test_the_question_comes_back_and_what_was_earned_stays(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        finish(learner)
        earned = completion(session)
        code, grade = earned.code, session.query(OwedGrade).one().score
        assert (earned.release_id, code is None) == (1, False)
        move_the_answer(content)
        revise(content, "answer")
        sync(session, content)
        assert "La bonne réponse de 1 question a changé" in learner.get("module/petit/").main
        assert "La bonne réponse de cette question a changé" in learner.question(SINGLE).main
        now = completion(session)
        assert (now.state, now.code, now.score, now.best_score) == ("completed", code, 83, 100)
        assert (now.release_id, now.module_revision_id) == (1, earned.module_revision_id)
        assert session.query(OwedGrade).one().score == grade
        assert session.query(Answer).count() == 6
        assert learner.answer(SINGLE, {"choice": ["a"]}).status == 200
        assert "a changé" not in learner.question(SINGLE).main
        assert completion(session).score == 100

    def test_two_edits_in_a_row_are_the_strongest_of_both(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        learner.answer(SINGLE)
        log_content(content)
        move_the_answer(content)
        revise(content, "answer")
        log_content(content)
        edit(content, FILE, "Parce que.", "Parce que, voilà.")
        revise(content, "typo", number=3)
        sync(session, content)
        assert session.query(Card).one().restarted_at == LATER

    def test_one_published_after_the_other_keeps_the_restart(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        page = learner.question(SINGLE)
        learner.answer(SINGLE)
        move_the_answer(content)
        revise(content, "answer")
        sync(session, content)
        edit(content, FILE, "Parce que.", "Parce que, voilà.")
        revise(content, "typo", number=3)
        sync(session, content)
        assert learner.submit(page, {"choice": ["b"]}).status == 409
        assert session.query(Card).one().restarted_at is not None


class TestBetweenGetAndPost:
    def test_a_choice_that_went_with_the_edit_is_asked_again(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        page = learner.question(SINGLE)
        edit(content, FILE, "    - id: c\n", "    - id: e\n")
        revise(content, "clarification")
        sync(session, content)
        refused = learner.submit(page, {"choice": ["c"]})
        assert refused.status == 409
        assert "La question a été corrigée depuis que vous l’avez ouverte" in refused.main
        assert learner.submit(refused, {"choice": ["b"]}).status == 303
        kept = session.query(Answer).one()
        assert kept.revision_id == session.query(Card).one().revision_id
        assert kept.revision_id == load_catalog(session).question(SINGLE).revision_id

    def test_a_form_sent_twice_with_the_edit_in_between_was_received(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        page = learner.question(SINGLE)
        sent = learner.submit(page, {"choice": ["b"]})
        move_the_answer(content)
        revise(content, "answer")
        sync(session, content)
        again = learner.submit(page, {"choice": ["b"]})
        assert again.status == 303
        assert again.location.partition("?")[0] == sent.location.partition("#")[0]
        assert "Vous aviez déjà envoyé" in learner.open(again.location).main
        assert session.query(Answer).count() == 1

    def test_what_was_typed_for_a_question_withdrawn_is_kept(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        page = learner.question("petit-q06")
        without(content, "petit-q06")
        sync(session, content)
        gone = learner.submit(page, {"text": ["la récupération"]})
        assert gone.status == 410
        assert "Cette question a été retirée" in gone.main
        assert "gardé trente jours" in gone.main
        assert session.query(Draft).one().fields == {"text": ["la récupération"]}
        assert learner.get("module/petit/").status == 200

    def test_a_lesson_shortened_meanwhile_is_read(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        page = learner.get("etape/petit-un/?partie=4")
        edit(content, "petit/01-un.md", "## Deuxième titre", "### Deuxième titre")
        revise(content, "clarification", name="petit/01-un.md")
        sync(session, content)
        learner.client.post(page.path, data=page.hidden("csrf_token", "partie", "revision"))
        assert "1 sur 1 étape lue" in learner.get("module/petit/").main

    def test_an_answer_never_undoes_a_restart_that_comes_between(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        """Two processes: the catalog of one is read just before the other publishes."""
        learner.answer(SINGLE)
        catalog = load_catalog(session)
        assert not is_behind(session, catalog, SINGLE)
        assert is_behind(session, catalog, "petit-q99") is False
        move_the_answer(content)
        revise(content, "answer")
        sync(session, content)
        assert is_behind(session, catalog, SINGLE)
        assert not is_behind(session, catalog, "petit-q02")
        without(content, "petit-q02")
        sync(session, content)
        assert is_behind(session, catalog, "petit-q02")

    @pytest.mark.parametrize("database", ["postgresql"], indirect=True)
    def test_a_publication_that_comes_while_a_form_is_received_is_seen(
        self,
        learner: Learner,
        session: Session,
        content: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """SQLite lets nobody write meanwhile."""
        learner.answer(SINGLE)
        page = learner.question(SINGLE)
        move_the_answer(content)
        revise(content, "answer")

        def publish_first(reading: Session, catalog: Catalog, question_id: str) -> bool:
            if catalog.release_id == 1:
                with db.sessionmaker.begin() as other:
                    publish(other, folder=content, now=LATER)
            return is_behind(reading, catalog, question_id)

        monkeypatch.setattr("lti_app.practice.routes.questions.is_behind", publish_first)
        assert learner.submit(page, {"choice": ["b"]}).status == 409
        session.rollback()
        assert session.query(Card).one().restarted_at == LATER

    @pytest.mark.usefixtures("content")
    @pytest.mark.parametrize("database", ["postgresql"], indirect=True)
    def test_a_publication_waits_for_the_answer_being_marked(
        self, app: Flask, session: Session
    ) -> None:
        catalog = load_catalog(session)
        session.commit()
        is_behind(session, catalog, SINGLE)
        with app.app_context(), db.sessionmaker() as other:
            other.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(sa.exc.OperationalError):
                other.execute(sa.text("UPDATE question SET position = 9 WHERE id = 'petit-q01'"))


class TestWithdrawn:
    def test_a_question(self, learner: Learner, session: Session, content: Path) -> None:
        learner.read(part=4)
        for question_id in RIGHT:  # five of six
            feedback = learner.answer(
                question_id, {"choice": ["c"]} if question_id == SINGLE else None
            )
        first = feedback.path.replace("/reponse/5/", "/reponse/1/")
        assert completion(session).state == "started"
        without(content, SINGLE)
        sync(session, content)
        now = completion(session)
        assert (now.state, now.score, session.query(Answer).count()) == ("completed", 80, 5)
        for page in (learner.question(SINGLE), learner.open(first)):
            assert page.status == 410
            assert "Cette question a été retirée" in page.main
            assert "Revenir au module" in page.links()
        assert learner.get("reviser/").status == 200

    def test_a_lesson_then_the_module(
        self, learner: Learner, enrol: Enrol, session: Session, content: Path
    ) -> None:
        finish(learner)
        (content / "autre").mkdir()
        for name in ("module.yaml", "01-un.md", "questions.yaml"):
            text = (content / "petit" / name).read_text().replace("petit", "autre")
            (content / "autre" / name).write_text(text)
        sync(session, content)
        page = learner.get("etape/petit-un/")
        for path in (content / "petit").iterdir():
            path.unlink()
        (content / "petit").rmdir()
        sync(session, content)
        for rest, what in (
            ("etape/petit-un/", "Cette étape a été retirée"),
            ("module/petit/", "Ce module a été retiré"),
            ("module/petit/atelier/", "Ce module a été retiré"),
            ("question/petit-q01/", "Cette question a été retirée"),
        ):
            gone = learner.get(rest)
            assert gone.status == 410
            assert what in gone.main
            assert "Revenir au parcours" in gone.links()
        assert "Télécharger l’attestation (PDF)" in learner.get("module/petit/").links()
        late = learner.client.post(page.path, data=page.hidden("csrf_token", "partie"))
        assert late.status_code == 410
        assert learner.get("").status == 200
        assert learner.get("reviser/").status == 200
        assert completion(session).state == "completed"
        stranger = enrol(course=learner.enrolment.course)
        assert "Télécharger" not in stranger.get("module/petit/").text
        assert stranger.get("module/jamais-vu/").status == 404

    def test_a_path_that_loses_a_module_may_be_complete(
        self, learner: Learner, session: Session, content: Path
    ) -> None:
        factories.ResourceLinkFactory.create(course=learner.enrolment.course, target="path")
        session.commit()
        (content / "autre").mkdir()
        for name in ("module.yaml", "01-un.md", "questions.yaml"):
            text = (content / "petit" / name).read_text().replace("petit", "autre")
            (content / "autre" / name).write_text(text)
        sync(session, content)
        finish(learner)
        assert "path" not in {grade.target for grade in session.query(OwedGrade)}
        for path in (content / "autre").iterdir():
            path.unlink()
        (content / "autre").rmdir()
        sync(session, content)
        session.rollback()
        owed = {grade.target: grade.score for grade in session.query(OwedGrade)}
        assert owed == {"petit": 100, "path": 100}


def test_what_is_taught_under_another_module_is_done_there_too(
    learner: Learner, session: Session, content: Path
) -> None:
    """A module split, merged or renamed: who did everything has nothing left to open."""
    factories.ResourceLinkFactory.create(course=learner.enrolment.course, target="neuf")
    session.commit()
    finish(learner)
    (content / "petit").rename(content / "neuf")
    edit(content, "neuf/module.yaml", "id: petit", "id: neuf")
    sync(session, content)
    session.rollback()
    done = {row.module_id: row for row in session.query(ModuleCompletion)}
    assert {id_: (row.state, row.score) for id_, row in done.items()} == {
        "petit": ("completed", 100),
        "neuf": ("completed", 100),
    }
    assert done["petit"].code != done["neuf"].code
    assert {grade.target: grade.score for grade in session.query(OwedGrade)} == {
        "petit": 100,
        "neuf": 100,
    }
