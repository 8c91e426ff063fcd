"""One thing wrong in a folder that had nothing wrong, and what the checks say of it."""

from pathlib import Path

from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.services import check_content
from tests.unit.content.sample import edit

Case = tuple[str, str, str, str, int | None]
"""(file, text to replace, replacement, words of the message, line after the replaced one)"""


def found(folder: Path, message: str) -> list[Problem]:
    """Problems whose message holds the words, no-break spaces taken as spaces."""
    return [
        problem
        for problem in check_content(folder)
        if message in problem.message.replace("\u00a0", " ").replace("\u202f", " ")
    ]


def assert_spoilt(folder: Path, case: Case, severity: Severity) -> None:
    """Spoil the folder: the problem is found, this grave, at its line, with what to do."""
    name, old, new, message, offset = case
    line = edit(folder, name, old, new)

    problems = found(folder, message)

    assert problems, [str(p) for p in check_content(folder)]
    assert problems[0].severity is severity
    assert problems[0].advice
    if offset is not None:
        assert (problems[0].path, problems[0].line) == (folder / name, line + offset)
