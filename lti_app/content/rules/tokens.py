"""What the tokens of a Markdown text say: parts, words, sources, terms and figures called.

The rules that make these tokens are in `markdown_rules`.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from markdown_it.token import Token

from lti_app.ui import french

BOXES = {"retenir": "À retenir", "exemple": "Exemple", "essayer": "À essayer cette semaine"}
DATED_BOX = "relire"
FIGURE_BOX = "figure"
FENCED = (*BOXES, DATED_BOX, FIGURE_BOX)
"""All that `:::` may open."""

CITATION = re.compile(r"\[(@[a-z0-9_-]+(?:\s*;\s*@[a-z0-9_-]+)*)\]")
# In a table, the bar must be escaped: it would end the cell.
TERM = re.compile(r"\[\[([a-z0-9]+(?:-[a-z0-9]+)*)(?:\\?\|([^\[\]|]+))?\]\]")


def split_sections(tokens: Sequence[Token]) -> Iterator[tuple[str | None, list[Token]]]:
    """(title, tokens without the title) of each `##`; first what precedes, if anything, as None."""
    title: str | None = None
    current: list[Token] = []
    skip = 0
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2" and token.level == 0:
            if current or title is not None:
                yield title, current
            title, current, skip = plain_text([tokens[index + 1]]), [], 3
        if skip:
            skip -= 1
            continue
        current.append(token)
    if current or title is not None:
        yield title, current


def plain_text(tokens: Sequence[Token]) -> str:
    """What is read: no markup, no calls to sources."""
    pieces: list[str] = []
    for token in tokens:
        if token.type == "inline":
            pieces.append("".join(_inline_text(token.children or ())))
        elif token.type.startswith("container_") and token.nesting == 1:
            pieces.append(box_title(token.info)[1])
        elif token.type in {"fence", "code_block"}:
            pieces.append(token.content)
    return "\n".join(pieces).strip()


def _inline_text(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        if child.type in {"text", "code_inline", "term"}:
            yield child.content
        elif child.type in {"softbreak", "hardbreak"}:
            yield " "


def cited_in(tokens: Sequence[Token]) -> list[str]:
    """Ids of the references called, each once, in order."""
    found = (
        reference
        for token in tokens
        for child in token.children or ()
        if child.type == "citation"
        for reference in child.meta["ids"]
    )
    return list(dict.fromkeys(found))


def cited_by_text(text: str) -> list[str]:
    """Ids called by `[@a; @b]` in a text, in order, each once, without parsing it."""
    calls = (match[1] for match in CITATION.finditer(text))
    return list(dict.fromkeys(part.strip(" @\n") for call in calls for part in call.split(";")))


def terms_in(tokens: Sequence[Token]) -> list[str]:
    """Ids of the glossary terms called, each once, in order."""
    found = (
        child.meta["id"]
        for token in tokens
        for child in token.children or ()
        if child.type == "term"
    )
    return list(dict.fromkeys(found))


def figures_in(tokens: Sequence[Token]) -> list[str]:
    """Ids of the figures shown, each once, in order."""
    return list(dict.fromkeys(t.meta["id"] for t in tokens if t.type == "figure"))


def count_words(text: str) -> int:
    """Words as a reader meets them: what spaces separate and holds a letter or a digit."""
    return sum(any(c.isalnum() for c in word) for word in text.split())


def box_title(info: str) -> tuple[str, str]:
    """(name, title) of a box from what follows `:::`."""
    name, _, title = info.strip().partition(" ")
    if name == DATED_BOX:
        return name, dated_title(title)
    label = BOXES.get(name, name)
    return name, f"{label}\u00a0: {title.strip()}" if title.strip() else label


def dates_of(text: str) -> tuple[date, date] | None:
    """(checked, check_by) of a dated box; None when that is not what is written."""
    try:
        checked, check_by = (date.fromisoformat(word) for word in text.split())
    except ValueError:
        return None
    return checked, check_by


def dated_title(text: str) -> str:
    """What a dated box says. True on any day: a page built once is shown for months."""
    dates = dates_of(text)
    return "Information datée" if dates is None else dated(*dates)


def dated(checked: date | None, check_by: date | None) -> str:
    """« Information relue le 1er juillet 2026 ; à revérifier à partir du 1er septembre 2026. »"""
    read = f"relue le {_day(checked)}" if checked else ""
    again = f"à revérifier à partir du {_day(check_by)}" if check_by else ""
    said = "\u202f; ".join(filter(None, (read, again)))
    return f"Information {said}." if said else ""


def _day(value: date) -> str:
    return french.day(value, today=date.min)  # of another year, so that the year is written
