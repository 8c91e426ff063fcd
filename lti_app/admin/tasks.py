"""Administration too long for a request."""

from celery import shared_task

from lti_app.admin.queries.merging import find_succession
from lti_app.admin.services.merging import CannotMergeError, NewMerge, merge_persons, preview
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.logging import get_logger

_A_THOUSAND_PEOPLE = 1800
"""Seconds: a merge takes some forty statements."""


@shared_task(
    name="admin.merge_certain",
    soft_time_limit=_A_THOUSAND_PEOPLE,
    time_limit=_A_THOUSAND_PEOPLE + 60,
)
def merge_certain(succession_id: int, actor_id: int) -> None:
    """Merge every certain match, each in a transaction of its own.

    Asked twice, or ended half way and asked again, it goes on with who is left.
    """
    succession = find_succession(db.session, succession_id)
    if succession is None:
        return
    matches = [match for match in preview(db.session, succession).matches if match.certain]
    db.session.rollback()
    done = 0
    for match in matches:
        new = NewMerge(match.former.person_id, match.newer.person_id, match.matched_by)
        try:
            merge_persons(db.session, new, succession=succession, actor_id=actor_id, now=now())
        except CannotMergeError as error:
            db.session.rollback()
            get_logger().info("not_merged", succession=succession_id, reason=error.reason)
            continue
        db.session.commit()
        done += 1
    get_logger().info("merged", succession=succession_id, count=done)
