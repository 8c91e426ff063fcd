"""What is recorded of the LMS's answer to a grade."""

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.database import JsonDict
from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradeState, Outcome, backoff
from lti_app.grading.services.delivering import Delivery, Sending
from lti_app.lti.services.ags import SCORE_SCOPE
from lti_app.lti.services.tokens import forget_token, remember_token
from lti_app.people.models import ResourceLink


def record_delivery(
    session: Session, *, sending: Sending, delivery: Delivery, secret_key: str, now: datetime
) -> bool:
    """Write down what the LMS said. True when something newer is owed meanwhile: queue it again.

    Newer: a better score, the completion, the score of another module, or another column.
    """
    _keep_token(session, sending, delivery, secret_key)
    same_grade = (
        OwedGrade.score == sending.score,
        OwedGrade.completed == sending.completed,
        sa.or_(OwedGrade.target.is_(None), OwedGrade.target == sending.target),
    )
    if _column_of(session, sending) == sending.line_item_url and _update_leased(
        session, sending, _outcome(sending, delivery, now), *same_grade
    ):
        return False
    # What is newer stays owed; the LMS may hold this one all the same.
    kept: JsonDict = {"leased_until": None, "last_timestamp": delivery.timestamp}
    if delivery.outcome is Outcome.SENT:
        kept |= {
            "sent_score": sending.score,
            "sent_at": now,
            "line_item_url": sending.line_item_url,
        }
    return _update_leased(session, sending, kept)


def _column_of(session: Session, sending: Sending) -> str | None:
    """The column of the link now; a launch that changes it waits for us, or we for it."""
    statement = (
        sa.select(ResourceLink.line_item_url)
        .where(ResourceLink.id == sending.resource_link_id)
        .with_for_update(read=True)
    )
    return session.scalars(statement).one_or_none()


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
    result = cast(sa.CursorResult[Any], session.execute(statement))
    return bool(result.rowcount)
