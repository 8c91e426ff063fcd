"""Texts that are part of a page have no headings: they would break its outline."""

import re
from collections.abc import Iterator

from lti_app.content.rules.problems import Problem
from lti_app.content.rules.source import Courses
from lti_app.content.rules.texts import written_texts

_HEADING = re.compile(r"^ {0,3}#{1,6}(?= |$)", re.MULTILINE)
_PAGES = {("handout", "body"), ("message", "body")}
"""They have their own rules."""


def check_headings(courses: Courses) -> Iterator[Problem]:
    """Questions, definitions, descriptions, steps: every text but lessons and handouts."""
    for files in courses.modules:
        for written in written_texts(files):
            found = None if written.steps in _PAGES else _HEADING.search(written.text)
            if found:
                yield Problem(
                    written.path,
                    written.locate(found[0].strip()),
                    "un titre dans ce texte",
                    "retirez les « # » ; au besoin, mettez les mots en gras",
                )
