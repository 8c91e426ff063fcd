"""CSV that French spreadsheets open by a double click, and that runs nothing there.

UTF-8 with a byte order mark (Excel guesses a legacy code page without it), semicolons, decimal
comma, ISO dates. Cells that a spreadsheet would take for a formula are made text:
https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice

Cell = str | int | float | date | None

BYTE_ORDER_MARK = "\ufeff"
LINES_PER_CHUNK = 200

# Full-width forms too: spreadsheets of some locales fold them into their ASCII twins.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def neutralise(text: str) -> str:
    """The text on one line, that no spreadsheet takes for a formula.

    Control characters (tab, CR, LF…) and line separators become spaces; a dangerous first
    character gets an apostrophe before it.
    """
    line = "".join(char if char.isprintable() else " " for char in text).strip()
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line


def format_cell(value: Cell) -> str:
    """A value as a French spreadsheet reads it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return neutralise(value)
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", ",")
    return value.isoformat() if isinstance(value, date) else str(value)


def csv_chunks(lines: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The file in pieces, so that the first leaves before the last is made."""
    yield BYTE_ORDER_MARK
    remaining = iter(lines)
    while batch := list(islice(remaining, LINES_PER_CHUNK)):
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, delimiter=";")
        writer.writerows([format_cell(cell) for cell in line] for line in batch)
        yield buffer.getvalue()


def file_name(title: str, day: date) -> str:
    """« suivi-parcours-rrupn-2026-11-09.csv »: plain ASCII, safe on every system."""
    decomposed = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", decomposed.lower()).strip("-")[:60].strip("-")
    return "-".join(part for part in ("suivi", slug, day.isoformat()) if part) + ".csv"
