"""/lti/login, /lti/launch, /lti/jwks, and /lti/continue for frames without cookies."""

from http import HTTPStatus
from typing import TypedDict
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_app.core.clock import now
from lti_app.core.database import db, mark_read_only, transactions
from lti_app.core.errors import Explanation, RelaisError
from lti_app.core.logging import get_logger
from lti_app.core.outbound import OutboundSession
from lti_app.core.secrecy import digest, same
from lti_app.core.settings import Settings
from lti_app.grading.tasks import queue_grades
from lti_app.launch.services import Opened, hold_launch, open_launch, release_launch
from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import ClaimError, Launch
from lti_app.lti.services.key_sets import KeySets
from lti_app.lti.services.keys import published_jwks
from lti_app.lti.services.login import LOGIN_LIFETIME, begin_login
from lti_app.lti.services.message_launch import VerifiedLaunch, use_login, verify_launch
from lti_app.people import access
from lti_app.people.models import Role
from lti_app.people.rules import TARGET_PATH, TARGET_REVIEW
from lti_app.people.services import SuspendedPersonError

blueprint = Blueprint("launch", __name__, url_prefix="/lti", template_folder="templates")

SUSPENDED = Explanation(
    "COMPTE-SUSPENDU",
    "Votre accès à Relais est suspendu",
    "L’administrateur de Relais a suspendu votre accès.",
    ("Adressez-vous à la personne qui administre Relais dans votre académie.",),
)

_FORBIDDEN = {
    explanations.UNKNOWN_PLATFORM.code,
    explanations.CLOSED_PLATFORM.code,
    explanations.DEPLOYMENT.code,
}


def open_door(app: Flask) -> None:
    """Exempt the LMS's own posts from CSRF (state and signature stand for it) and limit them."""
    settings: Settings = app.config["RELAIS"]
    csrf, limiter = app.extensions["csrf"], app.extensions["relais_limiter"]
    for view in (login, launch, continue_in_tab):
        csrf.exempt(view)
        name = f"launch.{view.__name__}"
        app.view_functions[name] = limiter.limit(settings.login_rate_limit)(view)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """OIDC third-party initiated login: a plain 302 to the platform, hints verbatim."""
    params = request.form if request.method == "POST" else request.args
    try:
        answer = begin_login(
            db.session, params.to_dict(), launch_url=_own_url("launch.launch"), now=now()
        )
    except ClaimError as error:
        raise _refusal(error) from error
    db.session.commit()
    response = redirect(answer.url, code=HTTPStatus.FOUND)
    response.set_cookie(
        _state_cookie(answer.state),
        answer.browser_secret,
        max_age=int(LOGIN_LIFETIME.total_seconds()),
        **_COOKIE,
    )
    return response


@blueprint.route("/launch", methods=["GET", "POST"])
def launch() -> ResponseReturnValue:
    """Verify the platform's answer; open the session; lead to a page that can be reloaded."""
    if request.method != "POST":
        raise RelaisError(explanations.POST_ONLY, status=HTTPStatus.METHOD_NOT_ALLOWED)
    params = request.form.to_dict()
    moment = now()
    try:
        with transactions(read_only=True), db.sessionmaker() as reading:
            verified = verify_launch(
                reading, params, keys=_key_sets(reading), own_host=_own_host(), now=moment
            )
        mark_read_only(False)
        cookie = request.cookies.get(_state_cookie(params["state"]))
        if cookie is None:
            return _offer_a_tab(verified)
        if not same(digest(cookie), verified.browser_digest):
            raise ClaimError(explanations.BROWSER, "the state cookie is not of this login")
        use_login(db.session, verified, moment)
        response = _enter(verified.launch, verified.platform_id)
    except ClaimError as error:
        raise _refusal(error) from error
    response.delete_cookie(_state_cookie(params["state"]), **_COOKIE)
    return response


@blueprint.post("/continue")
def continue_in_tab() -> ResponseReturnValue:
    """Open, in a tab of its own, the launch whose frame kept no cookie."""
    if not access.comes_from_own_page():
        raise RelaisError(explanations.BROWSER, detail="continue from another site")
    try:
        held, platform_id = release_launch(
            db.session,
            request.form.get("token", ""),
            secret_key=_settings().effective_secret_key,
            now=now(),
        )
        return _enter(held, platform_id)
    except ClaimError as error:
        raise _refusal(error) from error


@blueprint.get("/jwks")
def jwks() -> ResponseReturnValue:
    """Our public keys. Platforms cache them; a new key is here before it signs."""
    response = current_app.json.response(published_jwks(db.session, now()))
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


class _Cookie(TypedDict):
    path: str
    secure: bool
    httponly: bool
    samesite: str
    partitioned: bool


_COOKIE: _Cookie = {
    "path": "/",
    "secure": True,
    "httponly": True,
    "samesite": "None",
    "partitioned": True,
}


def _state_cookie(state: str) -> str:
    # One cookie per login: two frames of a page must not overwrite each other's.
    return f"__Host-relais-etat-{digest(state)[:16]}"


def _enter(launch: Launch, platform_id: int) -> Response:
    """Remember, commit, sign in, queue, redirect: in that order."""
    try:
        opened = open_launch(db.session, launch, platform_id=platform_id, now=now())
    except SuspendedPersonError as error:
        raise RelaisError(SUSPENDED, status=HTTPStatus.FORBIDDEN) from error
    # Read before the commit, which would have these rows read again, and SQLite locked for it.
    course_id, person_id = opened.arrival.enrolment.course_id, opened.arrival.person.id
    location = _landing(opened)
    db.session.commit()
    access.sign_in(person_id)
    access.remember_return_url(course_id, opened.return_url)
    queue_grades(opened.owed_grade_ids)
    return redirect(location, code=HTTPStatus.SEE_OTHER)


def _landing(opened: Opened) -> str:
    course_id, target = opened.arrival.enrolment.course_id, opened.arrival.link.target
    if opened.arrival.enrolment.role == Role.TRAINER:
        return url_for("reports.overview", course_id=course_id)
    if target == TARGET_REVIEW:
        return url_for("practice.review", course_id=course_id)
    if target == TARGET_PATH:
        return url_for("practice.path", course_id=course_id)
    return url_for("practice.module", course_id=course_id, module_id=target)


def _offer_a_tab(verified: VerifiedLaunch) -> ResponseReturnValue:
    """The frame keeps no cookie: hold the launch for a tab that this very page opens.

    Only inside a frame. At top level cookies work, so that a missing one means that the login was
    begun elsewhere: a forged launch (login CSRF) is refused there, and no other site may frame
    this page (frame-ancestors).
    """
    if request.headers.get("Sec-Fetch-Dest", "iframe") not in {"iframe", "frame"}:
        raise ClaimError(explanations.BROWSER, "no state cookie at top level")
    moment = now()
    use_login(db.session, verified, moment)
    token = hold_launch(
        db.session,
        verified.launch,
        platform_id=verified.platform_id,
        secret_key=_settings().effective_secret_key,
        now=moment,
    )
    db.session.commit()
    get_logger().info("frame_without_cookie", platform=verified.platform_id)
    return render_template(
        "launch/open_tab.html",
        explanation=explanations.NO_COOKIE,
        token=token,
        name=verified.launch.name,
    )


def _refusal(error: ClaimError) -> RelaisError:
    db.session.rollback()
    status = HTTPStatus.BAD_REQUEST
    if error.explanation.code in _FORBIDDEN:
        status = HTTPStatus.FORBIDDEN
    elif error.explanation is explanations.KEYS_UNREACHABLE:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return RelaisError(error.explanation, status=status, detail=error.detail)


def _settings() -> Settings:
    settings: Settings = current_app.config["RELAIS"]
    return settings


def _own_url(endpoint: str) -> str:
    """An address as registered in the LMS, whatever host this request came by."""
    return _settings().base_url + url_for(endpoint)


def _own_host() -> str:
    return urlsplit(_settings().base_url).netloc


def _key_sets(session: Session) -> KeySets:
    allow_loopback = _settings().is_development
    return KeySets(
        session, db.sessionmaker, lambda: OutboundSession(allow_loopback=allow_loopback), now()
    )
