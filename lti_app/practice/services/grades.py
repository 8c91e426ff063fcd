"""What became of the grades of one person in one session, for the screens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradePolicy, GradeState, parse_policy, reason
from lti_app.grading.services import grades_of
from lti_app.people.models import ResourceLink
from lti_app.practice.services.visit import Visit


@dataclass(frozen=True, slots=True)
class GradeLine:
    """One grade: its state in words; `sent_at` once the LMS has it; `reason` when it has not, if
    there is one.

    `activity`: its name in the LMS, which tells the grades of several activities apart.
    """

    activity: str
    state: GradeState
    score: int
    sent_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class GradeView:
    """Grades of what a link opens. `expected`: a grade will be sent, nothing is owed yet."""

    lines: tuple[GradeLine, ...]
    expected: bool


def read_grades(session: Session, visit: Visit) -> Mapping[int, OwedGrade]:
    """By link id."""
    return grades_of(session, visit.person_id, visit.course_id)


def grade_view(visit: Visit, grades: Mapping[int, OwedGrade], target: str) -> GradeView:
    """The grades of the activities that open `target` (a module id, or « path »)."""
    links = [link for link in visit.links if link.target == target]
    lines = tuple(_line(link, grades[link.id]) for link in links if link.id in grades)
    expected = not visit.is_trainer and not lines and any(_is_graded(link) for link in links)
    return GradeView(lines, expected)


def _is_graded(link: ResourceLink) -> bool:
    return link.line_item_url is not None and parse_policy(link.custom) is not GradePolicy.NONE


def _line(link: ResourceLink, grade: OwedGrade) -> GradeLine:
    return GradeLine(
        activity=link.title,
        state=GradeState(grade.state),
        score=grade.score,
        sent_at=grade.sent_at if grade.state == GradeState.SENT else None,
        reason=reason(grade.state, grade.problem),
    )
