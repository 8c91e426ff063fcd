"""OIDC third-party initiated login: remember a state, send the browser to the platform."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlencode

import sqlalchemy as sa
from pylti1p3.oidc_login import OIDCLogin
from pylti1p3.redirect import Redirect
from sqlalchemy.orm import Session

from lti_app.core.secrecy import digest
from lti_app.lti.models import HeldLaunch, LoginState
from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import ClaimError
from lti_app.lti.services.adapters import (
    MappingRequest,
    NoCookies,
    NoSession,
    PlatformDirectory,
    PlatformRegistration,
)

LOGIN_LIFETIME = timedelta(minutes=10)
"""Long enough to sign in to the LMS on the way."""

_HINT_LENGTH = 4000
_STORAGE_TARGET = re.compile(r"[\w.:-]{1,255}", re.ASCII)
"""Name of a frame. Anything else is ignored: the launch still has its cookie, or a tab."""


@dataclass(frozen=True)
class LoginRedirect:
    """Where to send the browser (302, GET), and the secret to leave in its state cookie.

    `storage_target`: the LMS's frame that may keep the secret too; None where there is none.
    """

    url: str
    state: str
    browser_secret: str
    storage_target: str | None


class _Login(OIDCLogin[MappingRequest, PlatformDirectory, NoSession, NoCookies, None]):
    """The library's checks of issuer and hint; our state, and its cookie set elsewhere."""

    def check(self) -> PlatformRegistration:
        for name, why in (
            ("iss", explanations.ISSUER),
            ("login_hint", explanations.HINT),
            ("target_link_uri", explanations.TARGET),
        ):
            if not self._get_request_param(name):
                raise ClaimError(why, f"{name} is missing")
        for name in ("login_hint", "lti_message_hint", "client_id", "iss"):
            value = self._get_request_param(name) or ""
            if len(value) > _HINT_LENGTH or "\x00" in value:
                raise ClaimError(explanations.HINT, f"{name} is unusable")
        return cast(PlatformRegistration, self.validate_oidc_login())

    def get_redirect(self, url: str) -> Redirect[None]:
        raise NotImplementedError("the `launch` room redirects")


def begin_login(
    session: Session, params: Mapping[str, str], *, launch_url: str, now: datetime
) -> LoginRedirect:
    """Check a login initiation and remember it.

    `launch_url` is always ours, never what the request asks for (open redirect). The hints go
    back verbatim and nothing else is forwarded: a `repost` parameter, for one, disables Moodle's
    own recovery. Raises ClaimError.
    """
    request = MappingRequest(params)
    # By keyword: pylti1p3next takes them no other way.
    login = _Login(
        request,
        PlatformDirectory(session),
        session_service=NoSession(request),
        cookie_service=NoCookies(),
    )
    registration = login.check()
    state, nonce, browser_secret = (secrets.token_urlsafe(32) for _ in range(3))
    target = params.get("lti_storage_target", "")
    storage_target = target if _STORAGE_TARGET.fullmatch(target) else None
    session.add(
        LoginState(
            state_digest=digest(state),
            nonce_digest=digest(nonce),
            browser_digest=digest(browser_secret),
            platform_id=registration.platform_id,
            storage_target=storage_target,
            created_at=now,
            expires_at=now + LOGIN_LIFETIME,
        )
    )
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": registration.get_client_id(),
        "redirect_uri": launch_url,
        "state": state,
        "nonce": nonce,
        "login_hint": params["login_hint"],
    }
    if params.get("lti_message_hint"):
        query["lti_message_hint"] = params["lti_message_hint"]
    auth_url = registration.get_auth_login_url() or ""
    # An authorisation URL may have a query of its own; PyLTI1p3 2.0.0 would add a second « ? ».
    separator = "&" if "?" in auth_url else "?"
    url = f"{auth_url}{separator}{urlencode(query)}"
    return LoginRedirect(url, state, browser_secret, storage_target)


def purge_logins(session: Session, now: datetime) -> int:
    """Delete logins and held launches that can no longer be used; how many went."""
    gone = 0
    for model in (LoginState, HeldLaunch):
        result = session.execute(sa.delete(model).where(model.expires_at < now))
        gone += result.rowcount  # type: ignore[attr-defined]
    return gone
