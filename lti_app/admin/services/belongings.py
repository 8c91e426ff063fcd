"""Moving what belongs to one person to another, so that it can be moved back.

Every table that points at a person is in BELONGINGS or in LEFT_ALONE: a test compares them with
the schema, so that a table added later cannot be forgotten.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Card, Draft
from lti_app.completion.models import LessonReading, ModuleCompletion
from lti_app.core.database import Base, JsonDict, UTCDateTime, insert_ignoring
from lti_app.grading.models import LmsResult, OwedGrade
from lti_app.people.models import Enrolment, EnrolmentState, Identity, Role

Row = dict[str, Any]
Combine = Callable[[Row, Row], Row]
"""(kept person's row, the other's) → the columns of the kept row that change."""

_IDENTITY: sa.Table = Identity.__table__  # type: ignore[assignment]
_AT_ONCE = 500
"""Keys in one statement: SQLite takes some thousands of parameters at most."""


@dataclass(frozen=True)
class Belonging:
    """A table whose rows belong to a person by `person_id`.

    `per_person`: the columns of which a person has one row for each value. Where both persons have
    it, `combine` says what the kept row becomes; the other row is set aside, whole, or forgotten
    where it is `short_lived`: a merge outlives it.
    """

    model: type[Base]
    per_person: tuple[str, ...]
    combine: Combine = lambda _kept, _other: {}
    short_lived: bool = False

    @property
    def table(self) -> sa.Table:
        return self.model.__table__  # type: ignore[return-value]


def _both_enrolments(kept: Row, other: Row) -> Row:
    """A trainer by one of the accounts stays one, for the rosters too; who is still enrolled by one
    of them has not left, and is known to the LMS by that account."""
    wanted = {
        name: Role.TRAINER
        for name in ("role", "launch_role")
        if Role.TRAINER in {kept[name], other[name]}
    }
    if (kept["state"], other["state"]) == (EnrolmentState.LEFT, EnrolmentState.ACTIVE):
        names = ("state", "left_at", "identity_id", "deployment_id")
        wanted |= {name: other[name] for name in names}
    return _changes(kept, wanted)


def _fresher_memory(kept: Row, other: Row) -> Row:
    """The memory that was exercised last."""
    never = date.min
    if (other["last_reviewed_on"] or never) <= (kept["last_reviewed_on"] or never):
        return {}
    return {name: value for name, value in other.items() if name != "person_id"}


def _further_reading(kept: Row, other: Row) -> Row:
    read_at = min(filter(None, (kept["read_at"], other["read_at"])), default=None)
    return _changes(kept, {"part": max(kept["part"], other["part"]), "read_at": read_at})


def _further_completion(kept: Row, other: Row) -> Row:
    """Completed by one is completed: what was earned is never taken back."""
    done = [row for row in (kept, other) if row["completed_at"] is not None]
    first = min(done, key=lambda row: row["completed_at"]) if done else None
    further = first or max((kept, other), key=lambda row: row["score"])
    return _changes(
        kept,
        {
            **{
                name: further[name]
                for name in (
                    "state",
                    "completed_at",
                    "module_revision_id",
                    "release_id",
                    "code",
                    "score",
                )
            },
            "best_score": max(kept["best_score"], other["best_score"]),
            "lessons_read": max(kept["lessons_read"], other["lessons_read"]),
            "questions_answered": max(kept["questions_answered"], other["questions_answered"]),
            "started_at": min(kept["started_at"], other["started_at"]),
            "last_activity_at": max(kept["last_activity_at"], other["last_activity_at"]),
        },
    )


def _changes(kept: Row, wanted: Row) -> Row:
    return {name: value for name, value in wanted.items() if kept[name] != value}


BELONGINGS = (
    Belonging(Identity, ()),
    Belonging(Enrolment, ("course_id",), _both_enrolments),
    Belonging(Answer, ("idempotency_key",)),
    Belonging(Card, ("question_id",), _fresher_memory),
    Belonging(Draft, ("question_id",), short_lived=True),
    Belonging(LessonReading, ("lesson_id",), _further_reading),
    Belonging(ModuleCompletion, ("module_id",), _further_completion),
    Belonging(OwedGrade, ("resource_link_id",)),
    Belonging(LmsResult, ("resource_link_id",)),
)
LEFT_ALONE = frozenset({"administrator", "admin_link", "audit_entry", "issuer_succession"})
"""Rights are granted to a person by name: those of the emptied person stay with it. An account that
joins an administrator opens administration, hence never « tout réunir » (rules.matching). The log
says who acted at the time."""


def move_belongings(session: Session, *, from_id: int, to_id: int) -> JsonDict:
    """Give all that is `from_id`'s to `to_id`. Returns what `return_belongings` needs, in JSON."""
    return {
        belonging.table.name: _move(session, belonging, from_id, to_id) for belonging in BELONGINGS
    }


def return_belongings(session: Session, moved: JsonDict, *, from_id: int, to_id: int) -> None:
    """Undo `move_belongings` of the same two persons.

    What came after the move stays with `to_id`, but for the courses entered by an account that goes
    back; a row that was combined and has changed since stays as it is: nobody loses what they did
    meanwhile.
    """
    for belonging in BELONGINGS:
        record = moved.get(belonging.table.name)
        if record:
            _return(session, belonging, record, from_id, to_id)
    for belonging in BELONGINGS:
        if "identity_id" in belonging.table.c:
            _part_accounts(session, belonging, from_id, to_id)


def _part_accounts(session: Session, belonging: Belonging, from_id: int, to_id: int) -> None:
    """Leave no row of the one under an account of the other: it is there that grades are sent."""
    table = belonging.table
    taken = {_key(belonging, row) for row in _rows(session, table, from_id)}
    theirs = {row["id"]: row["issuer"] for row in _rows(session, _IDENTITY, from_id)}
    own = {row["issuer"]: row["id"] for row in _rows(session, _IDENTITY, to_id)}
    for row in _rows(session, table, to_id):
        issuer = theirs.get(row["identity_id"])
        if issuer is None:
            continue
        values: Row = {"person_id": from_id}
        if _key(belonging, row) in taken:
            values = {"identity_id": own.get(issuer, row["identity_id"])}
        session.execute(sa.update(table).where(*_at(belonging, row)).values(values))


def _move(session: Session, belonging: Belonging, from_id: int, to_id: int) -> JsonDict:
    table, owner = belonging.table, belonging.table.c.person_id
    kept = {_key(belonging, row): row for row in _rows(session, table, to_id)}
    moved: list[Any] = []
    set_aside: list[JsonDict] = []
    combined: list[JsonDict] = []
    for row in _rows(session, table, from_id):
        key = _key(belonging, row)
        if not belonging.per_person or key not in kept:
            moved.append(_identify(belonging, row))
            continue
        changes = belonging.combine(kept[key], row)
        if not belonging.short_lived:
            set_aside.append(_to_json(row))
        session.execute(sa.delete(table).where(*_at(belonging, row)))
        if changes:
            before = {name: kept[key][name] for name in changes}
            session.execute(sa.update(table).where(*_at(belonging, kept[key])).values(changes))
            combined.append(
                {
                    "id": _identify(belonging, row),
                    "before": _to_json(before),
                    "after": _to_json(changes),
                }
            )
    session.execute(sa.update(table).where(owner == from_id).values(person_id=to_id))
    return {"moved": moved, "set_aside": set_aside, "combined": combined}


def _return(
    session: Session, belonging: Belonging, record: JsonDict, from_id: int, to_id: int
) -> None:
    table = belonging.table
    identifier = _identifier(belonging)
    for some in _in_batches(_free_to_return(session, belonging, record["moved"], from_id, to_id)):
        session.execute(
            sa.update(table)
            .where(table.c.person_id == to_id, identifier.in_(some))
            .values(person_id=from_id)
        )
    for change in record["combined"]:
        where = (table.c.person_id == to_id, _same_row(belonging, change["id"], record))
        after = _from_json(table, change["after"])
        row = session.execute(sa.select(table).where(*where)).mappings().first()
        if row is not None and all(row[name] == value for name, value in after.items()):
            before = _from_json(table, change["before"])
            session.execute(sa.update(table).where(*where).values(before))
    for row in record["set_aside"]:
        insert_ignoring(session, belonging.model, _from_json(table, row))


def _free_to_return(
    session: Session, belonging: Belonging, moved: Sequence[Any], from_id: int, to_id: int
) -> Sequence[Any]:
    """Those in the place of which the emptied person got nothing meanwhile (by a visit that was
    open during the merge): the others stay where they are."""
    taken = {_key(belonging, row) for row in _rows(session, belonging.table, from_id)}
    if not belonging.per_person or not taken:
        return moved
    stay = {
        _identify(belonging, row)
        for row in _rows(session, belonging.table, to_id)
        if _key(belonging, row) in taken
    }
    return [each for each in moved if each not in stay]


def _rows(session: Session, table: sa.Table, person_id: int) -> list[Row]:
    statement = sa.select(table).where(table.c.person_id == person_id)
    return [dict(row) for row in session.execute(statement).mappings()]


def _key(belonging: Belonging, row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in belonging.per_person)


def _identifier(belonging: Belonging) -> sa.Column[Any]:
    """The column that names a row among one person's: its id, else its other key column."""
    table = belonging.table
    return table.c.id if "id" in table.c else table.c[belonging.per_person[0]]


def _identify(belonging: Belonging, row: Row) -> Any:
    return row[_identifier(belonging).name]


def _same_row(belonging: Belonging, other_id: Any, record: JsonDict) -> sa.ColumnElement[bool]:
    """The kept person's row that the set-aside row `other_id` was combined into."""
    aside = next(row for row in record["set_aside"] if row[_identifier(belonging).name] == other_id)
    table = belonging.table
    return sa.and_(*(table.c[name] == aside[name] for name in belonging.per_person))


def _at(belonging: Belonging, row: Row) -> Iterator[sa.ColumnElement[bool]]:
    for column in belonging.table.primary_key:
        yield column == row[column.name]


def _in_batches(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _to_json(row: Row) -> JsonDict:
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in row.items()
    }


def _from_json(table: sa.Table, row: JsonDict) -> Row:
    return {name: _value(table.c[name].type, value) for name, value in row.items()}


def _value(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, sa.Date) else value
