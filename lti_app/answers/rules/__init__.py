"""Marking: what was asked (`AnswerKey`), what was answered (`Response`), what it is worth (`Mark`).

Pure: content is turned into keys by the caller, so that a stored answer can be marked again against
the very revision it met.
"""

from lti_app.answers.rules.drafts import draft_fields
from lti_app.answers.rules.forms import (
    TEXT_LIMIT,
    Form,
    parse_response,
    response_from_json,
    response_to_json,
)
from lti_app.answers.rules.kinds import (
    AnswerKey,
    Choice,
    ChoiceResponse,
    IncompleteResponse,
    InvalidResponse,
    Kind,
    MatchingKey,
    MatchResponse,
    MultipleKey,
    OrderingKey,
    OrderResponse,
    Response,
    ShortKey,
    SingleKey,
    TextResponse,
    UnusableResponse,
    option_count,
)
from lti_app.answers.rules.marking import Mark, PartMark, is_markable, mark
from lti_app.answers.rules.presentation import scrambled, shuffled
from lti_app.answers.rules.wording import is_one_typo_away, normalise

__all__ = [
    "TEXT_LIMIT",
    "AnswerKey",
    "Choice",
    "ChoiceResponse",
    "Form",
    "IncompleteResponse",
    "InvalidResponse",
    "Kind",
    "Mark",
    "MatchResponse",
    "MatchingKey",
    "MultipleKey",
    "OrderResponse",
    "OrderingKey",
    "PartMark",
    "Response",
    "ShortKey",
    "SingleKey",
    "TextResponse",
    "UnusableResponse",
    "draft_fields",
    "is_markable",
    "is_one_typo_away",
    "mark",
    "normalise",
    "option_count",
    "parse_response",
    "response_from_json",
    "response_to_json",
    "scrambled",
    "shuffled",
]
