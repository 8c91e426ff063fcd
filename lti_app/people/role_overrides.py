"""An administrator's word on what a role of one LMS means here, applied to who is enrolled."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.database import upsert
from lti_app.people.models import Enrolment, Role, RoleOverride
from lti_app.people.queries import entered_by, role_overrides
from lti_app.people.rules import is_trainer

_BATCH = 1000


class _Received(NamedTuple):
    id: int
    role: str
    launched: bool
    lms_roles: Sequence[str]


def set_role_override(
    session: Session, *, platform_id: int, lms_role: str, role: Role | None, now: datetime
) -> int:
    """Say what this role means from now on (None: the usual rule), for everybody who has it.

    Returns how many enrolments changed sides. Where a roster had raised somebody above their
    launch, the next roster says so again.
    """
    if role is None:
        session.execute(
            sa.delete(RoleOverride).where(
                RoleOverride.platform_id == platform_id, RoleOverride.lms_role == lms_role
            )
        )
    else:
        key = {"platform_id": platform_id, "lms_role": lms_role}
        upsert(
            session,
            RoleOverride,
            {**key, "role": role, "created_at": now},
            key=("platform_id", "lms_role"),
            update={"role": role},
        )
    return _apply(session, platform_id, lms_role)


def _apply(session: Session, platform_id: int, lms_role: str) -> int:
    """Read the enrolments of the platform again, in bounded memory."""
    overrides = role_overrides(session, platform_id)
    changed = 0
    for batch in _batches(session, platform_id):
        turned: dict[Role, list[_Received]] = {Role.TRAINER: [], Role.LEARNER: []}
        for each in batch:
            if lms_role not in each.lms_roles:
                continue
            role = Role.TRAINER if is_trainer(each.lms_roles, overrides) else Role.LEARNER
            if each.role != role:
                turned[role].append(each)
        for role, rows in turned.items():
            _set_role(session, role, rows)
            changed += len(rows)
    return changed


def _batches(session: Session, platform_id: int) -> Iterator[list[_Received]]:
    last = 0
    while True:
        statement = (
            sa.select(
                Enrolment.id,
                Enrolment.role,
                Enrolment.launch_role.is_not(None),
                Enrolment.lms_roles,
            )
            .join(Enrolment.course)
            .outerjoin(Enrolment.deployment)
            .where(entered_by == platform_id, Enrolment.id > last)
            .order_by(Enrolment.id)
            .limit(_BATCH)
        )
        rows = [_Received(*row) for row in session.execute(statement)]
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _set_role(session: Session, role: Role, rows: Iterable[_Received]) -> None:
    ids: dict[bool, list[int]] = {True: [], False: []}
    for row in rows:
        ids[row.launched].append(row.id)
    for launched, chosen in ids.items():
        if not chosen:
            continue
        # What the roster may not lower is what a launch proved, read with the new word.
        values = {"role": role, "launch_role": role} if launched else {"role": role}
        session.execute(
            sa.update(Enrolment)
            .where(Enrolment.id.in_(chosen))
            .values(values)
            .execution_options(synchronize_session=False)
        )
