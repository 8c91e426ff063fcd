"""What is published, as pages use it: immutable, shared by all the requests of a process.

Every `…html` is clean HTML, ready for a template. `option`, `item`, `pair` and `distractor` texts
are inline (they stand in labels); stems, feedback and explanations are paragraphs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from markupsafe import Markup

_NOTHING = Markup("")


class QuestionKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUEFALSE = "truefalse"
    SHORT = "short"
    ORDERING = "ordering"
    MATCHING = "matching"


@dataclass(frozen=True, slots=True)
class Source:
    """A reference: « Dehaene, 2018 », its full notice (without link), and where it can be read."""

    id: str
    label: str
    full_html: Markup
    url: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """One screen of a lesson. `title` is plain text; `html` comes under it, without it."""

    title: str
    html: Markup
    words: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """`minutes`: reading and questions. `position` counts from 1 in the module."""

    id: str
    module_id: str
    title: str
    summary: str
    minutes: int
    position: int
    parts: tuple[Part, ...]
    sources: tuple[Source, ...]
    question_ids: tuple[str, ...]
    revision_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of single, multiple and truefalse (ids vrai and faux)."""

    id: str
    html: Markup
    correct: bool
    feedback_html: Markup


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to put in order."""

    id: str
    html: Markup
    feedback_html: Markup


@dataclass(frozen=True, slots=True)
class Pair:
    """What goes with what. `right_token` stands for the right side in forms and tells nothing."""

    id: str
    left_html: Markup
    right_html: Markup
    right_token: str
    feedback_html: Markup


@dataclass(frozen=True, slots=True)
class Distractor:
    """A right side that fits nothing."""

    token: str
    html: Markup


@dataclass(frozen=True, slots=True)
class Accepted:
    """A wording of a short answer (right or expected wrong), as plain text."""

    text: str
    feedback_html: Markup


@dataclass(frozen=True, slots=True)
class Question:
    """One question. What its kind does not use is empty. `position` counts from 1 in the module."""

    id: str
    module_id: str
    lesson_id: str
    family: str
    kind: QuestionKind
    situation: bool
    stem_html: Markup
    words: int
    explanation_html: Markup
    sources: tuple[Source, ...]
    position: int
    revision_id: int
    revision: int
    options: tuple[Option, ...] = ()
    items: tuple[Item, ...] = ()
    pairs: tuple[Pair, ...] = ()
    distractors: tuple[Distractor, ...] = ()
    answers: tuple[Accepted, ...] = ()
    wrong: tuple[Accepted, ...] = ()
    otherwise_html: Markup = _NOTHING


@dataclass(frozen=True, slots=True)
class Module:
    """`pass_mark` is a score of 0…100."""

    id: str
    title: str
    summary: str
    objectives: tuple[str, ...]
    competences: tuple[str, ...]
    keywords: tuple[str, ...]
    minutes: int
    pass_mark: int
    lessons: tuple[Lesson, ...]
    questions: tuple[Question, ...]
    revision_id: int
    revision: int


_T = TypeVar("_T", Module, Lesson, Question)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All that is published. `release_id` is 0 before the first publication."""

    release_id: int
    modules: tuple[Module, ...]
    _modules: dict[str, Module] = field(init=False, repr=False, compare=False)
    _lessons: dict[str, Lesson] = field(init=False, repr=False, compare=False)
    _questions: dict[str, Question] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The dataclass is frozen; its look-ups are made once, here.
        object.__setattr__(self, "_modules", _by_id(self.modules))
        object.__setattr__(self, "_lessons", _by_id(x for m in self.modules for x in m.lessons))
        object.__setattr__(self, "_questions", _by_id(x for m in self.modules for x in m.questions))

    @property
    def module_ids(self) -> tuple[str, ...]:
        """In the order of the path."""
        return tuple(self._modules)

    def module(self, module_id: str) -> Module:
        """Raises KeyError when it is not published."""
        return self._modules[module_id]

    def lesson(self, lesson_id: str) -> Lesson:
        """Raises KeyError when it is not published."""
        return self._lessons[lesson_id]

    def question(self, question_id: str) -> Question:
        """Raises KeyError when it is not published."""
        return self._questions[question_id]


def _by_id(things: Iterable[_T]) -> dict[str, _T]:
    return {thing.id: thing for thing in things}
