"""Sending again what waits or was refused, as an administrator asks for it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_app.admin.queries.grades import GradeFilters, matching_grade_ids
from lti_app.grading.services import resend
from lti_app.people.administration import record_audit
from lti_app.people.models import AuditEntry

AT_ONCE = 5000
"""Grades sent again by one click: the next click takes the others."""
_BATCH = 500


@dataclass(frozen=True)
class Resent:
    entry: AuditEntry
    owed_grade_ids: tuple[int, ...]


def resend_matching(
    session: Session, *, filters: GradeFilters, actor_id: int, now: datetime
) -> Resent | None:
    """Owe again, at once, the grades that match; ids to queue after the commit. None: no grade."""
    wanted = matching_grade_ids(session, filters, limit=AT_ONCE)
    owed: list[int] = []
    for start in range(0, len(wanted), _BATCH):
        owed += resend(session, ids=wanted[start : start + _BATCH], now=now)
    if not owed:
        return None
    entry = record_audit(
        session,
        actor_id=actor_id,
        action="grades.resend",
        subject=f"platform {filters.platform_id}" if filters.platform_id else "grades",
        detail={
            "notes": len(owed),
            **({"état": filters.state} if filters.state else {}),
            **({"motif": filters.problem} if filters.problem else {}),
        },
        now=now,
    )
    return Resent(entry, tuple(owed))
