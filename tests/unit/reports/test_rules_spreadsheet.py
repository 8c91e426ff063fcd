"""A file that spreadsheets read right, and that runs nothing in them."""

import csv
import io
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lti_app.reports.rules.spreadsheet import (
    BYTE_ORDER_MARK,
    LINES_PER_CHUNK,
    Cell,
    csv_chunks,
    file_name,
    format_cell,
    neutralise,
)

DANGEROUS = "=+-@\t\r\n＝＋－＠"


def read_back(lines: list[list[Cell]]) -> list[list[str]]:
    text = "".join(csv_chunks(lines))
    assert text.startswith(BYTE_ORDER_MARK)
    file = io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")
    return list(csv.reader(file, delimiter=";"))


@given(st.text())
@example("=cmd|' /C calc'!A0")
@example("\t=1+1")
@example(" \r\n@SUM(A1)")
@example("−1; -2")
@example('"=1+1')
def test_no_text_begins_a_formula_and_the_cell_comes_back_whole(text: str) -> None:
    ((cell, end),) = read_back([[text, "x"]])
    assert cell == neutralise(text)
    assert end == "x"
    assert not cell.startswith(tuple(DANGEROUS))
    assert cell.isprintable()


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_an_ordinary_name_is_left_as_it_is(name: str) -> None:
    assert neutralise(name) == name


@given(st.text())
def test_neutralising_twice_changes_nothing(text: str) -> None:
    assert neutralise(neutralise(text)) == neutralise(text)


@given(st.lists(st.lists(st.text(), min_size=2, max_size=4), min_size=1, max_size=6))
def test_lines_stay_lines(lines: list[list[str]]) -> None:
    assert read_back([list(line) for line in lines]) == [
        [neutralise(cell) for cell in line] for line in lines
    ]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (0, "0"),
        (85, "85"),
        (0.5, "0,5"),
        (66.6666, "66,6666"),
        (date(2026, 11, 7), "2026-11-07"),
        ("=1+1", "'=1+1"),
        ("-5", "'-5"),
        ("Bœuf\nJean", "Bœuf Jean"),
    ],
)
def test_values_as_a_french_spreadsheet_reads_them(value: Cell, cell: str) -> None:
    assert format_cell(value) == cell


def test_the_file_comes_in_pieces() -> None:
    lines: list[list[Cell]] = [[number, "x"] for number in range(LINES_PER_CHUNK * 2 + 1)]
    chunks = list(csv_chunks(lines))
    assert len(chunks) == 4  # the mark, two full pieces, the last line
    assert len(read_back(lines)) == len(lines)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Parcours RRUPN 2026", "suivi-parcours-rrupn-2026-2026-11-09.csv"),
        ("Évaluer & différencier", "suivi-evaluer-differencier-2026-11-09.csv"),
        ("../../etc/passwd\r\nX: y", "suivi-etc-passwd-x-y-2026-11-09.csv"),
        ("日本", "suivi-2026-11-09.csv"),
        ("a" * 300, f"suivi-{'a' * 60}-2026-11-09.csv"),
    ],
)
def test_the_file_is_named_after_the_session_and_the_day(title: str, name: str) -> None:
    assert file_name(title, date(2026, 11, 9)) == name
