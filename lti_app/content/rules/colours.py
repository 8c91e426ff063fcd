"""Contrast of the text of a drawing with what it is drawn on, as WCAG 2 measures it."""

import re
from collections.abc import Iterator, Sequence

from lti_app.content.rules.drawing import Element

Rgb = tuple[int, int, int]
WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
_NAMED = {"white": WHITE, "black": BLACK}
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_TRANSLATE = re.compile(r"translate\(\s*(-?[\d.]+)(?:[\s,]+(-?[\d.]+))?\s*\)")
_NOT_ABSOLUTE = re.compile(r"[^MLCQSTHVZ\d\s,.+-]")
_COMMAND = re.compile(r"([MLCQSTHV])([^A-Z]*)")
_SHAPES = {"rect", "circle", "ellipse", "polygon", "path"}

Point = tuple[float, float]


def colour(text: str | None, default: Rgb = BLACK) -> Rgb | None:
    """None for one that cannot be told (a gradient, `none`, a rare name)."""
    if text is None:
        return default
    found = _HEX.fullmatch(text.strip())
    if not found:
        return _NAMED.get(text.strip().lower())
    digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def contrast(one: Rgb, other: Rgb) -> float:
    """1…21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (component / 255 for component in rgb)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def text_contrast(text: Element, before: Sequence[Element]) -> float | None:
    """Contrast of a text with what was drawn `before` it at its place; None when uncertain.

    Uncertain: a place, a colour or a path that cannot be told without drawing.
    """
    ink, place = colour(text.inherited("fill")), _place(text)
    if ink is None or place is None or _opacity(text) < 1:
        return None
    behind: Rgb | None = WHITE
    for shape in _filled(before):
        inside = _holds(shape, place)
        if inside is None:
            return None
        if inside:
            behind = colour(shape.inherited("fill"))
    return None if behind is None else contrast(ink, behind)


def _filled(elements: Sequence[Element]) -> Iterator[Element]:
    for element in elements:
        if element.name not in _SHAPES or element.inherited("fill") == "none":
            continue
        if not any(e.name in {"defs", "marker", "pattern", "clipPath"} for e in _lineage(element)):
            yield element


def _lineage(element: Element) -> Iterator[Element]:
    found: Element | None = element
    while found is not None:
        yield found
        found = found.parent


def _opacity(element: Element) -> float:
    names = ("opacity", "fill-opacity")
    values = (e.attributes[n] for e in _lineage(element) for n in names if n in e.attributes)
    return min((_number(value) for value in values), default=1.0)


def _number(text: str | None, default: float = 0.0) -> float:
    found = _NUMBER.match((text or "").strip())
    return float(found[0]) if found else default


def _offset(element: Element) -> Point | None:
    """By how much it is translated; None for any other transformation."""
    across = down = 0.0
    for holder in _lineage(element):
        transform = holder.attributes.get("transform")
        if transform is None:
            continue
        found = _TRANSLATE.fullmatch(transform.strip())
        if not found:
            return None
        across, down = across + _number(found[1]), down + _number(found[2])
    return across, down


def _place(text: Element) -> Point | None:
    """A point of the first letter's body; None when the text says no place of its own."""
    offset, x, y = _offset(text), text.inherited("x"), text.inherited("y")
    if offset is None or x is None or y is None:
        return None
    return _number(x) + offset[0], _number(y) + offset[1] - size_of_text(text) * 0.3


def size_of_text(text: Element) -> float:
    """In units of the drawing; 16 when nothing says it."""
    return _number(text.inherited("font-size"), 16.0)


def _holds(shape: Element, place: Point) -> bool | None:
    """Whether a shape covers a point; None when that cannot be told."""
    offset = _offset(shape)
    if offset is None or _opacity(shape) < 1:
        return None
    x, y = place[0] - offset[0], place[1] - offset[1]
    values = {name: _number(value) for name, value in shape.attributes.items() if name != "points"}
    match shape.name:
        case "rect":
            left, top = values.get("x", 0), values.get("y", 0)
            right, bottom = left + values.get("width", 0), top + values.get("height", 0)
            return left <= x <= right and top <= y <= bottom
        case "path":
            return None if _may_hold(shape.attributes.get("d", ""), x, y) else False
        case "polygon":
            return _in_polygon(shape.attributes.get("points", ""), x, y)
        case _:
            across = values.get("rx", values.get("r", 0)) or 1e-9
            down = values.get("ry", values.get("r", 0)) or 1e-9
            dx, dy = x - values.get("cx", 0), y - values.get("cy", 0)
            return (dx / across) ** 2 + (dy / down) ** 2 <= 1


def _may_hold(path: str, x: float, y: float) -> bool:
    """Whether a point is in the box of a path; always, for one with relative steps or arcs."""
    if _NOT_ABSOLUTE.search(path):
        return True
    across: list[float] = []
    down: list[float] = []
    for command, given in _COMMAND.findall(path):
        numbers = [float(found) for found in _NUMBER.findall(given)]
        across += numbers if command == "H" else [] if command == "V" else numbers[::2]
        down += numbers if command == "V" else [] if command == "H" else numbers[1::2]
    inside = bool(across and down)
    return inside and min(across) <= x <= max(across) and min(down) <= y <= max(down)


def _in_polygon(points: str, x: float, y: float) -> bool:
    numbers = [float(found) for found in _NUMBER.findall(points)]
    corners = list(zip(numbers[::2], numbers[1::2], strict=False))
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
