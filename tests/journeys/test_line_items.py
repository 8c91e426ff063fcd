"""An ungraded activity: Relais makes its column once, sends the grade to it, and reads it back."""

import re

import pytest

from tests.journeys.answer_book import courses
from tests.journeys.http_browser import Visitor
from tests.journeys.stack import Stack

pytestmark = pytest.mark.journey

COURSE, MODULE_ACTIVITY, MODULE_COLUMN = 3, 5, 15
MODULE = courses().modules[1]
"""Which no activity of the demonstration LMS opens yet."""


def columns_of(trainer: Visitor, learner: str) -> dict[int, str]:
    """Scores of a learner in the gradebook of the session, by column."""
    text = trainer.get(f"{trainer.site.lms_url}/course/{COURSE}/grades").text
    row = re.search(rf'<tr data-person="{learner}".*?</tr>', text, re.DOTALL)
    assert row, text
    cells = re.findall(r'data-line-item="(\d+)"\s+data-score="([^"]*)"', row[0])
    return {int(column): score for column, score in cells}


def add_ungraded_module(trainer: Visitor) -> int:
    """Add an activity that opens MODULE, without a grade; its number."""
    page = trainer.get(f"{trainer.site.lms_url}/course/{COURSE}/modedit?add=1")
    form = page.form("modedit")
    form.fields.pop("graded", None)
    values = {"name": ["Second module"], "custom": [f"module={MODULE.id}"]}
    page = trainer.submit(page, form, values)
    assert "Second module" in page.text, page.words
    activity = max(int(each) for each in re.findall(r'data-activity="(\d+)"', page.text))
    opened = trainer.get(f"{trainer.site.lms_url}/course/{COURSE}/activity/{activity}")
    # Numbered apart from activities, as in Moodle.
    found = re.search(r"launch\.php\?id=(\d+)", opened.text)
    assert found, opened.words
    return int(found[1]) - 20


def test_a_column_is_made_once_and_read_back(stack: Stack) -> None:
    trainer, learner = Visitor(stack, "formateur2"), Visitor(stack, "referent1")
    activity = add_ungraded_module(trainer)
    assert set(columns_of(trainer, "referent1")) == {MODULE_COLUMN}
    learner.do_module(learner.launch(activity))

    def made() -> dict[int, str]:
        columns = columns_of(trainer, "referent1")
        return columns if "100.0" in columns.values() else {}

    columns = stack.wait_until(made, what="the module's grade in a column of its own")
    [column] = set(columns) - {MODULE_COLUMN}
    assert columns == {MODULE_COLUMN: "", column: "100.0"}
    assert MODULE.title in trainer.get(f"{stack.lms_url}/course/{COURSE}/grades").text

    trainer.launch(MODULE_ACTIVITY)
    address = f"{trainer.course_url.replace('/session/', '/suivi/')}/notes/"
    page = trainer.get(address)
    assert f"Relais a créé « {MODULE.title} »" in page.words
    asked = trainer.submit(page, page.form("/notes/"))
    assert "demandée à la plateforme" in asked.words
    stack.wait_until(
        lambda: trainer.get(address).text.count("Notes lues") == 2, what="the grades read back"
    )
    assert "Aucune différence" in trainer.get(address).words
    # Launched and worked on again: the column is the same.
    learner.launch(activity)
    assert set(columns_of(trainer, "referent1")) == {MODULE_COLUMN, column}
