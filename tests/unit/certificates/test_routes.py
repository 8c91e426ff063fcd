"""The attestation: one page, of one's own, that anybody can check and that says little."""

import io

import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.certificates import services
from lti_app.completion.models import ModuleCompletion
from tests.conftest import make_client
from tests.unit.practice.conftest import RIGHT, Learner
from tests.unit.practice.page import Page

ADDRESS = "module/petit/attestation.pdf"


@pytest.fixture
def graduate(learner: Learner) -> Learner:
    learner.read(part=4)
    for question_id in (*RIGHT, "petit-q04"):
        learner.answer(question_id)
    return learner


def code_of(session: Session) -> str:
    session.rollback()
    code = session.query(ModuleCompletion).one().code
    assert code is not None
    return code


def read_pdf(data: bytes) -> tuple[pypdf.PdfReader, str]:
    reader = pypdf.PdfReader(io.BytesIO(data))
    return reader, " ".join("".join(page.extract_text() for page in reader.pages).split())


def test_it_says_who_what_which_version_and_where_to_check(
    graduate: Learner, client: FlaskClient, session: Session
) -> None:
    page = graduate.get("module/petit/")
    assert page.links()["Télécharger l’attestation (PDF)"].endswith(ADDRESS)
    response = graduate.client.get(graduate.url(ADDRESS))
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    reader, text = read_pdf(response.data)
    assert len(reader.pages) == 1
    assert b"pdfuaid:part" in response.data
    code = code_of(session)
    for said in ("Camille Référent", "Un petit module", "révision 1", "10 min", code[:4]):
        assert said in text
    assert f"https://relais.example.org/attestation/{code[:4]}-" in text

    checked = Page(client.get(f"/attestation/{code.lower()}"))
    assert checked.status == 200
    assert "C. R." in checked.main
    assert "Camille" not in checked.text
    assert "révision 1" in checked.main
    assert "Cache-Control" in client.get(f"/attestation/{code}").headers


@pytest.mark.parametrize("code", ["0" * 16, "x", "0000-0000-0000-0001", "%00", "é" * 16, "a" * 900])
def test_an_unknown_code_says_so(client: FlaskClient, code: str) -> None:
    page = Page(client.get(f"/attestation/{code}"))
    assert page.status == 404
    assert "Code inconnu" in page.main


def test_a_code_goes_with_its_person(
    graduate: Learner, client: FlaskClient, session: Session
) -> None:
    code = code_of(session)
    session.delete(session.query(ModuleCompletion).one())
    session.commit()
    assert "Code inconnu" in client.get(f"/attestation/{code}").text
    assert graduate.client.get(graduate.url(ADDRESS)).status_code == 404


def test_there_is_none_before_and_none_of_others(
    app: Flask,
    learner: Learner,
    client: FlaskClient,
) -> None:
    learner.read(part=4)
    page = learner.get(ADDRESS)
    assert page.status == 404
    assert "Pas encore d’attestation" in page.main
    assert "Télécharger" not in learner.get("module/petit/").text
    assert make_client(app).get(learner.url(ADDRESS)).status_code == 401


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (None, "nom non transmis"),
        ("Олена Шевченко", "Олена Шевченко"),
        ("李 明", "nom transmis, dans une écriture"),
        ("<b>#pagebreak() [x] $a$</b> *Zoé*", "<b>#pagebreak() [x] $a$</b> *Zoé*"),
        ("N" * 255, ""),
        ("Zoé 😀", "Zoé"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_any_name_is_printed(
    graduate: Learner, session: Session, name: str | None, shown: str
) -> None:
    graduate.enrolment.person.name = name
    session.commit()
    response = graduate.client.get(graduate.url(ADDRESS))
    assert response.status_code == 200
    reader, text = read_pdf(response.data)
    assert len(reader.pages) == 1
    assert shown in text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_that_cannot_be_drawn_is_explained_and_names_nobody(
    graduate: Learner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> bytes:
        raise RuntimeError("the text « Camille Référent » could not be displayed")

    monkeypatch.setattr(services, "render_pdf", fail)
    page = graduate.get(ADDRESS)
    assert page.status == 503
    assert "ATTESTATION-NON-FAITE" in page.text
    assert "Camille" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_log_holds_a_code(
    client: FlaskClient, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client.get("/attestation/7K3M0QXP7K3M0QXP")
    client.post("/attestation/7K3M0QXP7K3M0QXP")
    assert "7K3M" not in "".join(capsys.readouterr())
