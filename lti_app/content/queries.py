"""The published catalog, built once per process for each release."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.content.models import (
    ChangeClass,
    ContentRelease,
    ContentState,
    Lesson,
    Module,
    Question,
    Revision,
    SubjectKind,
)
from lti_app.content.rules.building import Published, build_module
from lti_app.content.rules.building_supplements import build_glossary, glossary_of
from lti_app.content.rules.catalog import Catalog
from lti_app.content.rules.schema import (
    ID_PATTERN,
    LessonSource,
    ModuleSource,
    QuestionSource,
    ReferenceSource,
    parse_question,
)
from lti_app.content.rules.supplements import ModuleSupplements, read_supplements

_EMPTY = Catalog(release_id=0, modules=())

Version = tuple[int, str, datetime]
"""Id, hash and instant: an id alone can come back after a rollback or in an emptied database."""

# Read for every page, hence built once: building a statement takes as long as running it.
_NEWEST_VERSION = (
    sa.select(ContentRelease.id, ContentRelease.content_hash, ContentRelease.published_at)
    .order_by(ContentRelease.id.desc())
    .limit(1)
)

_cache: "WeakKeyDictionary[sa.Engine, tuple[Version, Catalog]]" = WeakKeyDictionary()
_lock = Lock()


def newest_release(session: Session) -> ContentRelease | None:
    """The release that is shown; None before the first publication."""
    return session.scalars(
        sa.select(ContentRelease).order_by(ContentRelease.id.desc()).limit(1)
    ).one_or_none()


@dataclass(frozen=True, slots=True)
class WithdrawnSubject:
    """Something that was taught; `module_id`: in which module (its own id for a module)."""

    id: str
    module_id: str


def is_id(text: str) -> bool:
    """Whether an address may name a subject: PostgreSQL fails on what no author could write."""
    return len(text) <= _LONGEST_ID and re.fullmatch(ID_PATTERN, text, re.ASCII) is not None


_LONGEST_ID = 80


def find_withdrawn(session: Session, kind: SubjectKind, subject_id: str) -> WithdrawnSubject | None:
    """What was published under that id and no longer is; None when it never was, or still is."""
    row: Module | Lesson | Question | None
    if not is_id(subject_id):
        return None
    match kind:
        case SubjectKind.MODULE:
            row = session.get(Module, subject_id)
        case SubjectKind.LESSON:
            row = session.get(Lesson, subject_id)
        case SubjectKind.QUESTION:
            row = session.get(Question, subject_id)
    if row is None or row.state != ContentState.REMOVED:
        return None
    return WithdrawnSubject(row.id, row.id if isinstance(row, Module) else row.module_id)


def is_behind(session: Session, catalog: Catalog, question_id: str) -> bool:
    """Whether a publication came after `catalog` was read and touched that question.

    Until this transaction ends, no other publication touches it: an answer marked by the old key
    would undo the restart of its card.
    """
    if not is_id(question_id):
        return False
    row = session.execute(
        sa.select(Question.revision_id, Question.state)
        .where(Question.id == question_id)
        .with_for_update(read=True)
    ).one_or_none()
    shown = row.revision_id if row is not None and row.state == ContentState.PUBLISHED else None
    try:
        return shown != catalog.question(question_id).revision_id
    except KeyError:
        return shown is not None


def updates_since(
    session: Session, kind: SubjectKind, met: Mapping[str, int]
) -> dict[str, datetime]:
    """When each subject was last made clearer, or corrected, after the revision that was met.

    `met`: ids of revisions by subject id. A subject that only had typos mended is left out.
    """
    if not met:
        return {}
    rows = session.scalars(
        sa.select(Revision)
        .where(Revision.subject_kind == kind, Revision.subject_id.in_(met))
        .order_by(Revision.number)
    ).all()
    numbers = {row.subject_id: row.number for row in rows if met[row.subject_id] == row.id}
    return {
        row.subject_id: row.published_at
        for row in rows
        if row.change in _TOLD and row.number > numbers.get(row.subject_id, row.number)
    }


_TOLD = (ChangeClass.CLARIFICATION, ChangeClass.ANSWER)


def first_published(
    session: Session, kind: SubjectKind, subject_ids: Collection[str]
) -> dict[str, datetime]:
    """When each subject was first published, by id."""
    rows = session.execute(
        sa.select(Revision.subject_id, sa.func.min(Revision.published_at))
        .where(Revision.subject_kind == kind, Revision.subject_id.in_(subject_ids))
        .group_by(Revision.subject_id)
    )
    return {row[0]: row[1] for row in rows}


def latest_revisions(session: Session) -> dict[tuple[str, str], Revision]:
    """The last revision of every subject ever published, removed ones included, by (kind, id)."""
    newest = (
        sa.select(
            Revision.subject_kind,
            Revision.subject_id,
            sa.func.max(Revision.number).label("number"),
        )
        .group_by(Revision.subject_kind, Revision.subject_id)
        .subquery()
    )
    statement = sa.select(Revision).join(
        newest,
        sa.and_(
            Revision.subject_kind == newest.c.subject_kind,
            Revision.subject_id == newest.c.subject_id,
            Revision.number == newest.c.number,
        ),
    )
    return {(row.subject_kind, row.subject_id): row for row in session.scalars(statement)}


def load_catalog(session: Session) -> Catalog:
    """The published catalog. One small SELECT when this process has it already.

    The same object is given to every request: it is immutable.
    """
    version = newest_version(session)
    if version is None:
        return _EMPTY
    engine = session.get_bind().engine
    cached = _cache.get(engine)
    if cached is not None and cached[0] == version:
        return cached[1]
    with _lock:  # several threads of a fresh process: one builds, the others wait for it
        cached = _cache.get(engine)
        if cached is None or cached[0] != version:
            cached = (version, _build(session, release_id=version[0]))
            _cache[engine] = cached
        return cached[1]


def newest_version(session: Session) -> Version | None:
    """What tells the catalog of today from any other; None before the first publication."""
    row = session.execute(_NEWEST_VERSION).one_or_none()
    return None if row is None else (row.id, row.content_hash, row.published_at)


def _build(session: Session, *, release_id: int) -> Catalog:
    bibliography, kept = session.execute(
        sa.select(ContentRelease.bibliography, ContentRelease.supplements).where(
            ContentRelease.id == release_id
        )
    ).one()
    references = {key: ReferenceSource.model_validate(value) for key, value in bibliography.items()}
    supplements = read_supplements(kept)
    glossary = glossary_of(supplements)
    lessons = [
        (row.module_id, Published(LessonSource.model_validate(data), row.revision_id))
        for row, data in _published(session, Lesson)
    ]
    questions: list[tuple[str, Published[QuestionSource]]] = [
        (row.module_id, Published(parse_question(data), row.revision_id))
        for row, data in _published(session, Question)
    ]
    return Catalog(
        release_id=release_id,
        modules=tuple(
            build_module(
                Published(ModuleSource.model_validate(data), row.revision_id),
                [lesson for module_id, lesson in lessons if module_id == row.id],
                [question for module_id, question in questions if module_id == row.id],
                references,
                supplements.get(row.id, ModuleSupplements()),
                glossary,
            )
            for row, data in _published(session, Module)
        ),
        glossary=build_glossary(glossary, references),
    )


_Row = TypeVar("_Row", Module, Lesson, Question)


def _published(session: Session, model: type[_Row]) -> Sequence[tuple[_Row, dict[str, object]]]:
    """Rows of a model with the data of their revision, in order."""
    statement = (
        sa.select(model, Revision.data)
        .join(Revision, Revision.id == model.revision_id)
        .where(model.state == ContentState.PUBLISHED)
        .order_by(model.position)
    )
    return [(row, data) for row, data in session.execute(statement)]
