"""A question between two formats: every text is HTML, whatever it was written in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lti_app.content.rules.catalog import QuestionKind

FAMILY_TAG = "famille:"
SOURCE_TAG = "source:"
MISCONCEPTION_TAG = "idee-fausse:"
SITUATION_TAG = "situation"
LONGEST = 50_000
"""Characters of a question. The longest of ours have 4 000; a hostile one could take hours."""


class UnreadableFile(ValueError):  # noqa: N818 - a finding about a file, not a fault
    """The whole file cannot be read: `line` (from 1), what is wrong (French)."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Answer:
    """What is chosen, typed, ordered or paired.

    `html` is an option, an item, the left side of a pair, or the plain text of a short answer.
    `right` is the plain text of the right side of a pair. `id` is "" when the format has none.
    """

    html: str
    feedback: str = ""
    correct: bool = False
    right: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """One question. `sources` are ids; `notices` their full notices (HTML), for readers.

    `answers` of truefalse: Vrai, then Faux; of short: right wordings, then expected wrong ones.
    `line` is where it stood in the file it was read from; `lost` what that file had and Relais
    has not (French).
    """

    id: str
    kind: QuestionKind
    stem: str
    answers: tuple[Answer, ...]
    explanation: str = ""
    otherwise: str = ""
    distractors: tuple[str, ...] = ()
    lesson: str = ""
    family: str = ""
    situation: bool = False
    misconceptions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    dated: str = ""
    title: str = ""
    line: int = 0
    lost: tuple[str, ...] = ()

    @property
    def tags(self) -> tuple[str, ...]:
        """What no format has a place for, as tags."""
        return (
            *([FAMILY_TAG + self.family] if self.family else []),
            *([SITUATION_TAG] if self.situation else []),
            *(MISCONCEPTION_TAG + i for i in self.misconceptions),
            *(SOURCE_TAG + i for i in self.sources),
        )


@dataclass(frozen=True, slots=True)
class Bank:
    """The questions of one module, in order; lessons as (id, title)."""

    module_id: str
    title: str
    questions: tuple[BankQuestion, ...]
    lessons: tuple[tuple[str, str], ...] = ()
    pass_mark: int = 80

    def by_lesson(self) -> list[tuple[str, str, list[BankQuestion]]]:
        """(lesson id, title, questions) of the lessons that have questions, in order."""
        return [
            (lesson, title, found)
            for lesson, title in self.lessons
            if (found := [q for q in self.questions if q.lesson == lesson])
        ]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A question that was left out, and why (French)."""

    name: str
    reason: str
    line: int = 0


@dataclass(slots=True)
class Reading:
    """What a file held: the questions that could be read, and those that could not."""

    questions: list[BankQuestion] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tagged:
    """What tags said."""

    family: str = ""
    situation: bool = False
    misconceptions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def read_tags(tags: Sequence[str]) -> Tagged:
    """The reverse of `BankQuestion.tags`; tags that are not ours are ignored."""

    def after(prefix: str) -> tuple[str, ...]:
        found = (t.strip().lower() for t in tags)
        return tuple(t.removeprefix(prefix) for t in found if t.startswith(prefix))

    families = after(FAMILY_TAG)
    return Tagged(
        family=families[0] if families else "",
        situation=any(t.strip().lower() == SITUATION_TAG for t in tags),
        misconceptions=after(MISCONCEPTION_TAG),
        sources=after(SOURCE_TAG),
    )


def lesson_of_category(category: str) -> str:
    """The last name of « Relais/memoriser/memoriser-piliers »."""
    return Path(category.strip()).name if category.strip() else ""
