"""What the launches of one platform left in Relais, counted for its doctor. Nothing personal."""

from collections import Counter
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradeState, explain
from lti_app.lti.models import RefusedLaunch
from lti_app.lti.rules.diagnosis.facts import RefusalCount, UsageFacts
from lti_app.people.models import (
    Course,
    Enrolment,
    EnrolmentState,
    Identity,
    Person,
    ResourceLink,
)
from lti_app.people.rules import TARGET_REVIEW

REFUSALS_SINCE = timedelta(days=7)
_LINE_ITEM_SCOPE = "/scope/lineitem"


def usage_of(session: Session, platform_id: int, now: datetime) -> UsageFacts:
    """All of it, by six statements."""
    last_launch_at, courses, with_roster = _launches(session, platform_id)
    people, named, with_email, with_sourcedid = _people(session, platform_id)
    scored, without_column, to_complete, scopes = _links(session, platform_id)
    grades = _Grades(session, platform_id)
    return UsageFacts(
        last_launch_at=last_launch_at,
        courses=courses,
        courses_with_roster=with_roster,
        people=people,
        named=named,
        with_email=with_email,
        with_sourcedid=with_sourcedid,
        scored_links=scored,
        links_without_column=without_column,
        links_to_complete=to_complete,
        ags_scopes=scopes,
        refusals=_refusals(session, platform_id, now - REFUSALS_SINCE),
        grades_waiting=grades.waiting,
        oldest_waiting_at=grades.oldest_waiting_at,
        grades_refused=grades.refused,
        grade_problems=tuple(grades.problems.most_common()),
    )


def a_roster_of(session: Session, platform_id: int) -> str | None:
    """Address of the roster of the course last launched, among those that have one."""
    statement = (
        sa.select(Course.memberships_url)
        .join(ResourceLink, ResourceLink.course_id == Course.id)
        .where(Course.platform_id == platform_id, Course.memberships_url.is_not(None))
        .order_by(ResourceLink.last_launch_at.desc(), Course.id)
        .limit(1)
    )
    return session.scalar(statement)


def _launches(session: Session, platform_id: int) -> tuple[datetime | None, int, int]:
    """The last one; courses; those that gave the address of their roster."""
    last = (
        sa.select(sa.func.max(ResourceLink.last_launch_at))
        .where(ResourceLink.platform_id == platform_id)
        .scalar_subquery()
    )
    row = session.execute(
        sa.select(last, sa.func.count(), sa.func.count(Course.memberships_url)).where(
            Course.platform_id == platform_id
        )
    ).one()
    return row[0], int(row[1]), int(row[2])


def _people(session: Session, platform_id: int) -> tuple[int, int, int, int]:
    """Active people; with a name; with an e-mail; with a sourcedid."""
    one_each = (
        sa.select(
            Enrolment.person_id.label("person_id"),
            sa.func.max(sa.func.nullif(Identity.sourcedid, "")).label("sourcedid"),
        )
        .join(Enrolment.course)
        .join(Enrolment.identity)
        .where(Course.platform_id == platform_id, Enrolment.state == EnrolmentState.ACTIVE)
        .group_by(Enrolment.person_id)
        .subquery()
    )
    row = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.func.nullif(Person.name, "")),
            sa.func.count(sa.func.nullif(Person.email, "")),
            sa.func.count(one_each.c.sourcedid),
        ).select_from(one_each.join(Person, Person.id == one_each.c.person_id))
    ).one()
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def _links(session: Session, platform_id: int) -> tuple[int, int, int, frozenset[str]]:
    """Activities that earn a score; without a column; that Relais may complete; scopes named."""
    unknown = ResourceLink.line_item_url.is_(None)
    statement = (
        sa.select(
            ResourceLink.ags_scopes,
            sa.func.count(),
            sa.func.count().filter(unknown),
            sa.func.count().filter(unknown, ResourceLink.line_items_url.is_not(None)),
        )
        .where(ResourceLink.platform_id == platform_id, ResourceLink.target != TARGET_REVIEW)
        .group_by(ResourceLink.ags_scopes)
    )
    scored = without_column = to_complete = 0
    scopes: set[str] = set()
    for named, links, unknown_ones, searchable in session.execute(statement):
        scored += links
        without_column += unknown_ones
        scopes.update(named)
        if any(scope.endswith(_LINE_ITEM_SCOPE) for scope in named):
            to_complete += searchable
    return scored, without_column, to_complete, frozenset(scopes)


def _refusals(session: Session, platform_id: int, since: datetime) -> tuple[RefusalCount, ...]:
    """By code, the most frequent first; at most one row for each hour and code is read."""
    statement = (
        sa.select(RefusedLaunch.code, RefusedLaunch.count, RefusedLaunch.last_quote)
        .where(RefusedLaunch.platform_id == platform_id, RefusedLaunch.hour >= since)
        .order_by(RefusedLaunch.last_at.desc())
    )
    totals: Counter[str] = Counter()
    quotes: dict[str, str] = {}
    for code, number, quote in session.execute(statement):
        totals[code] += number
        quotes.setdefault(code, quote)
    return tuple(RefusalCount(code, number, quotes[code]) for code, number in totals.most_common())


class _Grades:
    """Grades that the gradebook of a platform does not have."""

    def __init__(self, session: Session, platform_id: int) -> None:
        statement = (
            sa.select(
                OwedGrade.state,
                OwedGrade.problem,
                sa.func.count(),
                sa.func.min(OwedGrade.owed_at),
            )
            .join(OwedGrade.resource_link)
            .where(
                ResourceLink.platform_id == platform_id,
                OwedGrade.state.in_((GradeState.OWED, GradeState.REFUSED)),
            )
            .group_by(OwedGrade.state, OwedGrade.problem)
        )
        self.waiting = self.refused = 0
        self.oldest_waiting_at: datetime | None = None
        self.problems: Counter[str] = Counter()
        for state, problem, number, oldest in session.execute(statement):
            if state == GradeState.OWED:
                self.waiting += number
                self.oldest_waiting_at = min(filter(None, (self.oldest_waiting_at, oldest)))
            else:
                self.refused += number
                self.problems[explain(state, problem).rstrip(".")] += number
