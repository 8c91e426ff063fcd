"""Rendering: what an author writes, and what anybody might."""

from html.parser import HTMLParser

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from lti_app.content.rules.catalog import Figure
from lti_app.content.rules.markdown import Renderer, count_words

LABELS = {"dehaene2018": "Dehaene, 2018", "yang2021": "Yang et al., 2021"}
TERMS = {"oubli": "oubli", "recuperation": "récupération en mémoire"}
FIGURE = Figure(
    id="barres",
    module_id="petit",
    caption_html=Markup("Deux barres"),
    alt='Une "barre" & une autre',
    description_html=Markup("<p>Une courte.</p>"),
    svg="<svg/>",
    content_hash="ab" * 32,
    width=640,
    height=240,
)
RENDERER = Renderer(LABELS, TERMS, {"barres": FIGURE})

ALLOWED = {
    "a", "aside", "blockquote", "br", "code", "details", "div", "em", "figcaption", "figure", "h3",
    "h4", "hr", "img", "li", "ol", "p", "pre", "span", "strong", "summary", "table", "tbody", "td",
    "th", "thead", "tr", "ul",
}  # fmt: skip

# Text that leans towards what could break a renderer or get a script through.
_PIECES = st.sampled_from(
    [
        "<script>", "</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>",
        "[a](javascript:alert(1))", "[a](https://x.fr \"t\")", "![i](a.png)", "[@dehaene2018]",
        "[@dehaene2018; @yang2021]", "[@", "[[", "]]", "[[oubli]]",
        "[[oubli|", "[[zut|<b>]]", "\n:::figure barres\n", "\n:::relire 2026-07-01 2026-09-01\n",
        "[@inconnu]", "\n:::exemple <b>", "\n:::retenir\n",
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
                assert value.startswith(("#source-", "#mot-", "http://", "https://", "mailto:"))
            if name == "src":
                assert value == FIGURE.address


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


def test_a_term_is_a_link_only_where_the_page_lists_it() -> None:
    body = "## Un\n\nLa [[recuperation|recherche\nen mémoire]], l’[[oubli]] et [[zut]].\n"
    (section,) = RENDERER.sections(body)
    assert section.html == (
        '<p>La <a class="terme" href="#mot-recuperation">recherche en mémoire</a>, '
        'l’<a class="terme" href="#mot-oubli">oubli</a> et zut.</p>'
    )
    assert section.terms == ("recuperation", "oubli", "zut")
    assert section.words == 1 + 7
    assert RENDERER.block("L’[[oubli]].") == "<p>L’oubli.</p>"
    assert RENDERER.inline("L’[[oubli|effacement]]") == "L’effacement"


def test_a_term_may_stand_in_a_table() -> None:
    html = RENDERER.sections("## Un\n\n| a |\n| --- |\n| [[oubli\\|mot]] |\n")[0].html
    assert '<td><a class="terme" href="#mot-oubli">mot</a></td>' in html


def test_a_figure_has_its_alternative_its_caption_and_its_long_description() -> None:
    (section,) = RENDERER.sections("## Un\n\n:::figure barres\nperdu\n:::\n\nSuite.")
    assert section.html == (
        '<figure class="figure">\n'
        f'<img src="/contenu/figures/petit/barres-{"ab" * 6}.svg"'
        ' alt="Une &quot;barre&quot; &amp; une autre" width="640" height="240">\n'
        "<figcaption>Deux barres</figcaption>\n"
        "<details>\n<summary>Description détaillée</summary>\n<p>Une courte.</p>\n</details>\n"
        "</figure>\n<p>Suite.</p>"
    )
    assert section.figures == ("barres",)
    assert RENDERER.block(":::figure inconnue\n:::") == ""


def test_a_dated_box_says_both_dates_whatever_the_day() -> None:
    said = (
        "Information relue le 1er\u00a0juillet 2026\u202f; "
        "à revérifier à partir du 1er\u00a0septembre 2026."
    )
    html = RENDERER.block(":::relire 2026-07-01 2026-09-01\nVrai.\n:::")
    plain = html.replace("&nbsp;", "\u00a0")
    assert plain.startswith('<aside class="encadre encadre-relire" role="note"')
    assert f'<p class="encadre-titre">{said}</p>\n<p>Vrai.</p>' in plain
    assert "Information datée" in RENDERER.block(":::relire demain\nVrai.\n:::")


def test_only_a_page_has_its_own_second_level_headings() -> None:
    assert RENDERER.page("## Un\n\nmot") == "<h2>Un</h2>\n<p>mot</p>"
    assert "<h2>" not in RENDERER.block("## Un\n\nmot")
