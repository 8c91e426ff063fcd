"""/suivi/<course>/: where everybody stands, the same as a spreadsheet, and one referent's card."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.errors import RelaisError
from lti_app.core.settings import current_settings
from lti_app.grading.queries import graded_link_ids
from lti_app.grading.services import forget_made_column
from lti_app.grading.tasks import queue_grades, queue_readings
from lti_app.people.access import NOT_FOUND, require_trainer, return_url
from lti_app.people.models import ResourceLink
from lti_app.reports.forms import FilterForm, kept_arguments
from lti_app.reports.rules.spreadsheet import csv_chunks, file_name
from lti_app.reports.rules.wording import BADGE_LABELS, STATE_LABELS
from lti_app.reports.services.card import read_referent
from lti_app.reports.services.gradebook import read_gradebook
from lti_app.reports.services.listing import (
    Report,
    Roll,
    export_lines,
    make_report,
    read_roll,
    screen_lines,
)
from lti_app.reports.services.roster_news import NOTICES, Notice, read_roster_news
from lti_app.roster.services import Asked, ask_for_reading
from lti_app.roster.tasks import queue_rosters

blueprint = Blueprint("reports", __name__, template_folder="templates", url_prefix="/suivi")

# Ids beyond the column's type would be errors of the database, not pages that do not exist.
_COURSE = "/<int(max=2147483647):course_id>/"


@blueprint.get(_COURSE)
def overview(course_id: int) -> ResponseReturnValue:
    """Every referent of the session, with totals."""
    enrolment = require_trainer(course_id)
    news = read_roster_news(
        db.session,
        course=enrolment.course,
        asked=request.args.get("liste", ""),
        zone=current_settings().zone,
        now=now(),
    )
    roll, form = _roll(course_id)
    report = _report(roll, form)
    return render_template(
        "reports/overview.html",
        enrolment=enrolment,
        report=report,
        lines=screen_lines(report),
        anybody=bool(roll.rows),
        news=news,
        form=form,
        kept=form.kept(),
        labels=STATE_LABELS,
        words=BADGE_LABELS,
        return_url=return_url(course_id),
    )


@blueprint.post(_COURSE + "liste/")
def update_list(course_id: int) -> ResponseReturnValue:
    """Have the roster of the session read now, rather than next night."""
    enrolment = require_trainer(course_id)
    asked = ask_for_reading(
        db.session,
        course=enrolment.course,
        confirm_departures=request.form.get("departs") == "confirmes",
        now=now(),
    )
    db.session.commit()
    notice = NOTICES[asked]
    confirmed = asked is Asked.CONFIRMED
    if notice is Notice.GRANTED and not queue_rosters([course_id], accept_departures=confirmed):
        notice = Notice.NO_BROKER
    list_address: dict[str, Any] = {**kept_arguments(request.args), "course_id": course_id}
    address = url_for("reports.overview", **list_address, liste=notice.value, _anchor="liste")
    return redirect(address, HTTPStatus.SEE_OTHER)


@blueprint.get(_COURSE + "export.csv")
def export(course_id: int) -> ResponseReturnValue:
    """The rows of the screen, in the same order, for a spreadsheet."""
    enrolment = require_trainer(course_id)
    report = _report(*_roll(course_id))
    day = now().astimezone(current_settings().zone).date()
    response = Response(_encoded(report), content_type="text/csv; charset=utf-8")
    response.headers.set(
        "Content-Disposition", "attachment", filename=file_name(enrolment.course.title, day)
    )
    return response


@blueprint.get(_COURSE + "referent/<int(max=2147483647):person_id>/")
def referent(course_id: int, person_id: int) -> ResponseReturnValue:
    """One referent of the session: modules, lessons, grades; never the answers."""
    enrolment = require_trainer(course_id)
    card = read_referent(
        db.session, course_id=course_id, person_id=person_id, zone=current_settings().zone
    )
    if card is None:
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="not a learner here")
    list_address: dict[str, Any] = {**kept_arguments(request.args), "course_id": course_id}
    return render_template(
        "reports/referent.html",
        enrolment=enrolment,
        card=card,
        back=url_for("reports.overview", **list_address),
        return_url=return_url(course_id),
    )


@blueprint.get(_COURSE + "notes/")
def gradebook(course_id: int) -> ResponseReturnValue:
    """The session's columns in the LMS, and the grades that were changed there."""
    enrolment = require_trainer(course_id)
    return render_template(
        "reports/gradebook.html",
        enrolment=enrolment,
        page=read_gradebook(db.session, course_id=course_id),
        asked=request.args.get("lecture", ""),
        return_url=return_url(course_id),
    )


@blueprint.post(_COURSE + "notes/")
def read_grades(course_id: int) -> ResponseReturnValue:
    """Have the grades of the session read from the LMS now, rather than next night."""
    require_trainer(course_id)
    ids = graded_link_ids(db.session, course_id)
    db.session.commit()
    return _to_gradebook(course_id, asked=queue_readings(ids))


@blueprint.post(_COURSE + "notes/<int(max=2147483647):link_id>/")
def make_column_again(course_id: int, link_id: int) -> ResponseReturnValue:
    """Make a column of ours again, that somebody deleted in the LMS."""
    require_trainer(course_id)
    link = db.session.get(ResourceLink, link_id)
    if link is None or link.course_id != course_id:
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="not a link of the course")
    ids = forget_made_column(db.session, link=link, now=now())
    db.session.commit()
    queue_grades(ids)
    return redirect(url_for("reports.gradebook", course_id=course_id), HTTPStatus.SEE_OTHER)


def _to_gradebook(course_id: int, *, asked: bool) -> ResponseReturnValue:
    word = "oui" if asked else "plus-tard"
    address = url_for("reports.gradebook", course_id=course_id, lecture=word)
    return redirect(address, HTTPStatus.SEE_OTHER)


def _roll(course_id: int) -> tuple[Roll, FilterForm]:
    roll = read_roll(db.session, course_id=course_id, zone=current_settings().zone)
    form = FilterForm(request.args, roll.columns)
    form.validate()
    return roll, form


def _report(roll: Roll, form: FilterForm) -> Report:
    return make_report(roll, filters=form.filters(), sorting=form.sorting, now=now())


def _encoded(report: Report) -> Iterator[bytes]:
    for chunk in csv_chunks(export_lines(report)):
        yield chunk.encode()
