"""What the LMS holds, read back; and the columns of ours renamed."""

import json
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
import requests
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lti_app.core import clock
from lti_app.grading import tasks
from lti_app.grading.models import LmsResult, ResultReading
from lti_app.grading.queries import sent_and_shown
from lti_app.grading.rules import Problem, Shown, differs, reading_reason
from lti_app.grading.services import due_renames
from lti_app.lti.models import PlatformState
from lti_app.people.models import LineItemOrigin
from lti_app.people.rules import TARGET_REVIEW
from tests import factories
from tests.factories import NOW
from tests.unit.grading.columns import AGS, ALL_SCOPES, Columns
from tests.unit.grading.conftest import Situation

pytestmark = pytest.mark.usefixtures("traveller")

SAMPLES = Path(__file__).parents[2] / "fixtures" / "moodle" / "ags.json"
REAL = {each["case"]: each for each in json.loads(SAMPLES.read_text())}


@pytest.fixture(autouse=True)
def enqueued(situation: Situation, monkeypatch: pytest.MonkeyPatch) -> Mock:
    enqueue = Mock(return_value=True)
    monkeypatch.setattr(tasks, "enqueue", enqueue)
    monkeypatch.setattr(tasks, "load_catalog", lambda _session: situation.catalog)
    return enqueue


@pytest.fixture
def graded(situation: Situation, columns: Columns) -> Situation:
    """The situation, its grade of 92 sent."""
    situation.link.line_item_url = columns.add("x", link=situation.link.link_id)
    situation.link.ags_scopes = ALL_SCOPES
    tasks.send_grade.run(situation.owe_score(92))
    columns.asked.clear()
    columns.scopes.clear()
    return situation


def read(situation: Situation, traveller: time_machine.Traveller) -> None:
    traveller.move_to(clock.now() + timedelta(minutes=2), tick=False)
    tasks.read_link_results.run(situation.link.id)
    situation.session.expire_all()


def held(situation: Situation) -> list[tuple[int, float | None, float | None]]:
    rows = situation.session.query(LmsResult).all()
    return [(row.person_id, row.score, row.maximum) for row in rows]


def reading(situation: Situation) -> ResultReading:
    situation.session.rollback()
    return situation.session.query(ResultReading).one()


def row(user_id: str, score: object, maximum: object = 100) -> dict[str, object]:
    return {"userId": user_id, "resultScore": score, "resultMaximum": maximum}


def test_what_the_lms_holds_is_kept(
    graded: Situation, columns: Columns, traveller: time_machine.Traveller
) -> None:
    sub = graded.enrolment.identity.sub
    columns.results = [row(sub, 60), row("nobody-here", 12)]
    read(graded, traveller)
    assert held(graded) == [(graded.person_id, 60, 100)]
    assert columns.scopes == [f"{AGS}result.readonly"]
    assert columns.asked == ["GET results"]
    assert (reading(graded).read_at, reading(graded).problem) == (clock.now(), None)
    [shown] = sent_and_shown(graded.session, graded.link.course_id)
    assert (shown.sent_score, shown.score) == (92, 60)


def test_a_real_moodles_results_are_understood(
    graded: Situation, columns: Columns, traveller: time_machine.Traveller
) -> None:
    graded.enrolment.identity.sub = "5"
    graded.session.commit()
    columns.results = REAL["results all"]["body"]
    read(graded, traveller)
    assert held(graded) == [(graded.person_id, 40, 100)]


def test_a_grade_that_disappears_is_shown_as_none(
    graded: Situation, columns: Columns, traveller: time_machine.Traveller
) -> None:
    columns.results = [row(graded.enrolment.identity.sub, 92)]
    read(graded, traveller)
    columns.results = []
    read(graded, traveller)
    assert held(graded) == []
    [shown] = sent_and_shown(graded.session, graded.link.course_id)
    assert shown.score is None


def test_nothing_is_sent_over_a_trainers_change(
    graded: Situation, columns: Columns, traveller: time_machine.Traveller
) -> None:
    columns.results = [row(graded.enrolment.identity.sub, 10)]
    read(graded, traveller)
    tasks.resend_owed.run()
    assert len(columns.scores) == 1
    assert graded.owe() == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (500, Problem.UNAVAILABLE),
        (404, Problem.LINE_ITEM_GONE),
        (requests.ReadTimeout("slow"), Problem.TIMEOUT),
    ],
)
def test_a_reading_that_fails_keeps_the_one_before(
    graded: Situation,
    columns: Columns,
    traveller: time_machine.Traveller,
    answer: int | Exception,
    problem: Problem,
) -> None:
    columns.results = [row(graded.enrolment.identity.sub, 60)]
    read(graded, traveller)
    before = clock.now()
    columns.refuse = {"GET results": [answer]}
    read(graded, traveller)
    assert held(graded) == [(graded.person_id, 60, 100)]
    assert (reading(graded).read_at, reading(graded).problem) == (before, problem)


def test_impatient_trainers_cost_one_request_a_minute(graded: Situation, columns: Columns) -> None:
    for _ in range(5):
        tasks.read_link_results.run(graded.link.id)
    assert columns.asked == ["GET results"]


def test_an_older_reading_does_not_overwrite_a_newer_one(
    graded: Situation, columns: Columns, traveller: time_machine.Traveller
) -> None:
    sub = graded.enrolment.identity.sub
    plain = columns._trouble

    def slow(method: str) -> object:
        columns._trouble = plain  # type: ignore[method-assign]
        columns.results = [row(sub, 70)]
        read(graded, traveller)
        columns.results = [row(sub, 60)]
        return plain(method)

    columns._trouble = slow  # type: ignore[method-assign,assignment]
    read(graded, traveller)
    assert held(graded) == [(graded.person_id, 70, 100)]


def test_what_may_not_be_read_is_not_asked_for(
    graded: Situation, columns: Columns, traveller: time_machine.Traveller
) -> None:
    graded.link.ags_scopes = [f"{AGS}score"]
    graded.session.commit()
    read(graded, traveller)
    assert reading(graded).problem == Problem.NOT_ALLOWED
    graded.link.ags_scopes = ALL_SCOPES
    graded.platform.state = PlatformState.INACTIVE
    graded.session.commit()
    read(graded, traveller)
    assert reading(graded).problem == Problem.PLATFORM_INACTIVE
    assert columns.asked == []


def test_an_activity_without_column_is_not_read(situation: Situation, columns: Columns) -> None:
    situation.link.line_item_url = None
    situation.session.commit()
    tasks.read_link_results.run(situation.link.id)
    tasks.read_link_results.run(987)
    assert columns.asked == []


def test_what_was_sent_these_last_months_is_read_at_night(
    graded: Situation, enqueued: Mock, traveller: time_machine.Traveller
) -> None:
    factories.ResourceLinkFactory.create(course=graded.enrolment.course)
    graded.session.commit()
    tasks.read_stale_results.run()
    enqueued.assert_not_called()
    night = NOW.replace(hour=2) + timedelta(days=1)
    traveller.move_to(night, tick=False)
    tasks.read_stale_results.run()
    enqueued.assert_called_once_with(tasks.read_link_results, graded.link.id)
    tasks.read_link_results.run(graded.link.id)
    enqueued.reset_mock()
    traveller.move_to(night + timedelta(hours=1), tick=False)
    tasks.read_stale_results.run()
    enqueued.assert_not_called()
    traveller.move_to(night + timedelta(days=100), tick=False)
    tasks.read_stale_results.run()
    enqueued.assert_not_called()


def test_beat_reads_and_renames(app: Flask) -> None:
    schedule = app.extensions["celery"].conf.beat_schedule
    assert schedule["read-stale-results"]["task"] == tasks.read_stale_results.name
    assert schedule["rename-columns"]["task"] == tasks.rename_columns.name


@pytest.mark.parametrize(
    ("sent", "score", "maximum", "different"),
    [
        (92, 92, 100, False),
        (92, 18.4, 20, False),
        (92, 0.92, 1, False),
        (92, 92.04, 100, False),
        (92, 92.5, 100, True),
        (92, 60, 100, True),
        (92, None, 100, True),
        (92, 92, 0, False),
        (None, None, 100, False),
        (None, 5, 100, True),
    ],
)
def test_differences(
    sent: int | None, score: float | None, maximum: float, different: bool
) -> None:
    assert differs(sent, Shown(score, maximum)) is different


@given(st.integers(0, 100), st.integers(1, 1000))
def test_a_column_rescales_without_a_difference(sent: int, maximum: int) -> None:
    """Five decimals are what Moodle keeps."""
    assert not differs(sent, Shown(round(sent * maximum / 100, 5), maximum))


def test_reading_has_its_own_words() -> None:
    assert "lire les notes" in reading_reason(Problem.NOT_ALLOWED)
    assert reading_reason(None) == ""
    assert all(reading_reason(problem) for problem in Problem)


# Titles


@pytest.fixture
def made(situation: Situation, columns: Columns) -> Situation:
    """The situation, with a column that Relais made under a former title."""
    situation.link.line_item_url = columns.add("Ancien", tag="relais", resource_id="memoriser")
    situation.link.line_item_origin = LineItemOrigin.CREATED
    situation.link.line_item_label = "Ancien"
    situation.link.ags_scopes = ALL_SCOPES
    situation.session.commit()
    columns.items[0]["endDateTime"] = "2026-12-21T08:00:00Z"
    return situation


def renamed_to(situation: Situation) -> str | None:
    situation.session.rollback()
    situation.session.expire_all()
    return situation.link.line_item_label


def test_the_label_follows_the_title(made: Situation, columns: Columns, enqueued: Mock) -> None:
    tasks.rename_columns.run()
    enqueued.assert_called_once_with(tasks.rename_line_item, made.link.id)
    tasks.rename_line_item.run(made.link.id)
    title = made.catalog.module("memoriser").title
    assert columns.items[0]["label"] == title
    assert columns.items[0]["endDateTime"] == "2026-12-21T08:00:00Z"
    assert columns.items[0]["scoreMaximum"] == 100
    assert renamed_to(made) == title
    assert due_renames(made.session, made.catalog) == []


def test_a_label_given_by_hand_is_left(made: Situation, columns: Columns) -> None:
    columns.items[0]["label"] = "À moi"
    tasks.rename_line_item.run(made.link.id)
    assert columns.items[0]["label"] == "À moi"
    assert "PUT lineitem" not in columns.asked
    assert due_renames(made.session, made.catalog) == []


@pytest.mark.parametrize(
    ("answer", "again"),
    [(503, True), (requests.ReadTimeout("slow"), True), (404, False), (403, False)],
)
def test_a_renaming_that_fails(
    made: Situation, columns: Columns, answer: int | Exception, again: bool
) -> None:
    columns.refuse = {"GET lineitem": [answer]}
    tasks.rename_line_item.run(made.link.id)
    made.session.expire_all()
    assert bool(due_renames(made.session, made.catalog)) is again


@pytest.mark.parametrize("origin", [LineItemOrigin.LAUNCH, LineItemOrigin.FOUND, None])
def test_a_column_that_is_not_ours_is_not_renamed(
    made: Situation, columns: Columns, origin: LineItemOrigin | None
) -> None:
    made.link.line_item_origin = origin
    made.session.commit()
    tasks.rename_columns.run()
    tasks.rename_line_item.run(made.link.id)
    assert due_renames(made.session, made.catalog) == []
    assert columns.asked == []


def test_a_link_that_earns_nothing_any_more_is_not_renamed(made: Situation) -> None:
    made.link.target = TARGET_REVIEW
    made.session.commit()
    assert due_renames(made.session, made.catalog) == []
