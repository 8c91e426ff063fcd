"""Hashes and the revision rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.content.rules.changes import LastRevision, content_hash, refusal_of, source_key
from lti_app.content.rules.schema import parse_question

QUESTION: dict[str, Any] = {
    "id": "q",
    "lesson": "l",
    "family": "f",
    "kind": "single",
    "stem": "Laquelle ?",
    "options": [
        {"id": "a", "text": "A", "feedback": "Non."},
        {"id": "b", "text": "B", "feedback": "Oui.", "correct": True},
        {"id": "c", "text": "C", "feedback": "Non."},
    ],
    "explanation": "Parce que.",
    "sources": ["conseil"],
    "revision": 2,
    "change": "typo",
}


def last(number: int = 2, **values: Any) -> LastRevision:
    """The question above as published, with that number."""
    source = parse_question({**QUESTION, **values})
    return LastRevision(number, content_hash(source), source_key(source))


@given(st.integers(1, 50), st.sampled_from(["typo", "clarification", "answer", None]))
def test_the_hash_says_nothing_of_the_revision(revision: int, change: str | None) -> None:
    other = parse_question({**QUESTION, "revision": revision, "change": change})
    assert content_hash(other) == content_hash(parse_question(QUESTION))


def test_the_hash_ignores_a_default_written_out() -> None:
    assert content_hash(parse_question({**QUESTION, "situation": False})) == content_hash(
        parse_question(QUESTION)
    )


def test_the_same_content_and_revision_is_accepted() -> None:
    assert refusal_of(parse_question(QUESTION), None) is None
    assert refusal_of(parse_question(QUESTION), last()) is None


@pytest.mark.parametrize(
    ("published", "edited", "advice"),
    [
        (last(3), QUESTION, "revision: 3"),
        (last(2, stem="Autre"), QUESTION, "revision: 3"),
        (last(1, stem="Autre"), {**QUESTION, "change": None}, "change: …"),
    ],
)
def test_an_edit_that_is_not_announced_is_refused(
    published: LastRevision, edited: dict[str, Any], advice: str
) -> None:
    refusal = refusal_of(parse_question(edited), published)
    assert refusal is not None
    assert advice in refusal.advice


def test_a_moved_right_answer_is_no_typo() -> None:
    options = [{**option, "correct": option["id"] == "c"} for option in QUESTION["options"]]
    published = last(1, options=options)
    refusal = refusal_of(parse_question(QUESTION), published)
    assert refusal is not None
    assert "change: answer" in refusal.advice
    assert refusal_of(parse_question({**QUESTION, "change": "answer"}), published) is None


def test_an_announced_edit_is_accepted() -> None:
    assert refusal_of(parse_question(QUESTION), last(1, stem="Autre")) is None
