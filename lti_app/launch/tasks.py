"""What the front door does by itself: unfinished logins every ten minutes, the rest by the day."""

from datetime import timedelta

import sqlalchemy as sa
from celery import shared_task

from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.logging import get_logger
from lti_app.core.settings import current_settings
from lti_app.lti.models import Invitation
from lti_app.lti.services import keys, login
from lti_app.lti.services.refusals import purge_refusals
from lti_app.people.models import AdminLink, FrameSession

LINKS_KEPT = timedelta(days=30)
"""After their end: an administrator may still ask what became of a link."""


# Beat goes on while no worker runs: one purge then does for all those it missed.
@shared_task(name="launch.purge_logins", expires=600)
def purge_logins() -> None:
    """Delete the logins nobody finished."""
    gone = login.purge_logins(db.session, now())
    db.session.commit()
    if gone:
        get_logger().info("logins_purged", count=gone)


@shared_task(name="launch.rotate_keys", expires=3600)
def rotate_keys() -> None:
    """Replace our key when it is old enough, and erase the private part of the retired ones."""
    settings = current_settings()
    moment, new = now(), None
    if settings.key_days:
        new = keys.rotate_when_old(
            db.session,
            secret_key=settings.effective_secret_key,
            max_age=timedelta(days=settings.key_days),
            now=moment,
        )
    # Read before the commit, which would have the row read again.
    published = None if new is None else (new.kid, new.signs_from.isoformat())
    forgotten = keys.forget_retired(db.session, moment)
    db.session.commit()
    if published:
        get_logger().info("key_published", kid=published[0], signs_from=published[1])
    if forgotten:
        get_logger().info("keys_forgotten", count=forgotten)


@shared_task(name="launch.purge_expired", expires=3600)
def purge_expired() -> None:
    """Delete what has ended: counts of refusals, one-time links, sessions of frames."""
    moment = now()
    purge_refusals(db.session, moment)
    ended = moment - LINKS_KEPT
    # Sessions hold who is signed in: not kept for a minute more.
    for model, before in ((Invitation, ended), (AdminLink, ended), (FrameSession, moment)):
        db.session.execute(sa.delete(model).where(model.expires_at < before))
    db.session.commit()
