"""PDF/UA-1 by typst: tagged, titled, in French, with the alternatives of its figures."""

import json
import re
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from lti_app.content.rules.catalog import Figure
from lti_app.content.rules.html_tree import Node, walk
from lti_app.printing.rules.paper_tree import paper_tree, plain_data, plain_text
from lti_app.printing.services.documents import NO_DATE, Document

SIZE = 11.0
"""Of the letters, in points."""
_SHEET_SIZES = (SIZE, 10.5, 10.0, 9.5, 9.0)
"""Tried until a sheet holds on its page; the last one is kept even if it does not."""
_NOT_DRAWN = "could not be displayed with font"
"""typst's words: PDF/UA refuses a text without its drawing."""
_SURELY_DRAWABLE = (
    re.compile(r"[^\0-\u052f\u1e00-\u22ff\u2500-\u27bf]"),
    re.compile(r"[^\0-\u017f\u2010-\u2027\u202f\u2030-\u203a\u20ac\ufffd]"),
)
"""What to replace, first where a drawing is unlikely, then wherever it is not certain."""
_PIXELS_PER_INCH = 220
_DATA = Path(__file__).parent.parent / "data"


def render_pdf(document: Document) -> bytes:
    """The document as PDF/UA-1. A sheet (`one_page`, or of a kit) is given letters that fit.

    What our fonts have no drawing for (an emoji) is shown as « � ». Raises RuntimeError (often a
    typst.TypstError) when the document cannot be drawn all the same.
    """
    data = _data(document)
    for drawable in _SURELY_DRAWABLE:
        try:
            return _write(document, data)
        except typst.TypstError as error:
            if _NOT_DRAWN not in str(error):
                raise
            data = json.loads(drawable.sub("\ufffd", json.dumps(data, ensure_ascii=False)))
    return _write(document, data)


def lay_out(document: Document, data: dict[str, Any] | None = None) -> typst.Compiler:
    """The document ready to be written, as a file or as a picture. Raises RuntimeError."""
    for size in _SHEET_SIZES:
        sizes = {"size": size if document.one_page else SIZE, "sheet-size": size}
        compiler = _compiler(_DATA / "document.typ", (data or _data(document)) | sizes)
        if _sheets_hold(compiler):
            break
    return compiler


def draw_figure(figure: Figure) -> bytes:
    """The figure as PNG, for what cannot show SVG. Raises RuntimeError."""
    compiler = _compiler(_DATA / "figure.typ", {"svg": figure.svg})
    return _bytes(compiler.compile(format="png", ppi=_PIXELS_PER_INCH))


def _write(document: Document, data: dict[str, Any]) -> bytes:
    pdf = lay_out(document, data).compile(
        format="pdf", pdf_standards=["ua-1"], timestamp=_timestamp(document)
    )
    return _bytes(pdf)


def _data(document: Document) -> dict[str, Any]:
    return {
        "title": document.title,
        "description": document.description,
        "keywords": document.keywords,
        "footer": document.footer,
        "whole-sheet": document.one_page,
        "content": _tree(document),
    }


def _sheets_hold(compiler: typst.Compiler) -> bool:
    """Whether each sheet ends on the page where it begins."""
    begins, ends = (
        json.loads(compiler.query(f"<sheet-{side}>", field="value")) for side in ("begin", "end")
    )
    return bool(begins == ends)


def _compiler(template: Path, data: dict[str, Any]) -> typst.Compiler:
    # A template may read its own folder and nothing above; no package, no address.
    return typst.Compiler(
        template, root=_DATA, font_paths=_fonts(), sys_inputs={"document": json.dumps(data)}
    )


def _bytes(made: bytes | list[bytes] | None) -> bytes:
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single file")
    return made


def _tree(document: Document) -> list[Any]:
    """The content, with its drawings and what the template cannot compute."""
    drawings = {figure.address: figure.svg for figure in document.figures}

    def more(node: Node) -> dict[str, Any]:
        if node.tag == "table":
            return {"widths": _widths(node)}
        svg = drawings.get(node.attributes.get("src", "")) if node.tag == "img" else None
        return {} if svg is None else {"svg": svg}

    return plain_data(paper_tree(document.html), more)


def _widths(table: Node) -> list[int]:
    """How columns share the width: by their longest cell, none too narrow or too wide."""
    rows = [node for node in walk(table.children) if node.tag == "tr"]
    cells = [[plain_text(cell) for cell in row.children] for row in rows]
    count = max(map(len, cells), default=1)
    longest = [max((len(row[i]) for row in cells if i < len(row)), default=1) for i in range(count)]
    return [min(max(length, 10), 45) for length in longest]


def _timestamp(document: Document) -> datetime:
    """Two printings of one version are the same file."""
    return datetime.combine(document.revised_on or NO_DATE, time(), UTC)


@cache
def _fonts() -> typst.Fonts:
    # Only those: the fonts of the machine would make the same document differ from one to another.
    folder = files("font_source_sans_pro") / "files"
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])
