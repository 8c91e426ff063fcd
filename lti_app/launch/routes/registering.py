"""/lti/register: the page that an LMS opens to link itself to Relais (Dynamic Registration).

Nobody is signed in and no cookie is needed: the invitation stands for its holder. The page may be
framed by the LMS that is named in its address, as long as the invitation is one of ours.
"""

import json
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.errors import RelaisError
from lti_app.core.logging import get_logger
from lti_app.core.outbound import OutboundSession
from lti_app.core.secrecy import SecretBox, UndecipherableError
from lti_app.core.settings import current_settings
from lti_app.launch.routes.blueprint import blueprint
from lti_app.lti.rules import registration_errors as errors
from lti_app.lti.rules.moodle_fields import ADD_ADVANTAGE, CHOOSER, TOOL_USAGE
from lti_app.lti.rules.registration import (
    RegistrationRequest,
    host_and_port,
    origin_of,
    read_query,
    tool_registration,
)
from lti_app.lti.rules.registration_errors import RegistrationError
from lti_app.lti.services.dynamic_registration import (
    Saved,
    check_platform_address,
    check_unchanged,
    read_platform,
    register_at,
    save_registration,
)
from lti_app.lti.services.invitations import (
    Claim,
    check_invitation,
    claim_invitation,
    release_invitation,
)
from lti_app.people import access
from lti_app.people.administration import record_audit

PAGE_LIFE = timedelta(hours=1)
"""Moodle's registration token lives as long."""

_PURPOSE = "registration"
_OVER = (errors.USED_INVITATION, errors.EXPIRED_INVITATION, errors.BUSY_INVITATION)
_UNAVAILABLE = (errors.UNREACHABLE,)
_CONFLICTS = (errors.BUSY_INVITATION, errors.CONFLICT, errors.CHANGED)


@blueprint.get("/register")
def register() -> ResponseReturnValue:
    """Say which LMS would be linked, and what Relais asks of it. Changes nothing."""
    asked = read_query(request.query_string.decode("latin-1"))
    try:
        invitation = check_invitation(db.session, asked.invitation, now=now())
        if not asked.openid_configuration:
            raise RegistrationError(errors.WITHOUT_PLATFORM)
        _show_in_frame_of(asked)
        check_platform_address(
            asked.openid_configuration,
            issuer=invitation.issuer,
            allow_loopback=current_settings().is_development,
        )
    except RegistrationError as error:
        raise _refuse(error, asked) from error
    return render_template(
        "launch/register.html",
        host=_shown_host(asked),
        asked=_seal(asked),
        approved=invitation.issuer is not None,
    )


@blueprint.post("/register")
def complete_registration() -> ResponseReturnValue:
    """Register Relais in the LMS, on the click of its administrator."""
    asked = RegistrationRequest("", "", "")
    try:
        if not access.comes_from_own_page():
            raise RegistrationError(errors.NOT_OURS, "posted from another site")
        asked = _unseal(request.form.get("demande", ""))
        claim = claim_invitation(db.session, asked.invitation, now=now())
        _show_in_frame_of(asked)
        db.session.commit()
        return _register(asked, claim)
    except RegistrationError as error:
        raise _refuse(error, asked) from error


def _register(asked: RegistrationRequest, claim: Claim) -> str:
    """Do it, or give the invitation back. Nothing of the database is open while the LMS answers."""
    try:
        saved = _ask_and_save(asked, claim)
        record_audit(
            db.session,
            actor_id=None,
            action="platform.register",
            subject=f"platform {saved.platform.id}",
            detail={"invitation": claim.invitation_id, "new": saved.is_new},
            now=now(),
        )
        page = _result(saved)
        get_logger().info("platform_registered", platform=saved.platform.id, new=saved.is_new)
        db.session.commit()
    except RegistrationError:
        db.session.rollback()
        release_invitation(db.session, claim)
        db.session.commit()
        raise
    return page


def _ask_and_save(asked: RegistrationRequest, claim: Claim) -> Saved:
    allow_loopback = current_settings().is_development
    with OutboundSession(allow_loopback=allow_loopback) as http:
        found = read_platform(
            asked.openid_configuration,
            issuer=claim.issuer,
            http=http,
            allow_loopback=allow_loopback,
        )
        # Before the LMS creates anything; `save_registration` looks again.
        check_unchanged(db.session, found, approved=claim.approved)
        db.session.rollback()
        registered = register_at(
            found,
            tool_registration(current_settings().base_url),
            registration_token=asked.registration_token,
            http=http,
        )
    return save_registration(db.session, found, registered, claim=claim, now=now())


def _result(saved: Saved) -> str:
    platform = saved.platform
    return render_template(
        "launch/registered.html",
        host=urlsplit(platform.issuer).netloc,
        origin=origin_of(platform.issuer),
        name=platform.name,
        state=str(platform.state),
        is_new=saved.is_new,
        names_deployment=saved.names_deployment,
        moodle=platform.product_family == "moodle",
        chooser=CHOOSER,
        tool_usage=TOOL_USAGE,
        add_advantage=ADD_ADVANTAGE,
    )


def _show_in_frame_of(asked: RegistrationRequest) -> None:
    """Let the LMS that opened the page frame it: none of its cookies, and one button to click."""
    url = asked.openid_configuration
    if host_and_port(url, allow_http=current_settings().is_development):
        g.framed_by = origin_of(url)  # read by app.security: frame-ancestors


def _shown_host(asked: RegistrationRequest) -> str:
    return urlsplit(asked.openid_configuration).netloc.lower()


def _refuse(error: RegistrationError, asked: RegistrationRequest) -> RelaisError:
    # Whoever holds a link that was good once reads in the frame why it is no more: that page has
    # nothing to click.
    if error.explanation in _OVER:
        _show_in_frame_of(asked)
    status = HTTPStatus.BAD_REQUEST
    if error.explanation in _UNAVAILABLE:
        status = HTTPStatus.BAD_GATEWAY
    elif error.explanation in _CONFLICTS:
        status = HTTPStatus.CONFLICT
    return RelaisError(error.explanation, status=status, detail=error.detail)


def _seal(asked: RegistrationRequest) -> str:
    """What the page was shown for, so that its button does that and nothing else."""
    until = (now() + PAGE_LIFE).timestamp()
    values = [asked.invitation, asked.openid_configuration, asked.registration_token, until]
    return _box().seal(json.dumps(values))


def _unseal(sealed: str) -> RegistrationRequest:
    try:
        invitation, url, token, until = json.loads(_box().open(sealed))
    except (UndecipherableError, UnicodeError) as error:
        raise RegistrationError(errors.NOT_OURS, "unreadable request") from error
    if now().timestamp() > until:
        raise RegistrationError(errors.NOT_OURS, "the page is too old")
    return RegistrationRequest(invitation, url, token)


def _box() -> SecretBox:
    return SecretBox(current_settings().effective_secret_key, _PURPOSE)
