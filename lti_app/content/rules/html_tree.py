"""Clean HTML as a small tree. Meant for what nh3 gives: well formed, harmless."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "col", "hr", "img"}
_MAX_DEPTH = 60


@dataclass(slots=True)
class Node:
    """An element. `children`: elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node | str"] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


Nodes = Sequence[Node | str]
"""Side by side."""


def parse_html(text: str) -> list[Node | str]:
    """The nodes of a clean text."""
    parser = _Tree()
    parser.feed(text)
    parser.close()
    return parser.root.children


def walk(nodes: Nodes) -> Iterator[Node]:
    """The elements, each before those it holds."""
    for node in nodes:
        if isinstance(node, Node):
            yield node
            yield from walk(node.children)


def text_of(nodes: Nodes) -> str:
    """What is read, on one line. No-break spaces stay what they are."""
    return " ".join(word for word in "".join(_texts(nodes)).split(" ") if word)


def to_html(nodes: Nodes) -> str:
    """The nodes as HTML again."""
    return "".join(_written(nodes)).strip()


def _texts(nodes: Nodes) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node.translate(_SPACES)
            continue
        # What stands on its own line is a word apart.
        apart = " " if node.tag in _APART else ""
        yield apart
        yield from _texts(node.children)
        yield apart


_SPACES = str.maketrans("\t\n\r\f", "    ")
_APART = {
    "blockquote", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "p", "pre", "td",
    "th",
}  # fmt: skip


def _written(nodes: Nodes) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield html.escape(node, quote=False)
            continue
        attributes = "".join(f' {k}="{html.escape(v)}"' for k, v in node.attributes.items())
        yield f"<{node.tag}{attributes}>"
        if node.tag not in VOID:
            yield from _written(node.children)
            yield f"</{node.tag}>"


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        # What a hostile file nests deeper lies flat: the tree is walked by recursion.
        if tag not in VOID and len(self._open) < _MAX_DEPTH:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)
