"""What is owed to the LMS, when to try again, what its answers mean, and how to say so. Pure."""

from lti_app.grading.rules.explanations import (
    GradeState,
    Problem,
    advise,
    explain,
    reason,
    refusal_of,
    score_comment,
)
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
    "GradePolicy",
    "GradeState",
    "Outcome",
    "Problem",
    "advise",
    "backoff",
    "classify",
    "explain",
    "next_timestamp",
    "parse_policy",
    "reason",
    "refusal_of",
    "score_comment",
    "score_to_send",
]
