"""HTML as data: spaces, calls, what is not printed; any well-formed fragment."""

import json
from html import escape

import nh3
from hypothesis import given
from hypothesis import strategies as st

from lti_app.content.rules.html_tree import Node, walk
from lti_app.printing.rules.paper_tree import paper_tree, plain_data, plain_text, texts


def data_of(html: str) -> list[object]:
    return plain_data(paper_tree(html), lambda _node: {})


def test_elements_keep_what_the_template_reads() -> None:
    (paragraph,) = data_of('<p class="petit x" style="a">Un <em>mot</em><br>\n et</p>\n')
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
    nodes = data_of("<ul>\n  <li>Un\n   deux\u202f;\u00a0</li>\n</ul>")
    assert nodes == [
        {
            "tag": "ul",
            "class": [],
            "children": [{"tag": "li", "class": [], "children": ["Un deux\u202f;\u00a0"]}],
        }
    ]


def test_what_is_for_screens_is_not_printed() -> None:
    html = '<p><a href="https://a.fr">Lire<span class="visually-hidden"> (onglet)</span></a></p>'
    assert [plain_text(node) for node in paper_tree(html)] == ["Lire"]


def test_calls_lead_to_one_place_or_nowhere() -> None:
    (root,) = paper_tree(
        '<div><a href="#a">1</a><a href="#b">2</a><p id="a"></p><p id="a"></p></div>'
    )
    nodes = list(walk([root]))
    assert [node.attributes.get("href") for node in nodes if node.tag == "a"] == ["#a", None]
    assert [node.attributes.get("id") for node in nodes if node.tag == "p"] == ["a", None]


def test_texts_of_different_blocks_stay_apart() -> None:
    html = "<p>Deux <em>barres</em></p><table><tr><td>a</td><td>b</td></tr></table>"
    assert texts(paper_tree(html)) == ["Deux barres", "a", "b"]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\0<>&")))
def test_no_words_are_lost_or_made(text: str) -> None:
    folded = " ".join(text.replace("\0", "\ufffd").split(" "))
    (node,) = paper_tree(f"<pre>{escape(folded)}</pre>") or [""]
    assert plain_text(node) == folded


@given(st.text("<>/ab\"'=&;# pliuolmgdvtr", max_size=60))
def test_whatever_is_written_becomes_a_tree(text: str) -> None:
    nodes = paper_tree(nh3.clean(text))
    assert all(isinstance(node, Node) for node in walk(nodes))
    json.dumps(data_of(nh3.clean(text)))
