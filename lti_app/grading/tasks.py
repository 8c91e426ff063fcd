"""Background work of grading: send one grade, find its column, and look for what is still owed."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from celery import shared_task

from lti_app.content.queries import load_catalog
from lti_app.core import clock
from lti_app.core.background import enqueue
from lti_app.core.database import db
from lti_app.core.logging import get_logger
from lti_app.core.outbound import OutboundSession
from lti_app.core.settings import current_settings
from lti_app.grading.queries import due_grade_ids, due_search_ids, stale_link_ids
from lti_app.grading.services import (
    Search,
    announce_creation,
    begin_reading,
    deliver,
    due_renames,
    lease_grade,
    lease_search,
    prepare_renaming,
    read_results,
    record_delivery,
    record_finding,
    record_renaming,
    record_results,
    rename_column,
    search_gradebook,
    spare_platform,
)

TIME_LIMIT_SECONDS = 80
RESENT_AT_ONCE = 200
"""Grades queued by one run of `resend_owed`; the next run, a minute later, takes the others."""

RESULTS_READ_FOR = timedelta(days=90)
"""How long after its last grade the results of an activity are read each night."""
RESULTS_STALE_AFTER = timedelta(hours=18)
READING_HOURS = range(1, 6)
"""Local hours at which results are read unasked: nobody waits for the LMS then."""
READ_AT_ONCE = 100


@shared_task(time_limit=TIME_LIMIT_SECONDS, soft_time_limit=TIME_LIMIT_SECONDS - 5)
def send_grade(owed_grade_id: int) -> None:
    """Send one owed grade to its LMS. Queued twice, or redelivered, it sends once.

    Commits three times, and holds no transaction while the LMS answers: a slow LMS must not keep
    a lock, nor a lost answer undo what was written before it.
    """
    settings = current_settings()
    secret_key = settings.effective_secret_key
    sending = lease_grade(
        db.session, owed_grade_id=owed_grade_id, secret_key=secret_key, now=clock.now()
    )
    searches: list[int] = []
    if sending is None:
        searches = due_search_ids(db.session, now=clock.now(), limit=1, owed_grade_id=owed_grade_id)
    db.session.commit()
    if sending is None:
        queue_searches(searches)
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
    now = clock.now()
    ids = due_grade_ids(db.session, now=now, limit=RESENT_AT_ONCE)
    searches = due_search_ids(db.session, now=now, limit=RESENT_AT_ONCE)
    db.session.rollback()
    if queue_grades(ids):
        queue_searches(searches)


@shared_task(time_limit=TIME_LIMIT_SECONDS, soft_time_limit=TIME_LIMIT_SECONDS - 5)
def find_line_item(search_id: int) -> None:
    """Find, or make, the column of a module in a course. Queued twice, it makes one.

    Commits three times, and holds no transaction while the LMS answers.
    """
    settings = current_settings()
    secret_key = settings.effective_secret_key
    search = lease_search(
        db.session,
        search_id=search_id,
        catalog=load_catalog(db.session),
        secret_key=secret_key,
        now=clock.now(),
    )
    db.session.commit()
    if search is None:
        return
    with OutboundSession(allow_loopback=settings.is_development) as http:
        finding = search_gradebook(
            search, http=http, clock=clock.now, announce=partial(_announce, search)
        )
    ids = record_finding(
        db.session, search=search, finding=finding, secret_key=secret_key, now=clock.now()
    )
    db.session.commit()
    get_logger().info(
        "line_item_search",
        course=search.course_id,
        target=search.target,
        coupled=len(finding.coupled),
        own=finding.own is not None,
        problem=finding.problem,
        attempt=search.attempts,
    )
    queue_grades(ids)


def _announce(search: Search) -> bool:
    agreed = announce_creation(db.session, search=search, now=clock.now())
    db.session.commit()
    return agreed


def queue_searches(search_ids: Iterable[int]) -> bool:
    """Queue searches for columns, as `queue_grades` does grades."""
    return all(enqueue(find_line_item, search_id) for search_id in search_ids)


def queue_grades(owed_grade_ids: Iterable[int]) -> bool:
    """Queue grades to send, after the commit; False when the broker is not there.

    It is then asked once: each time may take seconds of somebody's request, and `resend_owed` finds
    what was not queued.
    """
    return all(enqueue(send_grade, owed_grade_id) for owed_grade_id in owed_grade_ids)


@shared_task(time_limit=TIME_LIMIT_SECONDS, soft_time_limit=TIME_LIMIT_SECONDS - 5)
def read_link_results(resource_link_id: int) -> None:
    """Read what the LMS holds for one activity; once a minute at most, whoever asks."""
    settings = current_settings()
    secret_key = settings.effective_secret_key
    reading = begin_reading(
        db.session, resource_link_id=resource_link_id, secret_key=secret_key, now=clock.now()
    )
    db.session.commit()
    if reading is None:
        return
    with OutboundSession(allow_loopback=settings.is_development) as http:
        read = read_results(reading, http=http, clock=clock.now)
    count = record_results(db.session, reading=reading, read=read, secret_key=secret_key)
    db.session.commit()
    get_logger().info("results_read", link=resource_link_id, people=count, problem=read.problem)


def queue_readings(resource_link_ids: Iterable[int]) -> bool:
    """Queue readings of results, after the commit; False when the broker is not there."""
    return all(enqueue(read_link_results, link_id) for link_id in resource_link_ids)


# Beat goes on while no worker runs: one run then does for all those it missed.
@shared_task(expires=600)
def read_stale_results() -> None:
    """At night, read again what was sent these last months: trainers change grades too."""
    settings = current_settings()
    now = clock.now()
    if now.astimezone(settings.zone).hour not in READING_HOURS:
        return
    ids = stale_link_ids(
        db.session,
        sent_since=now - RESULTS_READ_FOR,
        tried_before=now - RESULTS_STALE_AFTER,
        limit=READ_AT_ONCE,
    )
    db.session.rollback()
    queue_readings(ids)


@shared_task(expires=600)
def rename_columns() -> None:
    """Queue the columns of ours whose module has another title since they were made."""
    ids = due_renames(db.session, load_catalog(db.session))
    db.session.rollback()
    for link_id in ids:
        if not enqueue(rename_line_item, link_id):
            return


@shared_task(time_limit=TIME_LIMIT_SECONDS, soft_time_limit=TIME_LIMIT_SECONDS - 5)
def rename_line_item(resource_link_id: int) -> None:
    """Give one column the title of its module. Queued twice, it does no harm."""
    settings = current_settings()
    secret_key = settings.effective_secret_key
    renaming = prepare_renaming(
        db.session,
        resource_link_id=resource_link_id,
        catalog=load_catalog(db.session),
        secret_key=secret_key,
        now=clock.now(),
    )
    db.session.commit()
    if renaming is None:
        return
    with OutboundSession(allow_loopback=settings.is_development) as http:
        renamed = rename_column(renaming, http=http, clock=clock.now)
    record_renaming(db.session, renaming=renaming, renamed=renamed, secret_key=secret_key)
    db.session.commit()
    get_logger().info("column_renamed", link=resource_link_id, problem=renamed.problem)
