"""Around the sending of a grade: who may send it, and what is recorded of the answer.

One worker at a time sends a grade: it takes a lease by an UPDATE that succeeds once, commits,
talks to the LMS without any transaction open, then records the outcome. A worker that dies lets
its lease expire, and the periodic task finds the grade again.
"""

from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.content.queries import load_catalog
from lti_app.grading.models import OwedGrade
from lti_app.grading.queries import find_grade_to_send
from lti_app.grading.rules import (
    ColumnPlan,
    GradePolicy,
    GradeState,
    Problem,
    backoff,
    next_timestamp,
    parse_policy,
    score_comment,
)
from lti_app.grading.services.delivering import Sending
from lti_app.grading.services.holding import is_holder, plan_of
from lti_app.grading.services.line_items import await_line_item
from lti_app.grading.services.owing import owe_grades_for_link, withdraw
from lti_app.lti.models import PlatformState
from lti_app.lti.services.ags import SCORE_SCOPE, is_on, service_hosts
from lti_app.lti.services.tokens import (
    TokenError,
    cached_token,
    prepare_request,
)
from lti_app.people.models import Enrolment, EnrolmentState, ResourceLink, Role
from lti_app.people.rules import TARGET_PATH

LEASE = timedelta(seconds=90)
"""Longer than the task may run (tasks.TIME_LIMIT): nobody sends without a lease."""

PLATFORM_PAUSE = timedelta(seconds=45)
"""How long a platform that does not answer is left alone."""

_WAITING = frozenset(
    {Problem.PLATFORM_INACTIVE, Problem.DEPLOYMENT_INACTIVE, Problem.AWAITING_LINE_ITEM}
)
"""Obstacles that somebody, or Relais itself, removes: the grade stays owed."""

CLOCK_SLACK = timedelta(seconds=2)
"""Web and worker may run on two machines, whose clocks differ a little."""


def lease_grade(
    session: Session, *, owed_grade_id: int, secret_key: str, now: datetime
) -> Sending | None:
    """Take the grade for sending. Commit before sending it.

    None when there is nothing to send: not due, being sent by another worker, or impossible, which
    is then recorded.
    """
    leased_until = now + LEASE
    if not _take_lease(session, owed_grade_id, now, leased_until):
        return None
    grade, enrolment = find_grade_to_send(session, owed_grade_id)
    if _is_misplaced(session, grade, enrolment):
        link_id, person_id = grade.resource_link_id, grade.person_id
        withdraw(session, grade)
        owe_grades_for_link(
            session,
            person_id=person_id,
            link_id=link_id,
            catalog=load_catalog(session),
            now=now,
        )
        return None
    # Should this very worker be killed again and again, the grade waits longer each time.
    grade.next_attempt_at = now + backoff(grade.attempts, grade.id)
    obstacle = _obstacle(session, grade, now)
    if obstacle is not None:
        _stop(session, grade, obstacle)
        return None
    enrolled = enrolment is not None and enrolment.state == EnrolmentState.ACTIVE
    # Before it is sent, so that no later one is equal, whatever becomes of this worker.
    grade.last_timestamp = next_timestamp(grade.last_timestamp, now)
    session.flush()
    return _sending(session, grade, leased_until, enrolled, secret_key, now)


def spare_platform(session: Session, *, platform_id: int, now: datetime) -> int:
    """Put off what is owed to a platform that does not answer; how many grades.

    Without this, four hundred grades would each wait for the same time-out, and those of other
    platforms behind them. In a transaction of its own: it touches rows that other workers hold.
    """
    until = now + PLATFORM_PAUSE
    waiting = (
        sa.select(OwedGrade.id)
        .join(ResourceLink, ResourceLink.id == OwedGrade.resource_link_id)
        .where(
            ResourceLink.platform_id == platform_id,
            OwedGrade.state == GradeState.OWED,
            OwedGrade.next_attempt_at < until,
        )
        .with_for_update(skip_locked=True, of=OwedGrade)
    )
    statement = (
        sa.update(OwedGrade)
        .where(OwedGrade.id.in_(waiting))
        .values(next_attempt_at=until)
        .execution_options(synchronize_session=False)
    )
    return _rows(session, statement)


def _take_lease(
    session: Session, owed_grade_id: int, now: datetime, leased_until: datetime
) -> bool:
    statement = (
        sa.update(OwedGrade)
        .where(
            OwedGrade.id == owed_grade_id,
            OwedGrade.state == GradeState.OWED,
            OwedGrade.next_attempt_at <= now + CLOCK_SLACK,
            sa.or_(OwedGrade.leased_until.is_(None), OwedGrade.leased_until <= now),
        )
        .values(leased_until=leased_until, attempts=OwedGrade.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    return bool(_rows(session, statement))


def _is_misplaced(session: Session, grade: OwedGrade, enrolment: Enrolment | None) -> bool:
    """Whether this is not to be sent at all, or not through this link.

    A trainer's trial, even one made before the person was a trainer; a link that wants no grade;
    the score of a module that the link opens no more; a column that is another activity's to fill.
    """
    link = grade.resource_link
    return (
        (enrolment is not None and enrolment.role == Role.TRAINER)
        or parse_policy(link.custom) is GradePolicy.NONE
        or grade.target not in {None, link.target}
        or (link.line_item_url is None and not is_holder(session, link))
    )


def _obstacle(session: Session, grade: OwedGrade, now: datetime) -> Problem | None:
    """What makes sending pointless, found without asking anybody."""
    link = grade.resource_link
    if link.platform.state != PlatformState.ACTIVE:
        return Problem.PLATFORM_INACTIVE
    if link.deployment is not None and link.deployment.state != PlatformState.ACTIVE:
        return Problem.DEPLOYMENT_INACTIVE
    if not link.line_item_url:
        return await_line_item(session, link, now=now)
    if not is_on(service_hosts(link.platform), link.line_item_url):
        return Problem.FORBIDDEN_URL
    if link.ags_scopes and SCORE_SCOPE not in link.ags_scopes:
        return Problem.NOT_ALLOWED
    return None


def _stop(session: Session, grade: OwedGrade, obstacle: Problem) -> None:
    """Let go of a grade that cannot be sent now, or ever."""
    link = grade.resource_link
    was_looked_for = obstacle is Problem.NO_LINE_ITEM and plan_of(link) is not ColumnPlan.NOTHING
    if was_looked_for and link.line_item_origin is None and grade.sent_score is None:
        withdraw(session, grade)  # an activity that the trainer left ungraded: nothing to say
        return
    grade.leased_until = None
    grade.problem = obstacle
    if obstacle not in _WAITING:
        grade.state = GradeState.REFUSED
    session.flush()


def _sending(
    session: Session,
    grade: OwedGrade,
    leased_until: datetime,
    enrolled: bool,
    secret_key: str,
    now: datetime,
) -> Sending:
    link, platform = grade.resource_link, grade.resource_link.platform
    token = cached_token(
        session, platform_id=platform.id, scope=SCORE_SCOPE, secret_key=secret_key, now=now
    )
    try:
        request = prepare_request(
            session, platform=platform, scope=SCORE_SCOPE, secret_key=secret_key, now=now
        )
    except TokenError:
        request = None
    return Sending(
        owed_grade_id=grade.id,
        resource_link_id=link.id,
        target=link.target,
        platform_id=platform.id,
        leased_until=leased_until,
        attempts=grade.attempts,
        line_item_url=link.line_item_url or "",
        hosts=service_hosts(platform),
        user_id=grade.identity.sub,
        score=grade.score,
        completed=grade.completed,
        timestamp=cast(datetime, grade.last_timestamp),
        comment=score_comment(
            grade.score, completed=grade.completed, whole_path=link.target == TARGET_PATH
        ),
        enrolled=enrolled,
        token=token,
        token_request=request,
    )


def _rows(session: Session, statement: sa.Update) -> int:
    return cast(sa.CursorResult[Any], session.execute(statement)).rowcount
