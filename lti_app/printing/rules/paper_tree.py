"""Clean HTML as it goes on paper: as plain data, it is what the typst template walks.

    <p class="x">Un <em>mot</em></p>
    {"tag": "p", "class": ["x"], "children": ["Un ", {"tag": "em", …, "children": ["mot"]}]}

Attributes kept: `class` (a list, always there), `id`, `href`, `src`, `alt`, `start`, `scope`.
Ids are unique. Calls that lead nowhere in the document are plain text. Spaces fold as a browser
folds them (the no-break ones stay).
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from lti_app.content.rules.html_tree import Node, Nodes, parse_html, walk

_KEPT = ("id", "href", "src", "alt", "start", "scope")
_SPACES = re.compile(r"[ \t\r\n]+")
_BLOCKS = frozenset({
    "aside", "blockquote", "caption", "dd", "details", "div", "dl", "dt", "figcaption", "figure",
    "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre",
    "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_NOT_PRINTED = "visually-hidden"
"""Words for a screen, such as « (nouvel onglet) »."""


def paper_tree(html: str) -> list[Node | str]:
    """The nodes of a well-formed document or fragment, tidied."""
    root = Node("div", children=parse_html(html))
    _tidy(root, preformatted=False)
    _drop_dead_calls(root.children, _unique_ids(root.children))
    return root.children


def plain_data(nodes: Nodes, more: Callable[[Node], dict[str, Any]]) -> list[Any]:
    """The nodes as JSON holds them. `more`: what else the template is told of an element."""
    return [
        node
        if isinstance(node, str)
        else {
            "tag": node.tag,
            "class": node.classes,
            "children": plain_data(node.children, more),
            **{name: node.attributes[name] for name in _KEPT if node.attributes.get(name)},
            **more(node),
        }
        for node in nodes
    ]


def plain_text(node: Node | str) -> str:
    """The words of a node."""
    return node if isinstance(node, str) else "".join(map(plain_text, node.children))


def texts(nodes: Iterable[Node | str]) -> list[str]:
    """The words of the nodes, block by block."""
    found: list[str] = []
    for node in nodes:
        if isinstance(node, str) or not any(map(_is_block, node.children)):
            found.append(plain_text(node).strip())
        else:
            found.extend(texts(node.children))
    return [text for text in found if text]


def _tidy(node: Node, *, preformatted: bool) -> None:
    """Fold spaces, drop what is not printed and the spaces between blocks."""
    preformatted = preformatted or node.tag == "pre"
    kept: list[Node | str] = []
    for child in node.children:
        if isinstance(child, str):
            text = child if preformatted else _SPACES.sub(" ", child)
            if kept and isinstance(kept[-1], str):
                kept[-1] += text
            elif text:
                kept.append(text)
        elif _NOT_PRINTED not in child.classes:
            _tidy(child, preformatted=preformatted)
            kept.append(child)
    node.children = kept if preformatted else _without_space_around_blocks(node, kept)


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
    return isinstance(node, Node) and (node.tag in _BLOCKS or node.tag == "br")


def _unique_ids(nodes: Nodes) -> set[str]:
    """The ids, left only where each is first met: a call must lead to one place."""
    ids: set[str] = set()
    for node in walk(nodes):
        if node.attributes.get("id") in ids:
            del node.attributes["id"]
        elif "id" in node.attributes:
            ids.add(node.attributes["id"])
    return ids


def _drop_dead_calls(nodes: Nodes, ids: set[str]) -> None:
    """A printed extract may hold a call without the list of sources it led to."""
    for node in walk(nodes):
        href = node.attributes.get("href", "")
        if href.startswith("#") and href[1:] not in ids:
            del node.attributes["href"]
