"""What teachers mistype: said in French, where it is, without the notation of programmers."""

import re
from pathlib import Path

import pytest

from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.services import check_content
from tests.unit.content.sample import add_supplements, edit

MODULE, LESSON, QUESTIONS = "petit/module.yaml", "petit/01-un.md", "petit/questions.yaml"
_ENGLISH = re.compile(r"\b(?:found|not|expected|character|token|while|key|the)\b")


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _said(problems: list[Problem]) -> str:
    return _plain("\n".join(f"{p.line} {p.message} → {p.advice}" for p in problems))


@pytest.mark.parametrize(
    ("old", "new", "cause", "advice"),
    [
        ("  family: ranger", "\tfamily: ranger", "tabulation", "espaces"),
        ("  explanation: Parce", "    explanation: Parce", "décalée", "même colonne"),
        ("      text: La bonne", "     text: La bonne", "décalée", "même colonne"),
        ("    - id: b", "    -id: b", "décalée", "une espace après le tiret"),
        ("  lesson: petit-un", "\u00a0\u00a0lesson: petit-un", "insécable", "ordinaires"),
        ("stem: Associez.", "stem: Associez : ceci.", "deux-points", "entre guillemets"),
        ("stem: Associez.", 'stem: "Associez.', "guillemet", "fermez"),
        ("stem: Associez.", "stem: @Associez.", "signe réservé", "entre guillemets"),
        ("[dehaene2018]", "[dehaene2018", "crochet", "fermez"),
        ("stem: Associez.", "stem: >- Associez.", "« >- »", "à la ligne"),
    ],
)
def test_unreadable_yaml_is_explained_in_french(
    courses: Path, old: str, new: str, cause: str, advice: str
) -> None:
    edit(courses, QUESTIONS, old, new)

    problem = next(p for p in check_content(courses) if "YAML illisible" in p.message)

    assert cause in _plain(problem.message)
    assert advice in _plain(problem.advice)
    assert not _ENGLISH.search(problem.message + problem.advice)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (QUESTIONS, "      feedback: Non plus.\n", "", "15 « feedback » (options, n° 3) manque →"),
        (
            QUESTIONS,
            "      feedback: Non.",
            "      feedback:",
            "« feedback » (options, n° 1) est vide",
        ),
        (QUESTIONS, "sources: [dehaene2018]", "sources: dehaene2018", "« sources: [dehaene2018] »"),
        (QUESTIONS, "family: dire", "family: dires", "vouliez-vous écrire « dire » ?"),
        (QUESTIONS, "family: dire", "family: redire", "rejoignez une famille"),
        (QUESTIONS, "Oui [@yang2021].", "Oui [yang2021].", "écrivez [@yang2021]"),
        (QUESTIONS, "feedback: Non.", "feedback: Faux.", "« Faux. » tout seul"),
        (LESSON, "[@dehaene2018]", "[dehaene2018]", "écrivez [@dehaene2018]"),
        (LESSON, "## Deuxième titre", "##Deuxième titre", "une espace après « ## »"),
        (LESSON, "| --- | ---: |\n", "", "| --- | --- |"),
        (LESSON, "| --- | ---: |", "| --- |", "une fois par colonne"),
        (LESSON, "## Quatrième titre", "Quatrième titre", "3 parties →"),
        (LESSON, "revision: 1\n---", "revision: 1", "n’est pas fermé"),
    ],
)
def test_a_slip_is_named_and_its_remedy_given(
    courses: Path, name: str, old: str, new: str, said: str
) -> None:
    edit(courses, name, old, new)

    assert said in _said(check_content(courses))


def test_the_rest_of_a_file_is_not_taken_for_a_slip(courses: Path) -> None:
    """A reference in a link's text, code, a heading in a box, a table in order."""
    edit(courses, LESSON, "fini.", "`[yang2021]` et `##titre` et 3 | 4.\n\n| A |\n| --- |\n| b |")

    assert check_content(courses) == []


def test_files_from_a_word_processor_are_said_to_be(courses: Path) -> None:
    (courses / LESSON).write_bytes(b"PK\x03\x04" + bytes(range(256)))
    assert "traitement de texte" in _said(check_content(courses))


def test_a_wrong_encoding_says_where_to_change_it(courses: Path) -> None:
    (courses / LESSON).write_bytes("---\nid: été\n---\n".encode("cp1252"))
    assert "« Enregistrer sous », encodage UTF-8" in _said(check_content(courses))


@pytest.mark.parametrize("how", ["\r\n", "\r"])
def test_line_ends_of_windows_and_old_macs_change_nothing(courses: Path, how: str) -> None:
    for name in (MODULE, LESSON, QUESTIONS):
        path = courses / name
        text = path.read_text(encoding="utf-8").replace("\n", how)
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())

    assert check_content(courses) == []


@pytest.mark.parametrize("name", ["02-deux.md.txt", "02-deux.docx", "question.yaml"])
def test_a_file_that_nobody_reads_is_said(courses: Path, name: str) -> None:
    (courses / "petit" / name).write_text("x", encoding="utf-8")

    (problem,) = check_content(courses)

    assert (problem.path.name, problem.severity) == (name, Severity.WARNING)


def test_what_editors_leave_is_not_said(courses: Path) -> None:
    add_supplements(courses)
    for name in (".01-un.md.swp", "01-un.md~", "questions.yaml.bak"):
        (courses / "petit" / name).write_text("x", encoding="utf-8")

    assert check_content(courses) == []
