"""From the HTML of another system to the Markdown of authors.

What Markdown of Relais has no word for is dropped, its text kept; `foreign_html` says what it was.
"""

import re
from collections.abc import Callable, Iterator

from lti_app.content.rules.exchange.escaping import start_escaped, wholly_escaped
from lti_app.content.rules.exchange.foreign_html import with_alternatives
from lti_app.content.rules.exchange.inline_markdown import (
    BLOCKS,
    SPACES,
    flat,
    inline_text,
    raw,
)
from lti_app.content.rules.exchange.rendering import Texts, clean
from lti_app.content.rules.html_tree import Node, Nodes, parse_html, text_of


def to_markdown(html: str, texts: Texts) -> str:
    """Paragraphs, lists, tables. `texts` renders it back, to be sure that nothing else was said."""
    nodes = parse_html(clean(with_alternatives(html)))
    found = "\n\n".join(_blocks(nodes, texts))
    if _words(texts.block(found)) == text_of(nodes).split():
        return found
    # Some neighbours made markup of each other: the words matter more than their dress.
    return "\n\n".join(wholly_escaped(paragraph) for paragraph in _paragraphs(nodes))


def to_inline(html: str, texts: Texts) -> str:
    """One line."""
    nodes = parse_html(clean(with_alternatives(html)))
    found = inline_text(flat(nodes), texts).replace("\\\n", " ")
    found = SPACES.sub(" ", found).strip()
    if _words(texts.inline(found)) == text_of(nodes).split():
        return found
    return wholly_escaped(text_of(nodes).strip())


def _words(html: str) -> list[str]:
    return text_of(parse_html(html)).split()


def _paragraphs(nodes: Nodes) -> list[str]:
    found = [text_of(group).strip() for group in _grouped(nodes)]
    return [text for text in found if text]


def _grouped(nodes: Nodes) -> Iterator[list[Node | str]]:
    """Blocks one by one; inline neighbours together."""
    current: list[Node | str] = []
    for node in nodes:
        if isinstance(node, Node) and node.tag in BLOCKS:
            yield current
            yield [node]
            current = []
        else:
            current.append(node)
    yield current


def _blocks(nodes: Nodes, texts: Texts) -> Iterator[str]:
    previous, second = "", False
    for group in _grouped(nodes):
        first = group[0] if group else ""
        if not isinstance(first, Node) or first.tag not in BLOCKS:
            made = list(_paragraph(group, texts))
            previous = "" if made else previous
            yield from made
        elif first.tag in {"ul", "ol"}:
            # Two lists in a row would be one, were their marks the same.
            second = first.tag == previous and not second
            previous = first.tag
            yield from _listed(first, texts, second=second)
        else:
            previous = ""
            yield from _block(first, texts)


def _block(node: Node, texts: Texts) -> Iterator[str]:
    write = _WRITERS.get(node.tag)
    yield from write(node, texts) if write else _blocks(node.children, texts)


def _paragraph_of(node: Node, texts: Texts) -> Iterator[str]:
    inside = _blocks if _has_block(node) else _paragraph
    yield from inside(node.children, texts)


def _quoted(node: Node, texts: Texts) -> Iterator[str]:
    inside = "\n\n".join(_blocks(node.children, texts))
    if inside:
        yield _indented(inside, "> ", "> ")


def _preformatted(node: Node, _texts: Texts) -> Iterator[str]:
    yield _fenced("".join(raw(node.children)))


def _rule(_node: Node, _texts: Texts) -> Iterator[str]:
    yield "***"


def _heading(node: Node, texts: Texts) -> Iterator[str]:
    for paragraph in _paragraph(node.children, texts):
        yield f"**{paragraph}**"


def _has_block(node: Node) -> bool:
    return any(isinstance(child, Node) and child.tag in BLOCKS for child in node.children)


def _paragraph(nodes: Nodes, texts: Texts) -> Iterator[str]:
    text = inline_text(nodes, texts)
    # No-break spaces too: Markdown takes them off there.
    lines = [SPACES.sub(" ", line).strip() for line in text.split("\\\n")]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    if lines:
        yield "\\\n".join(start_escaped(line) for line in lines)


def _listed(node: Node, texts: Texts, *, second: bool = False) -> Iterator[str]:
    bullet, point = ("* ", ")") if second else ("- ", ".")
    items = [child for child in node.children if isinstance(child, Node) and child.tag == "li"]
    start = node.attributes.get("start", "1")
    first = int(start) if start.isdigit() and len(start) < 9 else 1
    lines: list[str] = []
    tight = all(not _has_paragraphs(item) for item in items)
    for number, item in enumerate(items, first):
        mark = bullet if node.tag == "ul" else f"{number}{point} "
        inside = ("\n" if tight else "\n\n").join(_blocks(item.children, texts))
        if re.match(r"[-*_ ]+(?:\n|$)", inside):  # with its mark, it would be a rule
            inside = "\\" + inside
        if inside:
            lines.append(_indented(inside, mark, " " * len(mark)))
    if lines:
        yield ("\n" if tight else "\n\n").join(lines)


def _has_paragraphs(item: Node) -> bool:
    return any(isinstance(child, Node) and child.tag not in {"ul", "ol"} and child.tag in BLOCKS
               for child in item.children)  # fmt: skip


def _indented(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    rest = [(others + line).rstrip(" ") for line in lines[1:]]
    return "\n".join([first + lines[0], *rest])


def _fenced(code: str) -> str:
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{code.strip(chr(10))}\n{fence}"


def _table(node: Node, texts: Texts) -> Iterator[str]:
    rows = [_cells(row, texts) for row in _rows(node.children)]
    width = max((len(row) for row in rows), default=0)
    if not width:
        return
    padded = [row + [""] * (width - len(row)) for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in padded]
    yield "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _rows(nodes: Nodes) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, Node):
            if node.tag == "tr":
                yield node
            else:
                yield from _rows(node.children)


def _cells(row: Node, texts: Texts) -> list[str]:
    cells = [c for c in row.children if isinstance(c, Node) and c.tag in {"td", "th"}]
    shown = (inline_text(flat(cell.children), texts).replace("\\\n", " ") for cell in cells)
    return [SPACES.sub(" ", text).strip(" ").replace("|", "\\|") for text in shown]


_WRITERS: dict[str, Callable[[Node, Texts], Iterator[str]]] = {
    "p": _paragraph_of,
    "blockquote": _quoted,
    "pre": _preformatted,
    "table": _table,
    "hr": _rule,
    **{f"h{level}": _heading for level in range(1, 7)},
}
