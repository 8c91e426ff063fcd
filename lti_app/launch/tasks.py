"""What the front door does at night, and every ten minutes."""

from celery import shared_task

from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.logging import get_logger
from lti_app.lti.services import login


# Beat goes on while no worker runs: one purge then does for all those it missed.
@shared_task(name="launch.purge_logins", expires=600)
def purge_logins() -> None:
    """Delete the logins nobody finished."""
    gone = login.purge_logins(db.session, now())
    db.session.commit()
    if gone:
        get_logger().info("logins_purged", count=gone)
