"""Around the sending of a grade: who may send it, and what is recorded of the answer.

One worker at a time sends a grade: it takes a lease by an UPDATE that succeeds once, commits,
talks to the LMS without any transaction open, then records the outcome. A worker that dies lets
its lease expire, and the periodic task finds the grade again.
"""

from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.database import JsonDict
from lti_app.grading.models import OwedGrade
from lti_app.grading.queries import find_grade_to_send
from lti_app.grading.rules import (
    GradeState,
    Outcome,
    Problem,
    backoff,
    next_timestamp,
    score_comment,
)
from lti_app.grading.services.delivering import Delivery, Sending
from lti_app.lti.models import PlatformState
from lti_app.lti.services.ags import SCORE_SCOPE, is_on, service_hosts
from lti_app.lti.services.tokens import (
    TokenError,
    cached_token,
    forget_token,
    prepare_request,
    remember_token,
)
from lti_app.people.models import ResourceLink
from lti_app.people.rules import TARGET_PATH

LEASE = timedelta(seconds=90)
"""Longer than the task may run (tasks.TIME_LIMIT): nobody sends without a lease."""

PLATFORM_PAUSE = timedelta(seconds=45)
"""How long a platform that does not answer is left alone."""

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
    grade, enrolled = find_grade_to_send(session, owed_grade_id)
    # Should this very worker be killed again and again, the grade waits longer each time.
    grade.next_attempt_at = now + backoff(grade.attempts, grade.id)
    obstacle = _obstacle(grade)
    if obstacle is not None:
        grade.leased_until = None
        grade.problem = obstacle
        if obstacle is not Problem.PLATFORM_INACTIVE:
            grade.state = GradeState.REFUSED
        session.flush()
        return None
    # Before it is sent, so that no later one is equal, whatever becomes of this worker.
    grade.last_timestamp = next_timestamp(grade.last_timestamp, now)
    session.flush()
    return _sending(session, grade, leased_until, enrolled, secret_key, now)


def record_delivery(
    session: Session, *, sending: Sending, delivery: Delivery, secret_key: str, now: datetime
) -> bool:
    """Write down what the LMS said. True when a better score came meanwhile: queue it again."""
    _keep_token(session, sending, delivery, secret_key)
    same_score = OwedGrade.score == sending.score
    if _update_leased(session, sending, _outcome(sending, delivery, now), same_score):
        return False
    # The better score stays owed; the LMS may hold this one all the same.
    kept: JsonDict = {"leased_until": None, "last_timestamp": delivery.timestamp}
    if delivery.outcome is Outcome.SENT:
        kept |= {"sent_score": sending.score, "sent_at": now}
    return _update_leased(session, sending, kept)


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


def _obstacle(grade: OwedGrade) -> Problem | None:
    """What makes sending pointless, found without asking anybody."""
    link = grade.resource_link
    if link.platform.state != PlatformState.ACTIVE:
        return Problem.PLATFORM_INACTIVE
    if not link.line_item_url:
        return Problem.NO_LINE_ITEM
    if not is_on(service_hosts(link.platform), link.line_item_url):
        return Problem.FORBIDDEN_URL
    if link.ags_scopes and SCORE_SCOPE not in link.ags_scopes:
        return Problem.NOT_ALLOWED
    return None


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


def _keep_token(session: Session, sending: Sending, delivery: Delivery, secret_key: str) -> None:
    if delivery.token_refused:
        forget_token(session, platform_id=sending.platform_id, scope=SCORE_SCOPE)
    elif delivery.issued is not None:
        remember_token(
            session,
            platform_id=sending.platform_id,
            scope=SCORE_SCOPE,
            issued=delivery.issued,
            secret_key=secret_key,
        )


def _outcome(sending: Sending, delivery: Delivery, now: datetime) -> JsonDict:
    common = {
        "leased_until": None,
        "last_timestamp": delivery.timestamp,
        "problem": delivery.problem,
    }
    match delivery.outcome:
        case Outcome.SENT:
            sent = {"state": GradeState.SENT, "sent_score": sending.score, "sent_at": now}
            return common | sent | {"line_item_url": sending.line_item_url}
        case Outcome.SUPERSEDED:
            superseded = {"state": GradeState.SUPERSEDED, "line_item_url": sending.line_item_url}
            return common | superseded
        case Outcome.REFUSED:
            return common | {"state": GradeState.REFUSED}
        case Outcome.RETRY:
            wait = backoff(sending.attempts, sending.owed_grade_id)
            return common | {"next_attempt_at": now + wait}


def _update_leased(
    session: Session, sending: Sending, values: JsonDict, *conditions: sa.ColumnElement[bool]
) -> bool:
    """Write only if the lease is still this sending's own: a later one knows better."""
    statement = (
        sa.update(OwedGrade)
        .where(
            OwedGrade.id == sending.owed_grade_id,
            OwedGrade.leased_until == sending.leased_until,
            *conditions,
        )
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return bool(_rows(session, statement))


def _rows(session: Session, statement: sa.Update) -> int:
    return cast(sa.CursorResult[Any], session.execute(statement)).rowcount
