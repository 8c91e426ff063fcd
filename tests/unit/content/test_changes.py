"""Hashes and the revision rules."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.content.rules.changes import (
    LastRevision,
    content_hash,
    refusal_of,
    release_hash,
    source_key,
)
from lti_app.content.rules.schema import LessonSource, ModuleSource, parse_question

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


def test_what_the_format_gained_moves_no_hash_of_older_sources() -> None:
    """Taken before objectives, misconceptions and dates existed: nobody edited these."""
    module = {
        "id": "m",
        "title": "M",
        "summary": "S",
        "objectives": ["a", "b", "c"],
        "competences": [],
        "keywords": [],
        "minutes": 8,
        "lessons": ["l"],
        "revision": 1,
    }
    lesson = {"id": "l", "title": "L", "minutes": 8, "summary": "S", "revision": 1, "body": "x"}
    assert content_hash(parse_question(QUESTION))[:12] == "35580e33c60f"
    assert content_hash(ModuleSource.model_validate(module))[:12] == "fda0c56a165d"
    assert content_hash(LessonSource.model_validate(lesson))[:12] == "e9e042fe8c68"
    assert release_hash([("m", "l", 1, "h")], {"r": {}})[:12] == "5a6bdd419343"
    assert release_hash([("m", "l", 1, "h")], {"r": {}}, {})[:12] == "5a6bdd419343"
    assert release_hash([("m", "l", 1, "h")], {"r": {}}, {"m": {"kit": 1}})[:12] != "5a6bdd419343"


def test_a_date_read_again_from_json_moves_no_hash() -> None:
    dated = parse_question({**QUESTION, "checked": date(2026, 7, 1), "check_by": "2026-09-01"})
    again = parse_question(json.loads(json.dumps(dated.model_dump(mode="json"))))
    assert again == dated
    assert content_hash(again) == content_hash(dated) != content_hash(parse_question(QUESTION))


def test_another_kind_of_question_is_another_answer() -> None:
    """Even where the key tells nothing else: a right « court » is no right « vrai ou faux »."""
    short: dict[str, Any] = {
        "kind": "short",
        "options": None,
        "answers": [{"text": "a", "feedback": "Oui."}],
        "otherwise": "Non.",
    }
    before = parse_question({k: v for k, v in {**QUESTION, **short}.items() if v is not None})
    published = LastRevision(1, content_hash(before), source_key(before))
    refusal = refusal_of(parse_question(QUESTION), published)
    assert refusal is not None
    assert "change: answer" in refusal.advice
    reworded = before.model_copy(update={"revision": 2, "change": "typo", "stem": "Lequel ?"})
    assert refusal_of(reworded, published) is None
