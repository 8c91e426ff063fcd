"""How Markdown of authors is read and rendered: citations, terms, boxes, figures, tables, links.

What a rendering knows comes in its environment: `labels` of sources, `terms` and `linked_terms` of
the glossary, ready `figures` by id, whether `links` to sources are wanted.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.container import container_plugin

from lti_app.content.rules.tokens import CITATION, FENCED, TERM, box_title, plain_text

LINK = re.compile(r"(?:https?://|mailto:)\S")
_BETWEEN = "\u202f; "


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


def _parse_term(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("[[", state.pos):
        return False
    match = TERM.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        token = state.push("term", "", 0)
        known: Mapping[str, str] = state.env.get("terms", {})
        token.content = " ".join((match[2] or known.get(match[1], match[1])).split())
        token.meta = {"id": match[1]}
    state.pos = match.end()
    return True


def _replace_figures(state: StateCore) -> None:
    """A figure is one token: its box holds nothing (checked apart)."""
    kept: list[Token] = []
    inside = 0
    for token in state.tokens:
        if token.type == "container_figure_open":
            figure = Token("figure", "", 0, block=True, map=token.map, level=token.level)
            figure.meta = {"id": token.info.strip().partition(" ")[2].strip()}
            if not inside:
                kept.append(figure)
        inside += token.nesting if token.type.startswith("container_figure_") else 0
        if not inside and not token.type.startswith("container_figure_"):
            kept.append(token)
    state.tokens = kept


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


def _term(
    _self: RendererProtocol, tokens: Sequence[Token], index: int, _o: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    words = escapeHtml(token.content)
    # Only where the page lists the words it uses; elsewhere the link would lead nowhere.
    if token.meta["id"] not in env.get("linked_terms", ()):
        return words
    return f'<a class="terme" href="#mot-{token.meta["id"]}">{words}</a>'


def _figure(
    _self: RendererProtocol, tokens: Sequence[Token], index: int, _o: OptionsDict, env: EnvType
) -> str:
    html: str = env.get("figures", {}).get(tokens[index].meta["id"], "")
    return html


def _box(
    _self: RendererProtocol, tokens: Sequence[Token], index: int, _o: OptionsDict, _env: EnvType
) -> str:
    if tokens[index].nesting != 1:
        return "</aside>\n"
    name, title = box_title(tokens[index].info)
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
    markdown.inline.ruler.before("citation", "term", _parse_term)
    rules: dict[str, _Rule] = {
        "citation": _citation,
        "term": _term,
        "figure": _figure,
        "table_open": _table_open,
        "table_close": _table_close,
        "th_open": _cell_open,
        "td_open": _cell_open,
        "link_open": _link_open,
        "link_close": _link_close,
    }
    for name, rule in rules.items():
        markdown.add_render_rule(name, rule)
    for name in FENCED:
        container_plugin(markdown, name, render=_box)
    markdown.core.ruler.after("block", "figures", _replace_figures)
    return markdown


MARKDOWN = _make_markdown()
