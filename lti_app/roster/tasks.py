"""Background work of the roster room: read one course's roster, and find those due at night."""

from collections.abc import Iterable

from celery import shared_task

from lti_app.core import clock
from lti_app.core.background import enqueue
from lti_app.core.database import db
from lti_app.core.logging import get_logger
from lti_app.core.outbound import OutboundSession
from lti_app.core.settings import current_settings
from lti_app.lti.services.nrps import MEMBERSHIP_SCOPE, RosterError, RosterReader
from lti_app.lti.services.tokens import forget_token, remember_token
from lti_app.roster.queries import due_course_ids
from lti_app.roster.rules.explanations import Problem
from lti_app.roster.rules.nights import night_began, turn
from lti_app.roster.services import (
    Reading,
    Tally,
    close_reading,
    lease_reading,
    record_failure,
    store_slice,
)

TIME_LIMIT_SECONDS = 30 * 60
"""More than `nrps.LONGEST_READING` and its last page: the reading gives up by itself."""

QUEUED_AT_ONCE = 200


@shared_task(time_limit=TIME_LIMIT_SECONDS, soft_time_limit=TIME_LIMIT_SECONDS - 30)
def sync_roster(course_id: int, accept_departures: bool = False) -> None:
    """Read the roster of one course. Queued twice, it is read by one worker at a time.

    Commits after each slice, and holds no transaction while the LMS answers. A worker that dies
    leaves people enrolled and marks nobody as left: only the end of a whole roster does.
    """
    settings = current_settings()
    reading = lease_reading(
        db.session,
        course_id=course_id,
        secret_key=settings.effective_secret_key,
        now=clock.now(),
    )
    db.session.commit()
    if reading is None:
        return
    try:
        _read(reading, accept_departures=accept_departures)
    except Exception:
        db.session.rollback()
        record_failure(db.session, reading=reading, problem=Problem.INTERRUPTED, now=clock.now())
        db.session.commit()
        raise


def _read(reading: Reading, *, accept_departures: bool) -> None:
    tally = Tally()
    problem: Problem | None = None
    with OutboundSession(allow_loopback=current_settings().is_development) as http:
        reader = RosterReader(
            reading.url,
            hosts=reading.hosts,
            http=http,
            token=reading.token,
            token_request=reading.token_request,
            clock=clock.now,
        )
        try:
            if not _store_all(reading, reader, tally):
                get_logger().warning("roster_taken_over", course=reading.course_id)
                return
        except RosterError as error:
            problem = Problem(error.reason)
            record_failure(
                db.session,
                reading=reading,
                problem=problem,
                detail=error.detail,
                pause=error.pause,
                now=clock.now(),
            )
        else:
            problem = close_reading(
                db.session,
                reading=reading,
                tally=tally,
                answers=reader.answers,
                accept_departures=accept_departures,
                now=clock.now(),
            )
    _keep_token(reading, reader)
    db.session.commit()
    get_logger().info(
        "roster_read",
        course=reading.course_id,
        problem=problem,
        answers=reader.answers,
        joined=tally.joined,
        dropped=reader.dropped,
    )


def _store_all(reading: Reading, reader: RosterReader, tally: Tally) -> bool:
    """Every slice, each committed; False when another worker took the roster over."""
    for part in reader.read():
        stored = store_slice(db.session, reading=reading, members=part.members, now=clock.now())
        if stored is None:
            db.session.rollback()
            return False
        db.session.commit()
        tally.add(stored)
    return True


def _keep_token(reading: Reading, reader: RosterReader) -> None:
    if reader.token_refused:
        forget_token(db.session, platform_id=reading.platform_id, scope=MEMBERSHIP_SCOPE)
    elif reader.issued is not None:
        remember_token(
            db.session,
            platform_id=reading.platform_id,
            scope=MEMBERSHIP_SCOPE,
            issued=reader.issued,
            secret_key=current_settings().effective_secret_key,
        )


# Beat goes on while no worker runs: a run that was not taken before the next is dropped.
@shared_task(expires=280)
def sync_rosters() -> None:
    """By night, queue the courses whose turn has come: each for itself, so that one that fails
    stops no other. Does nothing by day."""
    now = clock.now()
    night = night_began(now, current_settings().zone)
    if night is None:
        return
    ids = due_course_ids(db.session, night=night, now=now)
    db.session.rollback()
    ready = [id_ for id_ in ids if turn(id_) <= now - night]
    queue_rosters(ready[:QUEUED_AT_ONCE])


def queue_rosters(course_ids: Iterable[int], *, accept_departures: bool = False) -> bool:
    """Queue courses to read; False when the broker is not there, which is asked once."""
    return all(enqueue(sync_roster, course_id, accept_departures) for course_id in course_ids)
