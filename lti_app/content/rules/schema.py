"""The source files of `courses/`, as strict pydantic models. Unknown keys are refused."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter
from pydantic_core import PydanticCustomError

ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
RESERVED_MODULE_IDS = frozenset({"path", "review"})
"""What an LTI link names instead of a module."""
ADVICE_SOURCE = "conseil"
"""Stands in `sources` for design advice that has no source of its own."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=80)]
ReferenceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$")]
OptionId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+$", max_length=20)]
RevisionNumber = Annotated[int, Field(ge=1)]


def _as_date(value: Any) -> Any:
    """YAML reads 2026-09-01 as a date; quotes, and JSON, make a text of it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise PydanticCustomError("iso_date", "not a date") from error


Day = Annotated[date, BeforeValidator(_as_date)]
TextChange = Literal["typo", "clarification"]
QuestionChange = Literal["typo", "clarification", "answer"]


class Strict(BaseModel):
    """What an author writes: nothing is converted, nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ReferenceSource(Strict):
    """One entry of the bibliography. `note` and `verified` are for authors, never shown."""

    id: ReferenceId
    authors: Text
    year: int | Text
    title: Text
    container: str = ""
    doi_or_url: str = ""
    verified: Literal["yes", "memory", "no"]
    note: str = ""


class MisconceptionSource(Strict):
    """A false belief the module answers."""

    id: Id
    belief: Text


class ResourceSource(Strict):
    """An institutional resource to open (`reference` has an address), and what is found there."""

    reference: ReferenceId
    use: Text


class IndexingSource(Strict):
    """What the indexation sheet says and nothing else does. Its presence presents the module as
    finished: the checks then ask all that a finished module must have."""

    public: Text
    domain: Text
    presence_minutes: int = Field(ge=0)


class ModuleSource(Strict):
    """`module.yaml`. `position` orders the modules of the path (then their ids)."""

    id: Id
    title: Text
    summary: Text
    objectives: list[Text] = Field(min_length=3, max_length=8)
    competences: list[Text]
    keywords: list[Text]
    pass_mark: int = Field(default=80, ge=1, le=100)
    minutes: int = Field(ge=1)
    position: int = 100
    lessons: list[Id] = Field(min_length=1)
    references: list[ReferenceId] = []
    misconceptions: list[MisconceptionSource] = []
    resources: list[ResourceSource] = []
    indexing: IndexingSource | None = None
    revision: RevisionNumber
    change: TextChange | None = None


class LessonSource(Strict):
    """A lesson: its front matter, and the Markdown after it as `body`.

    `objectives`: numbers, from 1, of the objectives of the module it serves.
    """

    id: Id
    title: Text
    minutes: int = Field(ge=1)
    summary: Text
    objectives: list[Annotated[int, Field(ge=1)]] = []
    revision: RevisionNumber
    change: TextChange | None = None
    body: str


class OptionSource(Strict):
    id: OptionId
    text: Text
    correct: bool = False
    feedback: Text


class TruthSource(Strict):
    """Vrai or Faux: the words are the page's."""

    id: Literal["vrai", "faux"]
    correct: bool = False
    feedback: Text


class AcceptedSource(Strict):
    text: Text
    feedback: Text


class ItemSource(Strict):
    id: OptionId
    text: Text
    feedback: Text


class PairSource(Strict):
    id: OptionId
    left: Text
    right: Text
    feedback: Text


class _QuestionBase(Strict):
    """`checked`, `check_by`: when the fact it rests on was read, when to read it again."""

    id: Id
    lesson: Id
    family: Id
    situation: bool = False
    stem: Text
    explanation: Text
    sources: list[ReferenceId] = Field(min_length=1)
    misconceptions: list[Id] = []
    checked: Day | None = None
    check_by: Day | None = None
    revision: RevisionNumber
    change: QuestionChange | None = None


class ChoiceQuestion(_QuestionBase):
    kind: Literal["single", "multiple"]
    options: list[OptionSource] = Field(min_length=3, max_length=5)


class TrueFalseQuestion(_QuestionBase):
    kind: Literal["truefalse"]
    options: list[TruthSource] = Field(min_length=2, max_length=2)


class ShortQuestion(_QuestionBase):
    """One or two words to type; `wrong` are expected mistakes, `otherwise` answers the rest."""

    kind: Literal["short"]
    answers: list[AcceptedSource] = Field(min_length=1)
    wrong: list[AcceptedSource] = []
    otherwise: Text


class OrderingQuestion(_QuestionBase):
    """Items in the right order."""

    kind: Literal["ordering"]
    items: list[ItemSource] = Field(min_length=3, max_length=6)


class MatchingQuestion(_QuestionBase):
    """Pairs, and right-hand texts that fit nothing."""

    kind: Literal["matching"]
    pairs: list[PairSource] = Field(min_length=3, max_length=5)
    distractors: list[Text] = []


QuestionSource = Annotated[
    ChoiceQuestion | TrueFalseQuestion | ShortQuestion | OrderingQuestion | MatchingQuestion,
    Field(discriminator="kind"),
]

_QUESTION: TypeAdapter[QuestionSource] = TypeAdapter(QuestionSource)

QUESTION_MODELS: dict[str, type[_QuestionBase]] = {
    "single": ChoiceQuestion,
    "multiple": ChoiceQuestion,
    "truefalse": TrueFalseQuestion,
    "short": ShortQuestion,
    "ordering": OrderingQuestion,
    "matching": MatchingQuestion,
}


def parse_question(data: Any) -> QuestionSource:
    """The question of one entry of `questions.yaml`. Raises pydantic.ValidationError."""
    return _QUESTION.validate_python(data)
