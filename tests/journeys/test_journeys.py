"""From a launch to the gradebook, the trainer's page and the review of the week after."""

import csv
import io
import re
from datetime import timedelta

import pytest

from tests.journeys.answer_book import courses, the_module
from tests.journeys.http_browser import (
    FIRST_COURSE,
    MODULE_ACTIVITY,
    MODULE_COLUMN,
    PATH_ACTIVITY,
    REVIEW_ACTIVITY,
    Visitor,
    is_question,
)
from tests.journeys.processes import wait_until
from tests.journeys.stack import Stack

pytestmark = pytest.mark.journey

PATH_COLUMN = 12
PRIVATE_ACTIVITY, PRIVATE_COLUMN = 4, 14
OTHER_COURSE, OTHER_ACTIVITY, OTHER_COLUMN = 3, 5, 15

ACHIEVED, PASSED = "1", "2"
"""Moodle's completion: received a grade; received a passing one."""

ON_SQLITE = pytest.mark.parametrize("running_stack", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("running_stack", ["postgresql"], indirect=True)
"""For what the database changes nothing to: the other one would only take time."""


@pytest.fixture
def visitor(stack: Stack, learner: str) -> Visitor:
    return Visitor(stack, learner)


@pytest.fixture
def trainer(stack: Stack) -> Visitor:
    return Visitor(stack, "formatrice")


def wait_for_grade(visitor: Visitor, line_item: int, score: str, **where: int) -> str:
    """Until the LMS has this score; the completion it made of it."""
    wait_until(
        lambda: visitor.grade(visitor.username, line_item, **where)[0] == score,
        what=f"{score} in column {line_item} for {visitor.username}",
    )
    return visitor.grade(visitor.username, line_item, **where)[1]


def csv_row(trainer: Visitor, name: str) -> dict[str, str]:
    """Of the spreadsheet that the trainer takes away."""
    file = trainer.get(f"{trainer.course_url}/export.csv").bytes
    assert file.startswith(b"\xef\xbb\xbf"), "Excel needs the byte order mark"
    rows = csv.DictReader(io.StringIO(file.decode("utf-8-sig")), delimiter=";")
    return next(row for row in rows if row["Référent"] == name)


def test_module_grade_report_and_review(stack: Stack, visitor: Visitor, trainer: Visitor) -> None:
    number = visitor.username.removeprefix("referent-")
    questions = the_module().questions
    missed = frozenset({questions[0].id, questions[-1].id})
    home = visitor.launch()
    assert "La note partira vers votre plateforme" in home.words
    last = visitor.work(home, wrong=missed, until=lambda page: page.question_id == questions[-1].id)
    feedback = visitor.step(last, wrong=missed)
    score = 100 * (len(questions) - len(missed)) // len(questions)
    assert f"{score} %" in feedback.words
    assert wait_for_grade(visitor, MODULE_COLUMN, f"{score}.0") == PASSED
    # The two missed are asked again, and the better score replaces the former.
    visitor.do_module(feedback)
    assert wait_for_grade(visitor, MODULE_COLUMN, "100.0") == PASSED
    stack.wait_until(
        lambda: "Transmise" in visitor.module_page().words, what="the learner reads « transmise »"
    )

    report = trainer.launch()
    assert report.path.startswith("/suivi/")
    assert f"Référent Numéro {number}" in report.words
    row = csv_row(trainer, f"Référent Numéro {number}")
    assert "Terminé" in row.values()
    assert "100" in row.values()
    assert "Transmise" in row.values()

    stack.move_clock(timedelta(days=7))
    review = visitor.launch(REVIEW_ACTIVITY)
    assert "Ces questions sont de celles que vous êtes sur le point d’oublier" in review.words
    done = visitor.work(review, until=lambda page: "Séance terminée" in page.text)
    assert "12 réponses justes sur 12" in done.words


@ON_POSTGRESQL
def test_wrong_answers_keep_the_module_open(visitor: Visitor) -> None:
    every = frozenset(question.id for question in the_module().questions)
    visitor.launch()
    page = visitor.read_everything()
    for _ in the_module().questions:
        page = visitor.work(page, until=is_question)
        page = visitor.step(page, wrong=every)
        assert "Ce n’est pas la bonne réponse" in page.words
    assert "Module terminé" not in visitor.module_page().text
    assert visitor.grade(visitor.username) == ("", "0")


@ON_SQLITE
def test_path_activity_is_graded_too(visitor: Visitor) -> None:
    """All that is taught: every lesson read, every question of every module answered right."""
    visitor.launch(PATH_ACTIVITY)
    *first, last = courses().modules
    for module in first:
        visitor.do_module(visitor.get(f"{visitor.course_url}/module/{module.id}/"))
    assert visitor.grade(visitor.username, PATH_COLUMN) == ("", "0")
    visitor.do_module(visitor.get(f"{visitor.course_url}/module/{last.id}/"))
    assert wait_for_grade(visitor, PATH_COLUMN, "100.0") == ACHIEVED


def test_second_session_is_given_the_grade_at_launch(stack: Stack) -> None:
    visitor = Visitor(stack, "referent2")
    visitor.do_module(visitor.launch())
    wait_for_grade(visitor, MODULE_COLUMN, "100.0")
    visitor.launch(OTHER_ACTIVITY)
    assert wait_for_grade(visitor, OTHER_COLUMN, "100.0", course=OTHER_COURSE) == PASSED


@ON_POSTGRESQL
def test_a_copied_course_opens_the_same_module_in_a_new_session(
    stack: Stack, learner: str, trainer: Visitor
) -> None:
    """« Copier le cours »: same activities under other numbers, and nobody in it yet."""
    trainer.launch()
    original = trainer.course_url.replace("/suivi/", "/session/")
    asked = trainer.get(f"{stack.lms_url}/course/{FIRST_COURSE}/copy")
    copied = trainer.submit(asked, asked.form("/copy"))
    activity = min(int(each) for each in re.findall(r'data-activity="(\d+)"', copied.text))
    assert activity != MODULE_ACTIVITY
    people = trainer.get(f"{copied.url}/participants")
    enrolling = {"username": [learner], "role": ["student"]}
    trainer.submit(people, people.form("/participants/enrol"), enrolling)
    visitor = Visitor(stack, learner)
    page = visitor.launch(activity)
    assert page.url == f"{visitor.course_url}/module/{the_module().id}/"
    assert visitor.course_url != original
    assert "1 référent affiché sur 1" in trainer.launch(activity).words


@ON_SQLITE
def test_nameless_person_is_trained_and_graded(stack: Stack, trainer: Visitor) -> None:
    visitor = Visitor(stack, "referent6")
    home = visitor.launch(PRIVATE_ACTIVITY)
    assert "Ferrand" not in home.text
    assert "None" not in home.words
    visitor.do_module(home)
    assert wait_for_grade(visitor, PRIVATE_COLUMN, "100.0") == PASSED
    assert "Ferrand" not in trainer.launch().text
