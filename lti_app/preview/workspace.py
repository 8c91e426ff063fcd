"""The folder being written: its problems, and the last good version of each of its modules."""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from flask import Flask
from sqlalchemy.orm import Session

from lti_app.content.models import SubjectKind
from lti_app.content.queries import latest_revisions
from lti_app.content.rules.changes import content_hash
from lti_app.content.rules.checks import check
from lti_app.content.rules.ledger import subjects_of
from lti_app.content.rules.problems import ContentError, Problem, errors_among, in_reading_order
from lti_app.content.rules.source import REFERENCES_FILE, Courses, read_courses
from lti_app.content.services import sync_courses
from lti_app.content.services.checking import ledger_of
from lti_app.core.clock import now
from lti_app.core.database import db, transactions

_Fingerprint = frozenset[tuple[str, int, int]]


@dataclass
class Workspace:
    """`folder` is the author's; `copy` holds the last version of each module without errors.

    `version` grows with each change on the disk: open pages ask for it, and load again.
    """

    folder: Path
    copy: Path
    problems: list[Problem] = field(default_factory=list)
    version: int = 0
    _seen: _Fingerprint | None = None
    _lock: Lock = field(default_factory=Lock)

    @property
    def errors(self) -> list[Problem]:
        return errors_among(self.problems)

    def refresh(self, app: Flask) -> None:
        """Publish what changed since the last time. Cheap when nothing did: dates and sizes."""
        with self._lock:
            found = _fingerprint(self.folder)
            if found == self._seen:
                return
            with app.app_context(), transactions(read_only=False):
                self._publish(db.session)
            self._seen = found
            self.version += 1

    def _publish(self, session: Session) -> None:
        courses = read_courses(self.folder)
        found = check(courses, now().date())
        _ledger, said = ledger_of(courses)
        self._keep_what_is_good(courses, errors_among(found))
        try:
            publish_over(session, self.copy)
            session.commit()
        except ContentError as error:
            # Modules good by themselves that do not go together: what was shown stays.
            session.rollback()
            found += [self._in_the_folder(each) for each in errors_among(error.problems)]
        self.problems = in_reading_order([*found, *said])

    def _keep_what_is_good(self, courses: Courses, errors: list[Problem]) -> None:
        """Bring the copy up to the folder, but for the modules that have errors."""
        self.copy.mkdir(parents=True, exist_ok=True)
        bibliography = self.folder / REFERENCES_FILE
        if not any(error.path == bibliography for error in errors) and bibliography.exists():
            shutil.copyfile(bibliography, self.copy / REFERENCES_FILE)
        present = {files.folder.name for files in courses.modules}
        for old in [path for path in self.copy.iterdir() if path.is_dir()]:
            if old.name not in present:
                shutil.rmtree(old)
        for files in courses.modules:
            if any(error.path.is_relative_to(files.folder) for error in errors):
                continue
            shutil.rmtree(self.copy / files.folder.name, ignore_errors=True)
            shutil.copytree(files.folder, self.copy / files.folder.name, ignore=_leading_nowhere)

    def _in_the_folder(self, problem: Problem) -> Problem:
        if not problem.path.is_relative_to(self.copy):
            return problem
        return replace(problem, path=self.folder / problem.path.relative_to(self.copy))


def _leading_nowhere(folder: str, names: list[str]) -> list[str]:
    """Links to what is not, which some editors leave."""
    return [name for name in names if not Path(folder, name).exists()]


def publish_over(session: Session, folder: Path) -> None:
    """Publish a folder in the place of what was: an edit needs no revision while it is tried.

    For a database that nobody else uses: revisions are written over. Raises ContentError.
    """
    published = latest_revisions(session)
    courses = read_courses(folder)
    for subject in subjects_of(courses):
        row = published.get((SubjectKind(subject.kind), subject.source.id))
        if row is not None:
            row.number = subject.source.revision
            row.content_hash = content_hash(subject.source)
            row.data = subject.source.model_dump(mode="json")
    session.flush()
    sync_courses(session, courses=courses, now=now())


def _fingerprint(folder: Path) -> _Fingerprint:
    found = []
    for path in folder.rglob("*"):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue  # what editors leave
        try:
            state = path.stat()
        except OSError:  # renamed while we look, or a link that goes in circles
            continue
        found.append((str(path), state.st_mtime_ns, state.st_size))
    return frozenset(found)
