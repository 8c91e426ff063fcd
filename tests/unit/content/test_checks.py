"""Each check, with a sample that only it refuses, and the line it gives."""

from collections.abc import Sequence
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.content.rules.problems import ContentError, Severity
from lti_app.content.services import check_content
from lti_app.core.settings import PROJECT_ROOT
from tests.unit.content.sample import FILES, edit
from tests.unit.content.spoiling import assert_spoilt, found

MODULE, LESSON, QUESTIONS = "petit/module.yaml", "petit/01-un.md", "petit/questions.yaml"
REFERENCES = "references.yaml"

_PIECES = st.sampled_from(
    [
        "---\n", "- ", "id: ", ": ", "\n  ", "\n", "[", "]", "{", "}", "'", '"', "&a ", "*a",
        "!!int ", "!!bool x", "<<: ", "? ", "| ", "> ", "\t", "## ", ":::", ":::retenir\n", "[@",
        "# ", "%YAML ", "2026-13-45", "0x", "1e9", ".inf", "~", "\x85", "\u2028", "\x00",
        "kind: short\n", "\r",
    ]
)  # fmt: skip

# (file, text to replace, replacement, words of the message, line after the replaced one)
ERRORS: Sequence[tuple[str, str, str, str, int | None]] = [
    # the format
    (MODULE, "title: Un petit module", "titel: Un petit module", "« titel »", 0),
    (MODULE, "pass_mark: 80", "pass_mark: 180", "« pass_mark » est trop grand", 0),
    (MODULE, "pass_mark: 80", "pass_mark: '80'", "« pass_mark » doit être un nombre", 0),
    (MODULE, "id: petit\n", "id: Petit Module\n", "n’est pas un identifiant valable", 0),
    (MODULE, "minutes: 10", "minutes: 10\nminutes: 11", "écrit deux fois", 1),
    (MODULE, "summary: Pour", "summary: Pour : voir", "YAML illisible", 0),
    (MODULE, "[mémoire]", "&a [*a]", "renvoi YAML", 0),
    (MODULE, "title: Un", "\ttitle: Un", "YAML illisible", 0),
    (LESSON, "summary: Une phrase.", "summary: ''", "« summary » est vide", 0),
    (LESSON, "revision: 1", "revision: 0", "« revision » est trop petit", 0),
    (LESSON, "summary: Une phrase.", "summary: Une phrase.\nbody: x", "« body »", 1),
    (LESSON, "---\nid", "id", "l’en-tête de la leçon manque", 0),
    (QUESTIONS, "kind: multiple", "kind: maybe", "type de question", 0),
    (QUESTIONS, "      feedback: Non.", "      feedbak: Non.", "« feedbak » (options, n° 1)", 0),
    (QUESTIONS, "correct: true", "correct: oui", "true ou false", 0),
    (QUESTIONS, "sources: [conseil]", "sources: []", "« sources » est trop court", 0),
    (QUESTIONS, "explanation: Parce que.", "explanation: 12", "doit être un texte", 0),
    (QUESTIONS, "distractors: [Dernier]", "distractors: Dernier", "doit être une liste", 0),
    (QUESTIONS, "{id: vrai, feedback: Non.}", "{id: oui, feedback: Non.}", "valeur inconnue", 0),
    (REFERENCES, "verified: 'yes'", "verified: 'maybe'", "valeur inconnue", 0),
    (
        MODULE,
        "  - Expliquer",
        "  - ''\n  - a\n  - b\n  - c\n  - d\n  - e\n  - Expliquer",
        "trop long",
        -1,
    ),
    (MODULE, "objectives:", "objectives:\n  ? [a]\n  : b\n_:", "clé illisible", 1),
    (MODULE, "summary: Pour", "summary: !!timestamp Pour", "valeur illisible", 0),
    (MODULE, "summary: Pour", "summary: \x07Pour", "YAML illisible", 0),
    (MODULE, "pass_mark: 80", "pass_mark: 80\nxyz: 1", "n’est pas une clé connue ici", 1),
    (REFERENCES, "- id: dehaene2018", "dehaene2018:\n  id: a\n#", "YAML illisible", None),
    (REFERENCES, "year: 2018", "year: [2018]", "« year » doit être", 0),
    (QUESTIONS, "- id: petit-q01", f"- id: {'a' * 81}", "trop long", 0),
    (QUESTIONS, "- id: petit-q01", "- rien\n- id: petit-q01", "doit être un bloc", 0),
    # across files
    (MODULE, "id: petit\n", "id: grand\n", "n’est pas le nom du dossier", 0),
    (MODULE, "lessons: [petit-un]", "lessons: [petit-un, petit-deux]", "« petit-deux »", 0),
    (MODULE, "lessons: [petit-un]", "lessons: [petit-un, petit-un]", "2 fois", 0),
    (LESSON, "id: petit-un", "id: petit-autre", "n’est pas annoncée dans module.yaml", 0),
    (MODULE, "minutes: 10", "minutes: 11", "la somme des leçons 10", 0),
    (MODULE, "[dehaene2018, yang2021]", "[dehaene2018]", "« yang2021 » manque", None),
    (QUESTIONS, "id: petit-q02", "id: petit-q01", "sert déjà (questions.yaml, ligne 1)", 0),
    (QUESTIONS, "lesson: petit-un", "lesson: petit-zero", "« petit-zero » n’existe pas", 0),
    (QUESTIONS, "family: dire", "family: redire", "n’a qu’une question", 0),
    (QUESTIONS, "sources: [dehaene2018]", "sources: [dehene]", "« dehene » n’existe pas", 0),
    (QUESTIONS, "Oui [@yang2021].", "Oui [@yang].", "« yang » n’existe pas", 0),
    (LESSON, "[@dehaene2018; @yang2021]", "[@dehaene2018; @yng]", "« yng » n’existe pas", 0),
    (REFERENCES, "id: yang2021", "id: dehaene2018", "« dehaene2018 » existe déjà", 0),
    (LESSON, "revision: 1", "revision: 2", "ne dit pas de quelle sorte", 0),
    (QUESTIONS, "revision: 1", "revision: 1\n  change: typo", "n’a pas de « change »", 0),
    # lessons
    (LESSON, "minutes: 10", "minutes: 13", "13 minutes annoncées", 0),
    (LESSON, "## Premier titre", "# Premier titre", "niveau 1", 0),
    (LESSON, "## Deuxième titre", "#### Deuxième titre", "un titre de niveau 4 suit", 0),
    (LESSON, "## Premier titre", "Bonjour.\n\n## Premier titre", "précède le premier titre", 0),
    (LESSON, "## Premier titre", "##", "vide ou sans titre", 0),
    (LESSON, "## Premier titre", "## Vide\n\n## Premier titre", "« Vide » est vide", 0),
    (LESSON, "fini.", "### A\n\n#### B\n\n##### C\n\nfini.", "trop profond", 4),
    (LESSON, ":::retenir", ":::retenir\n:::retenir", "n’est pas fermé", 0),
    (LESSON, ":::retenir", ":::a-retenir", "encadré inconnu", 0),
    (LESSON, "Une classe.\n:::", "Une classe.", "n’est pas fermé", -1),
    (LESSON, "fini.", "fini.\n\n:::", "ne ferme rien", 2),
    (LESSON, "fini.", "[fini](page-deux).", "ne mène nulle part", 0),
    (LESSON, "fini.", "fini\x07.", "caractère de contrôle", 0),
    (LESSON, "fini.", "fini <b>gras</b>.", "du HTML", 0),
    (LESSON, "fini.", "fini ![image](a.png).", "une image", 0),
    # questions
    (QUESTIONS, "      correct: true\n", "", "exactement une bonne réponse", None),
    (QUESTIONS, "{id: vrai, feedback", "{id: vrai, correct: true, feedback", "exactement une", 0),
    (QUESTIONS, "text: Pas celle-ci", "text: Pas\n      correct: true", "3 bonnes", None),
    (QUESTIONS, "    - id: b", "    - id: a", "écrit deux fois", 0),
    (QUESTIONS, "right: Deuxième", "right: Premier", "écrit deux fois", 0),
    (QUESTIONS, "distractors: [Dernier]", "distractors: [Premier]", "écrit deux fois", 0),
    (QUESTIONS, "{text: relecture", "{text: Recuperation", "est déjà donné", 0),
]

WARNINGS: Sequence[tuple[str, str, str, str, int | None]] = [
    (LESSON, "fini.", "l'école.", "apostrophe droite", 0),
    (LESSON, "fini.", 'dit "oui".', "guillemet droit", 0),
    (LESSON, "fini.", "fini...", "trois points", 0),
    (LESSON, "fini.", "fini ?", "espace fine insécable", 0),
    (LESSON, "fini.", "fini\u00a0; encore.", "espace fine insécable", 0),
    (LESSON, "fini.", "fini: encore.", "avant les deux-points", 0),
    (LESSON, "fini.", "**fini** :", "avant les deux-points", 0),
    (LESSON, "fini.", "« fini ».", "à l’intérieur des guillemets", 0),
    (LESSON, "fini.", "48 478 élèves.", "espace ordinaire dans un nombre", 0),
    (LESSON, "fini.", "des élèves motivé·e·s.", "point médian", 0),
    (LESSON, "des cas [@dehaene2018; @yang2021]", "des cas", "chiffre ou date sans source", 0),
    (LESSON, "fini.", "un effet de d\u00a0=\u00a00,4.", "chiffre ou date sans source", 0),
    (QUESTIONS, "feedback: Enfin.", "feedback: À 57\u202f%.", "chiffre ou date sans source", 0),
    (QUESTIONS, "stem: Associez.", "stem: >-\n    Voici.\n    Associez!", "espace fine", 2),
    (MODULE, "summary: Pour les essais.", "summary: Pour l'essai.", "apostrophe droite", 0),
    (LESSON, "## Quatrième titre", "Quatrième titre", "3 parties", None),
    (MODULE, "title: Un petit module", "title: Un petit module;", "espace fine", 0),
    (LESSON, ":::essayer\nUn geste.\n:::\n", "", "« À essayer cette semaine »", None),
]


def test_the_sample_has_no_problem(courses: Path) -> None:
    assert check_content(courses) == []


@pytest.mark.parametrize(("name", "old", "new", "message", "offset"), ERRORS)
def test_errors_are_found_where_they_are(
    courses: Path, name: str, old: str, new: str, message: str, offset: int | None
) -> None:
    assert_spoilt(courses, (name, old, new, message, offset), Severity.ERROR)


@pytest.mark.parametrize(("name", "old", "new", "message", "offset"), WARNINGS)
def test_warnings_are_found_where_they_are(
    courses: Path, name: str, old: str, new: str, message: str, offset: int | None
) -> None:
    assert_spoilt(courses, (name, old, new, message, offset), Severity.WARNING)


@pytest.mark.parametrize(
    "text",
    [
        "Il dit\u00a0: «\u00a0oui\u202f?\u00a0» et 48\u202f478 euros.",
        "Rendez-vous à 12:30 sur https://exemple.fr/a?b=c;d ou `x ? y : z`.",
        "Encore… Vraiment\u202f?! (Oui\u202f!)",
        "**Dater**\u00a0: poser.",
    ],
)
def test_right_typography_is_left_alone(courses: Path, text: str) -> None:
    edit(courses, LESSON, "fini.", text)
    assert check_content(courses) == []


def test_a_figure_and_its_source_may_stand_on_two_lines_of_a_paragraph(courses: Path) -> None:
    edit(courses, LESSON, "fini.", "Pour 57\u202f% des cas,\nc’est vrai [@yang2021].")
    assert check_content(courses) == []


def test_invented_figures_of_an_example_need_no_source(courses: Path) -> None:
    edit(courses, LESSON, "Une classe.", "Une classe où 30\u202f% se trompent.")
    assert check_content(courses) == []


def test_a_typing_error_is_not_reported_as_twenty(courses: Path) -> None:
    edit(courses, QUESTIONS, "- id: petit-q03", "- id: petit-q03: non")
    assert len(check_content(courses)) == 1
    edit(courses, LESSON, "id: petit-un", "id: 'petit-un")
    assert len(check_content(courses)) == 2


def test_missing_files_and_folders_are_said(courses: Path) -> None:
    (courses / QUESTIONS).unlink()
    (courses / REFERENCES).unlink()
    (courses / "vide").mkdir()
    missing = {p.path.relative_to(courses).as_posix() for p in found(courses, "le fichier manque")}
    assert missing == {QUESTIONS, REFERENCES, "vide/module.yaml", "vide/questions.yaml"}


def test_an_empty_folder_and_a_wrong_encoding_are_said(courses: Path, tmp_path: Path) -> None:
    (tmp_path / "rien").mkdir()
    assert found(tmp_path / "rien", "aucun module")
    (courses / MODULE).write_bytes("id: petit\ntitle: été\n".encode("latin-1"))
    problem = found(courses, "UTF-8")[0]
    assert problem.line == 2


def test_an_unexpected_lesson_name_is_said(courses: Path) -> None:
    (courses / LESSON).rename(courses / "petit/Un.md")
    assert found(courses, "nom de fichier de leçon inattendu")[0].path.name == "Un.md"


@given(
    st.sampled_from([MODULE, LESSON, QUESTIONS, REFERENCES]),
    st.lists(_PIECES | st.text(max_size=10), max_size=15).map("".join),
    st.integers(0, 400),
)
def test_any_text_anywhere_is_a_finding_not_a_crash(
    courses: Path, name: str, text: str, position: int
) -> None:
    path = courses / name
    whole = FILES[name]
    spoilt = whole[:position] + text + whole[position:]
    path.write_text(spoilt, encoding="utf-8", errors="replace")
    try:
        for problem in check_content(courses):
            text = problem.path.read_text(encoding="utf-8")
            assert 1 <= problem.line <= len(text.splitlines()) + 1
    finally:
        path.write_text(whole, encoding="utf-8")


def test_a_lesson_without_a_part_is_refused(courses: Path) -> None:
    path = courses / LESSON
    path.write_text(path.read_text(encoding="utf-8").replace("## ", ""), encoding="utf-8")
    problem = found(courses, "la leçon n’a aucune partie")[0]
    assert (problem.line, problem.severity) == (9, Severity.ERROR)


def test_a_short_lesson_is_warned_about(courses: Path) -> None:
    edit(courses, LESSON, "minutes: 10", "minutes: 7")
    edit(courses, LESSON, "mot " * 400, "")
    edit(courses, MODULE, "minutes: 10", "minutes: 7")
    (problem,) = check_content(courses)
    assert "de 8 à 12 minutes" in problem.message
    assert problem.severity is Severity.WARNING


def test_a_reserved_module_id_is_refused(courses: Path) -> None:
    edit(courses, MODULE, "id: petit\n", "id: path\n")
    (courses / "petit").rename(courses / "path")
    (problem,) = check_content(courses)
    assert "est réservé" in problem.message


def test_file_numbers_follow_the_order_of_lessons(courses: Path) -> None:
    second = (courses / LESSON).read_text(encoding="utf-8").replace("petit-un", "petit-deux")
    (courses / "petit/02-deux.md").write_text(second, encoding="utf-8")
    edit(courses, MODULE, "[petit-un]", "[petit-deux, petit-un]")
    (problem,) = found(courses, "l’ordre des leçons")
    assert problem.severity is Severity.WARNING


def test_a_list_file_must_hold_a_list(courses: Path) -> None:
    (courses / QUESTIONS).write_text("id: petit-q01\n", encoding="utf-8")
    (problem,) = found(courses, "doit être une liste")
    assert problem.path == courses / QUESTIONS


def test_an_unreadable_file_is_said(courses: Path) -> None:
    (courses / MODULE).unlink()
    (courses / MODULE).mkdir()
    assert found(courses, "lecture impossible")


def test_guessable_answers_are_warned_about_once_there_are_enough(courses: Path) -> None:
    path = courses / QUESTIONS
    single = path.read_text(encoding="utf-8").split("- id: petit-q02")[0]
    first = single.replace("      correct: true\n", "").replace(
        "Une réponse fausse\n", "Une réponse fausse\n      correct: true\n"
    )
    for number in range(11, 17):
        text = first.replace("petit-q01", f"petit-q{number}")
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    problem = found(courses, "la bonne réponse est la première dans 7 questions sur 8")[0]
    assert problem.severity is Severity.WARNING
    assert found(courses, "la bonne réponse est la plus longue dans 6 questions sur 8")


def test_true_and_false_must_balance(courses: Path) -> None:
    path = courses / QUESTIONS
    text = path.read_text(encoding="utf-8")
    truefalse = text[text.index("- id: petit-q05") : text.index("- id: petit-q06")]
    for number in range(20, 25):
        text += truefalse.replace("petit-q05", f"petit-q{number}")
    path.write_text(text, encoding="utf-8")
    assert found(courses, "0 affirmations vraies sur 6")


def test_a_reference_nobody_uses_is_a_warning(courses: Path) -> None:
    edit(courses, LESSON, "; @yang2021", "")
    edit(courses, QUESTIONS, " [@yang2021]", "")
    severities = {p.severity for p in check_content(courses)}
    assert severities == {Severity.WARNING}
    assert found(courses, "n’est appelée nulle part dans le module")


def test_the_one_line_error_says_the_first_and_how_many_more(courses: Path) -> None:
    edit(courses, MODULE, "minutes: 10", "minutes: 11")
    edit(courses, LESSON, ":::retenir", ":::a-retenir")
    text = str(ContentError(check_content(courses)))
    assert "\n" not in text
    assert "01-un.md" in text
    assert "relais content check" in text


def test_the_real_modules_are_checked_quickly_and_have_nothing_to_mend() -> None:
    start = process_time()
    problems = check_content(PROJECT_ROOT / "courses")
    assert process_time() - start < 2
    assert [str(problem) for problem in problems] == []
