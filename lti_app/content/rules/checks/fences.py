"""Boxes of a text: they open and close, are known, do not nest, and hold what they should.

(The renderer would show the colons, or nothing.)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lti_app.content.rules.problems import Problem
from lti_app.content.rules.source import Courses
from lti_app.content.rules.texts import kit_texts
from lti_app.content.rules.tokens import DATED_BOX, FENCED, FIGURE_BOX, dates_of

_FENCE = re.compile(r":{3,}\s*(.*)")


@dataclass(slots=True)
class _Box:
    name: str
    line: int


def check_fences(courses: Courses) -> Iterator[Problem]:
    """Every lesson, and the kits."""
    for files in courses.modules:
        for file in files.lessons:
            yield from _boxes(file.path, file.lesson.body, file.body_line)
        for written in kit_texts(files.kit) if files.kit else ():
            if ":::" in written.text:
                line = written.locate(written.text.split("\n")[0])
                yield from _boxes(written.path, written.text, line)


def _boxes(path: Path, text: str, first_line: int) -> Iterator[Problem]:
    opened: _Box | None = None
    for number, line in enumerate(text.split("\n"), first_line):
        match = _FENCE.match(line)
        if match is None:
            if opened is not None and opened.name == FIGURE_BOX and line.strip():
                yield Problem(
                    path,
                    number,
                    "un texte dans un bloc de figure : il ne serait pas affiché",
                    "fermez le bloc par « ::: » sur la ligne suivante, et écrivez après",
                )
            continue
        name, _, rest = match[1].strip().partition(" ")
        if not name:
            if opened is None:
                yield Problem(path, number, "« ::: » ne ferme rien", "retirez cette ligne")
            opened = None
            continue
        if opened is not None:
            yield _unclosed(path, opened.line)
        opened = _Box(name, number)
        yield from _known(path, opened, rest.strip())
    if opened is not None:
        yield _unclosed(path, opened.line)


def _known(path: Path, box: _Box, rest: str) -> Iterator[Problem]:
    if box.name not in FENCED:
        yield Problem(
            path,
            box.line,
            f"encadré inconnu : « {box.name} »",
            f"choisissez parmi {', '.join(FENCED)}",
        )
    if box.name == DATED_BOX:
        dates = dates_of(rest)
        if dates is None or dates[0] > dates[1]:
            yield Problem(
                path,
                box.line,
                "dates illisibles, ou dans le désordre",
                "écrivez « :::relire 2026-07-01 2026-09-01 » : relu le, à relire avant le",
            )


def _unclosed(path: Path, line: int) -> Problem:
    return Problem(path, line, "cet encadré n’est pas fermé", "ajoutez une ligne « ::: » à sa fin")
