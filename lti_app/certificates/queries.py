"""Completions as attestations know them: with their person, and the revision of that day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.completion.models import ModuleCompletion
from lti_app.content.models import ContentRelease, Revision
from lti_app.content.queries import is_id
from lti_app.people.models import Person


@dataclass(frozen=True, slots=True)
class Completed:
    """A completed module. `module`: its source as it was; `published_at`: of what was shown."""

    name: str | None
    module: dict[str, Any]
    revision: int
    published_at: datetime
    completed_at: datetime
    code: str


def completed_module(session: Session, person_id: int, module_id: str) -> Completed | None:
    """What the person completed, still taught or not; None while it is not."""
    if not is_id(module_id):
        return None
    return _one(
        session,
        ModuleCompletion.person_id == person_id,
        ModuleCompletion.module_id == module_id,
    )


def completed_by_code(session: Session, code: str) -> Completed | None:
    """What bears this code; None when nothing does, or its person was erased."""
    return _one(session, ModuleCompletion.code == code)


def _one(session: Session, *where: sa.ColumnElement[bool]) -> Completed | None:
    row = session.execute(
        sa.select(ModuleCompletion, Person.name, Revision, ContentRelease.published_at)
        .join(Person, Person.id == ModuleCompletion.person_id)
        .join(Revision, Revision.id == ModuleCompletion.module_revision_id)
        .outerjoin(ContentRelease, ContentRelease.id == ModuleCompletion.release_id)
        .where(
            ModuleCompletion.completed_at.is_not(None), ModuleCompletion.code.is_not(None), *where
        )
        .order_by(ModuleCompletion.completed_at)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    completion, name, revision, published_at = row
    if completion.completed_at is None or completion.code is None:
        raise AssertionError("the statement asks for completed ones, with their code")
    return Completed(
        name=name,
        module=revision.data,
        revision=revision.number,
        published_at=published_at or revision.published_at,
        completed_at=completion.completed_at,
        code=completion.code,
    )
