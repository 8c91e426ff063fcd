"""What is published, as pages use it: immutable, shared by all the requests of a process.

Every `…html` is clean HTML, ready for a template. `option`, `item`, `pair` and `distractor` texts
are inline (they stand in labels); stems, feedback and explanations are paragraphs. The HTML holds
only what `markdown.Renderer` lets through: p, ul, ol, li, table (in a div), strong, em, code, a,
h3, h4 (and h2 in a handout), aside.encadre, figure, details.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from markupsafe import Markup

from lti_app.content.rules.catalog_supplements import (
    FIGURES_ADDRESS,
    Figure,
    Handout,
    Indexing,
    Kit,
    Message,
    Misconception,
    Outline,
    Prose,
    Resource,
    Source,
    Step,
    Term,
)

__all__ = [
    "FIGURES_ADDRESS", "Accepted", "Catalog", "Distractor", "Figure", "Handout", "Indexing", "Item",
    "Kit", "Lesson", "Message", "Misconception", "Module", "Option", "Outline", "Pair", "Part",
    "Prose", "Question", "QuestionKind", "Resource", "Source", "Step", "Term",
]  # fmt: skip

_NOTHING = Markup("")


class QuestionKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUEFALSE = "truefalse"
    SHORT = "short"
    ORDERING = "ordering"
    MATCHING = "matching"


@dataclass(frozen=True, slots=True)
class Part:
    """One screen of a lesson. `title` is plain text; `html` comes under it, without it."""

    title: str
    html: Markup
    words: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """`minutes`: reading and questions. `position` counts from 1 in the module.

    `objectives`: numbers, from 1, of those of the module it serves. `terms`: those of the glossary
    it uses, as French sorts them. `sources` holds theirs and those of its figures.
    """

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
    objectives: tuple[int, ...] = ()
    terms: tuple[Term, ...] = ()


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
    """One question. What its kind does not use is empty. `position` counts from 1 in the module.

    `checked`, `check_by`: of the dated fact it rests on; `dated` says both in a sentence, or
    nothing. `misconceptions`: ids of those of the module it answers.
    """

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
    misconceptions: tuple[str, ...] = ()
    checked: date | None = None
    check_by: date | None = None
    dated: str = ""


@dataclass(frozen=True, slots=True)
class Module:
    """`pass_mark` is a score of 0…100. `minutes`: at a distance; in presence, see `indexing`."""

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
    misconceptions: tuple[Misconception, ...] = ()
    resources: tuple[Resource, ...] = ()
    indexing: Indexing | None = None
    figures: tuple[Figure, ...] = ()
    kit: Kit | None = None


_T = TypeVar("_T", Module, Lesson, Question)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All that is published. `release_id` is 0 before the first publication.

    `glossary`: the terms of all modules, as French sorts them.
    """

    release_id: int
    modules: tuple[Module, ...]
    glossary: tuple[Term, ...] = ()
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

    def figure(self, module_id: str, figure_id: str) -> Figure:
        """Raises KeyError when it is not published."""
        found = (figure for figure in self.module(module_id).figures if figure.id == figure_id)
        figure = next(found, None)
        if figure is None:
            raise KeyError(figure_id)
        return figure


def _by_id(things: Iterable[_T]) -> dict[str, _T]:
    return {thing.id: thing for thing in things}
