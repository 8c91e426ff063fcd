"""Whether a roster read to its end may mark people as gone. Pure."""

from dataclasses import dataclass

from lti_app.roster.rules.explanations import Problem

LARGE = 10
"""From that many people on, losing more than half of them in one night is not believed."""


@dataclass(frozen=True, slots=True)
class Headcount:
    """Of one reading. `known`: enrolled before it, and whom a roster may mark as gone or keep;
    `missing`: those of them whom it does not name; `named`: people it names, new ones included."""

    known: int
    missing: int
    named: int


def doubt(count: Headcount) -> Problem | None:
    """Why the roster is not believed, and nobody marked as gone; None when it is.

    An LMS half restored, a setting that hides people or another course behind the address give a
    short roster too: to hide a whole session by mistake is worse than to keep people for a while.
    """
    if not count.missing:
        return None
    if not count.named:
        return Problem.NOBODY_NAMED
    if count.known >= LARGE and count.missing * 2 > count.known:
        return Problem.TOO_MANY_MISSING
    return None
