"""Markdown of lessons and questions to clean HTML: citations, boxes, tables; no raw HTML.

Everything rendered goes through nh3 last: whatever an author (or a bug above) writes, no script,
handler or style comes out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nh3
from markdown_it.token import Token
from markupsafe import Markup

from lti_app.content.rules.catalog import FIGURES_ADDRESS, Figure
from lti_app.content.rules.markdown_rules import LINK, MARKDOWN
from lti_app.content.rules.tokens import (
    BOXES,
    CITATION,
    cited_in,
    count_words,
    figures_in,
    plain_text,
    split_sections,
    terms_in,
)

__all__ = [
    "BOXES", "CITATION", "LINK", "Renderer", "Section", "cited_in", "count_words", "parse",
    "plain_text", "split_sections",
]  # fmt: skip

_NOT_TEXT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)

_TAGS = {
    "a", "aside", "blockquote", "br", "code", "details", "div", "em", "figcaption", "figure", "h3",
    "h4", "hr", "img", "li", "ol", "p", "pre", "span", "strong", "summary", "table", "tbody", "td",
    "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "class", "target", "rel"},
    "aside": {"class", "role", "aria-label"},
    "div": {"class", "role", "aria-label", "tabindex"},
    "figure": {"class"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "p": {"class"},
    "span": {"class"},
    "td": {"class"},
    "th": {"class", "scope"},
}


def _own_figures_only(tag: str, attribute: str, value: str) -> str | None:
    foreign = (tag, attribute) == ("img", "src") and not value.startswith(FIGURES_ADDRESS)
    return None if foreign else value


def _make_cleaner(tags: set[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags,
        attributes=_ATTRIBUTES,
        attribute_filter=_own_figures_only,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


_CLEANER = _make_cleaner(_TAGS)
_PAGE_CLEANER = _make_cleaner(_TAGS | {"h2"})
"""`h2` would break the outline of a page that has its own."""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one `##`. Ids of references, terms and figures: in order of first call."""

    title: str
    html: Markup
    words: int
    cited: tuple[str, ...]
    terms: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


class Renderer:
    """Renders with the labels of one bibliography: {"dehaene2018": "Dehaene, 2018"}.

    `terms`: words of the glossary by id. `figures`: by id; see `with_figures`.
    """

    def __init__(
        self,
        labels: Mapping[str, str],
        terms: Mapping[str, str] | None = None,
        figures: Mapping[str, Figure] | None = None,
    ) -> None:
        self._labels = labels
        self._terms = terms or {}
        self._figures = {key: _figure_html(figure) for key, figure in (figures or {}).items()}

    def with_figures(self, figures: Mapping[str, Figure]) -> "Renderer":
        """The same, that shows figures. (Their own texts are rendered before they are known.)"""
        return Renderer(self._labels, self._terms, figures)

    def block(self, text: str) -> Markup:
        """Paragraphs, lists, tables, boxes."""
        return _clean(MARKDOWN.render(text, self._environment()))

    def page(self, text: str) -> Markup:
        """A text that is a page by itself: its `##` are headings of the page."""
        return _clean(MARKDOWN.render(text, self._environment()), _PAGE_CLEANER)

    def inline(self, text: str) -> Markup:
        """One line, for labels and choices. Calls to sources are not links there."""
        return _clean(MARKDOWN.renderInline(text, self._environment() | {"links": False}))

    def sections(self, body: str) -> list[Section]:
        """The parts of a lesson. What stands before the first `##` is left out (checked apart).

        Terms are links to `#mot-<id>`: the page must list them.
        """
        environment = self._environment() | {"linked_terms": self._terms.keys()}
        return [
            Section(
                title=title,
                html=_clean(MARKDOWN.renderer.render(tokens, MARKDOWN.options, environment)),
                words=count_words(title) + count_words(plain_text(tokens)),
                cited=tuple(cited_in(tokens)),
                terms=tuple(terms_in(tokens)),
                figures=tuple(figures_in(tokens)),
            )
            for title, tokens in split_sections(MARKDOWN.parse(body, environment))
            if title is not None
        ]

    def _environment(self) -> dict[str, Any]:
        return {
            "labels": self._labels,
            "terms": self._terms,
            "figures": self._figures,
            "links": True,
            "tables": 0,
        }


def parse(text: str) -> list[Token]:
    """The tokens of a text, with their lines (`token.map`), for checks."""
    return MARKDOWN.parse(text, {"labels": {}})


def _figure_html(figure: Figure) -> Markup:
    return Markup(
        '<figure class="figure">\n'
        '<img src="{}" alt="{}" width="{}" height="{}">\n'
        "<figcaption>{}</figcaption>\n"
        "<details>\n<summary>Description détaillée</summary>\n{}\n</details>\n"
        "</figure>\n"
    ).format(
        figure.address,
        figure.alt,
        figure.width,
        figure.height,
        figure.caption_html,
        figure.description_html,
    )


def _clean(html: str, cleaner: nh3.Cleaner = _CLEANER) -> Markup:
    return Markup(cleaner.clean(_NOT_TEXT.sub("", html)).strip())  # noqa: S704 - this is where it becomes safe
