"""Background work of grading: send one grade, and look for those still owed."""

from collections.abc import Iterable

from celery import shared_task
from flask import current_app

from lti_app.core import clock
from lti_app.core.background import enqueue
from lti_app.core.database import db
from lti_app.core.logging import get_logger
from lti_app.core.outbound import OutboundSession
from lti_app.core.settings import Settings
from lti_app.grading.queries import due_grade_ids
from lti_app.grading.services import (
    deliver,
    lease_grade,
    record_delivery,
    spare_platform,
)

TIME_LIMIT_SECONDS = 80
RESENT_AT_ONCE = 200
"""Grades queued by one run of `resend_owed`; the next run, a minute later, takes the others."""


@shared_task(time_limit=TIME_LIMIT_SECONDS, soft_time_limit=TIME_LIMIT_SECONDS - 5)
def send_grade(owed_grade_id: int) -> None:
    """Send one owed grade to its LMS. Queued twice, or redelivered, it sends once.

    Commits three times, and holds no transaction while the LMS answers: a slow LMS must not keep
    a lock, nor a lost answer undo what was written before it.
    """
    settings: Settings = current_app.config["RELAIS"]
    secret_key = settings.effective_secret_key
    sending = lease_grade(
        db.session, owed_grade_id=owed_grade_id, secret_key=secret_key, now=clock.now()
    )
    db.session.commit()
    if sending is None:
        return
    with OutboundSession(allow_loopback=settings.is_development) as http:
        delivery = deliver(sending, http=http, clock=clock.now)
    again = record_delivery(
        db.session, sending=sending, delivery=delivery, secret_key=secret_key, now=clock.now()
    )
    db.session.commit()
    get_logger().info(
        "grade_delivery",
        owed_grade=owed_grade_id,
        outcome=delivery.outcome.value,
        problem=delivery.problem,
        attempt=sending.attempts,
    )
    if delivery.platform_is_away:
        spare_platform(db.session, platform_id=sending.platform_id, now=clock.now())
        db.session.commit()
    elif again:
        enqueue(send_grade, owed_grade_id)


# Beat goes on while no worker runs: a run that was not taken within its minute is dropped.
@shared_task(expires=55)
def resend_owed() -> None:
    """Queue what is owed and due: what a dead broker, worker or LMS left behind."""
    ids = due_grade_ids(db.session, now=clock.now(), limit=RESENT_AT_ONCE)
    db.session.rollback()
    queue_grades(ids)


def queue_grades(owed_grade_ids: Iterable[int]) -> bool:
    """Queue grades to send, after the commit; False when the broker is not there.

    It is then asked once: each time may take seconds of somebody's request, and `resend_owed` finds
    what was not queued.
    """
    return all(enqueue(send_grade, owed_grade_id) for owed_grade_id in owed_grade_ids)
