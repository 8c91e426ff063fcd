"""Publishing `courses/`: new revisions, what is shown, a release."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

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
from lti_app.content.queries import latest_revisions, newest_release
from lti_app.content.rules import changes
from lti_app.content.rules.checks import check
from lti_app.content.rules.ledger import Ledger, class_since
from lti_app.content.rules.problems import (
    ContentError,
    Problem,
    errors_among,
    in_reading_order,
)
from lti_app.content.rules.schema import LessonSource, ModuleSource, QuestionSource
from lti_app.content.rules.source import Courses, read_courses
from lti_app.content.rules.supplements import supplements_data
from lti_app.content.services.checking import ledger_of
from lti_app.core.database import JsonDict

_LOCK = 0x52656C61
"""PostgreSQL advisory lock of publication ("Rela")."""

_Row = Module | Lesson | Question


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a publication did; all zero when the folder was published already.

    `restarted_question_ids`: questions whose right answer changed. Their cards must start again in
    the same transaction: it is for the caller to do, content knows nothing of answers.
    """

    release_id: int
    new_revisions: int
    removed: int
    restarted_question_ids: tuple[str, ...]
    warnings: tuple[Problem, ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class _Subject:
    """A source to publish, where it was read, and the row that will point at its revision."""

    kind: SubjectKind
    source: ModuleSource | LessonSource | QuestionSource
    module_id: str
    position: int
    path: Path
    line: int

    @property
    def name(self) -> tuple[str, str]:
        return self.kind, self.source.id


def sync_content(session: Session, *, folder: Path, now: datetime) -> SyncReport:
    """Read and publish `folder` (see `sync_courses`)."""
    return sync_courses(session, courses=read_courses(folder), now=now)


def sync_courses(session: Session, *, courses: Courses, now: datetime) -> SyncReport:
    """Publish what was read: new revisions, changed rows, and a release when anything changed.

    Safe to run twice and in two processes at once. Raises ContentError, before any write, when the
    sources have errors or do not announce their edits as they must.
    """
    ledger, problems = ledger_of(courses)
    problems += check(courses, now.date())
    if errors_among(problems):
        raise ContentError(in_reading_order(problems))
    _wait_for_turn(session)
    published = latest_revisions(session)
    edits = list(_edits(_subjects(courses), published, ledger or {}))
    subjects = [edit.subject for edit in edits]
    refused = list(_refusals(edits))
    if refused:
        raise ContentError(refused)
    revised = _add_revisions(session, edits, now)
    removed = _update_rows(session, subjects, published | revised)
    release, is_new = _add_release(session, courses, subjects, now)
    return SyncReport(
        release_id=release.id,
        new_revisions=len(revised),
        removed=removed,
        restarted_question_ids=tuple(
            revision.subject_id
            for revision in revised.values()
            if revision.change == ChangeClass.ANSWER
        ),
        warnings=tuple(problems),
        changed=is_new,
    )


def _wait_for_turn(session: Session) -> None:
    # SQLite's transactions already take the write lock when they begin (core.database).
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def _subjects(courses: Courses) -> Iterator[_Subject]:
    """Modules, then lessons, then questions: each points at rows that come before it."""
    modules = [(files, files.module) for files in courses.modules if files.module is not None]
    for position, (files, module) in enumerate(modules, 1):
        line = files.line("revision")
        yield _Subject(SubjectKind.MODULE, module, module.id, position, files.path, line)
    for files, module in modules:
        for position, file in enumerate(files.lessons, 1):
            line = file.document.line("revision")
            yield _Subject(SubjectKind.LESSON, file.lesson, module.id, position, file.path, line)
    for files, module in modules:
        for position, entry in enumerate(files.questions, 1):
            line = entry.line("revision")
            yield _Subject(
                SubjectKind.QUESTION, entry.question, module.id, position, entry.path, line
            )


_Revisions = dict[tuple[str, str], Revision]


@dataclass(frozen=True, slots=True)
class _Edit:
    """A subject, its last published revision, and the class of all that changed since."""

    subject: _Subject
    last: Revision | None
    change: str | None


def _edits(subjects: Iterable[_Subject], published: _Revisions, ledger: Ledger) -> Iterator[_Edit]:
    for subject in subjects:
        last, source = published.get(subject.name), subject.source
        number = last.number if last else 0
        entry = ledger.get((str(subject.kind), source.id))
        yield _Edit(subject, last, class_since(entry, source.revision, source.change, number))


def _refusals(edits: Iterable[_Edit]) -> Iterator[Problem]:
    for edit in edits:
        subject = edit.subject
        last = _last(edit.last) if edit.last else None
        refusal = changes.refusal_of(subject.source, last, change=edit.change)
        if refusal is not None:
            yield Problem(subject.path, subject.line, refusal.message, refusal.advice)


def _last(revision: Revision) -> changes.LastRevision:
    key = changes.answer_key(revision.data)
    return changes.LastRevision(revision.number, revision.content_hash, key)


def _add_revisions(session: Session, edits: list[_Edit], now: datetime) -> _Revisions:
    added: _Revisions = {}
    for edit in edits:
        subject, last, source = edit.subject, edit.last, edit.subject.source
        if last is not None and last.number == source.revision:
            continue
        added[subject.name] = Revision(
            subject_kind=subject.kind,
            subject_id=source.id,
            number=source.revision,
            change=ChangeClass(edit.change or "typo") if last else ChangeClass.FIRST,
            content_hash=changes.content_hash(source),
            data=source.model_dump(mode="json"),
            published_at=now,
        )
    session.add_all(added.values())
    session.flush()
    return added


def _update_rows(session: Session, subjects: list[_Subject], revisions: _Revisions) -> int:
    """Make the rows say what the folder holds; the number of rows withdrawn."""
    removed = 0
    # One kind after the other: models without relationships are flushed in no sure order.
    for kind, model in _MODELS.items():
        known: Iterable[Any] = session.scalars(
            sa.select(model).execution_options(populate_existing=True)
        )
        rows: dict[str, _Row] = {row.id: row for row in known}
        of_kind = [subject for subject in subjects if subject.kind == kind]
        for subject in of_kind:
            values = _row_values(subject, revisions[subject.name])
            row = rows.pop(subject.source.id, None)
            if row is None:
                session.add(model(id=subject.source.id, **values))
                continue
            for name, value in values.items():
                setattr(row, name, value)
        for row in rows.values():
            removed += row.state != ContentState.REMOVED
            row.state = ContentState.REMOVED
        session.flush()
    return removed


_MODELS: dict[SubjectKind, type[_Row]] = {
    SubjectKind.MODULE: Module,
    SubjectKind.LESSON: Lesson,
    SubjectKind.QUESTION: Question,
}


def _row_values(subject: _Subject, revision: Revision) -> JsonDict:
    values: JsonDict = {
        "position": subject.position,
        "revision_id": revision.id,
        "state": ContentState.PUBLISHED,
    }
    if subject.kind != SubjectKind.MODULE:
        values["module_id"] = subject.module_id
    if not isinstance(subject.source, ModuleSource | LessonSource):
        values["lesson_id"] = subject.source.lesson
    return values


def _add_release(
    session: Session, courses: Courses, subjects: list[_Subject], now: datetime
) -> tuple[ContentRelease, bool]:
    """The release of this content: the newest one if it is the same, else a new one."""
    bibliography = changes.bibliography_data(courses.references)
    supplements = supplements_data(courses.supplements)
    content_hash = changes.release_hash(
        (
            (s.module_id, s.source.id, s.source.revision, changes.content_hash(s.source))
            for s in subjects
        ),
        bibliography,
        supplements,
    )
    newest = newest_release(session)
    if newest is not None and newest.content_hash == content_hash:
        return newest, False
    release = ContentRelease(
        content_hash=content_hash,
        bibliography=bibliography,
        supplements=supplements,
        published_at=now,
    )
    session.add(release)
    session.flush()
    return release, True
