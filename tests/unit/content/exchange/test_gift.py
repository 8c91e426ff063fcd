"""GIFT: by the rules of Moodle's own reader."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.content.rules.catalog import QuestionKind
from lti_app.content.rules.exchange.bank import UnreadableFile
from lti_app.content.rules.exchange.gift_blocks import Block, blocks, unescaped
from lti_app.content.rules.exchange.gift_reading import read_gift
from lti_app.content.rules.exchange.gift_writing import escaped, gift
from lti_app.content.rules.schema import parse_question
from tests.unit.content.exchange.questions import TEXTS, bank_of

_SAMPLE = (Path(__file__).parent / "samples" / "colleague.gift.txt").read_text(encoding="utf-8")


def test_a_file_of_a_colleague_is_read() -> None:
    reading = read_gift(("\ufeff" + _SAMPLE).encode(), TEXTS)
    river, two, truth, capital, towns, frieze, signs = reading.questions
    assert river.stem == "La Loire se jette dans _____."
    assert river.explanation == "Un fleuve se jette dans la mer."
    assert [(a.html, a.correct, a.feedback) for a in river.answers] == [
        ("l'Atlantique", True, "Oui : près de Nantes"),
        ("la Méditerranée", False, "<b>Non</b>"),
        ("la Manche", False, "La Seine, <elle>"),
    ]
    assert (two.id, two.family, two.situation) == ("deux-fleuves", "fleuves", True)
    assert two.kind is QuestionKind.MULTIPLE
    assert [a.correct for a in two.answers] == [True, True, False]
    assert truth.stem == "<p>La Loire est un <strong>fleuve</strong>.</p>"
    assert [(a.correct, a.feedback) for a in truth.answers] == [
        (True, "<p>Oui.</p>"),
        (False, "<p>Si.</p>"),
    ]
    assert [(a.html, a.correct) for a in capital.answers] == [("Paris", True), ("Lutèce", False)]
    assert capital.otherwise == "Non"
    assert (towns.answers[0].right, towns.distractors) == ("Nantes", ("Lille",))
    assert [a.html for a in frieze.answers] == ["Un : a=b", "Deux #2", "Trois"]
    assert signs.stem == "~ = # { } : \\ \\n et<br>la ligne ?"
    assert [a.html for a in signs.answers] == ["= 2", "\\", "100\\%"]
    assert [(s.line, s.reason.split(",")[0]) for s in reading.skipped] == [
        (31, "type « numérique »"),
        (33, "type « composition »"),
        (35, "type « description (sans réponse) »"),
        (37, "accolade ouverte ou fermée seulement"),
    ]


def test_hostile_text_takes_no_time() -> None:
    start = time.perf_counter()
    read_gift(f"// {'[id:' * 100_000}\n[html]{'<a ' * 8_000} {{\\=a~b}}".encode(), TEXTS)
    assert time.perf_counter() - start < 8
    endless = read_gift(f"{'a ' * 30_000} {{=a~b}}".encode(), TEXTS)
    assert [s.reason for s in endless.skipped] == ["plus de 50000 caractères"]


@given(st.text(alphabet="\\~=#{}:n\n %a[é", max_size=12))
def test_an_escaped_text_comes_back(text: str) -> None:
    [block] = blocks(f"::{escaped(text)}::x{{T}}".encode())
    assert isinstance(block, Block)
    assert block.name == text.strip(" \t\n\r\0\v")
    assert unescaped(block.stem) == "x"


@given(st.lists(st.sampled_from(["::", "{", "}", "~", "=", "#", "####", "->", "%50%", "\\", "\n",
                                 "\n\n", "a", "[html]", ">", "T", "//", "<b>", "$CATEGORY:", "%"]),
                max_size=15))  # fmt: skip
def test_any_text_is_read_or_refused(pieces: list[str]) -> None:
    reading = read_gift(" ".join(pieces).encode(), TEXTS)
    assert all(skipped.reason for skipped in reading.skipped)


def test_bytes_that_are_not_a_text_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="UTF-8") as caught:
        read_gift(b"Un\n\xe9t\xe9 ?{T}", TEXTS)
    assert caught.value.line == 2


def test_an_answer_gift_cannot_hold_is_named() -> None:
    short = parse_question(
        {
            "id": "essai-q01", "lesson": "essai-lire", "family": "lire-vite", "kind": "short",
            "stem": "Quoi\u202f?", "answers": [{"text": "a->b", "feedback": "Oui."}],
            "otherwise": "Non.", "explanation": "Parce que.", "sources": ["dehaene2018"],
            "revision": 1,
        }
    )  # fmt: skip
    text, skipped = gift(bank_of(short))
    assert [s.name for s in skipped] == ["essai-q01"]
    assert "::essai" not in text
    assert text.startswith("// Exporté de Relais en GIFT.")
