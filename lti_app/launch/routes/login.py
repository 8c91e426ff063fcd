"""/lti/login: OIDC third-party initiated login."""

from http import HTTPStatus

from flask import redirect, request
from flask.typing import ResponseReturnValue

from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.launch.routes.blueprint import COOKIE, blueprint, own_url, refuse, state_cookie
from lti_app.launch.routes.storage import leave_in_storage
from lti_app.lti.rules.claims import ClaimError
from lti_app.lti.services.login import LOGIN_LIFETIME, begin_login
from lti_app.ui import in_frame


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """OIDC third-party initiated login: a plain 302 to the platform, hints verbatim.

    Only where the LMS offers its storage does a page come between, which goes on by itself: a
    page makes us the initiator, and Moodle, which has no storage, would lack its own cookie.
    """
    params = request.form if request.method == "POST" else request.args
    try:
        answer = begin_login(
            db.session, params.to_dict(), launch_url=own_url("launch.launch"), now=now()
        )
    except ClaimError as error:
        raise refuse(error) from error
    db.session.commit()
    # In a window of its own cookies work.
    if answer.storage_target and in_frame():
        response = leave_in_storage(answer, answer.storage_target)
    else:
        response = redirect(answer.url, code=HTTPStatus.FOUND)
    response.set_cookie(
        state_cookie(answer.state),
        answer.browser_secret,
        max_age=int(LOGIN_LIFETIME.total_seconds()),
        **COOKIE,
    )
    return response
