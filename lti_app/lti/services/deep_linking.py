"""A content selection under way: carried by its own page, answered under our signature.

No session and no row: the page holds the request, sealed. It is checked again when it comes back.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from sqlalchemy.orm import Session

from lti_app.core.secrecy import SecretBox, UndecipherableError
from lti_app.lti.models import Platform, PlatformState
from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import ClaimError, DeepLinkingRequest
from lti_app.lti.rules.deep_linking import ContentItem, response_claims, takes_resource_links
from lti_app.lti.services.ags import is_on, service_hosts
from lti_app.lti.services.keys import NoSigningKeyError, signing_key

SELECTION_LIFE = timedelta(minutes=30)
_LONGEST_TOKEN = 128 * 1024
"""More than any request gives: the id_token that brings it is at most half as long."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A request under way, and the registration it came by."""

    request: DeepLinkingRequest
    platform_id: int


def seal_selection(selection: Selection, *, secret_key: str, now: datetime) -> str:
    """The selection as opaque text for a form, good for SELECTION_LIFE.

    Encrypted, not only signed: its return address holds the sesskey of a Moodle teacher.
    """
    held = {
        "until": (now + SELECTION_LIFE).timestamp(),
        "platform_id": selection.platform_id,
        "request": selection.request.as_json(),
    }
    return _box(secret_key).seal(json.dumps(held, ensure_ascii=False))


def open_selection(sealed: str, *, secret_key: str, now: datetime) -> Selection:
    """The selection that was sealed. Raises ClaimError when it is not ours, or too old."""
    if len(sealed) > _LONGEST_TOKEN or not sealed.isascii():
        raise ClaimError(explanations.SELECTION_OVER, "selection token unusable")
    try:
        held = json.loads(_box(secret_key).open(sealed))
    except UndecipherableError as error:
        raise ClaimError(explanations.SELECTION_OVER, "selection token not ours") from error
    if held["until"] <= now.timestamp():
        raise ClaimError(explanations.SELECTION_OVER, "selection token expired")
    return Selection(DeepLinkingRequest.from_json(held["request"]), held["platform_id"])


def admit(session: Session, selection: Selection, *, allow_http: bool) -> None:
    """Check that the selection may be answered now: platform, deployment, types, return address.

    When it is shown, and again when it is answered: what an administrator closes meanwhile is
    closed. Raises ClaimError.
    """
    try:
        _admit(session, selection, allow_http=allow_http)
    except ClaimError as error:
        error.platform_id = selection.platform_id
        raise


def _admit(session: Session, selection: Selection, *, allow_http: bool) -> None:
    request, platform = selection.request, session.get(Platform, selection.platform_id)
    if platform is None or platform.state != PlatformState.ACTIVE:
        raise ClaimError(explanations.CLOSED_PLATFORM, "platform closed during the selection")
    open_deployments = {
        deployment.deployment_id
        for deployment in platform.deployments
        if deployment.state == PlatformState.ACTIVE
    }
    if request.deployment_id not in open_deployments:
        raise ClaimError(explanations.DEPLOYMENT, "deployment closed during the selection")
    if not takes_resource_links(request):
        raise ClaimError(explanations.NO_RESOURCE_LINK, "accept_types without ltiResourceLink")
    _check_return_url(platform, request.return_url, allow_http=allow_http)


def sign_response(
    session: Session,
    request: DeepLinkingRequest,
    items: Sequence[ContentItem],
    *,
    launch_url: str,
    secret_key: str,
    now: datetime,
) -> str:
    """The LtiDeepLinkingResponse as a JWT, signed by our present key. Raises ClaimError."""
    try:
        key = signing_key(session, secret_key=secret_key, now=now)
    except (NoSigningKeyError, UndecipherableError) as error:
        raise ClaimError(explanations.NO_KEY, "no key to sign the selection") from error
    claims = response_claims(
        request, items, launch_url=launch_url, nonce=secrets.token_urlsafe(16), now=now
    )
    return jwt.encode(claims, key.private_key, algorithm="RS256", headers={"kid": key.kid})


def _check_return_url(platform: Platform, url: str, *, allow_http: bool) -> None:
    """The answer goes to a host of the platform only: the page posts it from a trainer's browser.

    The address itself is in no message: it holds a sesskey.
    """
    parts = urlsplit(url)
    plain_http = parts.scheme == "http" and allow_http
    # Browsers read a backslash as a slash, and urlsplit does not: the host would not be the same.
    ambiguous = any(char <= " " or char == "\\" for char in url)
    if (parts.scheme != "https" and not plain_http) or ambiguous or parts.username is not None:
        raise ClaimError(explanations.RETURN_ADDRESS, "deep_link_return_url is not https")
    if not is_on(service_hosts(platform), url):
        raise ClaimError(explanations.RETURN_ADDRESS, "deep_link_return_url on another host")


def _box(secret_key: str) -> SecretBox:
    return SecretBox(secret_key, "deep-linking")
