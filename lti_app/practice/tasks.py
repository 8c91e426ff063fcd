"""What the learner's room does at night."""

from celery import shared_task

from lti_app.answers.services import purge_drafts
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.logging import get_logger


@shared_task(name="practice.purge_drafts", expires=3600)
def purge_old_drafts() -> None:
    """Delete the drafts nobody came back for."""
    gone = purge_drafts(db.session, now())
    db.session.commit()
    if gone:
        get_logger().info("drafts_purged", count=gone)
