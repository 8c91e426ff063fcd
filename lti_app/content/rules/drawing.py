"""Drawings of figures: their size."""

import math
import re

_VIEWBOX = re.compile(r"<svg\b[^>]*?\bviewBox\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
_DEFAULT_SIZE = (640, 360)
_LARGEST = 10_000


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
