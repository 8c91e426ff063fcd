"""The session's activities in the LMS's gradebook: whose column, and what it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from lti_app.grading.models import ResultReading
from lti_app.grading.queries import SentAndShown, readings_of_course, sent_and_shown
from lti_app.grading.rules import ColumnPlan, Problem, Shown, differs, reading_reason
from lti_app.grading.services.holding import plan_of
from lti_app.people.models import LineItemOrigin, ResourceLink
from lti_app.people.queries import links_of_course
from lti_app.people.rules import TARGET_REVIEW
from lti_app.reports.rules.gradebook import shown_grade
from lti_app.reports.rules.rows import stand_in_name, tidy_name


class ColumnState(StrEnum):
    """Where an activity's grades go."""

    OWN = "own"
    """The activity's own column."""
    MADE = "made"
    """One that Relais made."""
    LATER = "later"
    """None yet: looked for, or made, when there is a grade to send."""
    SHARED = "shared"
    """That of another activity of the session, for the same module."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ActivityColumn:
    """One activity. `read_at`: when its results were last read; `problem`: why not since, in
    words; `gone`: because the column was deleted.
    """

    link_id: int
    activity: str
    state: ColumnState
    label: str
    read_at: datetime | None
    problem: str
    gone: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A grade that the LMS shows otherwise than it was sent. `shown` is in words."""

    person_id: int
    name: str
    activity: str
    sent_score: int
    shown: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class GradebookPage:
    """`readable`: whether there is anything to read."""

    activities: tuple[ActivityColumn, ...]
    differences: tuple[Difference, ...]
    readable: bool


def read_gradebook(session: Session, *, course_id: int) -> GradebookPage:
    """What the trainer's page on the gradebook shows, in three statements."""
    links = links_of_course(session, course_id)
    readings = readings_of_course(session, course_id)
    names = {link.id: link.title for link in links}
    activities = tuple(_activity(link, links, readings) for link in links)
    return GradebookPage(
        activities=activities,
        differences=tuple(
            Difference(
                person_id=row.person_id,
                name=tidy_name(row.name) or stand_in_name(row.person_id),
                activity=names.get(row.resource_link_id, ""),
                sent_score=row.sent_score,
                shown=shown_grade(row.score, row.maximum),
                read_at=row.read_at,
            )
            for row in sent_and_shown(session, course_id)
            if is_different(row)
        ),
        readable=any(link.line_item_url for link in links),
    )


def read_differences(
    session: Session, *, course_id: int, person_id: int
) -> Mapping[int, SentAndShown]:
    """One person's grades that the LMS shows otherwise than they were sent, by link id."""
    rows = sent_and_shown(session, course_id, person_id=person_id)
    return {row.resource_link_id: row for row in rows if is_different(row)}


def is_different(row: SentAndShown) -> bool:
    """Whether the LMS shows another grade than the one it acknowledged."""
    maximum = 100.0 if row.maximum is None else row.maximum
    return differs(row.sent_score, Shown(row.score, maximum))


def _activity(
    link: ResourceLink, links: Sequence[ResourceLink], readings: Mapping[int, ResultReading]
) -> ActivityColumn:
    reading = readings.get(link.id)
    return ActivityColumn(
        link_id=link.id,
        activity=link.title,
        state=_state(link, links),
        label=link.line_item_label or "",
        read_at=reading.read_at if reading else None,
        problem=reading_reason(reading.problem) if reading else "",
        gone=reading is not None and reading.problem == Problem.LINE_ITEM_GONE,
    )


def _state(link: ResourceLink, links: Sequence[ResourceLink]) -> ColumnState:
    if link.line_item_url:
        made = link.line_item_origin == LineItemOrigin.CREATED
        return ColumnState.MADE if made else ColumnState.OWN
    if link.target == TARGET_REVIEW or plan_of(link) is ColumnPlan.NOTHING:
        return ColumnState.NONE
    if any(each.line_item_url and each.target == link.target for each in links):
        return ColumnState.SHARED
    return ColumnState.LATER if plan_of(link) is ColumnPlan.MAKE else ColumnState.NONE
