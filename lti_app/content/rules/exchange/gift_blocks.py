"""GIFT cut as Moodle cuts it: blank lines, comments, name, stem, answers, general feedback."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lti_app.content.rules.exchange.bank import UnreadableFile
from lti_app.content.rules.exchange.xml_elements import MAX_BYTES

CATEGORY = "$CATEGORY:"
_GENERAL = "####"
_ESCAPE = re.compile(r"\\([\\:#={}~n])")
# Stand for escaped characters until all is cut; none of them can be in a text (noncharacters).
_STAND_INS = {c: chr(0xFDD0 + i) for i, c in enumerate("\\:#={}~n")}
_BACK = {ord(stand_in): "\n" if c == "n" else c for c, stand_in in _STAND_INS.items()}
_IMPOSSIBLE = re.compile(r"[\ufdd0-\ufdef]")
_ID = re.compile(r"\[id:((?:\\\]|[^\]])+)\]")
_LONGEST_COMMENT = 4_000
"""Characters above a question that are searched for its id and tags."""
_TAG = re.compile(r"\[tag:((?:\\\]|[^\]<>`])+)\]")


@dataclass(frozen=True, slots=True)
class Block:
    """One question. Texts still hold stand-ins: `unescaped` gives them back their characters.

    `answers` is None for a description (no braces).
    """

    line: int
    name: str
    stem: str
    answers: str | None
    general: str
    id: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""


class BadBlock(ValueError):  # noqa: N818 - a finding to report
    """What is wrong in one block (French)."""

    def __init__(self, line: int, name: str, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.name = name


def blocks(data: bytes) -> Iterator[Block | BadBlock]:
    """Each question in order. Raises UnreadableFile when it is not a text in UTF-8."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile(1, f"fichier de plus de {MAX_BYTES // 1024 // 1024} Mo")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(line, "texte qui n’est pas en UTF-8") from error
    category = ""
    for first, lines in _paragraphs(_IMPOSSIBLE.sub("", text)):
        comments = [line for line in lines if line.startswith("//")]
        kept = [" " if line.startswith("//") else line for line in lines]
        body = _ESCAPE.sub(lambda m: _STAND_INS[m[1]], "\n".join(kept).strip())
        if not body:
            continue
        if body.startswith(CATEGORY):
            category = unescaped(body.removeprefix(CATEGORY))
            continue
        # The line of the question itself, below its comments.
        number = first + next(i for i, line in enumerate(kept) if line.strip())
        yield _block(number, body, "\n".join(comments)[:_LONGEST_COMMENT], category)


def unescaped(text: str) -> str:
    return trimmed(text.translate(_BACK))


def trimmed(text: str) -> str:
    """Without the spaces PHP takes off: no-break spaces stay."""
    return text.strip(" \t\n\r\0\v")


def _paragraphs(text: str) -> Iterator[tuple[int, list[str]]]:
    current: list[str] = []
    lines = re.split(r"\r\n|\r|\n", text)
    for number, raw in enumerate([*lines, ""], 1):
        line = raw.strip(" \t")
        if line:
            current.append(line)
        elif current:
            yield number - len(current), current
            current = []


def _block(line: int, body: str, comments: str, category: str) -> Block | BadBlock:
    name = ""
    if body.startswith("::") and "::" in body[2:]:
        name, body = body[2:].split("::", 1)
        body = trimmed(body)
    start, end = body.find("{"), body.find("}")
    if (start < 0) != (end < 0) or end < start:
        shown = unescaped(name or body)[:60]
        return BadBlock(line, shown, "accolade ouverte ou fermée seulement")
    stem, answers, general = body, None, ""
    if start >= 0:
        inside = trimmed(body[start + 1 : end])
        blank = "" if end == len(body) - 1 else "_____"
        stem = body[:start] + blank + body[end + 1 :]
        answers, mark, after = inside.rpartition(_GENERAL)
        answers, general = (trimmed(answers), after) if mark else (after, "")
    found = _ID.search(comments)
    return Block(
        line=line,
        name=unescaped(name),
        stem=trimmed(stem),
        answers=answers,
        general=trimmed(general),
        id=found[1].replace("\\]", "]").strip() if found else "",
        tags=tuple(tag.replace("\\]", "]").strip() for tag in _TAG.findall(comments)),
        category=category,
    )
