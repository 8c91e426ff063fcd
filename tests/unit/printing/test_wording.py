"""Versions, fields, names of files."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.printing.rules.timing import time_steps
from lti_app.printing.rules.wording import (
    DocumentKind,
    FileFormat,
    file_name,
    indexing_rows,
    slug,
    version,
)
from tests.unit.printing.samples import MODULE


def test_the_version_has_its_revision_and_its_year() -> None:
    assert version(MODULE, date(2027, 3, 1)) == "révision 3 du 1er\u00a0mars 2027"
    assert version(MODULE, None) == "révision 3"


def test_the_sheet_has_the_fields_of_magistere() -> None:
    rows = dict(indexing_rows(MODULE, None))
    assert rows["Durée à distance"] == ("1\u00a0h\u00a010",)
    assert rows["Durée en présence"] == ("40\u00a0min",)
    assert rows["Objectifs"] == ("Expliquer", "Repérer")
    assert {"Titre", "Public", "Domaine", "Mots-clés", "Compétences", "Version"} <= rows.keys()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Élève & œuvre\u202f: l’été", "eleve-oeuvre-lete"),
        ("Mémoriser et apprendre avec le numérique, en classe entière", None),
        ("日本", "module"),
    ],
)
def test_names_of_files_are_plain(title: str, name: str | None) -> None:
    found = file_name(DocumentKind.HANDOUT, title, FileFormat.ODT)
    assert found.startswith("fiche-")
    assert found.endswith(".odt")
    if name:
        assert found == f"fiche-{name}.odt"
    else:
        assert not found.removesuffix(".odt").endswith("-")


@given(st.text())
def test_any_title_gives_a_name(title: str) -> None:
    found = slug(title)
    assert found
    assert found.isascii()
    assert all(letter.isalnum() or letter == "-" for letter in found)
    assert len(found) <= 50


def test_steps_follow_each_other() -> None:
    assert MODULE.kit
    timed = time_steps(MODULE.kit.outline)
    assert [(each.begins, each.ends) for each in timed] == [(0, 10), (10, 40)]
