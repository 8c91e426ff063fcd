"""Hostile XML read without harm: no DTD, no entity, bounded in size and depth.

expat itself is used rather than ElementTree: it stops at the declaration of a DTD before any
entity exists, and gives the line of each element. One question is held at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from lti_app.content.rules.exchange.bank import UnreadableFile

MAX_BYTES = 50 * 1024 * 1024
_MAX_DEPTH = 30
_CHUNK = 64 * 1024
_NOT_KEPT = {"file", "image_base64"}
"""Files in base 64: megabytes that nothing reads."""


@dataclass(slots=True)
class Element:
    """`text`: what stands directly in it. `line` counts from 1."""

    tag: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, tag: str) -> list["Element"]:
        return [child for child in self.children if child.tag == tag]

    def first(self, tag: str) -> "Element | None":
        return next((child for child in self.children if child.tag == tag), None)

    def size(self) -> int:
        """Characters in it."""
        return len(self.text) + sum(child.size() for child in self.children)

    def value(self, tag: str) -> str:
        """The text of a child, or of the <text> it holds; "" without."""
        child = self.first(tag)
        if child is None:
            return ""
        inner = child.first("text")
        return (inner.text if inner is not None else child.text).strip(" \t\n\r")


def children_of_root(data: bytes, root: str) -> Iterator[Element]:
    """Each child of the root, complete. Raises UnreadableFile."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile(1, f"fichier de plus de {MAX_BYTES // 1024 // 1024} Mo")
    reader = _Reader(root)
    try:
        for start in range(0, len(data), _CHUNK):
            reader.parser.Parse(data[start : start + _CHUNK], False)
            yield from reader.taken()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise UnreadableFile(
            error.lineno, "XML mal formé : exportez de nouveau la banque"
        ) from error
    except (LookupError, ValueError) as error:  # an encoding that Python does not know
        raise UnreadableFile(1, f"encodage illisible ({error})") from error
    yield from reader.taken()


class _Reader:
    def __init__(self, root: str) -> None:
        self._root = root
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._done: list[Element] = []
        self._seen_root = False
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse

    def taken(self) -> list[Element]:
        done, self._done = self._done, []
        return done

    def _refuse(self, *_declaration: object) -> None:
        raise UnreadableFile(
            self.parser.CurrentLineNumber, "déclaration DOCTYPE refusée : Moodle n’en écrit pas"
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        if not self._seen_root:
            if tag != self._root:
                raise UnreadableFile(line, f"la racine est <{tag}>, et non <{self._root}>")
            self._seen_root = True
        if len(self._open) >= _MAX_DEPTH:
            raise UnreadableFile(line, "éléments trop imbriqués")
        self._open.append(Element(tag, attributes, line))
        self._texts.append([])

    def _characters(self, text: str) -> None:
        if self._open and self._open[-1].tag not in _NOT_KEPT and len(self._open) > 1:
            self._texts[-1].append(text)

    def _end(self, _tag: str) -> None:
        element = self._open.pop()
        element.text = "".join(self._texts.pop())
        if len(self._open) == 1:
            self._done.append(element)
        elif self._open:
            self._open[-1].children.append(element)
