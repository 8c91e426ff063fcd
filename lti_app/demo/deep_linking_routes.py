"""The content selection of `mod/lti`: sending the tool there, and receiving what it chose."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lti_app.demo.access import check_sesskey
from lti_app.demo.claims import CONTAINER_IFRAME
from lti_app.demo.deep_linking import RefusedAnswerError, keep_answer, read_answer
from lti_app.demo.launch_facts import Message
from lti_app.demo.launches import role_in_course
from lti_app.demo.lti_routes import login_form, repost_page
from lti_app.demo.models import Course, MessageKind, Role
from lti_app.demo.models_tools import ToolType
from lti_app.demo.platform import Platform
from lti_app.demo.service_http import error_page
from lti_app.demo.signin import Visitor, visitor
from lti_app.demo.tools import find_tool


def create_blueprint(platform: Platform) -> Blueprint:
    """The two addresses."""
    blueprint = Blueprint("deep_linking", __name__, url_prefix="/mod/lti")
    _add_selection(blueprint, platform)
    _add_return(blueprint, platform)
    return blueprint


def _add_selection(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/contentitem.php")
    def contentitem() -> ResponseReturnValue:
        with platform.database.writing() as session:
            who = visitor(session)
            course, tool_type = _asked(session)
            if who is None or course is None or tool_type is None or not tool_type.deep_linking:
                return error_page()
            _require_editing(session, who, course)
            message = Message(MessageKind.DEEP_LINKING, tool_type, course)
            return login_form(session, platform, who, message, container=CONTAINER_IFRAME)


def _add_return(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.post("/contentitem_return.php")
    def contentitem_return() -> ResponseReturnValue:
        with platform.database.reading() as session:
            who = visitor(session)
            if who is None and not request.form.get("repost"):
                # The tool posts from another site: our Lax cookie did not come with it.
                return repost_page()
            course, tool_type = _asked(session)
            if who is None or course is None or tool_type is None:
                return error_page()
            check_sesskey(who)
            _require_editing(session, who, course)
            course_id, tool = course.id, platform.tool(tool_type)
        try:
            answer = read_answer(platform, tool, request.form.get("JWT", ""))
            with platform.database.writing() as session:
                who = visitor(session)
                if who is None:
                    return error_page()
                selection = keep_answer(
                    session, platform, visitor=who, course_id=course_id, tool=tool, answer=answer
                )
        except RefusedAnswerError as error:
            # Moodle lets the exception reach its error page, inside the frame.
            return error_page(str(error))
        target = url_for("teaching.selection", course_id=course_id, selection_id=selection)
        return render_template("demo/contentitem_return.html", target=target)


def _asked(session: Session) -> tuple[Course | None, ToolType | None]:
    course = session.get(Course, request.args.get("course", type=int) or 0)
    return course, find_tool(session, request.args.get("id", ""))


def _require_editing(session: Session, who: Visitor, course: Course) -> None:
    if role_in_course(session, who.person, course.id) not in (Role.EDITING_TEACHER, Role.MANAGER):
        abort(403)
