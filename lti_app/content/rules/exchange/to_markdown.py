"""From the HTML of another system to the Markdown of authors.

What Markdown of Relais has no word for is dropped, its text kept; `foreign_html` says what it was.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from lti_app.content.rules.exchange.escaping import escaped, start_escaped, wholly_escaped
from lti_app.content.rules.exchange.foreign_html import with_alternatives
from lti_app.content.rules.exchange.rendering import CALL_CLASS, Texts, clean
from lti_app.content.rules.html_tree import Node, Nodes, parse_html, text_of

_BLOCKS = {
    "p", "div", "ul", "ol", "li", "blockquote", "pre", "table", "hr", "h1", "h2", "h3", "h4",
    "h5", "h6", "thead", "tbody", "tr", "td", "th",
}  # fmt: skip
_SPACES = re.compile(r"[ \t\n\r\f]+")
_NAME = re.compile(r"[a-z0-9_-]+")


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
    found = _inline_text(_flat(nodes), texts).replace("\\\n", " ")
    found = _SPACES.sub(" ", found).strip()
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
        if isinstance(node, Node) and node.tag in _BLOCKS:
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
        if not isinstance(first, Node) or first.tag not in _BLOCKS:
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
    yield _fenced("".join(_raw(node.children)))


def _rule(_node: Node, _texts: Texts) -> Iterator[str]:
    yield "***"


def _heading(node: Node, texts: Texts) -> Iterator[str]:
    for paragraph in _paragraph(node.children, texts):
        yield f"**{paragraph}**"


def _has_block(node: Node) -> bool:
    return any(isinstance(child, Node) and child.tag in _BLOCKS for child in node.children)


def _paragraph(nodes: Nodes, texts: Texts) -> Iterator[str]:
    text = _inline_text(nodes, texts)
    # No-break spaces too: Markdown takes them off there.
    lines = [_SPACES.sub(" ", line).strip() for line in text.split("\\\n")]
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
    return any(isinstance(child, Node) and child.tag not in {"ul", "ol"} and child.tag in _BLOCKS
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
    shown = (_inline_text(_flat(cell.children), texts).replace("\\\n", " ") for cell in cells)
    return [_SPACES.sub(" ", text).strip(" ").replace("|", "\\|") for text in shown]


_WRITERS: dict[str, Callable[[Node, Texts], Iterator[str]]] = {
    "p": _paragraph_of,
    "blockquote": _quoted,
    "pre": _preformatted,
    "table": _table,
    "hr": _rule,
    **{f"h{level}": _heading for level in range(1, 7)},
}


# --- Inside a line ----------------------------------------------------------------------------


def _flat(nodes: Nodes) -> list[Node | str]:
    """Blocks opened: their words, apart from their neighbours."""
    found: list[Node | str] = []
    for node in nodes:
        if isinstance(node, Node) and node.tag in _BLOCKS:
            found += [" ", *_flat(node.children), " "]
        else:
            found.append(node)
    return found


def _inline_text(nodes: Nodes, texts: Texts) -> str:
    return "".join(_inline(_merged(nodes), texts))


def _merged(nodes: Nodes) -> list[Node | str]:
    """Neighbouring texts as one: what is active depends on what stands beside."""
    found: list[Node | str] = []
    for node in nodes:
        if isinstance(node, str) and found and isinstance(found[-1], str):
            found[-1] = str(found[-1]) + node
        else:
            found.append(node)
    return found


def _inline(nodes: Sequence[Node | str], texts: Texts) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield from _told(_SPACES.sub(" ", node), texts)
            continue
        match node.tag:
            case "br":
                yield "\\\n"
            case "strong" | "b":
                yield _marked("**", _inline_text(node.children, texts))
            case "em" | "i":
                yield _marked("*", _inline_text(node.children, texts))
            case "code":
                yield _code("".join(_raw(node.children)))
            case "a":
                yield _link(node, texts)
            case _:
                yield _called(node) or _inline_text(_flat(node.children), texts)


def _marked(mark: str, text: str) -> str:
    """Spaces go outside, where Markdown wants them."""
    inside = text.strip()
    if not inside or "\\\n" in inside:
        return text
    before = text[: len(text) - len(text.lstrip())]
    after = text[len(text.rstrip()) :]
    return f"{before}{mark}{inside}{mark}{after}"


def _code(text: str) -> str:
    code = _SPACES.sub(" ", text)
    if not code.strip(" "):
        return code
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if code[0] in "` " or code[-1] in "` " else ""
    return f"{fence}{padding}{code}{padding}{fence}"


def _link(node: Node, texts: Texts) -> str:
    shown = _inline_text(node.children, texts)
    address = node.attributes.get("href", "").strip()
    if not shown.strip(" ") or not address.startswith(("http://", "https://", "mailto:")):
        return shown
    safe = re.sub(r"[\s<>()\[\]\\|]", lambda m: f"%{ord(m[0]):02X}", address)
    return f"[{shown.strip(' ')}]({safe})"


def _called(node: Node) -> str:
    """`[@dehaene2018]`, from the class that `rendering` gave."""
    ids = [name.removeprefix(CALL_CLASS) for name in node.classes if name.startswith(CALL_CLASS)]
    return _call(ids) if ids and all(_NAME.fullmatch(i) for i in ids) else ""


def _told(text: str, texts: Texts) -> Iterator[str]:
    """A text, where what reads like a call to a source is one."""
    position = 0
    for start, end, ids in texts.calls(text):
        yield escaped(text[position:start])
        yield _call(ids)
        position = end
    yield escaped(text[position:])


def _call(ids: list[str]) -> str:
    return f"[{'; '.join('@' + i for i in ids)}]"


def _raw(nodes: Nodes) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif node.tag == "br":
            yield "\n"
        else:
            yield from _raw(node.children)
