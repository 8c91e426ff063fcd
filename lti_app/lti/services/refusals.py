"""Counting refused launches, and holding deployments that nobody approved: nothing personal."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.database import insert_ignoring
from lti_app.lti.models import Deployment, PlatformState, RefusedLaunch

KEPT_FOR = timedelta(days=30)
MOST_HELD = 50
"""Pending deployments kept for one platform: an LMS gone mad must not fill the table."""


def record_refusal(
    session: Session,
    *,
    code: str,
    platform_id: int | None,
    quote: str,
    detail: str,
    now: datetime,
) -> None:
    """Count one refused launch under its hour, its code and its platform."""
    key = {
        "hour": now.replace(minute=0, second=0, microsecond=0),
        "code": code,
        "platform_id": platform_id or 0,
    }
    last = {"last_at": now, "last_quote": quote[:80], "last_detail": detail[:200]}
    if not insert_ignoring(session, RefusedLaunch, {**key, **last, "count": 1}):
        session.execute(
            sa.update(RefusedLaunch)
            .filter_by(**key)
            .values(count=RefusedLaunch.count + 1, **last)
            .execution_options(synchronize_session=False)
        )


def hold_deployment(
    session: Session, *, platform_id: int, deployment_id: str, now: datetime
) -> bool:
    """Keep a deployment first seen at a genuine launch, until an administrator approves it.

    True when it is new.
    """
    pending = sa.select(sa.func.count()).where(
        Deployment.platform_id == platform_id, Deployment.state == PlatformState.PENDING
    )
    if session.scalar(pending) >= MOST_HELD:  # type: ignore[operator]
        return False
    return insert_ignoring(
        session,
        Deployment,
        {
            "platform_id": platform_id,
            "deployment_id": deployment_id,
            "state": PlatformState.PENDING,
            "first_seen_at": now,
        },
    )


def purge_refusals(session: Session, now: datetime) -> int:
    """Delete the counts older than KEPT_FOR; how many went."""
    result = session.execute(sa.delete(RefusedLaunch).where(RefusedLaunch.hour < now - KEPT_FOR))
    return int(result.rowcount)  # type: ignore[attr-defined]
