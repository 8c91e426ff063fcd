"""The ledger: what it holds, what it refuses, and that nothing in it is lost."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.content.rules.ledger import (
    LEDGER_FILE,
    Entry,
    class_since,
    format_ledger,
    parse_ledger,
)
from lti_app.content.rules.problems import ContentError, Problem, Severity
from lti_app.content.services import check_content, log_content
from tests.unit.content.sample import edit

QUESTIONS = "petit/questions.yaml"
LEDGER = Path(LEDGER_FILE)

ids = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
entries = st.builds(
    Entry,
    kind=st.sampled_from(["module", "lesson", "question"]),
    id=ids,
    number=st.integers(1, 10**9 - 1),
    hash=st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    key=st.sampled_from(["", "single:b", "multiple:a,b", "ordering:c,a"]),
    clarification=st.integers(0, 99),
    answer=st.integers(0, 99),
    removed=st.booleans(),
)


@pytest.fixture
def logged(courses: Path) -> Path:
    """The sample, with its ledger."""
    log_content(courses)
    return courses


def revise(courses: Path, change: str = "", number: int = 2) -> None:
    """Announce a revision of the first question."""
    said = f"  revision: {number}\n" + (f"  change: {change}\n" if change else "")
    edit(courses, QUESTIONS, "  revision: 1\n", said)


def move_the_answer(courses: Path) -> None:
    edit(courses, QUESTIONS, "      correct: true\n", "")
    edit(courses, QUESTIONS, "fausse\n", "fausse\n      correct: true\n")


def move_the_answer_as_a_typo(courses: Path) -> None:
    move_the_answer(courses)
    revise(courses, "typo")


@given(st.lists(entries, unique_by=lambda each: each.name))
def test_what_is_written_is_read_again(written: list[Entry]) -> None:
    problems: list[Problem] = []
    text = format_ledger({each.name: each for each in written})
    found = parse_ledger(text, LEDGER, problems)
    assert problems == []
    assert {name: replace(each, line=0) for name, each in found.items()} == {
        each.name: each for each in written
    }
    assert format_ledger(found) == text


@given(st.text(max_size=200))
def test_any_text_is_read_or_complained_of(text: str) -> None:
    problems: list[Problem] = []
    found = parse_ledger(text, LEDGER, problems)
    said = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert len(found) + len(problems) >= bool(said)


def test_without_a_ledger_nothing_is_asked(courses: Path) -> None:
    edit(courses, QUESTIONS, "Parce que.", "Pour une autre raison.")
    assert check_content(courses) == []


def test_what_was_logged_has_no_problem(logged: Path) -> None:
    assert check_content(logged) == []
    assert not log_content(logged).written
    kinds = [line.split()[0] for line in (logged / LEDGER_FILE).read_text().splitlines()[2:]]
    assert kinds == ["module", "lesson", *["question"] * 6]


@pytest.mark.parametrize(
    ("spoil", "advice"),
    [
        (lambda courses: edit(courses, QUESTIONS, "Parce que.", "Autrement."), "revision: 2"),
        (revise, "change: "),
        (move_the_answer_as_a_typo, "change: answer"),
    ],
    ids=["same revision", "no class", "too weak"],
)
def test_an_edit_that_hides_is_refused_where_it_stands(
    logged: Path, spoil: Callable[[Path], object], advice: str
) -> None:
    spoil(logged)
    (problem,) = check_content(logged)
    assert problem.severity is Severity.ERROR
    assert (problem.path.name, advice in problem.advice) == ("questions.yaml", True)
    line = (logged / QUESTIONS).read_text().splitlines()[problem.line - 1]
    assert line.strip().startswith("revision:")
    before = (logged / LEDGER_FILE).read_bytes()
    with pytest.raises(ContentError):
        log_content(logged)
    assert (logged / LEDGER_FILE).read_bytes() == before


def test_an_announced_edit_asks_to_be_logged_once(logged: Path) -> None:
    move_the_answer(logged)
    revise(logged, "answer")
    (problem,) = check_content(logged)
    assert (problem.severity, problem.advice) == (Severity.WARNING, "relais content lock")
    assert log_content(logged).revised == 1
    assert check_content(logged) == []
    assert "question petit-q01 2" in (logged / LEDGER_FILE).read_text()


def test_what_is_withdrawn_is_said_and_its_id_kept(logged: Path) -> None:
    text = (logged / QUESTIONS).read_text()
    last = text.index("- id: petit-q06")
    (logged / QUESTIONS).write_text(text[:last])
    said = [each for each in check_content(logged) if each.path.name == LEDGER_FILE]
    assert [("petit-q06" in each.message, each.severity) for each in said] == [
        (True, Severity.WARNING)
    ]


def test_an_id_that_was_withdrawn_is_not_given_to_something_else(logged: Path) -> None:
    ledger = logged / LEDGER_FILE
    line = next(each for each in ledger.read_text().splitlines() if "petit-q05" in each)
    ledger.write_text(ledger.read_text().replace(line, f"{line} removed"))
    (back,) = check_content(logged)
    assert back.severity is Severity.WARNING
    edit(logged, QUESTIONS, "Relire suffit.", "Autre chose.")
    assert [each.severity for each in check_content(logged)] == [Severity.ERROR]


def test_nothing_is_said_to_be_gone_while_a_file_cannot_be_read(logged: Path) -> None:
    edit(logged, QUESTIONS, "- id: petit-q01", "- id: [")
    assert all(each.path.name != LEDGER_FILE for each in check_content(logged))


def test_a_spoilt_ledger_is_said_where_it_is(logged: Path) -> None:
    ledger = logged / LEDGER_FILE
    text = ledger.read_text()
    twice = next(line for line in text.splitlines() if line.startswith("lesson"))
    ledger.write_text(f"{text}<<<<<<< HEAD\n{twice}\n")
    lines = text.count("\n")
    problems = [each for each in check_content(logged) if each.path.name == LEDGER_FILE]
    assert [each.line for each in problems] == [lines + 1, lines + 2]


@pytest.mark.parametrize(
    ("change", "published", "expected"),
    [
        ("typo", 1, "answer"),
        ("typo", 2, "clarification"),
        ("typo", 3, "typo"),
        ("answer", 3, "answer"),
    ],
)
def test_the_strongest_class_since_the_last_publication(
    change: str, published: int, expected: str
) -> None:
    entry = Entry("question", "q", 4, "0" * 16, clarification=3, answer=2)
    assert class_since(entry, 4, change, published) == expected
    assert class_since(None, 4, change, published) == change


def test_classes_pile_up_from_one_logged_edit_to_the_next(logged: Path) -> None:
    move_the_answer(logged)
    revise(logged, "answer")
    log_content(logged)
    edit(logged, QUESTIONS, "revision: 2\n  change: answer", "revision: 3\n  change: typo")
    edit(logged, QUESTIONS, "Parce que.", "Parce  que.")
    log_content(logged)
    entry = next(
        line for line in (logged / LEDGER_FILE).read_text().splitlines() if "petit-q01" in line
    )
    assert entry.split()[2:] == ["3", entry.split()[3], "key=single:a", "answer=2"]


def test_two_edits_between_two_logs_hide_no_class(logged: Path) -> None:
    """The right answer of q01 moved in revision 2, said no more in revision 3."""
    revise(logged, "typo")
    edit(logged, QUESTIONS, "revision: 2\n", "revision: 3\n")
    (problem,) = check_content(logged)
    assert problem.severity is Severity.ERROR
    assert "revision: 2" in problem.advice
    edit(logged, QUESTIONS, "change: typo", "change: answer")
    assert [each.severity for each in check_content(logged)] == [Severity.WARNING]


def test_the_id_of_a_question_withdrawn_is_not_given_to_another(logged: Path) -> None:
    ledger = (logged / LEDGER_FILE).read_text()
    gone = re.sub(r"(question petit-q01 .*)", r"\1 removed", ledger)
    (logged / LEDGER_FILE).write_text(gone)
    assert [each.severity for each in check_content(logged)] == [Severity.WARNING]  # as it was
    edit(logged, QUESTIONS, "Parce que.", "Pour autre chose.")
    revise(logged, "typo")
    (problem,) = check_content(logged)
    assert (problem.severity, "change: answer" in problem.advice) == (Severity.ERROR, True)
