"""Dynamic Registration: asking an LMS what it is, registering there, saving what it answered.

In steps, so that no transaction is open while the LMS answers: `check_platform_address` and
`read_platform` before, `register_at` between, `save_registration` after.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from json import loads

import requests
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_app.core.outbound import ForbiddenAddressError, OutboundSession, check_url
from lti_app.lti.models import Platform
from lti_app.lti.queries import find_platform, platform_named, platforms_of_issuer
from lti_app.lti.rules import registration as rules
from lti_app.lti.rules import registration_errors as errors
from lti_app.lti.rules.registration import Json, PlatformConfiguration, Registered
from lti_app.lti.rules.registration_errors import RegistrationError
from lti_app.lti.services.invitations import Claim, use_invitation
from lti_app.lti.services.registrations import NewPlatform, add_platform

LARGEST_DOCUMENT = 256 * 1024
"""Bytes. Moodle's configuration has 3 kB."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a registration became."""

    platform: Platform
    is_new: bool
    """False: it updated a registration that was there."""
    names_deployment: bool
    """False: the first launch will name it, and wait for an approval."""


def check_platform_address(url: str, *, issuer: str | None, allow_loopback: bool) -> str:
    """« host:port » of the address the LMS gave, if it may be called. Raises RegistrationError.

    Opens nothing. `issuer`: the only one that the invitation is for, if it names one.
    """
    host = rules.check_address(url, issuer=issuer, allow_http=allow_loopback)
    try:
        check_url(url, allow_loopback=allow_loopback)
    except ForbiddenAddressError as error:
        raise RegistrationError(errors.ADDRESS, str(error)) from error
    return host


def read_platform(
    url: str, *, issuer: str | None, http: OutboundSession, allow_loopback: bool
) -> PlatformConfiguration:
    """Fetch and check the LMS's openid-configuration. Raises RegistrationError."""
    host = check_platform_address(url, issuer=issuer, allow_loopback=allow_loopback)
    response = _ask(http, "GET", url)
    if response.status_code != HTTPStatus.OK:
        down = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        why = errors.UNREACHABLE if down else errors.CONFIGURATION
        raise RegistrationError(why, f"configuration: HTTP {response.status_code}")
    document = _json(response)
    if document is None:
        raise RegistrationError(errors.CONFIGURATION, "configuration: not JSON")
    return rules.read_configuration(document, host=host, issuer=issuer, allow_http=allow_loopback)


def check_unchanged(session: Session, found: PlatformConfiguration, *, approved: bool) -> None:
    """Refuse that an invitation open to all changes where an LMS that is linked has its keys.

    Somebody with a page on the same host could answer for it. Raises RegistrationError.
    """
    if approved:
        return
    for known in platforms_of_issuer(session, found.issuer):
        if (known.auth_url, known.token_url, known.jwks_url) != (
            found.auth_url,
            found.token_url,
            found.jwks_url,
        ):
            raise RegistrationError(errors.CHANGED, f"platform {known.id}")


def register_at(
    found: PlatformConfiguration, tool: Json, *, registration_token: str, http: OutboundSession
) -> Registered:
    """Register the tool at the LMS. Touches no database. Raises RegistrationError."""
    headers = {}
    # D2L gives none. In a header, a line feed would end it and begin another.
    if registration_token and registration_token.isascii() and registration_token.isprintable():
        headers["Authorization"] = f"Bearer {registration_token}"
    response = _ask(http, "POST", found.registration_url, json=tool, headers=headers)
    if response.status_code not in {HTTPStatus.OK, HTTPStatus.CREATED}:
        words = response.content[:300].decode("utf-8", "replace")
        explanation = rules.explain_refusal(response.status_code, words)
        raise RegistrationError(explanation, f"registration: HTTP {response.status_code}")
    return rules.read_registration(_json(response))


def save_registration(
    session: Session,
    found: PlatformConfiguration,
    registered: Registered,
    *,
    claim: Claim,
    now: datetime,
) -> Saved:
    """Create the platform, or update it, and spend the invitation: both or neither.

    A registration that was there keeps its name. Raises RegistrationError.
    """
    check_unchanged(session, found, approved=claim.approved)
    known = find_platform(session, issuer=found.issuer, client_id=registered.client_id)
    deployments = (registered.deployment_id,) if registered.deployment_id else ()
    try:
        platform = add_platform(
            session,
            NewPlatform(
                issuer=found.issuer,
                client_id=registered.client_id,
                auth_url=found.auth_url,
                token_url=found.token_url,
                jwks_url=found.jwks_url,
                token_audience=found.token_audience,
                deployments=deployments,
                name=_wanted_name(session, claim) if known is None else None,
                approved=claim.approved,
            ),
            now=now,
        )
    except IntegrityError as error:  # the same LMS, or the same name, at the same instant
        raise RegistrationError(errors.CONFLICT, "platform") from error
    platform.product_family = found.product_family or platform.product_family
    use_invitation(session, claim, platform_id=platform.id, now=now)
    return Saved(platform, known is None, bool(deployments))


def _wanted_name(session: Session, claim: Claim) -> str | None:
    """The invitation's name, unless another platform has taken it since."""
    taken = claim.name is not None and platform_named(session, claim.name) is not None
    return None if taken else claim.name


def _ask(
    http: OutboundSession,
    method: str,
    url: str,
    *,
    json: Json | None = None,
    headers: Mapping[str, str] | None = None,
) -> requests.Response:
    sent = {"Accept": "application/json", **(headers or {})}
    try:
        response = http.request(method, url, json=json, headers=sent)
    except ForbiddenAddressError as error:
        raise RegistrationError(errors.ADDRESS, str(error)) from error
    except requests.RequestException as error:
        raise RegistrationError(errors.UNREACHABLE, type(error).__name__) from error
    if len(response.content) > LARGEST_DOCUMENT:
        raise RegistrationError(errors.CONFIGURATION, "the answer is too large")
    return response


def _json(response: requests.Response) -> object:
    try:
        document: object = loads(response.content)
    except (ValueError, RecursionError):
        return None
    return document
