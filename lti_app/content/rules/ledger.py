"""The ledger `courses/revisions.lock`: the last revision of every module, lesson and question.

One readable line per subject, in alphabetical order, so that an edit shows as one line in a review.
It lets `check` say, without a database, that an edit does not announce itself, and tells `sync`
what the revisions in between were when several were written since the last publication.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lti_app.content.rules.changes import (
    AnySource,
    LastRevision,
    Refusal,
    content_hash,
    refusal_of,
    source_key,
)
from lti_app.content.rules.files import read_text
from lti_app.content.rules.problems import Problem, Severity, errors_among
from lti_app.content.rules.source import Courses

LEDGER_FILE = "revisions.lock"
COMMAND = "relais content lock"

_HEADING = """\
# Registre des révisions, une ligne par sujet : sorte, identifiant, révision, empreinte.
# Écrit par « relais content lock » ; ne le modifiez pas à la main. Voir docs/guide-auteur.md.
"""
_KINDS = ("module", "lesson", "question")
_LINE = re.compile(
    r"(?P<kind>module|lesson|question) (?P<id>[a-z0-9-]+) (?P<number>[1-9]\d{0,8})"
    r" (?P<hash>[0-9a-f]{16})"
    r"(?: key=(?P<key>\S+))?(?: clarification=(?P<clarification>\d+))?"
    r"(?: answer=(?P<answer>\d+))?(?P<removed> removed)?",
    re.ASCII,
)
_HASH_DIGITS = 16
"""Enough against accidents, which are all that a ledger guards from."""

Name = tuple[str, str]
"""Kind and id."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One subject. `clarification` and `answer`: the last revision of that class, 0 for none.

    `key`: what makes an answer right (`changes.answer_key`). `removed`: no longer in the sources;
    its line stays, so that its id is never given to something else.
    """

    kind: str
    id: str
    number: int
    hash: str
    key: str = ""
    clarification: int = 0
    answer: int = 0
    removed: bool = False
    line: int = 0

    @property
    def name(self) -> Name:
        return self.kind, self.id

    def __str__(self) -> str:
        parts = [self.kind, self.id, str(self.number), self.hash]
        parts += [f"key={self.key}"] if self.key else []
        parts += [f"clarification={self.clarification}"] if self.clarification else []
        parts += [f"answer={self.answer}"] if self.answer else []
        return " ".join([*parts, *(["removed"] if self.removed else [])])


@dataclass(frozen=True, slots=True)
class Subject:
    """A source, and where its revision is announced."""

    kind: str
    source: AnySource
    path: Path
    line: int

    @property
    def name(self) -> Name:
        return self.kind, self.source.id


Ledger = Mapping[Name, Entry]


def subjects_of(courses: Courses) -> Iterator[Subject]:
    """Every module, lesson and question that could be read."""
    for files in courses.modules:
        if files.module is not None:
            yield Subject("module", files.module, files.path, files.line("revision"))
        for lesson in files.lessons:
            line = lesson.document.line("revision")
            yield Subject("lesson", lesson.lesson, lesson.path, line)
        for entry in files.questions:
            yield Subject("question", entry.question, entry.path, entry.line("revision"))


def read_ledger(folder: Path, problems: list[Problem]) -> Ledger | None:
    """The ledger of a folder; None when it has none. What cannot be read is added to `problems`."""
    path = folder / LEDGER_FILE
    if not path.exists():
        return None
    text = read_text(path, problems)
    return parse_ledger(text or "", path, problems)


def parse_ledger(text: str, path: Path, problems: list[Problem]) -> Ledger:
    """The entries of a ledger; a line that is not one, or comes twice, is a problem."""
    found: dict[Name, Entry] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            problems.append(Problem(path, number, "ligne illisible du registre", _MEND))
            continue
        entry = _entry(match, number)
        if entry.name in found:
            what = f"« {entry.id} » est déjà à la ligne {found[entry.name].line} du registre"
            problems.append(Problem(path, number, what, _MEND))
        # Two branches that met: the older line must not let an edit through.
        if entry.name not in found or found[entry.name].number < entry.number:
            found[entry.name] = entry
    return found


_MEND = f"reprenez ce fichier dans sa version précédente (git), puis « {COMMAND} »"


def format_ledger(ledger: Ledger) -> str:
    """The text of the file: sorted by kind (modules first), then by id."""
    entries = sorted(ledger.values(), key=lambda each: (_KINDS.index(each.kind), each.id))
    return _HEADING + "".join(f"{entry}\n" for entry in entries)


def ledger_problems(courses: Courses, ledger: Ledger | None) -> list[Problem]:
    """Edits that are not announced as they must (errors), and what is to be logged (warnings).

    Nothing without a ledger. Subjects are said to be gone only when every source could be read.
    """
    if ledger is None:
        return []
    subjects = list(subjects_of(courses))
    found = [problem for each in subjects for problem in _problems_of(each, ledger)]
    found += _new_subjects(subjects, ledger)
    if not errors_among(courses.problems):
        found += _gone(courses.folder / LEDGER_FILE, subjects, ledger)
    return found


def next_ledger(courses: Courses, ledger: Ledger | None) -> dict[Name, Entry]:
    """The ledger once everything that the sources hold is logged, for sources without errors."""
    known = ledger or {}
    logged = {subject.name: _logged(subject, known.get(subject.name))
              for subject in subjects_of(courses)}  # fmt: skip
    gone = {name: replace(known[name], removed=True) for name in known if name not in logged}
    return logged | gone


def class_since(entry: Entry | None, number: int, change: str | None, published: int) -> str | None:
    """The strongest class among the revisions after `published`, up to revision `number`.

    `change`: what the source says of its last revision. Without an entry, that is all one knows.
    """
    between = entry if entry is not None and entry.number <= number else None
    if change == "answer" or (between is not None and between.answer > published):
        return "answer"
    if change == "clarification" or (between is not None and between.clarification > published):
        return "clarification"
    return change


def _entry(match: re.Match[str], line: int) -> Entry:
    return Entry(
        kind=match["kind"],
        id=match["id"],
        number=int(match["number"]),
        hash=match["hash"],
        key=match["key"] or "",
        clarification=int(match["clarification"] or 0),
        answer=int(match["answer"] or 0),
        removed=match["removed"] is not None,
        line=line,
    )


def _logged(subject: Subject, before: Entry | None) -> Entry:
    source = subject.source
    moved = before is not None and source.revision > before.number
    change = source.change if moved else None
    number = source.revision
    return Entry(
        kind=subject.kind,
        id=source.id,
        number=number,
        hash=_short_hash(source),
        key=source_key(source),
        clarification=number
        if change == "clarification"
        else before.clarification
        if before
        else 0,
        answer=number if change == "answer" else before.answer if before else 0,
    )


def _problems_of(subject: Subject, ledger: Ledger) -> Iterator[Problem]:
    entry, source = ledger.get(subject.name), subject.source
    if entry is None:
        return
    if source.change is None and source.revision > entry.number:
        return  # said by checks.structure, which needs no ledger
    refusal = refusal_of(source, LastRevision(entry.number, entry.hash, entry.key))
    refusal = refusal or _too_weak(source, entry)
    if refusal is not None:
        yield Problem(subject.path, subject.line, refusal.message, refusal.advice)
    elif source.revision != entry.number:
        yield _warning(subject.path, subject.line, "révision nouvelle, pas encore consignée")
    elif entry.removed:
        what = f"« {source.id} » est revenu, le registre le dit retiré"
        yield _warning(subject.path, subject.line, what)


def _too_weak(source: AnySource, entry: Entry) -> Refusal | None:
    """Why the class announced may hide a stronger one, which nothing else would tell."""
    if source.revision == entry.number or source.change == "answer":
        return None
    if entry.removed and entry.kind == "question":
        return Refusal(
            f"« {source.id} » avait été retirée, et revient autrement qu’elle n’était",
            "écrivez « change: answer », ou donnez à une autre question un identifiant nouveau",
        )
    if source.revision > entry.number + 1:
        return Refusal(
            f"la révision {source.revision} suit la révision {entry.number} du registre : celle"
            " d’entre les deux n’y est pas",
            f"écrivez « revision: {entry.number + 1} », et la plus forte des deux « change »",
        )
    return None


def _new_subjects(subjects: Iterable[Subject], ledger: Ledger) -> Iterator[Problem]:
    """One warning a file: a new module would fill the screen."""
    by_path: dict[Path, list[Subject]] = {}
    for subject in subjects:
        if subject.name not in ledger:
            by_path.setdefault(subject.path, []).append(subject)
    for path, new in by_path.items():
        what = (
            f"« {new[0].source.id} » est nouveau, pas encore consigné"
            if len(new) == 1
            else f"{len(new)} sujets nouveaux, pas encore consignés"
        )
        yield _warning(path, new[0].line, what)


def _gone(path: Path, subjects: Iterable[Subject], ledger: Ledger) -> Iterator[Problem]:
    present = {subject.name for subject in subjects}
    for name, entry in ledger.items():
        if name not in present and not entry.removed:
            yield Problem(
                path,
                entry.line,
                f"« {entry.id} » ({_IN_FRENCH[entry.kind]}) n’est plus dans les sources",
                f"si le retrait est voulu, « {COMMAND} » ; les réponses déjà données sont gardées",
                Severity.WARNING,
            )


_IN_FRENCH = {"module": "module", "lesson": "leçon", "question": "question"}


def _warning(path: Path, line: int, what: str) -> Problem:
    return Problem(path, line, what, COMMAND, Severity.WARNING)


def _short_hash(source: AnySource) -> str:
    return content_hash(source)[:_HASH_DIGITS]
