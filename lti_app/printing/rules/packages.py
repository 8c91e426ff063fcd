"""What pandoc leaves undone in a DOCX or an ODT: both are zip files of XML."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date

from markupsafe import escape

_NO_CLOCK = re.compile(r"1970-01-01T00:00:00Z")
_FRAME = re.compile(r"(<draw:frame\b.*?)(</draw:frame>)", re.DOTALL)
_NO_BORDER = re.compile(r'(<style:table-cell-properties )fo:border="none"')
_BORDER = r'\1fo:border="0.5pt solid #8a97a5" fo:padding="0.15cm"'


def finish_package(package: bytes, *, alternatives: Iterable[str], dated: date) -> bytes:
    """The same file, with the date it says to be of, and for ODT its alternatives and borders.

    `alternatives`: those of the pictures, in the order of the document. The same document is the
    same bytes each time.
    """
    made = io.BytesIO()
    described = iter(alternatives)
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename in {"docProps/core.xml", "meta.xml"}:
                content = _NO_CLOCK.sub(f"{dated}T00:00:00Z", content.decode()).encode()
            elif entry.filename == "content.xml":
                content = _finish_odt(content.decode(), described).encode()
            kept = zipfile.ZipInfo(entry.filename, (dated.year, dated.month, dated.day, 0, 0, 0))
            kept.compress_type = entry.compress_type
            new.writestr(kept, content)
    return made.getvalue()


def _finish_odt(xml: str, alternatives: Iterator[str]) -> str:
    """pandoc writes no alternative in ODT (it does in DOCX), and tables without lines."""

    def described(frame: re.Match[str]) -> str:
        words = next(alternatives, None)
        return f"{frame[1]}<svg:desc>{escape(words)}</svg:desc>{frame[2]}" if words else frame[0]

    return _NO_BORDER.sub(_BORDER, _FRAME.sub(described, xml))
