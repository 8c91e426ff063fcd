"""Reading successions, accounts and merges."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, selectinload

from lti_app.admin.models import IssuerSuccession, PersonMerge
from lti_app.admin.rules.matching import Account
from lti_app.answers.models import Answer
from lti_app.completion.models import ModuleCompletion
from lti_app.completion.rules import CompletionState
from lti_app.lti.models import Platform
from lti_app.people.models import Administrator, Enrolment, Identity, Person


def accounts_of(session: Session, issuer: str) -> list[Account]:
    """Every account of an issuer, with what may tell who it is."""
    statement = (
        sa.select(Person.id, Person.name, Person.sort_name, Person.email, Identity.sourcedid)
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.issuer == issuer)
        .order_by(Identity.id)
    )
    return [Account(*row) for row in session.execute(statement)]


def administrator_ids(session: Session) -> frozenset[int]:
    """Who administers Relais."""
    return frozenset(session.scalars(sa.select(Administrator.person_id)))


def known_issuers(session: Session) -> list[str]:
    """Issuers that people or registrations come from."""
    statement = sa.union(sa.select(Identity.issuer), sa.select(Platform.issuer))
    return sorted(session.scalars(statement))


def all_successions(session: Session) -> list[tuple[IssuerSuccession, int]]:
    """Each succession, with how many merges stand."""
    standing = (
        sa.select(sa.func.count())
        .where(PersonMerge.succession_id == IssuerSuccession.id, PersonMerge.undone_at.is_(None))
        .correlate(IssuerSuccession)
        .scalar_subquery()
    )
    statement = sa.select(IssuerSuccession, standing).order_by(IssuerSuccession.id)
    return [(succession, count) for succession, count in session.execute(statement)]


def find_succession(session: Session, succession_id: int) -> IssuerSuccession | None:
    """That succession."""
    return session.get(IssuerSuccession, succession_id)


def find_merge(session: Session, merge_id: int) -> PersonMerge | None:
    """That merge, undone ones included."""
    return session.get(PersonMerge, merge_id)


def find_standing_merge(session: Session, person_id: int) -> PersonMerge | None:
    """The merge that emptied this person, if one stands."""
    return session.scalars(
        sa.select(PersonMerge)
        .options(sa.orm.defer(PersonMerge.moved))
        .where(PersonMerge.merged_person_id == person_id, PersonMerge.undone_at.is_(None))
        .order_by(PersonMerge.id.desc())
        .limit(1)
    ).first()


def whom_they_became() -> sa.ScalarSelect[int]:
    """In a statement about Person: the person that a standing merge gave all they had to."""
    return (
        sa.select(sa.func.max(PersonMerge.kept_person_id))
        .where(PersonMerge.merged_person_id == Person.id, PersonMerge.undone_at.is_(None))
        .correlate(Person)
        .scalar_subquery()
    )


def find_merge_after(session: Session, merge: PersonMerge) -> PersonMerge | None:
    """A later merge that made the kept person somebody else: to be undone first."""
    statement = (
        sa.select(PersonMerge)
        .where(
            PersonMerge.merged_person_id == merge.kept_person_id,
            PersonMerge.undone_at.is_(None),
            PersonMerge.id > merge.id,
        )
        .limit(1)
    )
    return session.scalars(statement).first()


def merges_of(
    session: Session, succession_id: int, *, limit: int, offset: int
) -> list[tuple[PersonMerge, str | None, str | None]]:
    """Merges of a succession with the names of the kept and of the merged, the newest first."""
    kept, merged = aliased(Person), aliased(Person)
    statement = (
        sa.select(PersonMerge, kept.name, merged.name)
        .join(kept, kept.id == PersonMerge.kept_person_id)
        .join(merged, merged.id == PersonMerge.merged_person_id)
        .options(sa.orm.defer(PersonMerge.moved))
        .where(PersonMerge.succession_id == succession_id)
        .order_by(PersonMerge.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [tuple(row) for row in session.execute(statement)]  # type: ignore[misc]


def count_merges(session: Session, succession_id: int) -> int:
    """Merges of a succession, undone ones included."""
    statement = sa.select(sa.func.count()).where(PersonMerge.succession_id == succession_id)
    return session.scalar(statement) or 0


@dataclass(frozen=True, slots=True)
class Holdings:
    """A person and how much is theirs, for an administrator who compares two."""

    person_id: int
    name: str | None
    email: str | None
    issuers: tuple[str, ...]
    enrolments: int
    answers: int
    completed: int
    administrator: bool
    since: datetime


def holdings_of(session: Session, person_ids: tuple[int, ...]) -> dict[int, Holdings]:
    """Those of these persons that exist, by id."""
    counts = [
        sa.select(sa.func.count())
        .select_from(model)
        .where(model.person_id == Person.id, *conditions)
        .correlate(Person)
        .scalar_subquery()
        for model, conditions in (
            (Enrolment, ()),
            (Answer, ()),
            (ModuleCompletion, (ModuleCompletion.state == CompletionState.COMPLETED,)),
        )
    ]
    administers = sa.exists().where(Administrator.person_id == Person.id).correlate(Person)
    statement = (
        sa.select(Person, *counts, administers)
        .options(selectinload(Person.identities))
        .where(Person.id.in_(person_ids))
    )
    return {
        person.id: Holdings(
            person.id,
            person.name,
            person.email,
            tuple(sorted({identity.issuer for identity in person.identities})),
            enrolments,
            answers,
            completed,
            administrator,
            person.created_at,
        )
        for person, enrolments, answers, completed, administrator in session.execute(statement)
    }
