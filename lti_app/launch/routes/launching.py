"""/lti/launch: what the platform answers; /lti/continue for frames without cookies."""

from http import HTTPStatus

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_app.core.clock import now
from lti_app.core.database import db, mark_read_only, transactions
from lti_app.core.errors import RelaisError
from lti_app.core.logging import get_logger
from lti_app.core.outbound import OutboundSession
from lti_app.core.secrecy import digest, same
from lti_app.core.settings import current_settings
from lti_app.grading.tasks import queue_grades
from lti_app.launch.routes.blueprint import (
    COOKIE,
    SUSPENDED,
    blueprint,
    own_host,
    refuse,
    state_cookie,
)
from lti_app.launch.routes.deep_linking import offer_contents
from lti_app.launch.routes.landing import landing
from lti_app.launch.routes.privacy import show_privacy
from lti_app.launch.routes.storage import ask_of_storage
from lti_app.launch.services import (
    ReleasedLaunch,
    hold_launch,
    open_launch,
    release_launch,
)
from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import ClaimError, DataPrivacyRequest, DeepLinkingRequest, Launch
from lti_app.lti.services.key_sets import KeySets
from lti_app.lti.services.message_launch import VerifiedMessage, use_login, verify_message
from lti_app.people import access
from lti_app.people.queries import is_administrator
from lti_app.people.services import SuspendedPersonError
from lti_app.people.sessions import open_visit, visit_address
from lti_app.ui import in_frame


@blueprint.route("/launch", methods=["GET", "POST"])
def launch() -> ResponseReturnValue:
    """Verify the platform's answer; open the session; lead to a page that can be reloaded."""
    if request.method != "POST":
        raise RelaisError(explanations.POST_ONLY, status=HTTPStatus.METHOD_NOT_ALLOWED)
    params = request.form.to_dict()
    try:
        response = _answer(params)
    except ClaimError as error:
        raise refuse(error) from error
    response.delete_cookie(state_cookie(params["state"]), **COOKIE)
    return response


def _answer(params: dict[str, str]) -> Response:
    moment = now()
    with transactions(read_only=True), db.sessionmaker() as reading:
        verified = verify_message(
            reading, params, keys=_key_sets(reading), own_host=own_host(), now=moment
        )
    mark_read_only(False)
    cookie = request.cookies.get(state_cookie(params["state"]))
    if cookie is not None and not same(digest(cookie), verified.browser_digest):
        raise ClaimError(explanations.BROWSER, "the state cookie is not of this login")
    message = verified.message
    if isinstance(message, DeepLinkingRequest | DataPrivacyRequest):
        # They open no session and show nothing of a person: a frame without cookies may.
        use_login(db.session, verified, moment)
        db.session.commit()
        if isinstance(message, DataPrivacyRequest):
            return show_privacy(message)
        return offer_contents(message, verified.platform_id)
    if cookie is None:
        return _wait_for_proof(verified, message, params["state"])
    use_login(db.session, verified, moment)
    return _enter(message, verified.platform_id, verified.deployment_id)


@blueprint.post("/continue")
def continue_in_tab() -> ResponseReturnValue:
    """Open, in a tab of its own, the launch whose frame kept no cookie."""
    held = _release()
    return _enter(held.launch, held.platform_id, held.deployment_id)


@blueprint.post("/stored")
def continue_in_frame() -> ResponseReturnValue:
    """Open, in the very frame that kept no cookie, the launch whose secret the LMS gave back."""
    held = _release(browser_secret=request.form.get("value", ""))
    return _enter(held.launch, held.platform_id, held.deployment_id, in_address=True)


def _release(browser_secret: str | None = None) -> ReleasedLaunch:
    if not access.comes_from_own_page():
        raise RelaisError(explanations.BROWSER, detail="continue from another site")
    try:
        return release_launch(
            db.session,
            request.form.get("token", ""),
            browser_secret=browser_secret,
            secret_key=current_settings().effective_secret_key,
            now=now(),
        )
    except ClaimError as error:
        raise refuse(error) from error


def _enter(
    launch: Launch, platform_id: int, deployment_id: int, *, in_address: bool = False
) -> Response:
    """Remember, commit, sign in, queue, redirect: in that order.

    `in_address`: the session is named by the address, for a frame that keeps no cookie.
    """
    try:
        opened = open_launch(
            db.session, launch, platform_id=platform_id, deployment_id=deployment_id, now=now()
        )
    except SuspendedPersonError as error:
        raise RelaisError(SUSPENDED, status=HTTPStatus.FORBIDDEN) from error
    # Read before the commit, which would have these rows read again, and SQLite locked for it.
    course_id, person_id = opened.arrival.enrolment.course_id, opened.arrival.person.id
    location = landing(opened, launch)
    administrator = is_administrator(db.session, person_id)
    if in_address:
        values = access.signed_in_values(
            person_id, course_id, opened.return_url, administrator=administrator
        )
        token = open_visit(
            db.session, values, secret_key=current_settings().effective_secret_key, now=now()
        )
        location = visit_address(token, location)
    db.session.commit()
    if not in_address:
        access.sign_in(person_id, administrator=administrator)
        access.remember_return_url(course_id, opened.return_url)
    queue_grades(opened.owed_grade_ids)
    return redirect(location, code=HTTPStatus.SEE_OTHER)


def _wait_for_proof(verified: VerifiedMessage, launch: Launch, state: str) -> Response:
    """The frame sent no cookie: hold the launch for what the LMS's storage gives back, or a tab.

    Only inside a frame. At top level cookies work, so that a missing one means that the login was
    begun elsewhere: a forged launch (login CSRF) is refused there, and no other site may frame
    this page (frame-ancestors).
    """
    if not in_frame():
        raise ClaimError(explanations.BROWSER, "no state cookie at top level")
    moment = now()
    use_login(db.session, verified, moment)
    token = hold_launch(
        db.session,
        launch,
        platform_id=verified.platform_id,
        deployment_id=verified.deployment_id,
        browser_digest=verified.browser_digest,
        secret_key=current_settings().effective_secret_key,
        now=moment,
    )
    # A visit named by its address asks the browser where each request comes from.
    target = verified.storage_target if "Sec-Fetch-Site" in request.headers else None
    storage = ask_of_storage(
        db.session, platform_id=verified.platform_id, target=target, state=state
    )
    db.session.commit()
    get_logger().info("frame_without_cookie", platform=verified.platform_id, storage=bool(storage))
    return Response(
        render_template(
            "launch/open_tab.html",
            explanation=explanations.NO_COOKIE,
            token=token,
            name=launch.name,
            storage=storage,
        ),
        mimetype="text/html",
    )


def _key_sets(session: Session) -> KeySets:
    allow_loopback = current_settings().is_development
    return KeySets(
        session, db.sessionmaker, lambda: OutboundSession(allow_loopback=allow_loopback), now()
    )
