"""Drawings of figures (SVG): their size, and their elements for the checks.

Read with expat and without a document type: no entity can be declared, hence none can grow.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

SVG = "http://www.w3.org/2000/svg"
_VIEWBOX = re.compile(r"<svg\b[^>]*?\bviewBox\s*=\s*[\"']([^\"']*)[\"']")
_DEFAULT_SIZE = (640, 360)
_LARGEST = 10_000
_DEEPEST = 40


@dataclass(slots=True)
class Element:
    """One element. Names are bare in the SVG namespace, « uri name » or « ? name » elsewhere."""

    name: str
    attributes: dict[str, str]
    line: int
    parent: "Element | None"
    text: str = field(default="")
    """Its own text, without that of its children."""

    def inherited(self, name: str) -> str | None:
        """Its attribute, or that of the nearest ancestor that has it."""
        element: Element | None = self
        while element is not None:
            if name in element.attributes:
                return element.attributes[name]
            element = element.parent
        return None


class UnreadableDrawing(Exception):  # noqa: N818 - a finding to report, not a failure of the program
    """Why the text is not a drawing: line, what is wrong, what to do (French)."""

    def __init__(self, line: int, message: str, advice: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.advice = advice


def read_drawing(svg: str) -> list[Element]:
    """The elements in the order they are drawn; the first is the root. Raises UnreadableDrawing."""
    reader = _Reader()
    try:
        reader.parser.Parse(svg.encode(errors="replace"), True)
    except expat.ExpatError as error:
        raise UnreadableDrawing(
            min(error.lineno, svg.count("\n") + 1),
            "SVG illisible vers cette ligne : une balise ou un guillemet n’est pas fermé",
            "reprenez la version précédente, ou enregistrez de nouveau le dessin en SVG simple",
        ) from error
    return reader.elements


class _Reader:
    def __init__(self) -> None:
        self.elements: list[Element] = []
        self._open: list[Element] = []
        # The encoding is that of the bytes given, whatever the declaration says.
        self.parser: Any = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.ProcessingInstructionHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else None
        line = self.parser.CurrentLineNumber
        if len(self._open) == _DEEPEST:
            raise UnreadableDrawing(line, "groupes trop profonds", "simplifiez le dessin")
        element = Element(_bare(name), attributes, line, parent)
        self.elements.append(element)
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].text += text

    def _refuse(self, *_what: object) -> None:
        raise UnreadableDrawing(
            self.parser.CurrentLineNumber,
            "le dessin contient « <!DOCTYPE » ou « <?… »",
            "retirez cette ligne : un SVG commence par « <svg »",
        )


def _bare(name: str) -> str:
    if name.startswith(f"{SVG} "):
        return name.removeprefix(f"{SVG} ")
    return name if " " in name else f"? {name}"  # no browser draws it


def size_of(svg: str) -> tuple[int, int]:
    """(width, height) of the viewBox, rounded; 640 × 360 for a drawing that gives none."""
    found = _VIEWBOX.search(svg)
    box = viewbox(found[1]) if found else None
    return (round(box[2]), round(box[3])) if box else _DEFAULT_SIZE


def viewbox(text: str) -> tuple[float, float, float, float] | None:
    """(left, top, width, height); None when that is not what is written."""
    try:
        left, top, width, height = (float(word) for word in text.replace(",", " ").split())
    except ValueError:
        return None
    usable = math.isfinite(left + top) and 1 <= width <= _LARGEST and 1 <= height <= _LARGEST
    return (left, top, width, height) if usable else None
