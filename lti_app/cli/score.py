"""relais score: the grades owed to the LMS."""

import click

from lti_app.cli.context import json_option, print_listing, with_app
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.grading.queries import course_exists, list_grades
from lti_app.grading.rules import GradeState
from lti_app.grading.services import resend
from lti_app.grading.tasks import queue_grades
from lti_app.lti.queries import platform_named

_COLUMNS = (
    "id", "platform", "course", "link", "person", "score", "sent_score", "state", "problem",
    "attempts", "next_attempt",
)  # fmt: skip


@click.group()
def score() -> None:
    """The grades owed to the LMS."""


@score.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in GradeState]),
    help="Only grades in this state; may be repeated.",
)
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True)
@json_option
@with_app
def list_command(states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Grades and what became of them, the latest first. People are shown by number."""
    wanted = tuple(GradeState(state) for state in states)
    rows = [
        {
            "id": grade.id,
            "platform": platform.name,
            "course": link.course_id,
            "link": link.id,
            "person": grade.person_id,
            "score": grade.score,
            "sent_score": grade.sent_score,
            "state": str(grade.state),
            "problem": grade.problem,
            "attempts": grade.attempts,
            "next_attempt": grade.next_attempt_at if grade.state == GradeState.OWED else None,
        }
        for grade, link, platform in list_grades(db.session, states=wanted, limit=limit)
    ]
    print_listing(rows, _COLUMNS, as_json=as_json)


@score.command("resend")
@click.option("--platform", "platform_name", metavar="NAME", help="Grades of this LMS.")
@click.option("--course", "course_id", type=int, metavar="ID", help="Grades of this session.")
@click.option("--all", "everything", is_flag=True, help="Every grade that waits or was refused.")
@json_option
@with_app
def resend_command(
    platform_name: str | None, course_id: int | None, everything: bool, as_json: bool
) -> None:
    """Send again, at once, the grades that wait or were refused."""
    if everything == (platform_name is not None or course_id is not None):
        raise click.UsageError("say which grades: --platform NAME, --course ID, or --all alone")
    ids = resend(
        db.session,
        platform_id=_platform_id(platform_name),
        course_id=_known_course(course_id),
        now=now(),
    )
    db.session.commit()
    queued = queue_grades(ids)
    if as_json:
        print_listing([{"id": id_} for id_ in ids], ("id",), as_json=True)
        return
    when = "now" if queued else "as soon as the broker is back"
    click.echo(f"{len(ids)} grade(s) to send {when}.")


def _platform_id(name: str | None) -> int | None:
    if name is None:
        return None
    platform = platform_named(db.session, name)
    if platform is None:
        raise click.UsageError(f"no platform is called « {name} »: see « relais platform list »")
    return platform.id


def _known_course(course_id: int | None) -> int | None:
    if course_id is not None and not course_exists(db.session, course_id):
        raise click.UsageError(f"there is no session {course_id}: see « relais score list »")
    return course_id
