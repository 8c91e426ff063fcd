"""The participants of a course: who is enrolled, suspended, gone."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, select

from lti_app.demo import gradebook, queries
from lti_app.demo.access import Inside, in_course
from lti_app.demo.models import Enrolment, Grade, LineItem, Person, Role
from lti_app.demo.platform import Platform


def create_blueprint(platform: Platform) -> Blueprint:
    """The page, and what a teacher who may edit does there."""
    blueprint = Blueprint("participants", __name__, url_prefix="/course/<int:course_id>")

    @blueprint.get("/participants")
    def participants(course_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id) as here:
            rows = queries.enrolments(here.session, course_id=course_id, most=gradebook.MOST_ROWS)
            return render_template(
                "demo/participants.html",
                person=here.person,
                course=here.course,
                edits=here.edits,
                sesskey=here.visitor.sesskey,
                rows=rows,
                total=len(queries.members(here.session, course_id=course_id)),
                role_names=gradebook.ROLE_NAMES,
            )

    @blueprint.post("/participants/enrol")
    def enrol(course_id: int) -> ResponseReturnValue:
        """Enrol somebody by username, or change their role."""
        with in_course(platform, course_id, editing=True) as here:
            wanted = select(Person).where(Person.username == request.form.get("username", ""))
            person = here.session.scalar(wanted)
            role = request.form.get("role", "")
            if person is None or role not in list(Role):
                abort(404)
            here.session.merge(
                Enrolment(course_id=course_id, person_id=person.id, role=role, suspended=False)
            )
        return _back(course_id)

    @blueprint.post("/participants/<int:person_id>/<any(suspend, activate, unenrol):what>")
    def change(course_id: int, person_id: int, what: str) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            row = here.session.get(Enrolment, (person_id, course_id))
            if row is None:
                abort(404)
            if what == "unenrol":
                _unenrol(here, row)
            else:
                row.suspended = what == "suspend"
        return _back(course_id)

    return blueprint


def _unenrol(here: Inside, row: Enrolment) -> None:
    # Their grades go with them, and the tool is not told.
    columns = select(LineItem.id).where(LineItem.course_id == row.course_id)
    here.session.execute(
        delete(Grade).where(Grade.person_id == row.person_id, Grade.line_item_id.in_(columns))
    )
    here.session.delete(row)


def _back(course_id: int) -> ResponseReturnValue:
    return redirect(url_for("participants.participants", course_id=course_id), 303)
