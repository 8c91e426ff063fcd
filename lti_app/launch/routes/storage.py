"""What our pages ask of the LMS's storage, for frames that keep no cookie.

1EdTech's « LTI postMessage Storage » and « LTI OIDC Login with LTI Client Side postMessages »: the
login leaves a secret with a frame of the LMS, the launch asks for it back, as it would of a
cookie. `ui/storage.js` speaks; these are its words.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_app.core.secrecy import digest
from lti_app.lti.models import Platform
from lti_app.lti.services.login import LoginRedirect


@dataclass(frozen=True)
class StorageRequest:
    """One value in the LMS's storage. `target`: name of the frame that keeps it.

    `origin`: the only one that is told the value and believed, that of the authorisation URL.
    """

    target: str
    origin: str
    key: str
    value: str = ""


def leave_in_storage(answer: LoginRedirect, target: str) -> Response:
    """The page that leaves the login's secret with the LMS, then goes on whatever happened."""
    wanted = StorageRequest(target, _origin(answer.url), _key(answer.state), answer.browser_secret)
    page = render_template("launch/leave_in_storage.html", storage=wanted, next_url=answer.url)
    return Response(page, mimetype="text/html")


def ask_of_storage(
    session: Session, *, platform_id: int, target: str | None, state: str
) -> StorageRequest | None:
    """What to ask the LMS for at the launch; None where it keeps nothing."""
    platform = session.get(Platform, platform_id) if target else None
    if platform is None or target is None:
        return None
    return StorageRequest(target, _origin(platform.auth_url), _key(state))


def _key(state: str) -> str:
    # One key per login: two frames of a page must not overwrite each other's.
    return f"relais-{digest(state)[:16]}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
