"""Rendering: what an author writes, and what anybody might."""

from html.parser import HTMLParser

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.content.rules.markdown import Renderer, count_words

LABELS = {"dehaene2018": "Dehaene, 2018", "yang2021": "Yang et al., 2021"}
RENDERER = Renderer(LABELS)

ALLOWED = {
    "a", "aside", "blockquote", "br", "code", "div", "em", "h3", "h4", "hr", "li", "ol", "p", "pre",
    "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip

# Text that leans towards what could break a renderer or get a script through.
_PIECES = st.sampled_from(
    [
        "<script>", "</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>",
        "[a](javascript:alert(1))", "[a](https://x.fr \"t\")", "![i](a.png)", "[@dehaene2018]",
        "[@dehaene2018; @yang2021]", "[@", "[@inconnu]", "\n:::exemple <b>", "\n:::retenir\n",
        "\n:::\n", "\n## ", "\n### ", "\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n", "\n- ", "\n1. ",
        "`", "**", "\n```\n", "&lt;", "&#0;", "\x00", "\u202f", "\n> ", "\n", "<!--", "\\",
        "style=", "<style>", "<svg onload=x>", "<https://x.fr>", "\t", "on", " ",
    ]
)  # fmt: skip
TEXTS = st.lists(_PIECES | st.text(max_size=20), max_size=25).map("".join)


class _Attributes(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@given(TEXTS)
def test_any_text_renders_to_harmless_html(text: str) -> None:
    sections = RENDERER.sections(text)
    for html in [RENDERER.block(text), RENDERER.inline(text), *(s.html for s in sections)]:
        seen = _Attributes(html)
        assert seen.tags <= ALLOWED
        for name, value in seen.attributes:
            assert not name.startswith("on")
            assert name != "style"
            if name == "href":
                assert value.startswith(("#source-", "http://", "https://", "mailto:"))


@given(TEXTS)
def test_rendered_html_is_well_formed(text: str) -> None:
    parser = html5lib.HTMLParser(strict=True)
    parser.parseFragment(str(RENDERER.block(text)))


@given(st.lists(st.sampled_from(sorted(LABELS)), min_size=1, max_size=4), st.text(max_size=30))
def test_calls_to_sources_resolve(ids: list[str], around: str) -> None:
    plain = "".join(c for c in around if c.isalnum())
    call = "[" + "; ".join(f"@{i}" for i in ids) + "]"
    html = RENDERER.block(f"a{plain} {call}.")
    for reference in ids:
        assert f'href="#source-{reference}"' in html
        assert LABELS[reference] in html
    assert "@" not in html


def test_one_call_and_several() -> None:
    assert RENDERER.block("Vrai [@dehaene2018].") == (
        '<p>Vrai <a class="citation" href="#source-dehaene2018">(Dehaene, 2018)</a>.</p>'
    )
    assert RENDERER.block("Vrai [@dehaene2018; @yang2021].") == (
        '<p>Vrai (<a class="citation" href="#source-dehaene2018">Dehaene, 2018</a>\u202f; '
        '<a class="citation" href="#source-yang2021">Yang et al., 2021</a>).</p>'
    )


def test_no_call_is_a_link_inside_a_label() -> None:
    html = RENDERER.inline("Relire [@dehaene2018]")
    assert html == 'Relire <span class="citation">(Dehaene, 2018)</span>'


def test_a_box_is_a_named_note_with_a_visible_title() -> None:
    html = RENDERER.block(":::exemple Un mardi en 3e\nTexte **gras**.\n:::")
    assert html == (
        '<aside class="encadre encadre-exemple" role="note"'
        ' aria-label="Exemple&nbsp;: Un mardi en 3e">\n'
        '<p class="encadre-titre">Exemple&nbsp;: Un mardi en 3e</p>\n'
        "<p>Texte <strong>gras</strong>.</p>\n</aside>"
    )
    assert 'class="encadre encadre-retenir"' in RENDERER.block(":::retenir\nx\n:::")
    assert "À essayer cette semaine" in RENDERER.block(":::essayer\nx\n:::")


def test_a_table_scrolls_by_keyboard_and_names_its_columns() -> None:
    html = RENDERER.block("| Geste | Effet |\n| --- | ---: |\n| Relire | 3 |")
    assert html.startswith(
        '<div class="tableau" role="region" tabindex="0"'
        ' aria-label="Tableau 1&nbsp;: Geste, Effet">'
    )
    assert '<th scope="col">Geste</th>' in html
    assert '<th scope="col" class="text-end">Effet</th>' in html
    assert '<td class="text-end">3</td>' in html


def test_tables_of_a_lesson_have_different_names() -> None:
    table = "| a |\n| --- |\n| 1 |\n"
    html = "".join(s.html for s in RENDERER.sections(f"## Un\n\n{table}\n## Deux\n\n{table}"))
    assert "Tableau 1&nbsp;: a" in html
    assert "Tableau 2&nbsp;: a" in html


def test_an_outside_link_opens_a_tab_and_says_so() -> None:
    assert RENDERER.inline("[éduscol](https://eduscol.education.fr/)") == (
        '<a href="https://eduscol.education.fr/" target="_blank" rel="noopener noreferrer">'
        'éduscol<span class="visually-hidden"> (nouvel onglet)</span></a>'
    )


def test_a_lesson_is_cut_at_its_headings() -> None:
    body = "## Un *titre*\n\nTexte [@yang2021].\n\n### Détail\n\nFin.\n\n"
    body += "## Deux\n\n:::retenir\nmot\n:::"
    first, second = RENDERER.sections(body)
    assert (first.title, second.title) == ("Un titre", "Deux")
    assert "<h3>Détail</h3>" in first.html
    assert "<h2" not in first.html
    assert first.words == 5
    assert second.words == 1 + 2 + 1  # Deux, À retenir, mot
    assert (first.cited, second.cited) == (("yang2021",), ())


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("un deux", 2), ("l’école — et\u00a0: oui\u202f!", 3), ("48\u202f478", 2), ("…", 0)],
)
def test_words_are_counted_as_read(text: str, words: int) -> None:
    assert count_words(text) == words


def test_raw_html_is_shown_not_run() -> None:
    assert "&lt;b&gt;" in RENDERER.block("<b>gras</b>")
