"""What is owed to the LMS, when to try again, what its answers mean, and how to say so. Pure."""

from lti_app.grading.rules.explanations import (
    GradeState,
    Problem,
    advise,
    explain,
    reading_reason,
    reason,
    refusal_of,
    score_comment,
)
from lti_app.grading.rules.line_items import (
    TAG,
    Candidate,
    ColumnPlan,
    Match,
    choose_holders,
    label_to_give,
    match_columns,
    plan_column,
)
from lti_app.grading.rules.results import Shown, differs
from lti_app.grading.rules.sending import (
    FIRST_WAIT,
    LONGEST_WAIT,
    GradePolicy,
    Outcome,
    backoff,
    classify,
    next_timestamp,
    parse_policy,
    score_to_send,
)

__all__ = [
    "FIRST_WAIT",
    "LONGEST_WAIT",
    "TAG",
    "Candidate",
    "ColumnPlan",
    "GradePolicy",
    "GradeState",
    "Match",
    "Outcome",
    "Problem",
    "Shown",
    "advise",
    "backoff",
    "choose_holders",
    "classify",
    "differs",
    "explain",
    "label_to_give",
    "match_columns",
    "next_timestamp",
    "parse_policy",
    "plan_column",
    "reading_reason",
    "reason",
    "refusal_of",
    "score_comment",
    "score_to_send",
]
