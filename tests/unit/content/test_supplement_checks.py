"""Checks of what goes with lessons, each with a sample that only it refuses, and its line."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.content.rules.problems import Severity
from lti_app.content.services import check_content
from tests.unit.content.sample import FILES, SUPPLEMENTS, edit
from tests.unit.content.spoiling import Case, assert_spoilt, found

MODULE, LESSON, QUESTIONS = "petit/module.yaml", "petit/01-un.md", "petit/questions.yaml"
GLOSSARY, FIGURES, KIT = "petit/glossary.yaml", "petit/figures.yaml", "petit/kit.yaml"
SVG = "petit/figures/petit-oubli.svg"
INDEXING = "indexing: {public: Tous, domain: Domaine, presence_minutes: 40}"


ERRORS: Sequence[Case] = [
    # the format
    (QUESTIONS, "checked: 2026-07-01", "checked: juillet", "« checked » doit être une date", 0),
    (QUESTIONS, "checked: 2026-07-01", "checked: 2026-07-01 10:00:00", "doit être une date", 0),
    (QUESTIONS, "check_by: '2026-09-01'", "check_by: 20260901", "doit être une date", 0),
    (LESSON, "[1, 2, 3]", "[1, '2']", "doit être un nombre", 0),
    (KIT, "goal: Repartir", "goal: Voir : repartir", "YAML", 0),
    (KIT, "{minutes: 20, title", "{minute: 20, title", "« minute » (outline, steps, n° 2)", 0),
    (KIT, "  late: Asseyez-vous.\n", "", "« late » (outline) manque", None),
    (GLOSSARY, "term: Espacement", "terme: Espacement", "« terme »", 0),
    (FIGURES, "alt: Une", "legende: Une", "« legende » n’est pas une clé", 0),
    (MODULE, "use: Une", "usage: Une", "« usage » (resources, n° 1)", 0),
    # links
    (LESSON, "[1, 2, 3]", "[1, 2, 4]", "pas d’objectif 4", 0),
    (QUESTIONS, "[petit-i01]", "[petit-i02]", "« petit-i02 » n’existe pas", 0),
    (LESSON, "[[espacement]]", "[[espace]]", "« espace » n’est dans aucun glossaire", 0),
    (LESSON, "[[espacement]]", "[[Espacement]]", "appel de glossaire illisible", 0),
    (GLOSSARY, "- id: ecart", "- id: espacement", "« espacement » sert déjà", 0),
    (LESSON, ":::figure petit-oubli", ":::figure oubli", "« oubli » n’existe pas dans", 0),
    (LESSON, ":::figure petit-oubli", ":::figure", "bloc de figure sans identifiant", 0),
    (FIGURES, "- id: petit-oubli", "- id: petit-autre", "petit-autre.svg manque", 0),
    (GLOSSARY, "[yang2021]", "[yang]", "« yang » n’existe pas", 0),
    (KIT, "[@dehaene2018]", "[@dehaene]", "« dehaene » n’existe pas", 0),
    (MODULE, "reference: yang2021", "reference: dehaene2018", "n’a pas d’adresse", 0),
    (GLOSSARY, "Un mot", "Un [[mot", "appel de glossaire illisible", 0),
    (QUESTIONS, "feedback: Non.", "feedback: Non, [[zut]].", "« zut » n’est dans aucun", 0),
    (QUESTIONS, "stem: Associez.", "stem: '### Associez.'", "un titre dans ce texte", 0),
    (FIGURES, "    Deux barres", "    # Deux barres", "un titre dans ce texte", 0),
    # boxes and dates
    (LESSON, ":::relire 2026-07-01 2026-09-01", ":::relire 2026-07-01", "dates illisibles", 0),
    (LESSON, "2026-07-01 2026-09-01", "2026-09-01 2026-07-01", "dans le désordre", 0),
    (LESSON, ":::figure petit-oubli\n", ":::figure petit-oubli\nUn texte.\n", "de figure", 1),
    (KIT, "    ## Retenir", "    ## Retenir\n\n    :::retenir", "n’est pas fermé", None),
    (QUESTIONS, "  checked: 2026-07-01\n", "", "une seule des deux dates", 0),
    (QUESTIONS, "checked: 2026-07-01", "checked: 2026-10-01", "précède « checked »", 1),
    # kits
    (KIT, "minutes: 20", "minutes: 25", "les étapes durent 45 minutes", None),
    (KIT, "mot mot mot", "mot " * 100, "la fiche a 3", -3),
    (KIT, "body: Bonjour", f"body: {'mot ' * 120}Bonjour", "le message a 123 mots", 0),
    (KIT, "body: Bonjour", "body: Voir https://exemple.fr Bonjour", "une adresse dans le", 0),
    (KIT, "body: Bonjour", "body: Vrai [@yang2021]. Bonjour", "un appel de source dans le", 0),
    (KIT, "body: Bonjour", "body: Du **gras**. Bonjour", "du Markdown dans le", 0),
    (KIT, "    ## Retenir", "    #### Retenir", "titre de niveau 4 mal placé", 0),
    (KIT, "text: Dites bonjour.", 'text: "## Dites bonjour."', "un titre dans ce texte", 0),
    # drawings
    (SVG, "</svg>", "</sgv>", "SVG illisible", 0),
    (SVG, "<svg ", "<!DOCTYPE svg>\n<svg ", "DOCTYPE", 0),
    (SVG, "<svg ", "<?xml-stylesheet href='a.css'?>\n<svg ", "DOCTYPE", 0),
    (SVG, ' xmlns="http://www.w3.org/2000/svg"', "", "pas un dessin SVG", 0),
    (SVG, 'viewBox="0 0 640 240"', 'viewBox="0 0 640"', "viewBox", 0),
    (SVG, ' role="img"', "", "role", 0),
    (SVG, "<title>Deux barres</title>", "", "pas de titre", None),
    (SVG, "</svg>", "<script>alert(1)</script></svg>", "<script> dans un dessin", 0),
    (SVG, "</svg>", "<style>text{fill:red}</style></svg>", "<style> dans un dessin", 0),
    (SVG, "</svg>", '<image href="a.png"/></svg>', "<image> dans un dessin", 0),
    (SVG, "</svg>", '<a href="#x"><path d=""/></a></svg>', "<a> dans un dessin", 0),
    (SVG, "<title>", '<use href="b.svg#x"/><title>', "« href » mène hors du dessin", 0),
    (SVG, 'fill="#1b4f8a"', 'fill="url(https://x.fr/#a)"', "« fill » mène hors", 0),
    (SVG, 'fill="#1b4f8a"', 'onclick="alert(1)"', "attribut « onclick »", 0),
    (SVG, 'fill="#1b4f8a"', 'style="fill:red"', "attribut « style »", 0),
    (SVG, "<title>", "<g/>" * 400 + "<title>", "dessin de 406 éléments", -1),
    (SVG, "<title>", f"<!--{' ' * 60_000}--><title>", "dessin de 60 ko", -1),
    (SVG, "</svg>", "<g>" * 60 + "</g>" * 60 + "</svg>", "trop profonds", 0),
]

WARNINGS: Sequence[Case] = [
    (LESSON, "[1, 2, 3]", "[1, 2]", "aucune leçon ne sert l’objectif 3", None),
    (QUESTIONS, "  misconceptions: [petit-i01]\n", "", "ne répond à l’idée fausse", None),
    (LESSON, "l’[[espacement]]", "l’espacement", "n’appelle le terme « espacement »", None),
    (LESSON, "[[espacement]]", "[[espacement]] [[espacement|mot]]", "est déjà signalé", 0),
    (LESSON, ":::figure petit-oubli\n:::\n", "", "n’est montrée nulle part", None),
    (KIT, "minutes: 20, title: Produire", "minutes: 14, title: Faire", "15 minutes", None),
    (KIT, "mot " * 20, "", "la fiche n’a que 2", -3),
    (KIT, "mot mot mot", "mot pour 57\u202f% mot.\n\n    Mot", "chiffre ou date", 0),
    (KIT, "text: Dites bonjour.", "text: Dites bonjour!", "espace fine", 0),
    (GLOSSARY, "Un mot", "Selon 12\u00a0études, un mot", "chiffre ou date sans source", 0),
    (FIGURES, "  sources: [yang2021]\n", "", "chiffre ou date sans source", -1),
    (FIGURES, "caption: Ce", f"caption: {'Ceci. ' * 20}Ce", "la légende de", 0),
    (FIGURES, "alt: Une barre", f"alt: {'Une barre. ' * 20}Une barre", "caractères", 0),
    (FIGURES, "alt: Une barre courte et une barre longue.", "alt: Ce qui reste après une semaine",
     "répète un autre texte", 0),
    (GLOSSARY, "Plusieurs fois", "Plusieurs fois ...", "trois points", 0),
    (LESSON, "fini, par", "fini en 2019, selon elles, par", "mot fini en 2019", 0),
    (LESSON, "fini, par", "fini chez 48\u202f478 élèves, par", "chiffre ou date sans", 0),
    (LESSON, "fini, par", "fini pour un élève sur trois, par", "chiffre ou date sans", 0),
    (LESSON, "fini, par", "fini en “anglais”, par", "guillemet anglais", 0),
    (LESSON, "fini, par", "fini au 2ème essai, par", "abréviation d’un nombre", 0),
    (LESSON, "fini, par", "fini par coeur, par", "en deux lettres", 0),
    (LESSON, "fini, par", "fini à l’Ecole, par", "majuscule sans accent", 0),
    (LESSON, "fini, par", "fini pour 48478 cas, par", "grand nombre", 0),
    (SVG, "<rect width", '<g fill="#eee"><rect fill="#eee" width="1" height="1"/></g><rect width',
     "fond blanc", None),
    (SVG, "viewBox", 'width="640" viewBox', "fixe « width »", 0),
    (SVG, 'font-size="18" fill="#333333"', 'font-size="10" fill="#333333"', "trop petit (10", 0),
    (SVG, 'fill="#333333">Relire', 'fill="#bbbbbb">Relire', "se détache mal de son fond (1,9", 0),
    (SVG, 'fill="#ffffff">Chercher', 'fill="#000000">Chercher', "se détache mal", 0),
    (SVG, ">Relire<", ">Relire !<", "espace fine", 0),
]  # fmt: skip


def test_the_full_sample_has_no_problem(full: Path) -> None:
    assert check_content(full) == []


@pytest.mark.parametrize(
    ("case", "severity"),
    [(case, Severity.ERROR) for case in ERRORS] + [(case, Severity.WARNING) for case in WARNINGS],
)
def test_each_is_found_where_it_is(full: Path, case: Case, severity: Severity) -> None:
    assert_spoilt(full, case, severity)


@pytest.mark.parametrize(
    "text",
    [
        "fini. Il dit\u00a0: «\u00a0le mot “prouvé” est de trop\u00a0», par",
        "fini\u00a0:\n\n- pour 57\u202f% des cas [@yang2021]\u202f;\n- par",
        "fini. Deux chiffres [@yang2021]\u00a0:\n\n- pour 57\u202f% des cas\u202f;\n- par",
        "fini.\n\nD’après elle [@yang2021].\n\n| a | b |\n| --- | --- |\n| 1 | 57\u202f% |\n\nPar",
        "fini.\n\n### 57\u202f% des cas\n\nPar",
        "fini. Une classe de 28 élèves en 4e, par",
    ],
)
def test_what_is_right_is_left_alone(full: Path, text: str) -> None:
    edit(full, LESSON, "fini, par", text)
    assert check_content(full) == []


def test_a_drawing_of_no_figure_is_a_warning(full: Path) -> None:
    stray = full / "petit/figures/reste.svg"
    stray.write_text("<svg/>", encoding="utf-8")
    (problem,) = check_content(full)
    assert (problem.path, problem.severity) == (stray, Severity.WARNING)


def test_time_that_passes_never_forbids_to_publish(full: Path) -> None:
    assert check_content(full, today=date(2026, 8, 31)) == []
    late = check_content(full, today=date(2026, 9, 1))
    assert {p.severity for p in late} == {Severity.WARNING}
    assert [(p.path, p.line) for p in late] == [
        (full / LESSON, edit(full, LESSON, ":::relire", ":::relire")),
        (full / QUESTIONS, edit(full, QUESTIONS, "check_by", "check_by")),
    ]
    assert "01/09/2026" in late[0].message


def test_a_module_with_its_sheet_must_be_finished(full: Path) -> None:
    edit(full, MODULE, "revision: 1", f"{INDEXING}\nrevision: 1")
    (full / KIT).unlink()
    edit(full, MODULE, "competences: [Domaine]", "competences: ['CRCN-Édu\u00a0: Autre']")
    problems = check_content(full)
    assert {p.severity for p in problems} == {Severity.WARNING}
    said = "\n".join(p.message for p in problems)
    for expected in (
        "3 objectifs",
        "1 leçons",
        "aucun kit",
        "6 questions",
        "1 situations",
        "Autre",
    ):
        assert expected in said
    edit(full, QUESTIONS, "situation: true", "situation: false")
    edit(full, QUESTIONS, "kind: matching", "kind: maybe")
    assert "questions" not in "\n".join(p.message for p in found(full, "6 questions"))


def test_a_right_answer_that_shows_is_named(full: Path) -> None:
    edit(full, QUESTIONS, "text: La bonne", f"text: La bonne{' et longue' * 10}")
    (problem,) = found(full, "se voit à sa longueur")
    assert "petit-q01" in problem.message


_PIECES = st.sampled_from(
    [
        "<", ">", "/>", "</", "svg", '"', "<g>", "</g>", "&amp;", "&x;", "<!--", "-->", "]]>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]>", "<?x?>", "viewBox='0 0 1e9 nan'", "font-size='1e400'",
        "transform='translate(1 2)'", "<text x='1' y='1'>a</text>", "<polygon points='1 2 3'/>",
        "<circle r='0'/>", "fill='#12'", "\x00", "\n- ", "- id: ", ": ", "minutes: 9999", "[[",
        ":::figure\n", ":::relire 2026-13-01\n", "2026-02-30", "[@", "\n  ", "|", "~", "'",
    ]
)  # fmt: skip


@given(
    st.sampled_from([SVG, GLOSSARY, FIGURES, KIT]),
    st.lists(_PIECES | st.text(max_size=10), max_size=12).map("".join),
    st.integers(0, 700),
)
def test_any_text_anywhere_is_a_finding_not_a_crash(
    full: Path, name: str, text: str, position: int
) -> None:
    path, whole = full / name, {**FILES, **SUPPLEMENTS}[name]
    spoilt = whole[:position] + text + whole[position:]
    path.write_text(spoilt, encoding="utf-8", errors="replace")
    try:
        for problem in check_content(full, today=date(2026, 11, 22)):
            lines = problem.path.read_text(encoding="utf-8").splitlines()
            assert 1 <= problem.line <= len(lines) + 1
    finally:
        path.write_text(whole, encoding="utf-8")
