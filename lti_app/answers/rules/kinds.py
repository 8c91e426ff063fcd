"""The kinds of question: for each, the key it is marked by and the response it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lti_app.answers.rules.wording import normalise


class Kind(StrEnum):
    """The kinds of the content format."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUEFALSE = "truefalse"
    SHORT = "short"
    ORDERING = "ordering"
    MATCHING = "matching"


class UnusableResponse(ValueError):  # noqa: N818 - the two below are what callers catch and show
    """A form that gives no response. `message` is a French sentence for the person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class IncompleteResponse(UnusableResponse):
    """Something is still to be chosen or written: show the form again, as it was filled."""


class InvalidResponse(UnusableResponse):
    """Ids or values that the form does not offer: forged, or a page older than the question."""

    def __init__(self) -> None:
        super().__init__(
            "Cette réponse ne correspond pas à la question affichée\N{NO-BREAK SPACE}: "
            "la question a pu changer depuis. Rechargez la page, puis répondez de nouveau."
        )


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    correct: bool


@dataclass(frozen=True, slots=True)
class SingleKey:
    """Exactly one choice is correct. True/false questions too: choices `vrai` and `faux`."""

    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        _require_distinct([choice.id for choice in self.choices])
        if sum(choice.correct for choice in self.choices) != 1:
            raise ValueError("a single-choice question has exactly one correct choice")


@dataclass(frozen=True, slots=True)
class MultipleKey:
    """The correct choices, all of them and no other, make the answer right."""

    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        _require_distinct([choice.id for choice in self.choices])


@dataclass(frozen=True, slots=True)
class ShortKey:
    """Accepted wordings, and wrong ones that were foreseen; compared once normalised."""

    answers: tuple[str, ...]
    wrong: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.answers:
            raise ValueError("a short-answer question accepts at least one wording")
        for wording in (*self.answers, *self.wrong):
            if not normalise(wording):
                raise ValueError(f"nothing is left to compare in the wording {wording!r}")


@dataclass(frozen=True, slots=True)
class OrderingKey:
    """Item ids in the right order."""

    items: tuple[str, ...]

    def __post_init__(self) -> None:
        _require_distinct(self.items)


@dataclass(frozen=True, slots=True)
class MatchingKey:
    """For each left id its right token; `rights`: every token offered, distractors included.

    Tokens must not tell which pair they belong to. Two pairs may share one.
    """

    pairs: Mapping[str, str]
    rights: frozenset[str]

    def __post_init__(self) -> None:
        if not self.rights.issuperset(self.pairs.values()):
            raise ValueError("every pair's right token must be among those offered")


AnswerKey = SingleKey | MultipleKey | ShortKey | OrderingKey | MatchingKey


@dataclass(frozen=True, slots=True)
class ChoiceResponse:
    chosen: frozenset[str]


@dataclass(frozen=True, slots=True)
class TextResponse:
    text: str


@dataclass(frozen=True, slots=True)
class OrderResponse:
    """Item ids, from the first rank to the last."""

    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchResponse:
    """The right token chosen for each left id."""

    matches: Mapping[str, str]


Response = ChoiceResponse | TextResponse | OrderResponse | MatchResponse


def option_count(key: AnswerKey) -> int | None:
    """Among how many options a guess chooses; None where chance is negligible (see `rate`)."""
    return len(key.choices) if isinstance(key, SingleKey) else None


def _require_distinct(ids: Sequence[str]) -> None:
    if len(set(ids)) != len(ids):
        raise ValueError(f"ids must be distinct: {', '.join(ids)}")
