"""Edits published by a command while somebody is in the middle, through two web processes."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_app.core.settings import PROJECT_ROOT
from tests.journeys.http_browser import PATH_ACTIVITY, Visitor
from tests.journeys.stack import Stack
from tests.unit.content.sample import LESSON, MODULE, QUESTIONS, edit

pytestmark = [
    pytest.mark.journey,
    # On both databases, what an edit does is in tests/unit/practice/test_revisions.py.
    pytest.mark.parametrize("running_stack", ["sqlite"], indirect=True),
]

FILE = "petit/questions.yaml"


@pytest.fixture
def courses(stack: Stack, tmp_path: Path) -> Iterator[Path]:
    """The folder that the service publishes, with one small module more; put back afterwards."""
    folder = tmp_path / "courses"
    shutil.copytree(PROJECT_ROOT / "courses", folder, ignore=shutil.ignore_patterns("*.lock"))
    (folder / "petit").mkdir()
    (folder / "petit/module.yaml").write_text(MODULE)
    (folder / "petit/01-un.md").write_text(LESSON)
    (folder / FILE).write_text(re.sub(r"family: \w+", "family: idee", QUESTIONS))
    before = stack.environment.get("RELAIS_CONTENT_PATH")
    stack.environment["RELAIS_CONTENT_PATH"] = str(folder)
    publish(stack)
    yield folder
    if before is None:
        del stack.environment["RELAIS_CONTENT_PATH"]
    else:
        stack.environment["RELAIS_CONTENT_PATH"] = before
    publish(stack)


def publish(stack: Stack) -> None:
    done = stack.relais("content", "sync")
    assert done.returncode == 0, done.stdout + done.stderr


def test_nobody_loses_anything_to_an_edit(stack: Stack, learner: str, courses: Path) -> None:
    visitor = Visitor(stack, learner)
    visitor.launch(PATH_ACTIVITY)

    def question(number: int) -> str:
        return f"{visitor.course_url}/question/petit-q0{number}/"

    first = visitor.get(question(1))
    answered = visitor.submit(first, first.form("/question/"), {"choice": ["b"]})
    assert "C’est juste" in answered.words
    unsent = visitor.get(question(1))
    clarified, withdrawn = visitor.get(question(2)), visitor.get(question(6))

    edit(courses, FILE, "      correct: true\n", "")
    edit(courses, FILE, "fausse\n", "fausse\n      correct: true\n")
    edit(courses, FILE, "  revision: 1\n", "  revision: 2\n  change: answer\n")
    edit(courses, FILE, "Lesquelles sont", "Lesquelles, selon vous, sont")
    edit(courses, FILE, "  revision: 1\n", "  revision: 2\n  change: clarification\n")
    text = (courses / FILE).read_text()
    (courses / FILE).write_text(text[: text.index("- id: petit-q06")])
    publish(stack)

    kept = visitor.submit(clarified, clarified.form("/question/"), {"choice": ["a", "b"]})
    assert "C’est juste" in kept.words
    assert "Cette question a été précisée" in kept.words
    gone = visitor.submit(withdrawn, withdrawn.form("/question/"), {"text": ["récupération"]})
    assert gone.status == 410
    assert "Cette question a été retirée" in gone.words
    twice = visitor.submit(first, first.form("/question/"), {"choice": ["b"]})
    assert "Vous aviez déjà envoyé" in twice.words
    late = visitor.submit(unsent, unsent.form("/question/"), {"choice": ["b"]})
    assert late.status == 409
    for _ in range(4):  # whichever process answers
        again = visitor.get(question(1))
        assert "La bonne réponse de cette question a changé" in again.words
        assert "corrigée" in visitor.get(answered.url).words
    assert "C’est juste" in visitor.submit(again, again.form("/question/"), {"choice": ["a"]}).words
