"""Drafts: what was filled in when a visit ended, kept for its person until they answer."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.answers.models import Draft
from lti_app.answers.rules import Form
from lti_app.core.database import upsert

KEPT_FOR = timedelta(days=30)


def keep_draft(
    session: Session, *, person_id: int, question_id: str, fields: Form, now: datetime
) -> None:
    """Keep these fields, in the place of an older draft of the same question.

    `fields`: as `answers.rules.draft_fields` bounded them.
    """
    values = {"fields": dict(fields), "saved_at": now}
    key = {"person_id": person_id, "question_id": question_id}
    upsert(session, Draft, key | values, key=("person_id", "question_id"), update=values)


def drop_draft(session: Session, *, person_id: int, question_id: str) -> None:
    """Forget the draft of a question that its person has now answered."""
    session.execute(
        sa.delete(Draft).where(Draft.person_id == person_id, Draft.question_id == question_id)
    )


def purge_drafts(session: Session, now: datetime) -> int:
    """Delete the drafts nobody came back for; how many went."""
    result = session.execute(sa.delete(Draft).where(Draft.saved_at < now - KEPT_FOR))
    return result.rowcount  # type: ignore[attr-defined, no-any-return]
