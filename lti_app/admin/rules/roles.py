"""The roles that an LMS sends, counted."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class ReceivedRole(NamedTuple):
    """A role as an LMS sends it, and how many enrolments of the platform have it."""

    lms_role: str
    enrolments: int


def count_roles(groups: Iterable[tuple[Sequence[str], int]]) -> list[ReceivedRole]:
    """The distinct roles of these lists of roles, each list with its number of enrolments."""
    totals: dict[str, int] = {}
    for roles, count in groups:
        for role in dict.fromkeys(roles):
            totals[role] = totals.get(role, 0) + count
    rows = (ReceivedRole(role, count) for role, count in totals.items())
    return sorted(rows, key=lambda row: (-row.enrolments, row.lms_role))


def short_role(lms_role: str) -> str:
    """What a role calls itself, without the vocabulary it belongs to."""
    return lms_role.rpartition("#")[2] or lms_role
