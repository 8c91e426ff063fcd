"""Reading the pages back: what a trainer sees, as lists of words."""

import csv
import io
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.test import TestResponse


@dataclass(frozen=True)
class Page:
    """A parsed page."""

    root: Element

    def texts(self, path: str) -> list[str]:
        return [text_of(element) for element in self.root.findall(path)]

    def one(self, path: str) -> Element:
        found = self.root.find(path)
        assert found is not None, f"no {path} in the page"
        return found

    @property
    def referents(self) -> list[list[str]]:
        """The cells of the table of referents, row by row."""
        return self._rows(".//table[@class='table r-table s-table']/tbody/tr")

    @property
    def differences(self) -> list[list[str]]:
        """The cells of the grades that the LMS shows otherwise, row by row."""
        return self._rows(".//table[@id='differences']/tbody/tr")

    def _rows(self, path: str) -> list[list[str]]:
        return [[text_of(cell) for cell in row] for row in self.root.findall(path)]

    @property
    def names(self) -> list[str]:
        return [row[0] for row in self.referents]

    @property
    def totals(self) -> dict[str, list[str]]:
        """« n/N » of each state, by module."""
        rows = self.root.findall(".//section[@class='s-totals']//tbody/tr")
        return {
            text_of(row[0]): [text_of(cell) for cell in row[1:] if cell.get("aria-hidden") is None]
            for row in rows
        }

    @property
    def text(self) -> str:
        return text_of(self.one(".//main"))


def text_of(element: Element) -> str:
    """Visible words; « 1/2 » for what is read « 1 sur 2 »."""
    words: list[str] = []
    _collect(element, words)
    return " ".join("".join(words).split())


def _collect(element: Element, words: list[str]) -> None:
    if element.get("class") == "visually-hidden":
        return
    if element.tag == "div":
        words.append(" ")
    words.append(element.text or "")
    for child in element:
        _collect(child, words)
        words.append(child.tail or "")


def parse(response: TestResponse) -> Page:
    """The page of a 200 answer; malformed HTML fails."""
    assert response.status_code == 200, response.text
    parser: Any = html5lib.HTMLParser(namespaceHTMLElements=False)
    return Page(parser.parse(response.text))


def read_csv(response: TestResponse) -> list[dict[str, str]]:
    """The lines of an export."""
    assert response.status_code == 200, response.text
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.data.startswith(b"\xef\xbb\xbf")
    file = io.StringIO(response.data.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(file, delimiter=";"))
