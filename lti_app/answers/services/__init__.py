"""What is kept of a form: an answer, marked, for ever; a draft, until the question is answered."""

from lti_app.answers.services.drafts import KEPT_FOR, drop_draft, keep_draft, purge_drafts
from lti_app.answers.services.recording import Recorded, answer_key, record_answer, reset_cards

__all__ = [
    "KEPT_FOR",
    "Recorded",
    "answer_key",
    "drop_draft",
    "keep_draft",
    "purge_drafts",
    "record_answer",
    "reset_cards",
]
