"""relais roster, as typed."""

import json
from collections.abc import Callable

import pytest
from flask import Flask

from lti_app.cli import context, main
from lti_app.roster.models import RosterSync
from lti_app.roster.rules.explanations import Problem
from tests import factories
from tests.factories import NOW
from tests.unit.roster.conftest import Class, at, classroom, member

__all__ = ["at", "classroom"]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `relais roster …`: exit code, standard output, standard error."""
    monkeypatch.setattr(context, "create_app", lambda: app)

    def call(*arguments: object) -> tuple[int, str, str]:
        factories.commit()
        with pytest.raises(SystemExit) as left:
            main(["roster", *map(str, arguments)])
        out, err = capsys.readouterr()
        lines = [line for line in out.splitlines(keepends=True) if '"event"' not in line]
        return int(left.value.code or 0), "".join(lines), err

    return call


def test_sync_reads_and_says_what_it_found(run: Run, classroom: Class) -> None:
    classroom.lms.members = [member("7"), member("8")]
    code, out, _ = run("sync", "--json")
    assert code == 0
    [row] = json.loads(out)
    assert (row["course"], row["members"], row["joined"]) == (classroom.course.id, 2, 2)
    assert row["succeeded_at"] == str(NOW)
    assert "Zoé" not in out
    code, listed, _ = run("list", "--json")
    assert (code, json.loads(listed)) == (0, [row])


def test_one_that_fails_stops_no_other_and_exits_1(run: Run, classroom: Class) -> None:
    broken = factories.ResourceLinkFactory.create().course
    broken.memberships_url = "https://elsewhere.example.org/members"
    classroom.lms.members = [member("7")]
    code, out, _ = run("sync", "--json")
    assert code == 1
    problems = {row["course"]: row["problem"] for row in json.loads(out)}
    assert problems == {classroom.course.id: None, broken.id: Problem.FORBIDDEN_URL}
    assert run("sync", "--course", classroom.course.id)[0] == 0


def test_an_administrator_may_accept_departures(run: Run, classroom: Class) -> None:
    classroom.enrol("9")
    assert run("sync", "--course", classroom.course.id)[0] == 1
    assert classroom.standing().problem == Problem.NOBODY_NAMED
    code, _, _ = run("sync", "--course", classroom.course.id, "--accept-departures")
    assert (code, classroom.gone()) == (0, ["9"])


def test_an_error_of_ours_stops_no_other(
    run: Run, classroom: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.ResourceLinkFactory.create().course
    other.memberships_url = f"{other.issuer}/members"
    monkeypatch.setattr("lti_app.roster.tasks.RosterReader", None)
    code, _, _ = run("sync", "--json")
    assert code == 1
    classroom.session.rollback()
    for course_id in (classroom.course.id, other.id):
        sync = classroom.session.get_one(RosterSync, course_id)
        assert sync.problem == Problem.INTERRUPTED


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sync", "--course", "4242"], "4242"),
        (["sync", "--course", "abc"], "abc"),
        (["sync", "--accept-departures"], "--course"),
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
