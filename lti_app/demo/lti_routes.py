"""The addresses of `mod/lti`: launch, authentication, public keys, return."""

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_app.demo import launches
from lti_app.demo.claims import CONTAINER_IFRAME, CONTAINER_REPLACE, CONTAINER_WINDOW
from lti_app.demo.faults import Target
from lti_app.demo.launch_facts import Message
from lti_app.demo.models import Activity, Course, MessageKind
from lti_app.demo.platform import Platform, ServiceRequest
from lti_app.demo.service_http import error_page
from lti_app.demo.signin import Visitor, visitor

_CONTAINERS = {
    "iframe": CONTAINER_IFRAME,
    "window": CONTAINER_WINDOW,
    "frame": CONTAINER_REPLACE,
}


def create_blueprint(platform: Platform) -> Blueprint:
    """Launch, authentication, keys and return."""
    blueprint = Blueprint("lti", __name__, url_prefix="/mod/lti")
    _add_launch(blueprint, platform)
    _add_auth(blueprint, platform)
    _add_return(blueprint, platform)

    @blueprint.get("/certs.php")
    def certs() -> ResponseReturnValue:
        failure = platform.faults.strike(Target.JWKS)
        if failure is not None:
            return failure
        answer = jsonify(platform.conf().get_jwks())
        answer.content_type = "application/json; charset=utf-8"
        return answer

    return blueprint


def _add_launch(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/launch.php")
    def launch() -> ResponseReturnValue:
        container = _CONTAINERS.get(request.args.get("container", "iframe"), CONTAINER_IFRAME)
        with platform.database.writing() as session:
            who = visitor(session)
            activity = session.scalar(
                select(Activity).where(Activity.cmid == request.args.get("id", type=int))
            )
            if activity is None:
                return error_page("Cette activité n’existe pas.")
            if who is None:
                return redirect(url_for("pages.home"))
            if launches.role_in_course(session, who.person, activity.course_id) is None:
                abort(403)
            if activity.broken:
                return error_page("Cet outil n’est pas configuré.")
            message = Message(
                MessageKind.RESOURCE_LINK, activity.tool_type, activity.course, activity
            )
            return login_form(session, platform, who, message, container=container)


def login_form(
    session: Session, platform: Platform, who: Visitor, message: Message, *, container: int
) -> str:
    """The page that posts a login initiation to the tool."""
    fields = launches.start_launch(
        session, platform, visitor=who, message=message, container=container
    )
    activity = message.activity
    return render_template(
        "demo/post_form.html",
        title=message.tool_type.name if activity is None else activity.name,
        form_id="ltiInitiateLoginForm",
        action=platform.tool(message.tool_type).login_url,
        fields=fields,
    )


def repost_page() -> str:
    """Our cookie did not come: a form posted from our own page will bring it.

    The query stays in the address of the form, as in Moodle.
    """
    return render_template(
        "demo/post_form.html",
        title="Ouverture de l’activité",
        form_id="repostform",
        action=request.full_path.removesuffix("?"),
        fields={"repost": "true", **request.form.to_dict()},
    )


def _add_auth(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.route("/auth.php", methods=["GET", "POST"])
    def auth() -> ResponseReturnValue:
        failure = platform.faults.strike(Target.AUTH)
        if failure is not None:
            return failure
        asked = {**request.args.to_dict(), **request.form.to_dict()}
        with platform.database.writing() as session:
            who = visitor(session)
            if who is None and not request.form.get("repost"):
                return repost_page()
            try:
                visiting, pending = launches.consume_launch(
                    session, platform, visitor=who, asked=asked
                )
                return launches.sign_launch(
                    session,
                    platform,
                    visitor=visiting,
                    pending=pending,
                    request=ServiceRequest(request),
                )
            except launches.InvalidRequestError:
                return error_page()
            except launches.RefusedAuthenticationError as refusal:
                fields = {"error": refusal.error}
                if refusal.description:
                    fields["error_description"] = refusal.description
                fields["state"] = asked.get("state", "")
                return launches.answer_form(asked["redirect_uri"], fields)


def _add_return(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/return.php")
    def come_back() -> ResponseReturnValue:
        with platform.database.reading() as session:
            course = session.get(Course, request.args.get("course", type=int) or 0)
            if course is None:
                return error_page("Ce cours n’existe pas.")
            course_url = url_for("pages.course", course_id=course.id)
        message = request.args.get("lti_msg", "")
        error = request.args.get("lti_errormsg", "")
        framed = request.args.get("launch_container", type=int) == CONTAINER_IFRAME
        if not (message or error or framed):
            return redirect(course_url)
        # A page and not a redirection in the frame, or the course would open inside itself. It
        # tells nothing of the visitor: from the tool's frame, our Lax cookie does not come.
        html = render_template(
            "demo/return.html", course_url=course_url, message=message, error=error, framed=framed
        )
        return Response(html)
