"""What goes with lessons: figures, glossary, dated facts, and the workshop kit of a module."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.content.services import sync_content
from lti_app.core.database import db
from lti_app.practice.services import kit as kit_service
from lti_app.printing.rules.wording import MEDIA_TYPES, FileFormat
from lti_app.printing.services import PrintingError
from tests import factories
from tests.conftest import make_client
from tests.unit.content.sample import add_supplements, edit, write_courses
from tests.unit.practice.conftest import Enrol, Learner
from tests.unit.practice.page import read
from tests.unit.practice.statements import counted_statements

LAST_PART = "etape/petit-un/?partie=4"
KIT = "module/petit/atelier/"


@pytest.fixture
def courses(tmp_path: Path) -> Path:
    return add_supplements(write_courses(tmp_path / "courses"))


def test_a_lesson_shows_its_words_its_drawing_and_what_is_dated(learner: Learner) -> None:
    page = learner.get(LAST_PART)
    ids = {each.get("id") for each in page.tree.iter()}
    calls = re.findall(r'href="#((?:mot|source)-[^"]*)"', page.text)
    assert {"mot-recuperation", "mot-espacement", "mot-ecart", "source-yang2021"} <= set(calls)
    assert set(calls) <= ids
    assert "Retrouver sans relire" in page.main
    # What a definition or a drawing rests on is among the sources.
    assert {"source-dehaene2018", "source-yang2021"} <= ids
    assert "Deux barres" in read(page.one("figure"))
    assert "juillet 2026" in read(page.one("aside", class_="encadre-relire"))
    begun = learner.get("etape/petit-un/?partie=1")
    assert "Repérer une autre chose" in begun.main
    assert not begun.all("dl")


def test_a_drawing_is_given_to_anybody_and_kept_for_ever(app: Flask, learner: Learner) -> None:
    address = learner.get(LAST_PART).one("img").get("src", "")
    stranger = make_client(app)
    given = stranger.get(address)
    assert given.status_code == 200
    assert given.mimetype == "image/svg+xml"
    assert given.text.startswith("<svg")
    assert "immutable" in given.headers["Cache-Control"]
    assert given.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in given.headers
    again = stranger.get(address, headers={"If-None-Match": given.headers["ETag"]})
    assert again.status_code == 304
    for wrong in (re.sub(r"-[0-9a-f]{12}\.", "-0123456789ab.", address), address + "x"):
        assert stranger.get(wrong).status_code == 404


def test_the_glossary_is_in_alphabetical_order(learner: Learner) -> None:
    page = learner.get("glossaire/")
    assert [read(term) for term in page.all("dt")] == [
        "écart",
        "Espacement",
        "récupération en mémoire",
    ]
    assert [read(letter) for letter in page.one("nav", class_="p-letters").iter("li")] == ["E", "R"]
    assert page.links()["Un petit module"].endswith("/module/petit/")
    assert "glossaire/" in learner.get("").links()["Glossaire"]


def test_the_date_of_a_fact_stands_under_the_explanation(learner: Learner) -> None:
    assert "Avant septembre" not in learner.answer("petit-q02").main
    assert "juillet 2026" in read(learner.answer("petit-q01").one("p", class_="p-dated"))


def test_the_module_leads_to_its_kit_and_the_kit_has_everything(learner: Learner) -> None:
    assert learner.get("module/petit/").links()["Voir l’atelier"].endswith(KIT)
    page = learner.get(KIT)
    assert page.status == 200
    for words in ("Repartir avec une question", "10 à 30", "La fiche", "Objet", "Bonjour à tous"):
        assert words in page.main
    rows = [(row.find("th"), row.find("td")) for row in page.all("tr")]
    fields = {
        read(name): read(value) for name, value in rows if name is not None and value is not None
    }
    assert fields["Durée à distance"] == "10 min"
    assert fields["Version"] == "révision 1 du 9 novembre 2026"
    assert (
        len(
            [
                link
                for link in page.all("a")
                if link.get("href", "").endswith((".pdf", ".odt", ".docx"))
            ]
        )
        == 9
    )


@pytest.mark.parametrize(
    ("rest", "begins"),
    [("kit.pdf", b"%PDF"), ("fiche.docx", b"PK"), ("indexation.odt", b"PK")],
)
def test_files_are_downloaded_under_a_plain_name(
    learner: Learner, rest: str, begins: bytes
) -> None:
    given = learner.client.get(learner.url(KIT + rest))
    assert given.status_code == 200
    assert given.data.startswith(begins)
    assert given.mimetype == MEDIA_TYPES[FileFormat(rest.partition(".")[2])]
    assert re.fullmatch(
        r'attachment; filename="[a-z-]+-un-petit-module\.[a-z]+"',
        given.headers["Content-Disposition"],
    )
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in given.headers["Content-Security-Policy"]
    assert given.headers["Cache-Control"] == "private, no-cache"
    again = learner.client.get(
        learner.url(KIT + rest), headers={"If-None-Match": given.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_a_kit_is_for_the_enrolled_and_only_where_there_is_one(
    app: Flask, learner: Learner, enrol: Enrol
) -> None:
    other = enrol()
    for rest in (KIT, KIT + "kit.pdf", "glossaire/"):
        assert make_client(app).get(learner.url(rest)).status_code == 401
        assert other.client.get(learner.url(rest)).status_code == 404
    for rest in (KIT + "kit.exe", KIT + "tout.pdf", "module/autre/atelier/kit.pdf"):
        assert learner.client.get(learner.url(rest)).status_code == 404


def test_a_module_without_a_kit_says_nothing_of_one(
    learner: Learner, session: Session, courses: Path
) -> None:
    (courses / "petit" / "kit.yaml").unlink()
    sync_content(session, folder=courses, now=factories.NOW)
    session.commit()
    assert "atelier" not in learner.get("module/petit/").text
    assert learner.get(KIT).status == 404


def test_a_corrected_kit_has_a_later_date(
    learner: Learner, session: Session, courses: Path
) -> None:
    edit(courses, "petit/kit.yaml", "Bonjour à tous.", "Bonjour.")
    sync_content(session, folder=courses, now=factories.NOW + timedelta(days=7))
    session.commit()
    assert "révision 1 du 16 novembre 2026" in learner.get(KIT).main


def test_drawings_of_other_publications_are_not_read_for_each_file(
    app: Flask, learner: Learner
) -> None:
    learner.get(KIT)
    with app.app_context():
        engine = db.engine
    with counted_statements(engine) as statements:
        assert learner.client.get(learner.url(KIT + "indexation.pdf")).status_code == 200
    assert [sql for sql in statements if "content_release.supplements" in sql] == []


def test_a_file_that_cannot_be_made_is_explained(
    learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise PrintingError("no pandoc here")

    monkeypatch.setattr(kit_service, "print_document", fail)
    page = learner.get(KIT + "kit.odt")
    assert page.status == 503
    assert "DOCUMENT-NON-FAIT" in page.text
