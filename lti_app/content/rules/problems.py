"""What is wrong in a source file, said so that a teacher can mend it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lti_app.ui.french import plural

_NO_BREAK = re.compile(r"(?<=«) | (?=[»:])")
_NARROW_NO_BREAK = re.compile(r" (?=[;!?])")


class Severity(StrEnum):
    ERROR = "error"
    """Not publishable."""
    WARNING = "warning"
    """Publishable; worth a look."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `message` says what is wrong, `advice` what to do (French, one line each)."""

    path: Path
    line: int
    message: str
    advice: str
    severity: Severity = Severity.ERROR

    def __post_init__(self) -> None:
        # Messages are written in the code with plain spaces, where one can see them.
        for name in ("message", "advice"):
            object.__setattr__(self, name, with_french_spaces(getattr(self, name)))

    def __str__(self) -> str:
        kind = "erreur" if self.severity is Severity.ERROR else "attention"
        return f"{self.path}:{self.line}: {kind}\u00a0: {self.message} → {self.advice}"


def with_french_spaces(text: str) -> str:
    """No-break spaces inside guillemets and before « : », narrow ones before « ; ! ? »."""
    return _NARROW_NO_BREAK.sub("\u202f", _NO_BREAK.sub("\u00a0", text))


class ContentError(Exception):
    """Content that cannot be published; `problems` says all, `str()` is one line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first, *others = errors_among(self.problems)
        count = f"{len(others)} {plural(len(others), 'autre')}"
        more = f" (et {count} : « relais content check »)" if others else ""
        super().__init__(f"{first}{with_french_spaces(more)}")


def errors_among(problems: Iterable[Problem]) -> list[Problem]:
    """Those that forbid publishing."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]


def in_reading_order(problems: Iterable[Problem]) -> list[Problem]:
    """By file, then by line; each one once."""
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda problem: (str(problem.path), problem.line, problem.message))
