"""questions.yaml edited in place: only what changes, and never anything else."""

import copy

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lti_app.content.rules.exchange.yaml_editing import UneditableFile, edited
from lti_app.content.rules.exchange.yaml_writing import written_entry
from lti_app.content.rules.files import normalised

TEXT = """\
# En tête
- id: q01   # le premier
  stem: >-
    Une longue
    question.

    En deux paragraphes.
  options:
    # les choix
    - id: a
      text: "Un"
      correct: true
    - {id: b, text: Deux}
  sources: [x,
    y]
  revision: 1

# Entre deux
- id: q02
  stem: 'Deux'
  answers:
  - text: un
    feedback: Oui
  revision: 2
# À la fin
"""
ENTRIES = yaml.safe_load(TEXT)


def test_nothing_to_change_changes_nothing() -> None:
    assert edited(TEXT, {}, []) == TEXT


def test_only_the_lines_of_the_change_change() -> None:
    entry = copy.deepcopy(ENTRIES[1])
    entry["answers"][0]["feedback"] = "Oui\u202f: bravo"
    entry |= {"revision": 3, "change": None}
    found = edited(TEXT, {1: entry}, [])
    assert found == TEXT.replace(
        "    feedback: Oui\n", "    feedback: >-\n      Oui\u202f: bravo\n"
    ).replace(
        "  revision: 2\n",
        "  revision: 3\n  change:  # à remplir\u00a0: typo, clarification ou answer\n",
    )


def test_a_list_written_on_one_line_is_written_again() -> None:
    entry = copy.deepcopy(ENTRIES[0])
    entry["options"][1]["text"] = "Trois"
    entry["sources"] = ["z"]
    del entry["stem"]
    found = edited(TEXT, {0: entry}, [{"id": "q03", "revision": 1}])
    assert yaml.safe_load(found) == [entry, ENTRIES[1], {"id": "q03", "revision": 1}]
    assert "# Entre deux\n- id: q02" in found
    assert "# le premier" in found
    assert "sources: [z]" in found


def test_a_file_that_cannot_be_edited_is_left() -> None:
    with pytest.raises(UneditableFile):
        edited("[{id: q01, revision: 1}]\n", {0: {"id": "q01", "revision": 2}}, [])


def test_an_empty_file_gets_its_first_entry() -> None:
    assert edited("", {}, [{"id": "q01", "revision": 1}]) == "- id: q01\n  revision: 1\n"


# What a source may hold once read: normalised, and stripped by the schema.
_texts = st.text(max_size=60).map(lambda t: normalised(t.replace("\r", "")).strip()).filter(bool)


@given(
    st.lists(_texts, min_size=1, max_size=4),
    st.sampled_from(["text", "feedback", "stem"]),
)
def test_any_text_is_written_so_that_it_reads_the_same(texts: list[str], key: str) -> None:
    entry = {"id": "q01", "options": [{"id": "a", key: text} for text in texts], "wrong": texts}
    try:
        found = "\n".join(written_entry(entry))
        assert yaml.safe_load(found) == [entry]
    except yaml.reader.ReaderError:  # a character YAML has no place for, even escaped
        assert any("\ud800" <= c <= "\udfff" for text in texts for c in text)


@given(st.lists(_texts, min_size=1, max_size=3), st.integers(0, 1))
def test_any_edit_reads_back(texts: list[str], index: int) -> None:
    entry = copy.deepcopy(ENTRIES[index])
    entry["stem"] = texts[0]
    added = [{"id": f"q1{i}", "stem": text} for i, text in enumerate(texts)]
    found = edited(TEXT, {index: entry}, added)
    wanted = [entry if i == index else ENTRIES[i] for i in range(2)]
    assert yaml.safe_load(found) == [*wanted, *added]
    assert normalised(found) == found
