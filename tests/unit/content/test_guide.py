"""docs/guide-auteur.md: followed to the letter by a machine, then held to the real checker."""

import re
import shutil
from pathlib import Path

import pytest

from lti_app.content.rules.problems import Problem, errors_among
from lti_app.content.rules.schema import QUESTION_MODELS
from lti_app.content.rules.source import read_courses
from lti_app.content.services import check_content, log_content
from lti_app.core.settings import PROJECT_ROOT

GUIDE = PROJECT_ROOT / "docs" / "guide-auteur.md"
MODULE = "memoriser/module.yaml"
_BLOCK = re.compile(
    r"^(?P<how>À la fin de|Dans) `courses/(?P<name>[^`]+)`\s*:\n\n```\w+\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


def text() -> str:
    return GUIDE.read_text(encoding="utf-8")


def follow(courses: Path) -> None:
    """Paste every example where the guide says."""
    for block in _BLOCK.finditer(text()):
        path = courses / block["name"]
        path.parent.mkdir(exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if block["how"] == "À la fin de":
            assert before, f"the guide adds to {path.name}, which is not there"
        path.write_text(f"{before}\n{block['text']}" if before else block["text"], encoding="utf-8")


def announce_the_lesson(courses: Path) -> None:
    """The three steps in module.yaml."""
    path = courses / MODULE
    source = path.read_text(encoding="utf-8")
    (minutes,) = re.findall(r"^minutes: (\d+)$", source, re.MULTILINE)
    (revision,) = re.findall(r"^revision: (\d+)$", source, re.MULTILINE)
    source = re.sub(
        r"^(lessons:\n(?:  - .*\n)+)", r"\1  - memoriser-carnet\n", source, flags=re.MULTILINE
    )
    source = source.replace(f"\nminutes: {minutes}\n", f"\nminutes: {int(minutes) + 2}\n")
    source = re.sub(r"^change: .*\n?", "", source, flags=re.MULTILINE)
    path.write_text(
        source.replace(
            f"\nrevision: {revision}\n",
            f"\nrevision: {int(revision) + 1}\nchange: clarification\n",
        ),
        encoding="utf-8",
    )


@pytest.fixture
def courses(tmp_path: Path) -> Path:
    """The module of the guide as it is, with its ledger; of the others, the terms."""
    source, folder = PROJECT_ROOT / "courses", tmp_path / "courses"
    shutil.copytree(source / "memoriser", folder / "memoriser")
    shutil.copyfile(source / "references.yaml", folder / "references.yaml")
    with (folder / "memoriser/glossary.yaml").open("a", encoding="utf-8") as glossary:
        for other in sorted(source.glob("*/glossary.yaml")):
            if other.parent.name != "memoriser":
                for term in re.findall(r"^- id: (\S+)$", other.read_text("utf-8"), re.MULTILINE):
                    glossary.write(f"\n- id: {term}\n  term: {term}\n  definition: Ailleurs.\n")
    log_content(folder)
    return folder


def said(problems: list[Problem]) -> set[str]:
    return {f"{problem.path.name}: {problem.message}" for problem in problems}


def test_what_the_guide_says_to_paste_has_no_error(courses: Path) -> None:
    before = said(check_content(courses))
    follow(courses)
    announce_the_lesson(courses)
    problems = check_content(courses)
    assert errors_among(problems) == []
    new = said(problems) - before
    # Said in the guide: the lesson is shorter than a true one, and nothing is logged yet.
    allowed = (
        "une leçon dure de 8 à 12",
        "consigné",
        "leçons",
        "questions sur",
    )
    assert [each for each in new if not any(words in each for words in allowed)] == []
    assert log_content(courses).new == 7


def test_the_guide_shows_every_kind_of_question(courses: Path) -> None:
    follow(courses)
    (files,) = (each for each in read_courses(courses).modules if each.folder.name == "memoriser")
    shown = {e.question.kind for e in files.questions if e.question.id >= "memoriser-q90"}
    assert shown == set(QUESTION_MODELS)


def test_what_the_guide_says_of_a_hidden_edit_is_what_check_says(courses: Path) -> None:
    path = courses / MODULE
    path.write_text(path.read_text(encoding="utf-8").replace("Expliquer", "Savoir expliquer", 1))
    (problem,) = errors_among(check_content(courses))
    assert re.search(r"le contenu de .* a changé depuis la révision \d+ publiée", problem.message)


def test_the_guide_names_nothing_that_is_not_there() -> None:
    headings = re.findall(r"^#+ (.+)$", text(), re.MULTILINE)
    anchors = {re.sub(r"[^\w\s-]", "", each.lower()).replace(" ", "-") for each in headings}
    for target in re.findall(r"\]\(([^)\s]+)\)", text()):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif not target.startswith("http"):
            assert (GUIDE.parent / target).exists(), target
    for name in re.findall(r"`courses/([\w./-]+)`", text()):
        pasted = "carnet" in name or name.endswith(("glossary.yaml", "figures.yaml"))
        logged = name == "revisions.lock"
        assert pasted or logged or (PROJECT_ROOT / "courses" / name).exists(), name
