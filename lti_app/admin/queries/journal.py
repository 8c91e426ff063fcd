"""Reading what administrators did."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.people.models import AuditEntry, Person


class Entry(NamedTuple):
    """An entry of the log. `actor_id` None: the command line."""

    id: int
    at: datetime
    actor_id: int | None
    actor_name: str | None
    action: str
    subject: str
    detail: Mapping[str, Any]


_ENTRY = sa.select(
    AuditEntry.id,
    AuditEntry.at,
    AuditEntry.actor_id,
    Person.name,
    AuditEntry.action,
    AuditEntry.subject,
    AuditEntry.detail,
).outerjoin(Person, Person.id == AuditEntry.actor_id)


def count_entries(session: Session, *, action: str = "") -> int:
    """How many entries, of that action if one is named."""
    statement = sa.select(sa.func.count()).select_from(AuditEntry)
    if action:
        statement = statement.where(AuditEntry.action == action)
    return session.scalar(statement) or 0


def list_entries(session: Session, *, action: str = "", offset: int, limit: int) -> list[Entry]:
    """The log, the latest first."""
    statement = _ENTRY.order_by(AuditEntry.id.desc()).offset(offset).limit(limit)
    if action:
        statement = statement.where(AuditEntry.action == action)
    return [Entry(*row) for row in session.execute(statement)]


def actions_met(session: Session) -> list[str]:
    """The actions that the log holds, in order."""
    statement = sa.select(AuditEntry.action).distinct().order_by(AuditEntry.action)
    return list(session.scalars(statement))


def entries_about(session: Session, subjects: list[str], *, limit: int = 5) -> list[Entry]:
    """What was done to these, the latest first."""
    statement = (
        _ENTRY.where(AuditEntry.subject.in_(subjects)).order_by(AuditEntry.id.desc()).limit(limit)
    )
    return [Entry(*row) for row in session.execute(statement)]


def find_entry(session: Session, entry_id: int) -> Entry | None:
    """One entry of the log."""
    row = session.execute(_ENTRY.where(AuditEntry.id == entry_id)).one_or_none()
    return None if row is None else Entry(*row)
