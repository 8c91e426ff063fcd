"""Which activities may have a column found or made in the gradebook, and which column is whose."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lti_app.grading.rules.sending import GradePolicy, parse_policy
from lti_app.lti.rules.line_items import LineItem

TAG = "relais"
"""Says whose columns are ours; `resourceId` then says for which module."""

_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
_LIST = frozenset({f"{_AGS}lineitem", f"{_AGS}lineitem.readonly"})
_MAKE = f"{_AGS}lineitem"
_SCORE = f"{_AGS}score"


class ColumnPlan(StrEnum):
    """What may be done for an activity that has no column."""

    NOTHING = "nothing"
    FIND = "find"
    MAKE = "make"
    """When none is found."""


def plan_column(
    *,
    custom: Mapping[str, Any],
    line_items_url: str | None,
    scopes: Collection[str],
    withdrawn: bool,
) -> ColumnPlan:
    """What may be done for an activity whose launch names no column.

    Nothing where `grades=none`, or without the address or the rights. `withdrawn`: the launch named
    one once, and no more; somebody decided that the activity is not graded, so none is made.
    """
    if not line_items_url or parse_policy(custom) is GradePolicy.NONE:
        return ColumnPlan.NOTHING
    if _SCORE not in scopes or not _LIST & set(scopes):
        return ColumnPlan.NOTHING
    return ColumnPlan.MAKE if _MAKE in scopes and not withdrawn else ColumnPlan.FIND


@dataclass(frozen=True, slots=True)
class Match:
    """Columns that are there already: `coupled` by the LMS's link id, and ours for the module."""

    coupled: Mapping[str, LineItem]
    own: LineItem | None


def match_columns(items: Sequence[LineItem], *, link_ids: Collection[str], target: str) -> Match:
    """Find the columns of these activities, all of which open `target`.

    An activity may have several: the one that names the module wins, then the first. Ours belongs
    to no activity; were there two, the first is used by all.
    """
    coupled: dict[str, LineItem] = {}
    for item in sorted(items, key=lambda each: each.resource_id != target):
        if item.resource_link_id in link_ids:
            coupled.setdefault(item.resource_link_id, item)
    own = (
        item
        for item in items
        if not item.resource_link_id and item.tag == TAG and item.resource_id == target
    )
    return Match(coupled, next(own, None))


def label_to_give(*, title: str, given: str | None, present: str) -> str | None:
    """The label that a column of ours must get now that its module is called `title`.

    None when it has it, or when somebody gave it another one than ours: theirs stays.
    """
    return None if present == title or (given is not None and present != given) else title


@dataclass(frozen=True, slots=True)
class Candidate:
    """An activity to which a person's score may go."""

    link_id: int
    course_id: int
    target: str
    line_item_url: str | None
    plan: ColumnPlan


def choose_holders(candidates: Sequence[Candidate]) -> frozenset[int]:
    """Link ids of the activities that are owed a score, of all those of a person.

    Each column once, were several activities to share it: two rows sending to one column could
    overtake each other. An activity without column waits for one only where no other activity of
    its course has one for the same module: the grade is in the gradebook already. The first known
    activity holds what several would.
    """
    held: set[object] = set()
    holders: set[int] = set()
    in_order = sorted(candidates, key=lambda each: (each.line_item_url is None, each.link_id))
    for each in in_order:
        module = (each.course_id, each.target)
        if each.line_item_url is None:
            is_free = each.plan is not ColumnPlan.NOTHING and module not in held
        else:
            is_free = each.line_item_url not in held
        if is_free:
            holders.add(each.link_id)
        if is_free or each.line_item_url is not None:
            held |= {module, each.line_item_url}
    return frozenset(holders)
