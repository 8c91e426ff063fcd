"""Anki, H5P and CSV: stable ids, the shape their readers want, nothing active left in cells."""

import csv
import io
import json
import sqlite3
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from lti_app.content.rules.exchange.anki import anki_package, stable_id
from lti_app.content.rules.exchange.bank import Bank
from lti_app.content.rules.exchange.h5p import VERSIONS, h5p_package
from lti_app.content.rules.exchange.table import HEADINGS, rows
from lti_app.content.rules.schema import QuestionSource, parse_question
from lti_app.reports.rules.spreadsheet import csv_chunks
from tests.unit.content.exchange.questions import bank_of, questions

_NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
_COMMON = {
    "lesson": "essai-lire", "family": "lire-vite", "explanation": "Parce que [@dehaene2018].",
    "sources": ["dehaene2018"], "revision": 1,
}  # fmt: skip


def _question(number: int, kind: str, **answers: Any) -> QuestionSource:
    stem = f"=Énoncé {number}\u00a0: a<b\u202f?"
    identity = {"id": f"essai-q{number:02d}", "kind": kind, "stem": stem}
    return parse_question({**_COMMON, **identity, **answers})


def _entries(first: str, *texts: str, **more: str) -> list[dict[str, Any]]:
    return [
        {"id": "abcde"[i], first: text, **more, "feedback": f"Retour {i}."}
        for i, text in enumerate(texts)
    ]


@pytest.fixture
def bank() -> Bank:
    """One question of each kind."""
    options = _entries("text", "**Un**", "Deux", "Trois")
    options[0]["correct"] = True
    pairs = _entries("left", "Un", "Deux : *", "Trois")
    for rank, pair in enumerate(pairs):
        pair["right"] = f"droite : {rank} *"
    truth = [{"id": "vrai", "feedback": "Non."}, {"id": "faux", "correct": True, "feedback": "Si."}]
    short = [{"text": text, "feedback": "Oui."} for text in ("Méthode", "a/b")]
    return bank_of(
        _question(1, "single", options=options),
        _question(2, "multiple", options=options),
        _question(3, "truefalse", options=truth),
        _question(4, "short", answers=short, otherwise="Non."),
        _question(5, "ordering", items=_entries("text", "Zéro", "Alpha", "Bêta")),
        _question(6, "matching", pairs=pairs, distractors=["intrus"]),
    )


def _notes(data: bytes, folder: Path) -> dict[str, tuple[str, str, str, int]]:
    """Question, answer, guid and time of change of each note, by our id."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extract("collection.anki2", folder)
    connection = sqlite3.connect(folder / "collection.anki2")
    found = connection.execute("select flds, guid, mod from notes").fetchall()
    connection.close()
    cut = [(*fields.split("\x1f"), guid, mod) for fields, guid, mod in found]
    return {key: (front, back, guid, mod) for key, front, back, guid, mod in cut}


def test_a_new_package_of_anki_updates_the_former(bank: Bank, tmp_path: Path) -> None:
    before = _notes(anki_package(bank, _NOW), tmp_path)
    after = _notes(anki_package(bank, _NOW.replace(hour=9)), tmp_path)
    assert list(before) == [question.id for question in bank.questions]
    assert {k: v[2] for k, v in before.items()} == {k: v[2] for k, v in after.items()}
    assert after["essai-q01"][3] - before["essai-q01"][3] == 3600
    assert stable_id("deck essai-lire") == 1907703531


def test_a_card_asks_on_one_side_and_teaches_on_the_other(bank: Bank, tmp_path: Path) -> None:
    notes = _notes(anki_package(bank, _NOW), tmp_path)
    front, back, *_ = notes["essai-q01"]
    assert "a&lt;b" in front
    assert "<strong>Un</strong>" in front
    assert "Retour" not in front
    assert "✓ Juste" in back
    assert "Retour 1." in back
    assert "Dehaene, S. (2018)" in back
    ordering = notes["essai-q05"][0]
    assert ordering.index("Alpha") < ordering.index("Bêta") < ordering.index("Zéro")
    assert notes["essai-q06"][0].index("droite") > notes["essai-q06"][0].index("Trois")
    assert "Méthode" not in notes["essai-q04"][0]


def _h5p(bank: Bank) -> tuple[Any, Any, list[str]]:
    data, skipped = h5p_package(bank)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = json.loads(archive.read("h5p.json"))
        content = json.loads(archive.read("content/content.json"))
    return manifest, content, [one.name for one in skipped]


def test_h5p_holds_five_kinds_and_names_the_sixth(bank: Bank) -> None:
    manifest, content, skipped = _h5p(bank)
    assert skipped == ["essai-q05"]
    assert manifest["mainLibrary"] == "H5P.QuestionSet"
    assert {d["machineName"] for d in manifest["preloadedDependencies"]} == set(VERSIONS)
    single, multiple, truth, blanks, drag = (q["params"] for q in content["questions"])
    assert [q["library"] for q in content["questions"]] == [
        "H5P.MultiChoice 1.16",
        "H5P.MultiChoice 1.16",
        "H5P.TrueFalse 1.8",
        "H5P.Blanks 1.14",
        "H5P.DragText 1.10",
    ]
    assert [a["correct"] for a in single["answers"]] == [True, False, False]
    assert single["answers"][1]["tipsAndFeedback"]["chosenFeedback"] == "<p>Retour 1.</p>"
    assert (single["behaviour"]["type"], multiple["behaviour"]["type"]) == ("single", "multi")
    assert truth["correct"] == "false"
    assert truth["behaviour"]["feedbackOnWrong"].startswith("Non. Parce que (Dehaene, 2018).")
    assert blanks["questions"] == ["<p>Réponse\u00a0: *Méthode/Methode*</p>"]
    assert drag["textField"].split("\n")[1] == "Deux ∶ ∗ → *droite ∶ 1 ∗*"
    assert drag["distractors"] == "*intrus*"
    assert content["passPercentage"] == 80


def test_the_same_questions_are_the_same_h5p_file(bank: Bank) -> None:
    assert h5p_package(bank)[0] == h5p_package(bank)[0]


def test_a_spreadsheet_runs_nothing_and_misses_nothing(bank: Bank) -> None:
    text = "".join(csv_chunks(rows(bank)))
    assert text.startswith("\ufeff")
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert lines[0] == list(HEADINGS)
    assert {len(line) for line in lines} == {len(HEADINGS)}
    assert len(lines) == 1 + 3 + 3 + 2 + 3 + 3 + 4
    assert lines[1][6] == "'=Énoncé 1 : a<b ?"
    assert lines[1][8:12] == ["Un", "", "oui", "Retour 0."]


@given(questions())
@settings(max_examples=20)
def test_any_question_can_be_packed(source: QuestionSource) -> None:
    bank = bank_of(source)
    manifest, _content, skipped = _h5p(bank)
    assert len(manifest["preloadedDependencies"]) == 2 - len(skipped)
    assert len(list(rows(bank))) > 1
