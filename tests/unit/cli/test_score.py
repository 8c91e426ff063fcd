"""relais score, as typed."""

import json
from collections.abc import Callable
from unittest.mock import Mock

import pytest
from flask import Flask

from lti_app.cli import context, main
from lti_app.grading import tasks
from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradeState
from lti_app.grading.tasks import send_grade
from tests import factories
from tests.factories import NOW

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> Mock:
    enqueue = Mock(return_value=True)
    monkeypatch.setattr(tasks, "enqueue", enqueue)
    return enqueue


@pytest.fixture
def run(
    app: Flask,
    enqueued: Mock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run `relais score …`: exit code, standard output, standard error."""
    monkeypatch.setattr(context, "create_app", lambda: app)

    def call(*arguments: object) -> tuple[int, str, str]:
        factories.commit()
        with pytest.raises(SystemExit) as left:
            main(["score", *map(str, arguments)])
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return call


def make_grade(state: GradeState, **changes: object) -> OwedGrade:
    link = factories.ResourceLinkFactory.create()
    enrolment = factories.EnrolmentFactory.create(course=link.course)
    values = {
        "resource_link_id": link.id,
        "person_id": enrolment.person_id,
        "identity_id": enrolment.identity_id,
        "score": 90,
        "completed": True,
        "state": state,
        "attempts": 3,
        "next_attempt_at": NOW,
        "problem": "not_gradable",
        "owed_at": NOW,
    }
    grade = OwedGrade(**{**values, **changes})
    factories._current_session().add(grade)
    factories._current_session().flush()
    return grade


@pytest.fixture
def grades(session: object) -> dict[GradeState, OwedGrade]:
    """One grade in each state, each on a platform of its own."""
    return {state: make_grade(state) for state in GradeState}


def test_list_shows_every_grade(run: Run, grades: dict[GradeState, OwedGrade]) -> None:
    code, out, _ = run("list", "--json")
    assert code == 0
    rows = {row["state"]: row for row in json.loads(out)}
    assert set(rows) == {"owed", "sent", "superseded", "refused"}
    row = rows["refused"]
    link = grades[GradeState.REFUSED].resource_link
    assert (row["platform"], row["course"]) == (link.platform.name, link.course_id)
    assert (row["problem"], row["score"], row["attempts"]) == ("not_gradable", 90, 3)


def test_list_names_nobody(run: Run, grades: dict[GradeState, OwedGrade]) -> None:
    _, out, _ = run("list")
    assert "Camille" not in out
    assert str(grades[GradeState.SENT].person_id) in out


def test_list_of_some_states(run: Run, grades: dict[GradeState, OwedGrade]) -> None:
    _, out, _ = run("list", "--json", "--state", "refused", "--state", "owed")
    assert {row["state"] for row in json.loads(out)} == {"refused", "owed"}
    _, out, _ = run("list", "--json", "--limit", 1)
    assert len(json.loads(out)) == 1


def resent(enqueued: Mock) -> set[int]:
    assert all(call.args[0] is send_grade for call in enqueued.call_args_list)
    return {call.args[1] for call in enqueued.call_args_list}


def test_resend_all(run: Run, grades: dict[GradeState, OwedGrade], enqueued: Mock) -> None:
    wanted = {grades[GradeState.OWED].id, grades[GradeState.REFUSED].id}
    code, out, _ = run("resend", "--all", "--json")
    assert code == 0
    assert {row["id"] for row in json.loads(out)} == resent(enqueued) == wanted


def test_resend_of_a_platform_and_of_a_session(
    run: Run, grades: dict[GradeState, OwedGrade], enqueued: Mock
) -> None:
    refused = grades[GradeState.REFUSED]
    code, out, _ = run("resend", "--platform", refused.resource_link.platform.name)
    assert (code, out) == (0, "1 grade(s) to send now.\n")
    run("resend", "--course", refused.resource_link.course_id)
    assert resent(enqueued) == {refused.id}


def test_resend_without_a_broker_says_when(
    run: Run, grades: dict[GradeState, OwedGrade], enqueued: Mock
) -> None:
    enqueued.return_value = False
    code, out, _ = run("resend", "--all")
    assert (code, out) == (0, "2 grade(s) to send as soon as the broker is back.\n")
    assert enqueued.call_count == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["resend"], "--all"),
        (["resend", "--all", "--course", "1"], "alone"),
        (["resend", "--platform", "nowhere"], "nowhere"),
        (["resend", "--course", "4242"], "4242"),
        (["resend", "--course", "abc"], "abc"),
        (["list", "--state", "lost"], "lost"),
        (["list", "--limit", "0"], "0"),
        (["forget"], "forget"),
    ],
)
def test_a_wrong_argument_exits_2_with_one_line(
    run: Run, session: object, arguments: list[str], words: str
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert words in err
