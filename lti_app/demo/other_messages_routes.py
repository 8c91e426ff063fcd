"""Messages a tool meets more rarely: submission review, data privacy, and one nobody knows."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_app.demo.access import as_administrator, in_course
from lti_app.demo.claims import CONTAINER_IFRAME
from lti_app.demo.launch_facts import Message
from lti_app.demo.launches import role_in_course
from lti_app.demo.lti_routes import login_form
from lti_app.demo.models import Activity, Enrolment, MessageKind, Person, Role, SiteRole
from lti_app.demo.platform import Platform
from lti_app.demo.service_http import error_page
from lti_app.demo.signin import Visitor, visitor
from lti_app.demo.tools import find_tool

_SITE_KINDS = {
    MessageKind.DATA_PRIVACY: "Confidentialité des données",
    MessageKind.UNKNOWN: "Message inconnu",
}


def create_blueprint(platform: Platform) -> Blueprint:
    """The pages that hold the tool's frame, and the address that launches in it."""
    blueprint = Blueprint("messages", __name__)
    _add_pages(blueprint, platform)

    @blueprint.get("/mod/lti/message.php")
    def message() -> ResponseReturnValue:
        with platform.database.writing() as session:
            who = visitor(session)
            if who is None:
                return redirect(url_for("pages.home"))
            asked = _review(session, who) if request.args.get("id") else _of_site(session, who)
            if asked is None:
                return error_page()
            return login_form(session, platform, who, asked, container=CONTAINER_IFRAME)

    return blueprint


def _add_pages(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/course/<int:course_id>/review/<int:activity_id>/<int:person_id>")
    def review(course_id: int, activity_id: int, person_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id) as here:
            activity = here.activity(activity_id)
            enrolled = here.session.get(Enrolment, (person_id, course_id))
            if not here.teaches:
                abort(403)
            if enrolled is None:
                abort(404)
            frame = url_for("messages.message", id=activity.cmid, user=person_id)
            title = f"Tentative de {enrolled.person.name} : {activity.name}"
            back = url_for("pages.grades", course_id=course_id)
            return _frame_page(here.person, title, frame, back)

    @blueprint.get("/admin/tools/<type_id>/message/<kind>")
    def of_site(type_id: str, kind: str) -> ResponseReturnValue:
        with as_administrator(platform) as (session, who):
            row = find_tool(session, type_id)
            if row is None or kind not in list(_SITE_KINDS):
                abort(404)
            frame = url_for("messages.message", type=type_id, kind=kind)
            title = f"{_SITE_KINDS[MessageKind(kind)]} : {row.name}"
            back = url_for("admin.tool", type_id=type_id)
            return _frame_page(who.person, title, frame, back)


def _frame_page(person: Person, title: str, frame: str, back: str) -> str:
    return render_template("demo/message.html", person=person, title=title, frame=frame, back=back)


def _review(session: Session, who: Visitor) -> Message | None:
    """The attempt of a learner in an activity, for who teaches in its course."""
    activity = session.scalar(
        select(Activity).where(Activity.cmid == request.args.get("id", type=int))
    )
    person = session.get(Person, request.args.get("user", type=int) or 0)
    if activity is None or activity.broken or person is None:
        return None
    role = role_in_course(session, who.person, activity.course_id)
    if role is None or role == Role.STUDENT:
        abort(403)
    kind = MessageKind.SUBMISSION_REVIEW
    return Message(kind, activity.tool_type, activity.course, activity, person)


def _of_site(session: Session, who: Visitor) -> Message | None:
    """A message of the administrator, out of any course."""
    if who.person.site_role != SiteRole.ADMIN:
        abort(403)
    row, kind = find_tool(session, request.args.get("type", "")), request.args.get("kind", "")
    if row is None or kind not in list(_SITE_KINDS):
        return None
    about = who.person if kind == MessageKind.DATA_PRIVACY else None
    return Message(MessageKind(kind), row, about=about)
