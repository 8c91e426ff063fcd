"""The blueprint of the front door, and what its routes share: cookies, addresses, refusals."""

from http import HTTPStatus
from typing import TypedDict
from urllib.parse import urlsplit

from flask import Blueprint, g, url_for
from sqlalchemy.exc import SQLAlchemyError

from lti_app.core.clock import now
from lti_app.core.database import db, mark_read_only
from lti_app.core.errors import Explanation, RelaisError
from lti_app.core.logging import get_logger
from lti_app.core.secrecy import digest
from lti_app.core.settings import current_settings
from lti_app.lti.models import Platform
from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import ClaimError
from lti_app.lti.services.message_launch import HeldDeploymentError
from lti_app.lti.services.refusals import hold_deployment, record_refusal

blueprint = Blueprint("launch", "lti_app.launch", url_prefix="/lti", template_folder="templates")

_FORBIDDEN = {
    explanations.UNKNOWN_PLATFORM.code,
    explanations.CLOSED_PLATFORM.code,
    explanations.PENDING_PLATFORM.code,
    explanations.DEPLOYMENT.code,
    explanations.HELD_DEPLOYMENT.code,
    explanations.FOR_TRAINERS.code,
    explanations.OTHERS_WORK.code,
}


SUSPENDED = Explanation(
    "COMPTE-SUSPENDU",
    "Votre accès à Relais est suspendu",
    "L’administrateur de Relais a suspendu votre accès.",
    ("Adressez-vous à la personne qui administre Relais dans votre académie.",),
)
_NOT_OPEN = {explanations.CLOSED_PLATFORM.code, explanations.PENDING_PLATFORM.code}


class _Cookie(TypedDict):
    path: str
    secure: bool
    httponly: bool
    samesite: str
    partitioned: bool


COOKIE: _Cookie = {
    "path": "/",
    "secure": True,
    "httponly": True,
    "samesite": "None",
    "partitioned": True,
}


def state_cookie(state: str) -> str:
    """Name of the cookie that ties a login to this browser."""
    # One cookie per login: two frames of a page must not overwrite each other's.
    return f"__Host-relais-etat-{digest(state)[:16]}"


def own_url(endpoint: str) -> str:
    """An address as registered in the LMS, whatever host this request came by."""
    return current_settings().base_url + url_for(endpoint)


def own_host() -> str:
    """Our public host, with its port."""
    return urlsplit(current_settings().base_url).netloc


def refuse(error: ClaimError) -> RelaisError:
    """The page of a refused launch, counted for the administrators."""
    db.session.rollback()
    status = HTTPStatus.BAD_REQUEST
    if error.explanation.code in _FORBIDDEN:
        status = HTTPStatus.FORBIDDEN
    elif error.explanation is explanations.KEYS_UNREACHABLE:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    _count(error)
    _show_in_frame(error)
    return RelaisError(error.explanation, status=status, detail=error.detail)


def _show_in_frame(error: ClaimError) -> None:
    """Let an LMS that is closed or waits for an approval show why: else its frame stays white.

    The page has nothing to click and nothing of anybody. Every other page is for active platforms.
    """
    if error.platform_id is None or error.explanation.code not in _NOT_OPEN:
        return
    platform = db.session.get(Platform, error.platform_id)
    if platform is not None:
        g.framed_by = platform.issuer  # read by app.security: frame-ancestors


def _count(error: ClaimError) -> None:
    """Tell the administrators. A database that cannot must not hide the explanation."""
    moment = now()
    mark_read_only(False)
    try:
        record_refusal(
            db.session,
            code=error.explanation.code,
            platform_id=error.platform_id,
            quote=f"{error.explanation.code}-{g.get('request_number', '0')}",
            detail=error.detail,
            now=moment,
        )
        if isinstance(error, HeldDeploymentError) and error.platform_id is not None:
            new = hold_deployment(
                db.session,
                platform_id=error.platform_id,
                deployment_id=error.deployment_id,
                now=moment,
            )
            if new:
                get_logger().warning("deployment_held", platform=error.platform_id)
        db.session.commit()
    except SQLAlchemyError as failure:
        db.session.rollback()
        get_logger().error("refusal_not_counted", error=type(failure).__name__)
