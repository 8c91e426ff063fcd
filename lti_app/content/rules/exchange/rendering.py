"""Markdown of authors as other systems show it: plain HTML, no link that only Relais can follow.

Calls to sources become plain text, in a span whose class lets an import find the source again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import nh3
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from lti_app.content.rules.html_tree import parse_html, text_of
from lti_app.content.rules.markdown_rules import MARKDOWN
from lti_app.content.rules.tokens import FENCED, box_title

CALL_CLASS = "relais-ref-"
_BETWEEN = "\u202f; "
_OURS = "relais-"
_TAGS = {
    "a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "li", "ol", "p", "pre", "span", "strong", "table", "tbody", "td", "th", "thead", "tr",
    "ul",
}  # fmt: skip


def _kept(_tag: str, attribute: str, value: str) -> str | None:
    if attribute != "class":
        return value
    return " ".join(name for name in value.split() if name.startswith(_OURS)) or None


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href"}, "div": {"class"}, "ol": {"start"}, "span": {"class"}},
    attribute_filter=_kept,
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


def clean(html: str) -> str:
    """HTML of any origin, without what Relais cannot hold: safe to show and to read."""
    # A no-break space as itself: one writing only, that no format has to escape.
    return _CLEANER.clean(html).replace("&nbsp;", "\u00a0").strip(" \t\n\r")


class Texts:
    """Renders with the labels of one bibliography: {"dehaene2018": "Dehaene, 2018"}."""

    def __init__(self, labels: Mapping[str, str], terms: Mapping[str, str] | None = None) -> None:
        self._labels = dict(labels)
        self._ids = {label: i for i, label in self._labels.items()}
        names = "|".join(map(re.escape, sorted(self._ids, key=len, reverse=True)))
        # Without any label, what matches nothing.
        self._call = re.compile(rf"\((?:{names})(?:\s*;\s*(?:{names}))*\)" if names else r"(?!)")
        self._terms = dict(terms or {})

    def calls(self, text: str) -> Iterator[tuple[int, int, list[str]]]:
        """(start, end, ids) of what reads like a call: « (Dehaene, 2018) », its class lost."""
        for found in self._call.finditer(text):
            labels = [label.strip() for label in found[0][1:-1].split(";")]
            if all(label in self._ids for label in labels):
                yield (*found.span(), [self._ids[label] for label in labels])

    def block(self, text: str) -> str:
        """Paragraphs, lists, tables, boxes."""
        environment = self._environment()
        tokens = MARKDOWN.parse(text, environment)
        return clean(_RENDERER.render(tokens, MARKDOWN.options, environment))

    def inline(self, text: str) -> str:
        """One line, for options."""
        environment = self._environment()
        tokens = MARKDOWN.parseInline(text, environment)
        return clean(_RENDERER.render(tokens, MARKDOWN.options, environment))

    def plain(self, text: str) -> str:
        """One line without any markup."""
        return " ".join(text_of(parse_html(self.inline(text))).split(" "))

    def _environment(self) -> dict[str, object]:
        return {"labels": self._labels, "terms": self._terms}


class _Renderer(RendererHTML):
    """The rules of the site whose HTML would mean nothing elsewhere, told in plain HTML."""

    def __init__(self) -> None:
        super().__init__()
        rules: dict[str, object] = vars(self)["rules"]
        for name in FENCED:
            rules[f"container_{name}_open"] = self._box
            rules[f"container_{name}_close"] = self._end_of_box

    def citation(self, tokens: Sequence[Token], index: int, _o: OptionsDict, env: EnvType) -> str:
        ids: list[str] = tokens[index].meta["ids"]
        labels: Mapping[str, str] = env["labels"]
        shown = escapeHtml(_BETWEEN.join(labels.get(i, i) for i in ids))
        classes = " ".join(CALL_CLASS + i for i in ids)
        return f'<span class="{classes}">({shown})</span>'

    def term(self, tokens: Sequence[Token], index: int, _o: OptionsDict, _env: EnvType) -> str:
        return escapeHtml(tokens[index].content)

    def figure(self, tokens: Sequence[Token], index: int, _o: OptionsDict, _env: EnvType) -> str:
        return f"<p>[Figure\u00a0: {escapeHtml(tokens[index].meta['id'])}]</p>\n"

    def _box(self, tokens: Sequence[Token], index: int, _o: OptionsDict, _env: EnvType) -> str:
        title = box_title(tokens[index].info)[1]
        return f"<blockquote>\n<p><strong>{escapeHtml(title)}</strong></p>\n"

    def _end_of_box(
        self, _tokens: Sequence[Token], _index: int, _o: OptionsDict, _env: EnvType
    ) -> str:
        return "</blockquote>\n"


_RENDERER = _Renderer()
