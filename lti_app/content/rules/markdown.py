"""Markdown of lessons and questions to clean HTML: citations, boxes, tables; no raw HTML.

Everything rendered goes through nh3 last: whatever an author (or a bug above) writes, no script,
handler or style comes out.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup
from mdit_py_plugins.container import container_plugin

BOXES = {"retenir": "À retenir", "exemple": "Exemple", "essayer": "À essayer cette semaine"}
_BETWEEN = "\u202f; "
CITATION = re.compile(r"\[(@[a-z0-9_-]+(?:\s*;\s*@[a-z0-9_-]+)*)\]")

LINK = re.compile(r"(?:https?://|mailto:)\S")
_NOT_TEXT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)

_CLEANER = nh3.Cleaner(
    tags={
        "a", "aside", "blockquote", "br", "code", "div", "em", "h3", "h4", "hr", "li", "ol", "p",
        "pre", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
    },
    attributes={
        "a": {"href", "class", "target", "rel"},
        "aside": {"class", "role", "aria-label"},
        "div": {"class", "role", "aria-label", "tabindex"},
        "ol": {"start"},
        "p": {"class"},
        "span": {"class"},
        "td": {"class"},
        "th": {"class", "scope"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one `##`. `cited`: ids of references, in order of first call."""

    title: str
    html: Markup
    words: int
    cited: tuple[str, ...]


class Renderer:
    """Renders with the labels of one bibliography: {"dehaene2018": "Dehaene, 2018"}."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels

    def block(self, text: str) -> Markup:
        """Paragraphs, lists, tables, boxes."""
        return _clean(_MARKDOWN.render(text, self._environment()))

    def inline(self, text: str) -> Markup:
        """One line, for labels and choices. Calls to sources are not links there."""
        return _clean(_MARKDOWN.renderInline(text, self._environment() | {"links": False}))

    def sections(self, body: str) -> list[Section]:
        """The parts of a lesson. What stands before the first `##` is left out (checked apart)."""
        environment = self._environment()
        return [
            Section(
                title=title,
                html=_clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, environment)),
                words=count_words(title) + count_words(plain_text(tokens)),
                cited=tuple(cited_in(tokens)),
            )
            for title, tokens in split_sections(_MARKDOWN.parse(body, environment))
            if title is not None
        ]

    def _environment(self) -> dict[str, Any]:
        return {"labels": self._labels, "links": True, "tables": 0}


def parse(text: str) -> list[Token]:
    """The tokens of a text, with their lines (`token.map`), for checks."""
    return _MARKDOWN.parse(text, {"labels": {}})


def split_sections(tokens: Sequence[Token]) -> Iterator[tuple[str | None, list[Token]]]:
    """(title, tokens without the title) of each `##`; first what precedes, if anything, as None."""
    title: str | None = None
    current: list[Token] = []
    skip = 0
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2" and token.level == 0:
            if current or title is not None:
                yield title, current
            title, current, skip = plain_text([tokens[index + 1]]), [], 3
        if skip:
            skip -= 1
            continue
        current.append(token)
    if current or title is not None:
        yield title, current


def plain_text(tokens: Sequence[Token]) -> str:
    """What is read: no markup, no calls to sources."""
    pieces: list[str] = []
    for token in tokens:
        if token.type == "inline":
            pieces.append("".join(_inline_text(token.children or ())))
        elif token.type.startswith("container_") and token.nesting == 1:
            pieces.append(_box_title(token.info)[1])
        elif token.type in {"fence", "code_block"}:
            pieces.append(token.content)
    return "\n".join(pieces).strip()


def _inline_text(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        if child.type in {"text", "code_inline"}:
            yield child.content
        elif child.type in {"softbreak", "hardbreak"}:
            yield " "


def cited_in(tokens: Sequence[Token]) -> list[str]:
    """Ids of the references called, each once, in order."""
    found = (
        reference
        for token in tokens
        for child in token.children or ()
        if child.type == "citation"
        for reference in child.meta["ids"]
    )
    return list(dict.fromkeys(found))


def count_words(text: str) -> int:
    """Words as a reader meets them: what spaces separate and holds a letter or a digit."""
    return sum(any(c.isalnum() for c in word) for word in text.split())


def _clean(html: str) -> Markup:
    return Markup(_CLEANER.clean(_NOT_TEXT.sub("", html)).strip())  # noqa: S704 - this is where it becomes safe


# --- Markdown rules ---------------------------------------------------------------------------


def _parse_citation(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "[":
        return False
    match = CITATION.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        token = state.push("citation", "", 0)
        token.meta = {"ids": re.findall(r"@([a-z0-9_-]+)", match[1])}
    state.pos = match.end()
    return True


_Rule = Callable[[RendererProtocol, Sequence[Token], int, OptionsDict, EnvType], str]


def _citation(
    _self: RendererProtocol, tokens: Sequence[Token], index: int, _o: OptionsDict, env: EnvType
) -> str:
    ids: list[str] = tokens[index].meta["ids"]
    calls = [(reference, escapeHtml(env["labels"].get(reference, reference))) for reference in ids]
    if not env.get("links"):
        return f'<span class="citation">({_BETWEEN.join(label for _, label in calls)})</span>'
    if len(calls) == 1:
        return _source_link(calls[0][0], f"({calls[0][1]})")
    return f"({_BETWEEN.join(_source_link(*call) for call in calls)})"


def _source_link(reference: str, text: str) -> str:
    return f'<a class="citation" href="#source-{reference}">{text}</a>'


def _box_title(info: str) -> tuple[str, str]:
    """(name, title) of a box from what follows `:::`."""
    name, _, title = info.strip().partition(" ")
    label = BOXES.get(name, name)
    return name, f"{label}\u00a0: {title.strip()}" if title.strip() else label


def _box(
    _self: RendererProtocol, tokens: Sequence[Token], index: int, _o: OptionsDict, _env: EnvType
) -> str:
    if tokens[index].nesting != 1:
        return "</aside>\n"
    name, title = _box_title(tokens[index].info)
    shown = escapeHtml(title)
    # A note, not a landmark: a page with several examples would have as many look-alike landmarks.
    return (
        f'<aside class="encadre encadre-{name}" role="note" aria-label="{shown}">\n'
        f'<p class="encadre-titre">{shown}</p>\n'
    )


def _table_open(
    _self: RendererProtocol, tokens: Sequence[Token], index: int, _o: OptionsDict, env: EnvType
) -> str:
    headers = [
        plain_text([tokens[i + 1]])
        for i in range(index, _end_of_header(tokens, index))
        if tokens[i].type == "th_open"
    ]
    env["tables"] = env.get("tables", 0) + 1
    name = escapeHtml(f"Tableau {env['tables']}\u00a0: {', '.join(filter(None, headers))}")
    # Focusable, so that the keyboard can scroll a table wider than the frame.
    return f'<div class="tableau" role="region" tabindex="0" aria-label="{name}">\n<table>\n'


def _end_of_header(tokens: Sequence[Token], index: int) -> int:
    return next(i for i in range(index, len(tokens)) if tokens[i].type == "thead_close")


def _table_close(
    _self: RendererProtocol, _tokens: Sequence[Token], _i: int, _o: OptionsDict, _env: EnvType
) -> str:
    return "</table>\n</div>\n"


def _cell_open(
    _self: RendererProtocol, tokens: Sequence[Token], index: int, _o: OptionsDict, _env: EnvType
) -> str:
    token = tokens[index]
    scope = ' scope="col"' if token.tag == "th" else ""
    # The parser aligns with a style attribute, which the content security policy forbids.
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    aligned = {"right": ' class="text-end"', "center": ' class="text-center"'}.get(side, "")
    return f"<{token.tag}{scope}{aligned}>"


def _link_open(
    _self: RendererProtocol, tokens: Sequence[Token], index: int, _o: OptionsDict, _env: EnvType
) -> str:
    href = escapeHtml(str(tokens[index].attrs.get("href", "")))
    # Most sites refuse to open inside the frame of an LMS.
    return f'<a href="{href}" target="_blank" rel="noopener noreferrer">'


def _link_close(
    _self: RendererProtocol, _tokens: Sequence[Token], _i: int, _o: OptionsDict, _env: EnvType
) -> str:
    return '<span class="visually-hidden"> (nouvel onglet)</span></a>'


class _Markdown(MarkdownIt):
    """Makes a link only of what leads somewhere from any page; the rest is shown as written."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the parser's name
        return LINK.match(url) is not None


def _make_markdown() -> MarkdownIt:
    markdown = _Markdown("commonmark", {"html": False}).enable("table")
    # An image would need an alternative and a file; indented code and underlined headings come
    # about by accident.
    markdown.disable(["image", "html_block", "html_inline", "code", "lheading", "reference"])
    markdown.inline.ruler.before("link", "citation", _parse_citation)
    rules: dict[str, _Rule] = {
        "citation": _citation,
        "table_open": _table_open,
        "table_close": _table_close,
        "th_open": _cell_open,
        "td_open": _cell_open,
        "link_open": _link_open,
        "link_close": _link_close,
    }
    for name, rule in rules.items():
        markdown.add_render_rule(name, rule)
    for name in BOXES:
        container_plugin(markdown, name, render=_box)
    return markdown


_MARKDOWN = _make_markdown()
