"""An answer of the application, as a person would read it."""

from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.test import TestResponse


class Page:
    """Status, headers, and the HTML parsed strictly: markup that is not valid fails the test."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.location = response.headers.get("Location", "")
        self.path = response.request.full_path.rstrip("?")
        self.text = response.get_data(as_text=True)
        self._tree: Element | None = None

    @property
    def tree(self) -> Element:
        if self._tree is None:
            builder = html5lib.getTreeBuilder("etree")
            parser = html5lib.HTMLParser(builder, strict=True, namespaceHTMLElements=False)
            self._tree = parser.parse(self.text)
        return self._tree

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Elements by tag and attributes (`class_`: among the classes)."""
        return [each for each in self.tree.iter(tag) if _has(each, attributes)]

    def one(self, tag: str, **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} <{tag}> {attributes}"
        return found[0]

    @property
    def title(self) -> str:
        return read(self.one("title"))

    @property
    def main(self) -> str:
        """What is read in the main part of the page."""
        return read(self.one("main"))

    def links(self) -> dict[str, str]:
        """Addresses by what is read of each link."""
        return {read(link): link.get("href", "") for link in self.all("a")}

    def hidden(self, *names: str) -> dict[str, str]:
        """Values of hidden inputs of the page's own form (not of the bar's)."""
        form = self.one("main").find(".//form")
        assert form is not None, "no form in the page"
        inputs = {each.get("name"): each.get("value", "") for each in form.iter("input")}
        return {name: inputs[name] for name in names}

    def option_value(self, select: str, text: str) -> str:
        for option in self.one("select", name=select).iter("option"):
            if read(option) == text:
                return option.get("value", "")
        raise AssertionError(f"no option {text!r} in {select}")

    def ids(self) -> list[str]:
        return [each.get("id", "") for each in self.tree.iter() if each.get("id")]


def read(element: Element) -> str:
    """The text of an element, spaces as one reads them."""
    return " ".join("".join(_pieces(element)).replace("\u202f", " ").split())


def _pieces(element: Element) -> Iterator[str]:
    if element.text:
        yield element.text
    for child in element:
        yield from _pieces(child)
        if child.tag in {"p", "li", "div", "h1", "h2", "h3", "td", "th", "summary", "legend"}:
            yield " "
        if child.tail:
            yield child.tail


def _has(element: Element, attributes: dict[str, str]) -> bool:
    for name, value in attributes.items():
        if name == "class_":
            if value not in element.get("class", "").split():
                return False
        elif element.get(name.replace("_", "-")) != value:
            return False
    return True


def path_of(url: str) -> str:
    return urlsplit(url).path
