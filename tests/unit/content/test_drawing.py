"""Drawings as elements, their size, and the contrast of what is written in them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.content.rules.colours import colour, contrast, text_contrast
from lti_app.content.rules.drawing import SVG, UnreadableDrawing, read_drawing, size_of, viewbox


def drawn(inside: str) -> str:
    return f'<svg xmlns="{SVG}" viewBox="0 0 640 240">{inside}</svg>'


@given(st.text(max_size=200) | st.text(alphabet='<>/="svg viewBox0 1e9', max_size=200).map(drawn))
def test_any_text_has_a_size_and_reads_or_is_refused(text: str) -> None:
    width, height = size_of(text)
    assert 1 <= width <= 10_000
    assert 1 <= height <= 10_000
    with suppress(UnreadableDrawing):
        assert read_drawing(text)


def test_a_refusal_says_where_and_what_to_do() -> None:
    with pytest.raises(UnreadableDrawing, match="illisible") as refused:
        read_drawing(drawn("\n<g>"))
    assert (refused.value.line, bool(refused.value.advice)) == (2, True)


@pytest.mark.parametrize("text", ["", "0 0 640", "0 0 640 nan", "0 0 inf 1", "0 0 0 1", "a b c d"])
def test_what_is_no_viewbox(text: str) -> None:
    assert viewbox(text) is None


def test_the_size_is_that_of_the_viewbox() -> None:
    assert size_of(drawn("")) == (640, 240)
    assert size_of("<svg viewBox='-10,0,99.6 50'/>") == (100, 50)
    assert size_of("<svg/>") == (640, 360)


@given(st.tuples(*[st.integers(0, 255)] * 3), st.tuples(*[st.integers(0, 255)] * 3))
def test_contrast_is_the_same_both_ways(
    one: tuple[int, int, int], two: tuple[int, int, int]
) -> None:
    assert contrast(one, two) == contrast(two, one)
    assert 1 <= contrast(one, two) <= 21.01


@pytest.mark.parametrize(
    ("text", "expected"),
    [("#fff", (255, 255, 255)), ("#1B4f8a", (27, 79, 138)), ("none", None), (None, (0, 0, 0))],
)
def test_colours_are_told(text: str | None, expected: tuple[int, int, int] | None) -> None:
    assert colour(text) == expected


TEXT = '<text x="50" y="50" fill="#ffffff">a</text>'


@pytest.mark.parametrize(
    ("inside", "seen"),
    [
        (TEXT, 1.0),
        (f'<rect width="100" height="100" fill="#000000"/>{TEXT}', 21.0),
        (f'<rect x="90" width="100" height="100" fill="#000000"/>{TEXT}', 1.0),
        (f'<circle cx="50" cy="50" r="20"/>{TEXT}', 21.0),
        (f'<polygon points="0,0 100,0 100,100 0,100"/>{TEXT}', 21.0),
        (f'<rect width="99" height="99"/><rect width="99" height="99" fill="#fff"/>{TEXT}', 1.0),
        (f'<rect width="10" height="10" transform="translate(45 40)"/>{TEXT}', 21.0),
        (f'<g fill="#000"><rect width="100" height="100"/></g>{TEXT}', 21.0),
        (f'<rect width="100" height="100" fill="none"/>{TEXT}', 1.0),
        (f'<path d="M60 0H100V100L 60,100Z" fill="#000000"/>{TEXT}', 1.0),
        # What would have to be drawn to be known.
        (f'<path d="M0 0H100V100H0Z"/>{TEXT}', None),
        (f'<path d="m60 0h40v100h-40z"/>{TEXT}', None),
        (f'<rect width="9" height="9" transform="scale(9)"/>{TEXT}', None),
        (f'<rect width="100" height="100" fill="url(#a)"/>{TEXT}', None),
        (f'<rect width="100" height="100" fill="#000" opacity="0.5"/>{TEXT}', None),
    ],
)
def test_the_contrast_of_a_text_is_with_what_lies_under_it(inside: str, seen: float | None) -> None:
    elements = read_drawing(drawn(inside))
    found = text_contrast(elements[-1], elements[:-1])
    assert found == (seen if seen is None else pytest.approx(seen))
