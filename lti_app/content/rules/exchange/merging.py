"""What an import changes in a module: known questions edited, others appended, nothing lost.

A question is known by its id, else by its kind and stem. A text of the file that says the same as
the source leaves the source as its author wrote it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from lti_app.content.rules.exchange.bank import BankQuestion, Skipped
from lti_app.content.rules.exchange.question_data import data_of, known_text
from lti_app.content.rules.exchange.rendering import Texts
from lti_app.content.rules.messages import explain
from lti_app.content.rules.schema import ID_PATTERN, QuestionSource, parse_question

Entry = dict[str, Any]
_ID = re.compile(ID_PATTERN)
_NUMBERED = re.compile(r"-q(\d+)$")


@dataclass(frozen=True, slots=True)
class Target:
    """Where questions go. `lesson`, `family`: for new ones that name none of the module.

    `lessons`: ids of the module. `references`: known sources. `taken`: ids no new question may
    take, those of other modules and of removed questions included.
    """

    module_id: str
    lessons: Sequence[str]
    lesson: str = ""
    family: str = ""
    change: str | None = None
    references: frozenset[str] = frozenset()
    misconceptions: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """A question of the module: its source, and its entry as the file has it."""

    source: QuestionSource
    entry: Entry


@dataclass(slots=True)
class Merge:
    """`changed`: new entries by rank in the file. `losses`: (question, what) of what came in."""

    changed: dict[int, Entry] = field(default_factory=dict)
    added: list[Entry] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    losses: list[tuple[str, str]] = field(default_factory=list)


def merged(
    incoming: Iterable[BankQuestion], known: Sequence[Known], target: Target, texts: Texts
) -> Merge:
    """`known`: every question of the module, by rank."""
    merge = Merge()
    ranks = _Ranks(known, texts)
    ids = _Ids(target, (k.source.id for k in known))
    for question in incoming:
        rank = ranks.of(question)
        if rank is not None and rank in merge.changed:
            merge.skipped.append(_skipped(question, "cette question est deux fois dans le fichier"))
        elif rank is not None:
            _edit(merge, rank, known[rank], question, target, texts)
        else:
            _add(merge, question, ids, target, texts)
    return merge


def _edit(
    merge: Merge, rank: int, known: Known, question: BankQuestion, target: Target, texts: Texts
) -> None:
    source, before = known.source, known.entry
    if not _same_family_of_kinds(source.kind, question.kind):
        merge.skipped.append(
            _skipped(question, f"elle est de type « {question.kind} », et ici « {source.kind} »")
        )
        return
    entry = {**before, **data_of(question, before, texts)}
    if entry == before:
        merge.unchanged.append(source.id)
        return
    entry["revision"] = source.revision + 1
    entry["change"] = target.change
    reason = _invalid(entry)
    if reason:
        merge.skipped.append(_skipped(question, reason))
        return
    merge.changed[rank] = entry
    merge.losses += [(source.id, lost) for lost in question.lost]


def _add(merge: Merge, question: BankQuestion, ids: "_Ids", target: Target, texts: Texts) -> None:
    lesson = question.lesson if question.lesson in target.lessons else target.lesson
    if not lesson:
        reason = "aucune leçon du module n’est nommée : dites laquelle avec --lesson"
        merge.skipped.append(_skipped(question, reason))
        return
    entry: Entry = {
        "id": ids.new(question.id),
        "lesson": lesson,
        "family": _family(question, target, lesson),
        "kind": str(question.kind),
    }
    if question.situation:
        entry["situation"] = True
    entry |= data_of(question, {}, texts)
    entry["sources"] = [i for i in question.sources if i in target.references] or ["a-completer"]
    misconceptions = [i for i in question.misconceptions if i in target.misconceptions]
    if misconceptions:
        entry["misconceptions"] = misconceptions
    entry["revision"] = 1
    reason = _invalid(entry)
    if reason:
        merge.skipped.append(_skipped(question, reason))
        return
    ids.take(entry["id"])
    merge.added.append(entry)
    merge.losses += [(entry["id"], lost) for lost in question.lost]


def _family(question: BankQuestion, target: Target, lesson: str) -> str:
    asked = question.family or target.family
    return asked if _ID.fullmatch(asked) else f"{lesson}-import"


def _same_family_of_kinds(before: str, after: str) -> bool:
    choices = {"single", "multiple"}
    return before == after or {before, str(after)} <= choices


def _skipped(question: BankQuestion, reason: str) -> Skipped:
    return Skipped(question.id or question.title or "question", reason, question.line)


def _invalid(entry: Entry) -> str:
    """Why this cannot be a question of Relais (French); "" when it can."""
    try:
        parse_question(entry)
    except ValidationError as error:
        return " ; ".join(", ".join(explain(found, ())) for found in error.errors())
    return ""


class _Ranks:
    """Finds the question of the module that an incoming one is."""

    def __init__(self, known: Sequence[Known], texts: Texts) -> None:
        self._known = known
        self._texts = texts
        self._by_id = {k.source.id: rank for rank, k in enumerate(known)}

    def of(self, question: BankQuestion) -> int | None:
        if question.id in self._by_id:
            return self._by_id[question.id]
        stem = data_of(question, {}, self._texts)["stem"]
        return self._by_stem.get((str(question.kind), stem))

    @cached_property
    def _by_stem(self) -> dict[tuple[str, str], int]:
        return {
            (k.source.kind, known_text(k.source.stem, self._texts)): rank
            for rank, k in enumerate(self._known)
        }


class _Ids:
    """Ids for new questions: their own when it is free, else the next number of the module."""

    def __init__(self, target: Target, known: Iterable[str]) -> None:
        self._taken = {*target.taken, *known}
        self._prefix = target.module_id
        numbers = [
            int(found[1])
            for i in self._taken
            if i.startswith(f"{target.module_id}-q") and (found := _NUMBERED.search(i))
        ]
        self._next = max(numbers, default=0) + 1

    def new(self, wanted: str) -> str:
        if _ID.fullmatch(wanted) and len(wanted) <= 80 and wanted not in self._taken:
            return wanted
        while (found := f"{self._prefix}-q{self._next:02d}") in self._taken:
            self._next += 1
        return found

    def take(self, question_id: str) -> None:
        self._taken.add(question_id)
