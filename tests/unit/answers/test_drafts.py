"""What is kept of a form that came too late."""

import json

from hypothesis import given
from hypothesis import strategies as st

from lti_app.answers.rules import draft_fields

NAMES = st.sampled_from(["choice", "text", "confidence", "position-a", "match-b", "token", "é"])
FORMS = st.dictionaries(NAMES | st.text(max_size=20), st.lists(st.text(max_size=1500), max_size=80))


@given(FORMS)
def test_whatever_is_posted_what_is_kept_is_small_and_storable(form: dict[str, list[str]]) -> None:
    kept = draft_fields(form)

    assert sum(len(values) for values in kept.values()) <= 60
    assert all(0 < len(value) <= 1000 for values in kept.values() for value in values)
    assert set(kept) <= set(form) - {"token", "é"}
    text = json.dumps(kept)
    assert "\\u0000" not in text
    text.encode("ascii")
    json.dumps(kept, ensure_ascii=False).encode()


def test_everything_an_answer_holds_is_kept() -> None:
    form = {
        "csrf_token": ["x"],
        "token": ["y"],
        "choice": ["a", "c"],
        "text": ["une réponse"],
        "position-p1": ["2"],
        "match-p-1.b": ["00c57e456d87"],
        "confidence": ["sure"],
        "position-vide": [""],
    }

    assert draft_fields(form) == {
        "choice": ["a", "c"],
        "text": ["une réponse"],
        "position-p1": ["2"],
        "match-p-1.b": ["00c57e456d87"],
        "confidence": ["sure"],
    }


def test_a_degree_of_confidence_alone_is_no_answer() -> None:
    assert draft_fields({"confidence": ["sure"], "text": [""]}) == {}
