"""What was typed in a visit that ended: where to find it again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_app.answers.queries import drafts_of
from lti_app.practice.services.visit import Visit


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """The question that a kept form belongs to."""

    question_id: str
    saved_at: datetime


def waiting_draft(session: Session, visit: Visit) -> WaitingDraft | None:
    """The person's latest draft of a question of this session; None when there is none."""
    for draft in drafts_of(session, visit.person_id):
        if not visit.has_question(draft.question_id):
            continue
        if visit.has_module(visit.catalog.question(draft.question_id).module_id):
            return WaitingDraft(draft.question_id, draft.saved_at)
    return None
