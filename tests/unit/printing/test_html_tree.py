"""HTML as data: spaces, calls, what is not printed; any well-formed fragment."""

from html import escape
from typing import Any

import nh3
from hypothesis import given
from hypothesis import strategies as st

from lti_app.printing.rules.html_tree import parse_html, plain_text, texts, walk


def test_elements_keep_what_the_template_reads() -> None:
    (paragraph,) = parse_html('<p class="petit x" style="a">Un <em>mot</em><br>\n et</p>\n')
    assert paragraph == {
        "tag": "p",
        "class": ["petit", "x"],
        "children": [
            "Un ",
            {"tag": "em", "class": [], "children": ["mot"]},
            {"tag": "br", "class": [], "children": []},
            "et",
        ],
    }


def test_spaces_between_blocks_are_nothing_and_no_break_ones_stay() -> None:
    nodes = parse_html("<ul>\n  <li>Un\n   deux\u202f;\u00a0</li>\n</ul>")
    assert nodes == [
        {
            "tag": "ul",
            "class": [],
            "children": [{"tag": "li", "class": [], "children": ["Un deux\u202f;\u00a0"]}],
        }
    ]


def test_what_is_for_screens_is_not_printed() -> None:
    html = '<p><a href="https://a.fr">Lire<span class="visually-hidden"> (onglet)</span></a></p>'
    assert [plain_text(node) for node in parse_html(html)] == ["Lire"]


def test_calls_lead_to_one_place_or_nowhere() -> None:
    root: Any
    (root,) = parse_html(
        '<div><a href="#a">1</a><a href="#b">2</a><p id="a"></p><p id="a"></p></div>'
    )
    nodes = list(walk(root))
    assert [node.get("href") for node in nodes if node["tag"] == "a"] == ["#a", None]
    assert [node.get("id") for node in nodes if node["tag"] == "p"] == ["a", None]


def test_texts_of_different_blocks_stay_apart() -> None:
    html = "<p>Deux <em>barres</em></p><table><tr><td>a</td><td>b</td></tr></table>"
    assert texts(parse_html(html)) == ["Deux barres", "a", "b"]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\0<>&")))
def test_no_words_are_lost_or_made(text: str) -> None:
    folded = " ".join(text.replace("\0", "\ufffd").split(" "))
    (node,) = parse_html(f"<pre>{escape(folded)}</pre>") or [""]
    assert plain_text(node) == folded


@given(st.text("<>/ab\"'=&;# pliuolmgdvtr", max_size=60))
def test_whatever_is_written_becomes_a_tree(text: str) -> None:
    for root in parse_html(nh3.clean(text)):
        for node in walk(root) if isinstance(root, dict) else ():
            assert {"tag", "class", "children"} <= node.keys()
