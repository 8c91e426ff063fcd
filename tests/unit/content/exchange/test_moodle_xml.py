"""Moodle XML: what Moodle writes is read, what is written is what Moodle reads."""

import re
import time
from pathlib import Path

import pytest

from lti_app.content.rules.catalog import QuestionKind
from lti_app.content.rules.exchange.bank import Answer, UnreadableFile
from lti_app.content.rules.exchange.merging import Target, merged
from lti_app.content.rules.exchange.moodle_xml_reading import read_moodle_xml
from lti_app.content.rules.exchange.moodle_xml_writing import moodle_fractions, moodle_xml
from lti_app.content.rules.exchange.to_markdown import to_markdown
from lti_app.content.rules.exchange.xml_elements import children_of_root
from lti_app.content.rules.schema import parse_question
from tests.unit.content.exchange.questions import TEXTS, bank_of, merge_of

_SAMPLE = (Path(__file__).parent / "samples" / "moodle.xml").read_text(encoding="utf-8")

# question_bank::fraction_options_full() of Moodle, as percents.
_ALLOWED = {100, 90, 83.33333, 80, 75, 70, 66.66667, 60, 50, 40, 33.33333, 30, 25, 20, 16.66667,
            14.28571, 12.5, 11.11111, 10, 5, 0}  # fmt: skip


def _single(**more: object) -> dict[str, object]:
    return {
        "id": "essai-q01", "lesson": "essai-lire", "family": "lire-vite", "situation": True,
        "kind": "single", "stem": "Où lit-on ]]> et <b>\u202f?", "explanation": "Parce que.",
        "options": [
            {"id": "a", "text": "**Ici** [@dehaene2018]", "correct": True, "feedback": "Oui."},
            {"id": "b", "text": "Là", "feedback": "Non."},
            {"id": "c", "text": "Nulle part", "feedback": "Non plus."},
        ],
        "sources": ["dehaene2018"], "revision": 1,
        **more,
    }  # fmt: skip


def test_a_file_of_moodle_is_read() -> None:
    reading = read_moodle_xml(_SAMPLE.encode(), TEXTS)
    rivers, truth, capital, frieze, towns = reading.questions
    assert (rivers.id, rivers.kind) == ("fleuves & villes", QuestionKind.MULTIPLE)
    assert [a.correct for a in rivers.answers] == [True, True, False]
    assert rivers.answers[2].html == "Tibre &lt; Pô"
    assert rivers.lost == ("indices successifs", "feedbacks « correct » et « incorrect »", "image")
    assert truth.stem == "<p>La Loire est un <strong>fleuve</strong>.</p>"
    assert [(a.correct, a.feedback) for a in truth.answers] == [
        (True, "<p>Oui.</p>"),
        (False, "<p>Elle se jette dans la mer.</p>"),
    ]
    assert capital.stem == "Quelle est<br>la capitale ?"
    assert [(a.html, a.correct) for a in capital.answers] == [
        ("Paris", True),
        ("île de france", False),
    ]
    assert (capital.otherwise, capital.lost) == ("Non", ("jokers (*)", "notes partielles"))
    assert [a.html for a in frieze.answers] == ["Un", "Deux", "Trois"]
    assert [a.right for a in towns.answers] == ["Nantes", "Rouen", "Lyon & Avignon"]
    assert towns.distractors == ("Lille",)
    assert [(s.name, s.line) for s in reading.skipped] == [("Dissertation", 112), ("Trous", 116)]
    assert "composition" in reading.skipped[0].reason


def test_what_is_written_has_what_moodle_looks_for() -> None:
    written = moodle_xml(bank_of(parse_question(_single())))
    assert "<category><text>Relais/essai/essai-lire</text></category>" in written
    assert "<idnumber>essai-q01</idnumber>" in written
    assert "<text>famille:lire-vite</text>" in written
    assert "<text>situation</text>" in written
    assert "]]]]><![CDATA[&gt;" not in written
    assert "Ce que ce format ne garde pas" in written
    [question] = [e for e in children_of_root(written.encode(), "quiz") if e.value("idnumber")]
    assert question.value("questiontext") == "<p>Où lit-on ]]&gt; et &lt;b&gt;\u202f?</p>"
    assert [a.attributes for a in question.all("answer")] == [
        {"fraction": "100", "format": "html"},
        {"fraction": "0", "format": "html"},
        {"fraction": "0", "format": "html"},
    ]
    feedback = question.value("generalfeedback")
    assert "(Dehaene, 2018)" in question.all("answer")[0].value("text")
    assert "Dehaene, S. (2018). Apprendre" in feedback
    assert 'href="#' not in written


@pytest.mark.parametrize("right", [1, 2, 3, 4, 5])
def test_shares_are_those_moodle_accepts(right: int) -> None:
    answers = [Answer("x", correct=i < right) for i in range(5)]
    shares = [float(share) for share in moodle_fractions(answers)]
    assert {abs(share) for share in shares} <= _ALLOWED
    assert sum(s for s in shares if s > 0) == pytest.approx(100, abs=0.001)
    if right < 5:
        assert sum(shares) == pytest.approx(0, abs=0.001)


def test_characters_xml_has_not_are_left_out() -> None:
    written = moodle_xml(bank_of(parse_question(_single(explanation="Un\x0bdeux\x01."))))
    assert re.search("[\x00-\x08\x0b\x0c]", written) is None


_BOMB = """<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
<quiz><question type="essay"><name><text>&b;</text></name></question></quiz>"""
_EXTERNAL = """<?xml version="1.0"?><!DOCTYPE quiz SYSTEM "file:///etc/passwd"><quiz/>"""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_BOMB.encode(), "DOCTYPE"),
        (_EXTERNAL.encode(), "DOCTYPE"),
        (b"<quiz><question>", "mal form"),
        (b"<html></html>", "racine"),
        (b"", "mal form"),
        (b"\xff\xfe\x00", "mal form"),
        (b'<?xml version="1.0" encoding="klingon"?><quiz/>', "encodage"),
        (b"<quiz>" + b"<a>" * 100, "imbriqu"),
        (b"<quiz><question type='essay'>&xxe;</question></quiz>", "mal form"),
    ],
)
def test_a_hostile_file_is_refused_in_one_sentence(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said) as caught:
        read_moodle_xml(data, TEXTS)
    assert caught.value.line >= 1


def test_a_huge_file_is_refused_and_a_large_one_is_read_in_time() -> None:
    with pytest.raises(UnreadableFile, match="50 Mo"):
        read_moodle_xml(b" " * (50 * 1024 * 1024 + 1), TEXTS)
    image = "<file name='x' encoding='base64'>" + "A" * 200_000 + "</file>"
    one = f"<question type='essay'><name><text>n</text></name>{image}</question>"
    start = time.perf_counter()
    assert len(read_moodle_xml(f"<quiz>{one * 50}</quiz>".encode(), TEXTS).skipped) == 50
    assert time.perf_counter() - start < 5


_STEM = """<quiz><question type="multichoice">
<questiontext format="html"><text><![CDATA[{}]]></text>
</questiontext><answer fraction="100"><text>a</text></answer></question></quiz>"""


@pytest.mark.parametrize(
    "piece", ["<a ", "<!--", "<img ", '<img x="', "<![x", "</a ", "<div>", "["]
)
def test_hostile_html_takes_no_time(piece: str) -> None:
    """Python's own parser took hours over the first, and failed on « <![x »."""
    start = time.perf_counter()
    known = read_moodle_xml(_STEM.format(piece * 8_000).encode(), TEXTS)
    merged(known.questions, [], Target("m", ["l"], lesson="l"), TEXTS)
    assert time.perf_counter() - start < 8
    endless = read_moodle_xml(_STEM.format(piece * 50_001).encode(), TEXTS)
    assert [s.reason for s in endless.skipped] == ["plus de 50000 caractères"]


def test_the_alternative_of_an_image_is_kept() -> None:
    stem = """<p>Voir <img src=x alt='un "<schéma>"'> et <IMG ALT=deux> et <img></p>"""
    [question] = read_moodle_xml(_STEM.format(stem).encode(), TEXTS).questions
    assert to_markdown(question.stem, TEXTS) == 'Voir [un "\\<schéma>"] et [deux] et'


def test_a_question_without_a_right_answer_is_named() -> None:
    data = _SAMPLE.replace('fraction="50"', 'fraction="-50"').encode()
    reading = read_moodle_xml(data, TEXTS)
    assert ("Fleuves", "aucune réponse juste") in [(s.name, s.reason) for s in reading.skipped]


def test_a_text_nested_without_end_is_read() -> None:
    deep = "&lt;div&gt;" * 5_000
    data = _SAMPLE.replace("<text>Dans l’ordre.</text>", f"<text>{deep}</text>")
    data = data.replace("Oui", deep)
    assert len(read_moodle_xml(data.encode(), TEXTS).questions) == 5


def test_what_the_editor_of_moodle_does_to_a_text_is_not_an_edit() -> None:
    source = parse_question(_single(explanation="Parce que\u00a0: [@dehaene2018]."))
    written = moodle_xml(bank_of(source))
    edited = re.sub(r' class="relais-ref[^"]*"', "", written)
    edited = edited.replace("<p>", '<p dir="ltr" style="text-align: left;">')
    edited = edited.replace("\u00a0: <", "&nbsp;: <")
    edited = edited.replace("<text>Là</text>", "<text><![CDATA[<p>Là<br></p>]]></text>")
    assert edited.count("<p>") == edited.count("&nbsp;") == 1
    merge = merge_of(read_moodle_xml(edited.encode(), TEXTS).questions, source)
    assert (merge.unchanged, merge.skipped) == (["essai-q01"], [])
