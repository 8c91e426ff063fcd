"""Clean HTML as a tree of dictionaries and strings: what the typst template walks.

    <p class="x">Un <em>mot</em></p>
    {"tag": "p", "class": ["x"], "children": ["Un ", {"tag": "em", …, "children": ["mot"]}]}

Attributes kept: `class` (a list, always there), `id`, `href`, `src`, `alt`, `start`, `scope`.
Ids are unique. Calls that lead nowhere in the document are plain text. Spaces fold as a browser
folds them (the no-break ones stay).
"""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

Node = dict[str, Any]

_KEPT = ("id", "href", "src", "alt", "start", "scope")
_VOID = frozenset({"br", "col", "hr", "img"})
_SPACES = re.compile(r"[ \t\r\n]+")
_BLOCKS = frozenset({
    "aside", "blockquote", "caption", "dd", "details", "div", "dl", "dt", "figcaption", "figure",
    "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre",
    "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_NOT_PRINTED = "visually-hidden"
"""Words for a screen, such as « (nouvel onglet) »."""


def parse_html(html: str) -> list[Node | str]:
    """The nodes of a well-formed document or fragment."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    root = parser.root
    _tidy(root, preformatted=False)
    _drop_dead_calls(root, _unique_ids(root))
    children: list[Node | str] = root["children"]
    return children


def walk(node: Node) -> Iterator[Node]:
    """The elements under a node, itself included."""
    yield node
    for child in node["children"]:
        if isinstance(child, dict):
            yield from walk(child)


def plain_text(node: Node | str) -> str:
    """The words of a node."""
    if isinstance(node, str):
        return node
    return "".join(plain_text(child) for child in node["children"])


def texts(nodes: Iterable[Node | str]) -> list[str]:
    """The words of the nodes, block by block."""
    found: list[str] = []
    for node in nodes:
        if isinstance(node, str) or not any(_is_block(child) for child in node["children"]):
            found.append(plain_text(node).strip())
        else:
            found.extend(texts(node["children"]))
    return [text for text in found if text]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _element("div", [])
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _element(tag, attrs)
        self._open[-1]["children"].append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1]["children"].append(_element(tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        if any(node["tag"] == tag for node in self._open[1:]):
            while self._open.pop()["tag"] != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1]["children"].append(data)


def _element(tag: str, attrs: list[tuple[str, str | None]]) -> Node:
    values = dict(attrs)
    node: Node = {"tag": tag, "class": (values.get("class") or "").split(), "children": []}
    node |= {name: values[name] for name in _KEPT if values.get(name) is not None}
    return node


def _tidy(node: Node, *, preformatted: bool) -> None:
    """Fold spaces, drop what is not printed and the spaces between blocks."""
    preformatted = preformatted or node["tag"] == "pre"
    kept: list[Node | str] = []
    for child in node["children"]:
        if isinstance(child, str):
            text = child if preformatted else _SPACES.sub(" ", child)
            if kept and isinstance(kept[-1], str):
                kept[-1] += text
            elif text:
                kept.append(text)
        elif _NOT_PRINTED not in child["class"]:
            _tidy(child, preformatted=preformatted)
            kept.append(child)
    node["children"] = kept if preformatted else _without_space_around_blocks(node, kept)


def _without_space_around_blocks(parent: Node, children: list[Node | str]) -> list[Node | str]:
    tidied: list[Node | str] = []
    for index, child in enumerate(children):
        if isinstance(child, str):
            before = children[index - 1] if index else parent
            after = children[index + 1] if index + 1 < len(children) else parent
            text = child.lstrip(" ") if _is_block(before) else child
            text = text.rstrip(" ") if _is_block(after) else text
            if text:
                tidied.append(text)
        else:
            tidied.append(child)
    return tidied


def _is_block(node: Node | str) -> bool:
    return isinstance(node, dict) and (node["tag"] in _BLOCKS or node["tag"] == "br")


def _unique_ids(root: Node) -> set[str]:
    """The ids, left only where each is first met: a call must lead to one place."""
    ids: set[str] = set()
    for node in walk(root):
        if node.get("id") in ids:
            del node["id"]
        elif "id" in node:
            ids.add(str(node["id"]))
    return ids


def _drop_dead_calls(root: Node, ids: set[str]) -> None:
    """A printed extract may hold a call without the list of sources it led to."""
    for node in walk(root):
        href = str(node.get("href", ""))
        if href.startswith("#") and href[1:] not in ids:
            del node["href"]
