"""What an import changes: known questions edited, new ones appended, ids kept, nothing lost."""

from dataclasses import replace
from typing import Any

import pytest

from lti_app.content.rules.exchange.bank import BankQuestion
from lti_app.content.rules.exchange.merging import Known, Merge, Target, merged
from lti_app.content.rules.schema import QuestionSource, parse_question
from tests.unit.content.exchange.questions import REFERENCES, TEXTS, merge_of, prepare

_SOURCE = parse_question(
    {
        "id": "essai-q01", "lesson": "essai-lire", "family": "lire-vite", "kind": "single",
        "stem": "Où **lit-on** [@dehaene2018]\u202f?", "explanation": "Parce que.",
        "options": [
            {"id": "a", "text": "Ici", "correct": True, "feedback": "Oui."},
            {"id": "b", "text": "Là", "feedback": "Non."},
            {"id": "d", "text": "Nulle part", "feedback": "Non plus."},
        ],
        "sources": ["dehaene2018"], "revision": 3,
    }
)  # fmt: skip


@pytest.fixture
def incoming() -> BankQuestion:
    return prepare(_SOURCE)


def _changed(question: BankQuestion, source: QuestionSource = _SOURCE, **more: Any) -> Any:
    merge = merge_of([question], source, **more)
    assert merge.skipped == []
    [entry] = merge.changed.values()
    return entry


def test_a_changed_text_bumps_the_revision_and_leaves_its_class_to_the_author(
    incoming: BankQuestion,
) -> None:
    entry = _changed(replace(incoming, explanation="<p>Autre.</p>"))
    assert (entry["explanation"], entry["revision"], entry["change"]) == ("Autre.", 4, None)
    assert entry["stem"] == _SOURCE.stem
    assert _changed(replace(incoming, stem="x"), change="answer")["change"] == "answer"


def test_options_keep_their_ids_when_they_move_change_or_go(incoming: BankQuestion) -> None:
    ici, la, nulle = incoming.answers
    moved = _changed(replace(incoming, answers=(nulle, ici, la)))
    assert [(o["id"], o["text"]) for o in moved["options"]] == [
        ("d", "Nulle part"),
        ("a", "Ici"),
        ("b", "Là"),
    ]
    reworded = _changed(replace(incoming, answers=(ici, replace(la, html="Là-bas"), nulle)))
    assert [(o["id"], o["text"]) for o in reworded["options"]][1] == ("b", "Là-bas")
    new = replace(la, html="Partout")
    added = _changed(replace(incoming, answers=(*incoming.answers, new)))
    assert [o["id"] for o in added["options"]] == ["a", "b", "d", "c"]


def test_a_new_right_answer_is_seen(incoming: BankQuestion) -> None:
    ici, la, nulle = incoming.answers
    answers = (replace(ici, correct=False), replace(la, correct=True), nulle)
    options = _changed(replace(incoming, answers=answers))["options"]
    assert [o.get("correct", False) for o in options] == [False, True, False]


def test_a_question_is_known_by_its_stem_when_it_lost_its_id(incoming: BankQuestion) -> None:
    assert merge_of([replace(incoming, id="")], _SOURCE).unchanged == ["essai-q01"]


def test_a_question_twice_in_the_file_is_taken_once(incoming: BankQuestion) -> None:
    twice = [replace(incoming, stem="x"), replace(incoming, stem="y")]
    merge = merge_of(twice, _SOURCE)
    assert merge.changed[0]["stem"] == "x"
    assert [s.reason for s in merge.skipped] == ["cette question est deux fois dans le fichier"]


def test_another_kind_is_not_forced_on_a_question(incoming: BankQuestion) -> None:
    truth = parse_question(
        {
            **_SOURCE.model_dump(exclude_defaults=True), "kind": "truefalse",
            "options": [{"id": "vrai", "correct": True, "feedback": "x"},
                        {"id": "faux", "feedback": "y"}],
        }
    )  # fmt: skip
    merge = merge_of([incoming], truth)
    assert (merge.changed, merge.added, len(merge.skipped)) == ({}, [], 1)


def _added(question: BankQuestion, **target: Any) -> Merge:
    where = {"lessons": ["essai-lire"], "references": frozenset(REFERENCES)}
    return merged([question], [], Target("essai", **(where | target)), TEXTS)


def test_a_new_question_takes_a_free_id_and_asks_for_what_it_lacks(incoming: BankQuestion) -> None:
    bare = replace(
        incoming, id="Quiz n°1", family="", sources=("inconnue",), explanation="", lesson="ailleurs"
    )
    [entry] = _added(bare, lesson="essai-lire", taken=frozenset({"essai-q09"})).added
    assert (entry["id"], entry["lesson"]) == ("essai-q10", "essai-lire")
    assert entry["family"] == "essai-lire-import"
    assert entry["sources"] == ["a-completer"]
    assert entry["explanation"].startswith("[À COMPLÉTER]")
    assert entry["revision"] == 1


def test_an_id_of_another_module_is_not_taken(incoming: BankQuestion) -> None:
    [entry] = _added(incoming, taken=frozenset({"essai-q01"})).added
    assert entry["id"] == "essai-q02"


def test_a_question_without_a_lesson_is_named(incoming: BankQuestion) -> None:
    merge = _added(replace(incoming, lesson="", line=12))
    assert [(s.name, s.line) for s in merge.skipped] == [("essai-q01", 12)]
    assert "--lesson" in merge.skipped[0].reason


def test_what_the_format_of_relais_refuses_is_named(incoming: BankQuestion) -> None:
    merge = _added(replace(incoming, answers=incoming.answers * 12))
    assert merge.added == []
    assert "options" in merge.skipped[0].reason


def test_known_entries_may_omit_what_is_by_default(incoming: BankQuestion) -> None:
    entry = _SOURCE.model_dump(exclude_defaults=True)
    entry["options"][1]["correct"] = False
    target = Target("essai", ["essai-lire"])
    assert merged([incoming], [Known(_SOURCE, entry)], target, TEXTS).unchanged == ["essai-q01"]


def test_a_deep_question_is_read(incoming: BankQuestion) -> None:
    [entry] = _added(replace(incoming, stem="<div><b>" * 3_000 + "Quoi ?")).added
    assert "Quoi ?" in entry["stem"]
