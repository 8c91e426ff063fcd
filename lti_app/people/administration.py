"""Who administers Relais, and what administrators did: named here, never by a launch."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_app.people.models import AuditEntry


def record_audit(
    session: Session,
    *,
    actor_id: int | None,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> AuditEntry:
    """Write down what an administrator did; the entry has its id.

    `actor_id` is None for the command line. `action` is a stable name (« platform.activate »),
    `subject` what it was done to (« platform 3 »). `detail` holds ids and settings, never a name
    or an e-mail: the log outlives them.
    """
    entry = AuditEntry(
        at=now,
        actor_id=actor_id,
        action=action[:60],
        subject=subject[:200],
        detail=dict(detail or {}),
    )
    session.add(entry)
    session.flush()
    return entry
