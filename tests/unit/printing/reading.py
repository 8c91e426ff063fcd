"""What a PDF says to who does not see it."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pypdf


def open_pdf(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def root_of(content: bytes) -> Any:
    """The catalog of the file: language, structure, metadata."""
    return open_pdf(content).trailer["/Root"]


def read_text(content: bytes) -> str:
    """The words, on one line."""
    text = " ".join(page.extract_text() for page in open_pdf(content).pages)
    return re.sub(r"[ \n]+", " ", text)


def tags(content: bytes) -> list[tuple[str, dict[str, Any]]]:
    """The structure, in reading order: (tag, its attributes)."""
    return list(_walk(root_of(content)["/StructTreeRoot"]))


def _walk(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    node = node.get_object()
    if not isinstance(node, dict):
        return
    if "/S" in node:
        yield str(node["/S"]), dict(node)
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        if not isinstance(child, int):
            yield from _walk(child)
