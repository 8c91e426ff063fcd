"""Enrolling those whom a slice names, and noting those whom it calls inactive."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.database import JSON
from lti_app.lti.rules.membership import Member
from lti_app.people.models import Enrolment, EnrolmentState, Identity, Role
from lti_app.people.rules import is_trainer
from lti_app.roster.services.leasing import Reading
from lti_app.roster.services.rows import insert_from, json_rows


class Account(NamedTuple):
    """What a `sub` of the slice is here."""

    identity_id: int
    person_id: int


class Attendee(NamedTuple):
    """What a slice says of one person, under however many accounts."""

    identity_id: int
    role: Role
    lms_roles: tuple[str, ...]


def enrol_named(
    session: Session,
    reading: Reading,
    members: Sequence[Member],
    accounts: Mapping[str, Account],
) -> None:
    """Enrol, or enrol again, the active members, by one statement."""
    attendees = _attendees(members, accounts, reading.overrides)
    if not attendees:
        return
    rows = json_rows(
        session,
        [
            {"person_id": id_, "identity_id": who.identity_id, "role": who.role,
             "lms_roles": who.lms_roles}
            for id_, who in sorted(attendees.items())
        ],
        {"person_id": sa.Integer(), "identity_id": sa.Integer(), "role": sa.String(),
         "lms_roles": JSON},
    )  # fmt: skip
    columns = sa.inspect(Enrolment).columns
    chosen = sa.select(
        rows.c.person_id,
        rows.c.identity_id,
        rows.c.role,
        rows.c.lms_roles,
        sa.literal(reading.course_id).label("course_id"),
        sa.literal(EnrolmentState.ACTIVE.value).label("state"),
        sa.literal(reading.started_at, columns.roster_seen_at.type).label("roster_seen_at"),
    ).order_by(rows.c.person_id)
    statement = insert_from(session, Enrolment, chosen)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["course_id", "person_id"],
        set_={
            "role": _role(new.role, new.roster_seen_at),
            "lms_roles": sa.case(
                (Enrolment.launch_role.is_(None), new.lms_roles), else_=Enrolment.lms_roles
            ),
            "state": new.state,
            "left_at": None,
            "roster_seen_at": new.roster_seen_at,
        },
    )
    session.execute(statement.execution_options(synchronize_session=False))


def _role(said: Any, seen_at: Any) -> sa.ColumnElement[str]:
    """A trainer by launch stays one: Moodle's roster calls a non-editing teacher a learner.

    So does who an earlier page of this very roster called a trainer.
    """
    earlier_page = sa.and_(Enrolment.roster_seen_at == seen_at, Enrolment.role == Role.TRAINER)
    return sa.case(
        (Enrolment.launch_role == Role.TRAINER, Role.TRAINER.value),
        (earlier_page, Role.TRAINER.value),
        else_=said,
    )


def _attendees(
    members: Sequence[Member], accounts: Mapping[str, Account], overrides: Mapping[str, bool]
) -> dict[int, Attendee]:
    """By person: somebody listed twice, or merged from two accounts, is a trainer if either is."""
    roles: dict[str, dict[str, None]] = {}
    for member in members:
        if member.active:
            roles.setdefault(member.user_id, {}).update(dict.fromkeys(member.roles))
    attendees: dict[int, Attendee] = {}
    for sub, account in accounts.items():
        received = tuple(sorted(roles[sub]))
        role = Role.TRAINER if is_trainer(received, overrides) else Role.LEARNER
        before = attendees.get(account.person_id)
        if before is None or (role, before.role) == (Role.TRAINER, Role.LEARNER):
            attendees[account.person_id] = Attendee(account.identity_id, role, received)
    return attendees


def note_inactive(
    session: Session,
    reading: Reading,
    members: Sequence[Member],
) -> None:
    """Remember that a roster spoke of who it calls inactive: the end marks them as left.

    Without it, a trainer known by launches only would be taken for somebody no roster ever names.
    """
    active = {each.user_id for each in members if each.active}
    subs = sorted({each.user_id for each in members} - active)
    if not subs:
        return
    rows = json_rows(session, [{"sub": sub} for sub in subs], {"sub": sa.String()})
    named = (
        sa.select(Identity.person_id)
        .join(rows, rows.c.sub == Identity.sub)
        .where(Identity.issuer == reading.issuer)
    )
    statement = (
        sa.update(Enrolment)
        .where(
            Enrolment.course_id == reading.course_id,
            Enrolment.person_id.in_(named),
            Enrolment.roster_seen_at.is_(None),
        )
        .values(roster_seen_at=Enrolment.first_launch_at)
        .execution_options(synchronize_session=False)
    )
    session.execute(statement)
