"""From HTML of other systems to Markdown: nothing said is lost, nothing becomes markup."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lti_app.content.rules.exchange.foreign_html import lost_in
from lti_app.content.rules.exchange.rendering import clean
from lti_app.content.rules.exchange.to_markdown import to_inline, to_markdown
from lti_app.content.rules.html_tree import parse_html, text_of
from tests.unit.content.exchange.questions import TEXTS


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>Un <b>mot</b>, un <i>autre</i>.</p>", "Un **mot**, un *autre*."),
        ("<b>Un </b>mot", "**Un** mot"),
        ("Un&nbsp;: a&lt;b", "Un\u00a0: a\\<b"),
        ("5 * 3, snake_case, ____", "5 * 3, snake_case, ____"),
        ("*a* _b_ `c` [d](e) [@f]", r"\*a\* \_b\_ \`c\` \[d](e) \[@f]"),
        ("<p># Un</p><p>1. Deux</p><p>- Trois</p>", "\\# Un\n\n1\\. Deux\n\n\\- Trois"),
        ("Un<br>deux", "Un\\\ndeux"),
        ("<ul><li>un<ul><li>deux</li></ul></li></ul>", "- un\n  - deux"),
        ("<ul><li>un</li></ul><ul><li>deux</li></ul>", "- un\n\n* deux"),
        ("<ol start='3'><li>un</li></ol>", "3. un"),
        ("<blockquote><p>un</p><p>deux</p></blockquote>", "> un\n>\n> deux"),
        ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
        ("<code>a`b</code>", "``a`b``"),
        ("<h2>Un</h2>deux", "**Un**\n\ndeux"),
        ('<a href="https://x.fr/a(b)">un</a>', "[un](https://x.fr/a%28b%29)"),
        ('<a href="javascript:alert(1)">un</a>', "un"),
        ('<span class="relais-ref-dehaene2018">(Dehaene, 2018)</span>', "[@dehaene2018]"),
        ("vrai (Dehaene, 2018 ; Pan et Rickard, 2018).", "vrai [@dehaene2018; @pan_rickard2018]."),
        ("<table><tr><th>a</th></tr><tr><td>b|c</td></tr></table>", "| a |\n| --- |\n| b\\|c |"),
        ('<p>Un <img src="@@PLUGINFILE@@/x.png" alt="logo">.</p>', "Un [logo]."),
        ("H<sub>2</sub>O", "H2O"),
        ("<b>« un »</b>deux", "« un »deux"),
        ("<script>alert(1)</script>un", "un"),
    ],
)
def test_html_is_written_as_an_author_would(html: str, markdown: str) -> None:
    assert to_markdown(html, TEXTS) == markdown


def test_an_option_is_one_line() -> None:
    assert to_inline("<p>Un<br>deux</p><ul><li>trois</li></ul>", TEXTS) == "Un deux trois"
    assert to_inline("<p># Un</p>", TEXTS) == "# Un"


def test_what_is_lost_is_named() -> None:
    html = '<img src="x"><h2>t</h2><span style="color:red">r</span><img src="y"><sup>2</sup>'
    assert lost_in(html) == ["image", "titre", "police ou couleur", "exposant"]


_PIECES = (
    "<p>", "</p>", "<b>", "</b>", "<em>", "</em>", "<ul><li>", "</li></ul>", "<br>", "<code>",
    "</code>", "<td>", "&nbsp;", "&lt;", "&amp;", "é",
    "*", "**", "_", "`", "[", "](", ")", "\\", "#", "1.", "-", "|", "<", ">", "]]>", "\n", " ", "a",
    "![", ":::", "~~~", "====", "😀", "[[x]]", "[@y]", "http://x.fr", "<http://x.fr>", "&#35;",
)  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
@example("<b>a</b>*b")
@example("<p>a\n# b</p>")
def test_what_is_read_stays_what_was_read(html: str) -> None:
    wanted = text_of(parse_html(clean(html))).split()
    assert text_of(parse_html(TEXTS.block(to_markdown(html, TEXTS)))).split() == wanted
    assert text_of(parse_html(TEXTS.inline(to_inline(html, TEXTS)))).split() == wanted


@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
def test_markdown_does_not_drift(html: str) -> None:
    once = TEXTS.block(to_markdown(html, TEXTS))
    assert TEXTS.block(to_markdown(once, TEXTS)) == once
