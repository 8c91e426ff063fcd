"""relais content, as typed."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.answers.models import Card
from lti_app.cli import context, main
from lti_app.completion.models import ModuleCompletion
from lti_app.completion.services import record_part_read, refresh_completion
from lti_app.content.queries import load_catalog
from lti_app.grading.models import OwedGrade
from lti_app.people.models import Person
from tests import factories
from tests.unit.content.sample import edit, write_courses

Run = Callable[..., tuple[int, str, str]]
NOW = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
QUESTIONS = "petit/questions.yaml"


@pytest.fixture
def courses(tmp_path: Path) -> Path:
    """A folder without any problem."""
    return write_courses(tmp_path / "courses")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `relais content …`: exit code, standard output, standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["content", *map(str, arguments)])
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return call


@pytest.fixture
def published_from(app: Flask, courses: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The application of the tests, publishing the sample."""
    settings = app.config["RELAIS"].model_copy(update={"content_path": courses})
    monkeypatch.setitem(app.config, "RELAIS", settings)
    monkeypatch.setattr(context, "create_app", lambda: app)
    return courses


def test_check_says_nothing_of_good_content(run: Run, courses: Path) -> None:
    code, out, err = run("check", courses)
    assert (code, out) == (0, "")
    assert "0\u00a0erreur, 0\u00a0avertissement" in err


def test_check_says_file_line_what_and_advice(
    run: Run, courses: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = edit(courses, QUESTIONS, "lesson: petit-un", "lesson: petit-zero")
    monkeypatch.chdir(courses.parent)

    code, out, _err = run("check", "courses")

    assert code == 1
    assert out.startswith(f"courses/petit/questions.yaml:{line}: erreur")
    assert "petit-zero" in out
    assert " → " in out


def test_check_says_errors_last(run: Run, courses: Path) -> None:
    edit(courses, QUESTIONS, "lesson: petit-un", "lesson: petit-zero")
    edit(courses, QUESTIONS, "Oui [@yang2021].", "Oui...")

    _code, out, err = run("check", courses)

    assert [": erreur" in line for line in out.splitlines()][-2:] == [False, True]
    assert "1\u00a0erreur, " in err


def test_check_gives_json(run: Run, courses: Path) -> None:
    line = edit(courses, QUESTIONS, "lesson: petit-un", "lesson: petit-zero")
    code, out, _err = run("check", "--json", courses)
    (problem,) = json.loads(out)
    assert code == 1
    assert (problem["line"], problem["severity"]) == (line, "error")
    assert problem["path"].endswith("petit/questions.yaml")


def test_warnings_do_not_fail(run: Run, courses: Path) -> None:
    edit(courses, QUESTIONS, "Associez.", "L'ordre.")
    code, out, _err = run("check", courses)
    assert code == 0
    assert "attention" in out


def test_check_takes_one_module(run: Run, courses: Path) -> None:
    (courses / "autre").mkdir()
    assert run("check", courses / "petit")[0] == 0
    assert run("check", courses)[0] == 1


def test_check_needs_no_settings(run: Run, courses: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_CONTENT_PATH", str(courses))
    monkeypatch.setenv("RELAIS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert run("check")[0] == 0


@pytest.mark.parametrize(
    "arguments", [("check", "/nowhere"), ("stats", "/nowhere"), ("check", "a", "b"), ("sink",)]
)
def test_a_wrong_argument_is_one_line(run: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert len(err.strip().split("\n")) == 1


def test_an_unreadable_setting_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_CONTENT_PATH", "/nowhere")
    code, _out, err = run("check")
    assert code == 2
    assert "RELAIS_CONTENT_PATH" in err


def test_stats_count(run: Run, courses: Path) -> None:
    code, out, _err = run("stats", "--json", courses)
    found = json.loads(out)
    assert code == 0
    assert found["total"]["questions"] == 6
    assert found["total"]["questions_by_kind"]["single"] == 1
    (module,) = found["modules"]
    assert (module["lessons"], module["minutes"], module["families"]) == (1, 10, 3)
    assert module["words"] > 1200
    assert module["situations_share"] == pytest.approx(1 / 6, abs=0.001)
    assert module["feedback_coverage"] == 1.0
    assert module["references_used"] == ["dehaene2018", "yang2021"]
    assert "petit" in run("stats", courses)[1]


def test_sync_publishes_and_commits(run: Run, session: Session, published_from: Path) -> None:
    session.rollback()
    code, out, _err = run("sync", "--json")
    (report,) = json.loads(out)
    assert code == 0
    assert (report["new_revisions"], report["changed"]) == (8, True)
    assert load_catalog(session).module_ids == ("petit",)
    session.rollback()  # on SQLite it would keep the next command waiting
    assert json.loads(run("sync", "--json")[1])[0]["changed"] is False


def test_sync_refuses_what_has_errors(run: Run, session: Session, published_from: Path) -> None:
    session.rollback()
    edit(published_from, QUESTIONS, "lesson: petit-un", "lesson: petit-zero")
    code, out, _err = run("sync")
    assert code == 1
    assert "petit-zero" in out
    assert load_catalog(session).modules == ()


def test_sync_starts_again_the_cards_of_a_changed_answer(
    run: Run, session: Session, published_from: Path
) -> None:
    session.rollback()
    run("sync")
    person = Person(name=None, sort_name=None, email=None, created_at=NOW)
    session.add(person)
    session.flush()
    for question in ("petit-q01", "petit-q02"):
        session.add(_card(person.id, question))
    session.commit()
    edit(published_from, QUESTIONS, "      correct: true\n", "")
    edit(published_from, QUESTIONS, "fausse\n", "fausse\n      correct: true\n")
    edit(published_from, QUESTIONS, "  revision: 1\n", "  revision: 2\n  change: answer\n")

    code, out, _err = run("sync", "--json")

    assert code == 0
    assert json.loads(out)[0]["restarted_questions"] == ["petit-q01"]
    session.rollback()
    changed, kept = (
        session.get_one(Card, (person.id, question)) for question in ("petit-q01", "petit-q02")
    )
    assert (changed.reps, changed.restarted_at is None) == (0, False)
    assert (kept.reps, kept.restarted_at) == (3, None)


def test_sync_completes_for_those_who_have_nothing_left_to_answer(
    run: Run, session: Session, published_from: Path
) -> None:
    """The page of the module would say « terminé », the trainer's not, and no grade would leave."""
    session.rollback()
    run("sync")
    module = load_catalog(session).module("petit")
    enrolment = factories.EnrolmentFactory.create()
    person_id = enrolment.person_id
    factories.ResourceLinkFactory.create(course=enrolment.course, target="petit")
    lesson = module.lessons[0]
    record_part_read(session, person_id=person_id, lesson=lesson, part=len(lesson.parts), now=NOW)
    for question in module.questions[:3]:
        session.add(_card(person_id, question.id))
    session.flush()
    refresh_completion(session, person_id=person_id, module=module, now=NOW)
    session.commit()
    edit(published_from, "petit/module.yaml", "pass_mark: 80", "pass_mark: 50")
    edit(
        published_from,
        "petit/module.yaml",
        "revision: 1",
        "revision: 2\nchange: clarification",
    )

    code, out, err = run("sync")

    assert code == 0, out + err
    session.rollback()
    completion = session.query(ModuleCompletion).one()
    assert (completion.state, completion.best_score) == ("completed", 50)
    assert completion.last_activity_at == NOW
    grade = session.query(OwedGrade).one()
    assert (grade.score, grade.state) == (50, "owed")


def _card(person_id: int, question_id: str) -> Card:
    return Card(
        person_id=person_id,
        question_id=question_id,
        stability=4.0,
        difficulty=5.0,
        due_on=date(2026, 11, 20),
        last_reviewed_on=date(2026, 11, 9),
        reps=3,
        lapses=0,
        last_correct=True,
        scheduler_version="test",
    )


def test_lock_writes_the_ledger_that_check_holds_edits_to(run: Run, courses: Path) -> None:
    code, out, _err = run("lock", "--json", courses)
    (report,) = json.loads(out)
    assert (code, report["new"], report["written"]) == (0, 8, True)
    assert run("lock", "--check", courses)[0] == 0
    line = edit(courses, QUESTIONS, "  revision: 1\n", "  revision: 2\n  change: typo\n")
    code, out, _err = run("check", courses)
    assert code == 0
    assert f"questions.yaml:{line}: attention" in out
    assert run("lock", "--check", courses)[0] == 1
    code, out, _err = run("lock", courses)
    assert (code, "0\u00a0sujet nouveau, 1\u00a0révision, 0\u00a0retrait" in out) == (0, True)
    edit(courses, QUESTIONS, "Parce que.", "Autrement.")
    for command in ("check", "lock"):
        code, out, _err = run(command, courses)
        assert code == 1
        assert f"questions.yaml:{line}: erreur" in out
