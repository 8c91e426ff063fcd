"""The blueprint of the learner's pages, and what all of its routes begin and end with."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, render_template

from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.settings import current_settings
from lti_app.grading.tasks import queue_grades
from lti_app.people.access import require_enrolment, return_url
from lti_app.practice.services import Visit, open_visit

blueprint = Blueprint(
    "practice", "lti_app.practice", template_folder="templates", url_prefix="/session"
)

# Ids beyond the column's type would be errors of the database, not pages that do not exist.
COURSE = "/<int(max=2147483647):course_id>/"


def enter(course_id: int) -> Visit:
    """The visit of the person signed in, in that very session; else the 401 or 404 page."""
    enrolment = require_enrolment(course_id)
    zone = current_settings().zone
    return open_visit(db.session, enrolment=enrolment, now=now(), zone=zone)


def render(template: str, visit: Visit, **values: Any) -> str:
    """A page of the visit, under its bar."""
    return render_template(
        f"practice/{template}.html",
        visit=visit,
        enrolment=visit.enrolment,
        return_url=return_url(visit.course_id),
        **values,
    )


def commit_and_send(owed_grade_ids: Iterable[int]) -> None:
    """Commit; only then queue the grades. One that cannot be queued is found again by beat."""
    db.session.commit()
    queue_grades(owed_grade_ids)
