"""Who administers Relais, and what administrators did: named here, never by a launch."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.database import insert_ignoring
from lti_app.core.secrecy import digest
from lti_app.people.models import Administrator, AdminLink, AuditEntry, Person
from lti_app.people.queries import is_administrator
from lti_app.people.rules import sort_name

LINK_LIVES = timedelta(minutes=15)
LINK_KEPT = timedelta(days=1)
"""Links that are over are deleted with the next one made after this."""


class LastAdministratorError(Exception):
    """Nobody would be left to administer Relais."""


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


def grant_administrator(
    session: Session, *, person_id: int, actor_id: int | None, now: datetime
) -> AuditEntry | None:
    """Name a person administrator. None when they are one already."""
    values = {"person_id": person_id, "granted_at": now, "granted_by_id": actor_id}
    if not insert_ignoring(session, Administrator, values):
        return None
    return _audit_person(session, "administrator.grant", person_id, actor_id, now)


def revoke_administrator(
    session: Session, *, person_id: int, actor_id: int | None, now: datetime, force: bool = False
) -> AuditEntry | None:
    """Take the rights back, and the links not used yet. None when there were none.

    Raises LastAdministratorError, unless `force`.
    """
    administrators = _locked_administrators(session)
    if person_id not in administrators:
        return None
    if not force:
        _require_another(administrators, person_id)
    for model in (Administrator, AdminLink):
        session.execute(sa.delete(model).where(model.person_id == person_id))
    return _audit_person(session, "administrator.revoke", person_id, actor_id, now)


def add_local_administrator(session: Session, *, name: str, now: datetime) -> Person:
    """An administrator whom no LMS knows: for the very first, before any launch."""
    person = Person(name=name, sort_name=sort_name(None, None, name), created_at=now)
    session.add(person)
    session.flush()
    grant_administrator(session, person_id=person.id, actor_id=None, now=now)
    return person


def suspend_person(
    session: Session, *, person: Person, actor_id: int | None, now: datetime
) -> AuditEntry | None:
    """Refuse the person from the next request on. None when that was so already.

    Raises LastAdministratorError.
    """
    if person.suspended_at is not None:
        return None
    _require_another(_locked_administrators(session), person.id)
    person.suspended_at = now
    return _audit_person(session, "person.suspend", person.id, actor_id, now)


def reactivate_person(
    session: Session, *, person: Person, actor_id: int | None, now: datetime
) -> AuditEntry | None:
    """Let a suspended person in again. None when they were not suspended."""
    if person.suspended_at is None:
        return None
    person.suspended_at = None
    return _audit_person(session, "person.reactivate", person.id, actor_id, now)


def create_admin_link(
    session: Session, *, person_id: int, actor_id: int | None, now: datetime
) -> str:
    """A one-time token that signs this administrator in within LINK_LIVES; only its digest stays.

    Links that are long over are deleted.
    """
    session.execute(sa.delete(AdminLink).where(AdminLink.expires_at < now - LINK_KEPT))
    token = secrets.token_urlsafe(32)
    session.add(
        AdminLink(
            token_digest=digest(token),
            person_id=person_id,
            created_at=now,
            expires_at=now + LINK_LIVES,
        )
    )
    _audit_person(session, "link.create", person_id, actor_id, now)
    return token


def admin_link_is_open(session: Session, token: str, *, now: datetime) -> bool:
    """Whether the link would sign somebody in; it is not used up."""
    statement = sa.select(AdminLink.person_id).where(*_open_link(token, now))
    person_id = session.scalar(statement)
    return person_id is not None and is_administrator(session, person_id)


def use_admin_link(session: Session, token: str, *, now: datetime) -> int | None:
    """Use the link up: the administrator's id for exactly one caller, however many try at once.

    None for a link unknown, used or expired, or whose person administers no more.
    """
    statement = (
        sa.update(AdminLink)
        .where(*_open_link(token, now))
        .values(used_at=now)
        .returning(AdminLink.person_id)
        .execution_options(synchronize_session=False)
    )
    person_id = session.execute(statement).scalar_one_or_none()
    if person_id is None or not is_administrator(session, person_id):
        return None
    _audit_person(session, "link.use", person_id, person_id, now)
    return person_id


def _open_link(token: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        AdminLink.token_digest == digest(token),
        AdminLink.used_at.is_(None),
        AdminLink.expires_at > now,
    )


def _locked_administrators(session: Session) -> dict[int, bool]:
    """Administrators by id, and whether each is active: locked, since two of them could otherwise
    revoke each other at the same moment and leave nobody."""
    statement = (
        sa.select(Administrator.person_id, Person.suspended_at.is_(None))
        .join(Administrator.person)
        .order_by(Administrator.person_id)
        .with_for_update()
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _require_another(administrators: Mapping[int, bool], person_id: int) -> None:
    active = {each for each, is_active in administrators.items() if is_active}
    if active == {person_id}:
        raise LastAdministratorError


def _audit_person(
    session: Session, action: str, person_id: int, actor_id: int | None, now: datetime
) -> AuditEntry:
    return record_audit(
        session, actor_id=actor_id, action=action, subject=f"person {person_id}", now=now
    )
