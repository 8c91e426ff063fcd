"""One slice of a roster into the database: a fixed number of statements, whatever its length.

Each statement takes the slice as one JSON parameter, read as rows by the database: thousands of
bound parameters would be compiled again for every length.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.database import JsonDict
from lti_app.lti.rules.membership import Member
from lti_app.people.models import Enrolment, EnrolmentState, Identity, Person
from lti_app.people.rules import sort_name
from lti_app.roster.services.enrolling import Account, enrol_named, note_inactive
from lti_app.roster.services.leasing import LEASE, Reading, update_sync
from lti_app.roster.services.rows import insert_from, json_rows


@dataclass(frozen=True, slots=True)
class Stored:
    """What a slice changed. `joined`: new in the course or returned; `repeated`: named before."""

    joined: int
    repeated: int


class Known(NamedTuple):
    """Somebody of the slice, as the database has them."""

    sub: str
    identity_id: int
    sourcedid: str | None
    person_id: int
    name: str | None
    sort_name: str | None
    email: str | None
    state: str | None
    seen_at: datetime | None


def store_slice(
    session: Session, *, reading: Reading, members: Sequence[Member], now: datetime
) -> Stored | None:
    """Create, refresh and enrol who is named. Commit after each slice.

    The same people as by a launch: known by issuer and sub, enrolled once in a course. What the
    roster withholds erases nothing, and it lowers nobody's role of launch. None when another worker
    took over: roll back, and stop.
    """
    if not update_sync(
        session, reading.course_id, reading.started_at, {"leased_until": now + LEASE}
    ):
        return None
    # In one order for every worker: two courses of one LMS share people, and must not wait for each
    # other in a ring.
    present = {each.user_id: each for each in sorted(members, key=_by_id) if each.active}
    known = _know_all(session, reading, present, now) if present else []
    _refresh(session, known, present)
    accounts = {each.sub: Account(each.identity_id, each.person_id) for each in known}
    enrol_named(session, reading, members, accounts)
    note_inactive(session, reading, members)
    by_person = {each.person_id: each for each in known}
    joined = sum(each.state != EnrolmentState.ACTIVE for each in by_person.values())
    repeated = sum(each.seen_at == reading.started_at for each in by_person.values())
    return Stored(joined, repeated)


def _by_id(member: Member) -> str:
    return member.user_id


def _know_all(
    session: Session, reading: Reading, present: Mapping[str, Member], now: datetime
) -> list[Known]:
    """Everybody of the slice; those never heard of are created first."""
    known = _known(session, reading, present)
    unknown = present.keys() - {each.sub for each in known}
    if not unknown:
        return known
    _create(session, reading.issuer, sorted(unknown), now)
    return _known(session, reading, present)


def _known(session: Session, reading: Reading, subs: Mapping[str, Member]) -> list[Known]:
    rows = json_rows(session, [{"sub": sub} for sub in subs], {"sub": sa.String()})
    statement = (
        sa.select(
            Identity.sub,
            Identity.id,
            Identity.sourcedid,
            Person.id,
            Person.name,
            Person.sort_name,
            Person.email,
            Enrolment.state,
            Enrolment.roster_seen_at,
        )
        .join(rows, rows.c.sub == Identity.sub)
        .join(Person, Person.id == Identity.person_id)
        .outerjoin(
            Enrolment,
            sa.and_(
                Enrolment.course_id == reading.course_id,
                Enrolment.person_id == Identity.person_id,
            ),
        )
        .where(Identity.issuer == reading.issuer)
        .order_by(Identity.sub)
    )
    return [Known._make(row) for row in session.execute(statement)]


def _create(session: Session, issuer: str, subs: Sequence[str], now: datetime) -> None:
    """A nameless person for each: names come with those of everybody, in `_refresh`."""
    new = sa.insert(Person).returning(Person.id)
    person_ids = list(session.scalars(new, [{"created_at": now} for _ in subs]))
    types = {"sub": sa.String(), "person_id": sa.Integer()}
    pairs = zip(subs, person_ids, strict=True)
    rows = json_rows(session, [{"sub": sub, "person_id": id_} for sub, id_ in pairs], types)
    chosen = sa.select(
        rows.c.sub,
        rows.c.person_id,
        sa.literal(issuer).label("issuer"),
        sa.literal(now, sa.inspect(Identity).columns.created_at.type).label("created_at"),
    ).order_by(rows.c.sub)
    statement = insert_from(session, Identity, chosen).on_conflict_do_nothing()
    taken = set(session.scalars(statement.returning(Identity.person_id)))
    orphans = [id_ for id_ in person_ids if id_ not in taken]
    if orphans:
        # They launched a moment ago: theirs are the persons to keep.
        session.execute(sa.delete(Person).where(Person.id.in_(orphans)))


def _refresh(session: Session, known: Sequence[Known], present: Mapping[str, Member]) -> None:
    """Take the names and addresses that the roster gives; what it withholds erases nothing."""
    people: dict[int, JsonDict] = {}
    identities = []
    for row in known:
        member = present[row.sub]
        changed = _personal(row, member)
        if changed != (row.name, row.sort_name, row.email):
            name, sorted_as, email = changed
            values = {"name": name, "sort_name": sorted_as, "email": email}
            people[row.person_id] = {"id": row.person_id, **values}
        if member.sourcedid and member.sourcedid != row.sourcedid:
            identities.append({"id": row.identity_id, "sourcedid": member.sourcedid})
    _update(session, Person, list(people.values()), ("name", "sort_name", "email"))
    _update(session, Identity, identities, ("sourcedid",))


def _personal(row: Known, member: Member) -> tuple[str | None, str | None, str | None]:
    """Name, sort name and e-mail to keep."""
    name = member.full_name
    email = member.email or row.email
    if name is None:
        return row.name, row.sort_name, email
    if name == row.name and not member.family_name and row.sort_name:
        # The launch knew which part of the name is the family's.
        return name, row.sort_name, email
    return name, sort_name(member.family_name, member.given_name, name), email


def _update(
    session: Session,
    model: type[Person] | type[Identity],
    values: list[JsonDict],
    columns: Sequence[str],
) -> None:
    if not values:
        return
    values.sort(key=lambda each: each["id"])
    # Locked in order first: an UPDATE takes its rows in the order it likes. Without the keys, which
    # every enrolment that is inserted meanwhile refers to.
    ids = json_rows(session, [{"id": each["id"]} for each in values], {"id": sa.Integer()})
    lock = sa.select(model.id).join(ids, ids.c.id == model.id).order_by(model.id)
    session.execute(lock.with_for_update(of=model, key_share=True)).all()
    rows = json_rows(session, values, {"id": sa.Integer(), **dict.fromkeys(columns, sa.String())})
    statement = (
        sa.update(model)
        .where(model.id == rows.c.id)
        .values({column: rows.c[column] for column in columns})
        .execution_options(synchronize_session=False)
    )
    session.execute(statement)
