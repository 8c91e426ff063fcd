"""One LMS replaces another: linking the two, and making two persons one, reversibly."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.admin.models import IssuerSuccession, PersonMerge
from lti_app.admin.queries.merging import accounts_of, administrator_ids, find_merge_after
from lti_app.admin.rules.matching import MatchedBy, Matching, match_accounts
from lti_app.admin.services.belongings import move_belongings, return_belongings
from lti_app.core.database import insert_or_none
from lti_app.people.administration import record_audit
from lti_app.people.models import AuditEntry, Identity, Person


class CannotMergeError(Exception):
    """These two cannot be merged, or parted. `reason` is what the screen explains."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


SAME_ISSUER = "same_issuer"
UNKNOWN_ISSUER = "unknown_issuer"
KNOWN_ALREADY = "known_already"
SAME_PERSON = "same_person"
NOT_THERE = "not_there"
UNDONE_ALREADY = "undone_already"
MERGED_AFTER = "merged_after"
SUSPENDED = "suspended"


@dataclass(frozen=True)
class NewMerge:
    """Two persons to make one: `merged` becomes `kept`, who has the longer past."""

    kept_id: int
    merged_id: int
    matched_by: MatchedBy


@dataclass(frozen=True)
class Linked:
    """Two LMS linked, and what the log says of it."""

    succession: IssuerSuccession
    entry: AuditEntry


@dataclass(frozen=True)
class Merged:
    """Two persons made one, and what the log says of it."""

    merge: PersonMerge
    entry: AuditEntry


def link_issuers(
    session: Session, *, former_issuer: str, issuer: str, actor_id: int | None, now: datetime
) -> Linked:
    """Say that `issuer` replaces `former_issuer`. Merges nobody. Raises CannotMergeError."""
    if former_issuer == issuer:
        raise CannotMergeError(SAME_ISSUER)
    known = sa.select(Identity.issuer).where(Identity.issuer == former_issuer).limit(1)
    if session.scalar(known) is None:
        raise CannotMergeError(UNKNOWN_ISSUER)
    values = {"former_issuer": former_issuer, "issuer": issuer}
    succession = insert_or_none(
        session, IssuerSuccession, {**values, "created_at": now, "created_by_id": actor_id}
    )
    if succession is None:
        raise CannotMergeError(KNOWN_ALREADY)
    entry = record_audit(
        session,
        actor_id=actor_id,
        action="succession.create",
        subject=f"succession {succession.id}",
        detail={"ancienne": former_issuer, "nouvelle": issuer},
        now=now,
    )
    return Linked(succession, entry)


def preview(session: Session, succession: IssuerSuccession) -> Matching:
    """Who could be merged, without touching anybody."""
    return match_accounts(
        accounts_of(session, succession.former_issuer),
        accounts_of(session, succession.issuer),
        administrators=administrator_ids(session),
    )


def merge_persons(
    session: Session,
    new: NewMerge,
    *,
    succession: IssuerSuccession,
    actor_id: int | None,
    now: datetime,
) -> Merged:
    """Give all that one person has to the other. Raises CannotMergeError.

    `kept` must be known to the former LMS and `merged` to the new one. The emptied person stays,
    with no account of any LMS, so that the merge can be undone.
    """
    if new.kept_id == new.merged_id:
        raise CannotMergeError(SAME_PERSON)
    _lock(session, new.kept_id, new.merged_id)
    for person_id, issuer in (
        (new.kept_id, succession.former_issuer),
        (new.merged_id, succession.issuer),
    ):
        if not _is_known_to(session, person_id, issuer):
            raise CannotMergeError(NOT_THERE)
    session.flush()
    merge = PersonMerge(
        succession_id=succession.id,
        kept_person_id=new.kept_id,
        merged_person_id=new.merged_id,
        matched_by=new.matched_by,
        moved=move_belongings(session, from_id=new.merged_id, to_id=new.kept_id),
        merged_at=now,
        merged_by_id=actor_id,
    )
    session.expire_all()  # rows moved under the objects that this session may hold
    session.add(merge)
    session.flush()
    return Merged(merge, _audit(session, merge, "merge.do", actor_id, now))


def undo_merge(
    session: Session, merge: PersonMerge, *, actor_id: int | None, now: datetime
) -> AuditEntry:
    """Part two persons again. Raises CannotMergeError."""
    _lock(session, merge.kept_person_id, merge.merged_person_id)
    session.refresh(merge)
    if merge.undone_at is not None:
        raise CannotMergeError(UNDONE_ALREADY)
    if find_merge_after(session, merge) is not None:
        raise CannotMergeError(MERGED_AFTER)
    session.flush()
    return_belongings(
        session, merge.moved, from_id=merge.merged_person_id, to_id=merge.kept_person_id
    )
    session.expire_all()
    merge.undone_at = now
    merge.undone_by_id = actor_id
    # The rows put back are the only copy from now on: what was set aside held personal answers.
    merge.moved = {}
    session.flush()
    return _audit(session, merge, "merge.undo", actor_id, now)


def _lock(session: Session, *person_ids: int) -> None:
    """One merge at a time for a person, whichever administrator asks first."""
    statement = (
        sa.select(Person.suspended_at)
        .where(Person.id.in_(person_ids))
        .order_by(Person.id)
        .with_for_update()
    )
    suspensions = session.scalars(statement).all()
    if len(suspensions) != len(set(person_ids)):
        raise CannotMergeError(NOT_THERE)
    if any(suspensions):
        # One of them is kept out on purpose: a merge must not let them in by another door.
        raise CannotMergeError(SUSPENDED)


def _is_known_to(session: Session, person_id: int, issuer: str) -> bool:
    statement = sa.select(Identity.id).where(
        Identity.person_id == person_id, Identity.issuer == issuer
    )
    return session.scalars(statement).first() is not None


def _audit(
    session: Session, merge: PersonMerge, action: str, actor_id: int | None, now: datetime
) -> AuditEntry:
    return record_audit(
        session,
        actor_id=actor_id,
        action=action,
        subject=f"person {merge.kept_person_id}",
        detail={
            "réunion": merge.id,
            "autre personne": merge.merged_person_id,
            "indice": _CLUES[MatchedBy(merge.matched_by)],
        },
        now=now,
    )


_CLUES = {
    MatchedBy.EMAIL: "adresse électronique",
    MatchedBy.SOURCEDID: "sourcedid",
    MatchedBy.HAND: "choix à la main",
}
