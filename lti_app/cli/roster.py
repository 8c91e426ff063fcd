"""relais roster: who the LMS says is enrolled."""

import click

from lti_app.cli.context import json_option, print_listing, with_app
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.logging import get_logger
from lti_app.roster.queries import course_exists, find_sync, list_syncs, readable_course_ids
from lti_app.roster.tasks import sync_roster

_COLUMNS = (
    "course", "platform", "members", "joined", "departed", "succeeded_at", "attempted_at",
    "problem", "detail",
)  # fmt: skip


@click.group()
def roster() -> None:
    """Who the LMS says is enrolled in each session."""


@roster.command("list")
@json_option
@with_app
def list_command(as_json: bool) -> None:
    """Sessions, and when their roster was last read. Nobody is named."""
    _print(None, as_json=as_json)


@roster.command("sync")
@click.option("--course", "course_id", type=int, metavar="ID", help="Only this session.")
@click.option(
    "--accept-departures",
    is_flag=True,
    help="With --course: mark the absent as left, however many they are.",
)
@json_option
@with_app
def sync_command(course_id: int | None, accept_departures: bool, as_json: bool) -> None:
    """Read the rosters now, one after the other, without the worker. Exits 1 when one fails."""
    if accept_departures and course_id is None:
        raise click.UsageError("--accept-departures goes with --course ID")
    if course_id is not None and not course_exists(db.session, course_id):
        raise click.UsageError(f"there is no session {course_id}: see « relais roster list »")
    course_ids = readable_course_ids(db.session, now=now()) if course_id is None else [course_id]
    db.session.rollback()
    for id_ in course_ids:
        try:
            sync_roster.run(id_, accept_departures)
        except Exception:  # noqa: BLE001 - recorded; the other sessions have their turn
            get_logger().exception("roster_sync_failed", course=id_)
    _print(course_ids, as_json=as_json)
    if any(_failed(id_) for id_ in course_ids):
        raise click.exceptions.Exit(1)


def _failed(course_id: int) -> bool:
    sync = find_sync(db.session, course_id)
    return sync is None or sync.problem is not None


def _print(course_ids: list[int] | None, *, as_json: bool) -> None:
    rows = [
        {
            "course": course.id,
            "platform": platform.name,
            "members": sync.members if sync else 0,
            "joined": sync.joined if sync else 0,
            "departed": sync.departed if sync else 0,
            "succeeded_at": sync.succeeded_at if sync else None,
            "attempted_at": sync.attempted_at if sync else None,
            "problem": sync.problem if sync else None,
            "detail": sync.detail if sync else None,
        }
        for course, platform, sync in list_syncs(db.session)
        if course_ids is None or course.id in course_ids
    ]
    print_listing(rows, _COLUMNS, as_json=as_json)
