"""From the HTML of another system to the Markdown of authors, inside a line."""

import re
from collections.abc import Iterator, Sequence

from lti_app.content.rules.exchange.escaping import escaped
from lti_app.content.rules.exchange.rendering import CALL_CLASS, Texts
from lti_app.content.rules.html_tree import Node, Nodes

BLOCKS = {
    "p", "div", "ul", "ol", "li", "blockquote", "pre", "table", "hr", "h1", "h2", "h3", "h4",
    "h5", "h6", "thead", "tbody", "tr", "td", "th",
}  # fmt: skip
SPACES = re.compile(r"[ \t\n\r\f]+")
_NAME = re.compile(r"[a-z0-9_-]+")


def flat(nodes: Nodes) -> list[Node | str]:
    """Blocks opened: their words, apart from their neighbours."""
    found: list[Node | str] = []
    for node in nodes:
        if isinstance(node, Node) and node.tag in BLOCKS:
            found += [" ", *flat(node.children), " "]
        else:
            found.append(node)
    return found


def inline_text(nodes: Nodes, texts: Texts) -> str:
    """The Markdown of what stands in a line. A break is a backslash and a line end."""
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
            yield from _told(SPACES.sub(" ", node), texts)
            continue
        match node.tag:
            case "br":
                yield "\\\n"
            case "strong" | "b":
                yield _marked("**", inline_text(node.children, texts))
            case "em" | "i":
                yield _marked("*", inline_text(node.children, texts))
            case "code":
                yield _code("".join(raw(node.children)))
            case "a":
                yield _link(node, texts)
            case _:
                yield _called(node) or inline_text(flat(node.children), texts)


def _marked(mark: str, text: str) -> str:
    """Spaces go outside, where Markdown wants them."""
    inside = text.strip()
    if not inside or "\\\n" in inside:
        return text
    before = text[: len(text) - len(text.lstrip())]
    after = text[len(text.rstrip()) :]
    return f"{before}{mark}{inside}{mark}{after}"


def _code(text: str) -> str:
    code = SPACES.sub(" ", text)
    if not code.strip(" "):
        return code
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if code[0] in "` " or code[-1] in "` " else ""
    return f"{fence}{padding}{code}{padding}{fence}"


def _link(node: Node, texts: Texts) -> str:
    shown = inline_text(node.children, texts)
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


def raw(nodes: Nodes) -> Iterator[str]:
    """The texts as they are: those of code."""
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif node.tag == "br":
            yield "\n"
        else:
            yield from raw(node.children)
