"""Where a visit is kept: in a cookie or, for frames that keep none, under its address.

An address may be copied, so it opens nothing by itself: the browser must say (Sec-Fetch-…, which
no page can forge) that the request fills a frame and was asked for by a page of ours. The first
one is the redirect of `/lti/stored`. See docs/adr/0011.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, request
from flask import session as browser_session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from sqlalchemy.exc import SQLAlchemyError

from lti_app.core.clock import now
from lti_app.core.database import db, transactions
from lti_app.core.errors import Explanation, RelaisError
from lti_app.core.logging import get_logger
from lti_app.core.settings import Settings
from lti_app.people.access import SESSION_ENDED
from lti_app.people.sessions import (
    FrameVisit,
    find_visit,
    keep_visit,
    needs_touch,
    split_address,
    visit_address,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TOKEN = "relais.visit"  # noqa: S105 - the name of a WSGI variable
_HIDDEN = "[…]".encode().decode("latin-1")
_ROOMS = ("practice", "reports", "certificates")
_OUTSIDE = "practice.enlarge"

OUT_OF_ITS_FRAME = Explanation(
    "HORS-CADRE",
    "Cette page ne s’ouvre que dans sa plateforme",
    "Votre navigateur ne laisse pas Relais mémoriser votre visite dans le cadre de la plateforme."
    " La visite tient donc à ce cadre : son adresse, copiée ailleurs, n’ouvre rien.",
    (
        "Retournez dans votre plateforme (Moodle ou M@gistère) et rouvrez l’activité.",
        "Pour travailler en plein écran, choisissez « Agrandir » dans la barre de Relais.",
    ),
)


class VisitingFlask(Flask):
    """Flask whose addresses stay inside the visit of the frame, for the rooms it shows."""

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        url = super().url_for(endpoint, **values)
        if not request or TOKEN not in request.environ:
            return url
        room = (request.blueprint or "") if endpoint.startswith(".") else endpoint.split(".")[0]
        if room in _ROOMS and endpoint != _OUTSIDE:
            return url
        # Static files are shared by all visits, and a tab of its own has a cookie.
        return url.replace(visit_address(request.environ[TOKEN], ""), "", 1)


class VisitPrefix:
    """WSGI: moves `/v/<token>` from the path to the root of the application, and out of the log."""

    def __init__(self, wsgi_app: "WSGIApplication") -> None:
        self._wsgi_app = wsgi_app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        found = split_address(environ.get("PATH_INFO", ""))
        if found:
            token, rest = found
            environ[TOKEN] = token
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + visit_address(token, "")
            environ["PATH_INFO"] = rest
            # gunicorn's access log reads them when the request is over.
            for name in ("RAW_URI", "REQUEST_URI"):
                if name in environ:
                    environ[name] = environ[name].replace(token, _HIDDEN)
        return self._wsgi_app(environ, start_response)


class FrameSessionData(SecureCookieSession):
    """The session of one visit. `refusal`: why it is empty, for `_refuse` to raise."""

    def __init__(
        self,
        token: str,
        visit: FrameVisit | None = None,
        refusal: Exception | None = None,
    ) -> None:
        super().__init__(visit.values if visit else None)
        self.token = token
        self.visit = visit
        self.refusal = refusal


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie; under a visit's address, a sealed row."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        token = request.environ.get(TOKEN)
        if token is None:
            return super().open_session(app, request)
        if not _asked_by_its_frame(request):
            refusal = RelaisError(
                OUT_OF_ITS_FRAME, status=HTTPStatus.FORBIDDEN, detail="visit out of its frame"
            )
            return FrameSessionData(token, refusal=refusal)
        try:
            with transactions(read_only=True), db.sessionmaker() as reading:
                visit = find_visit(reading, token, secret_key=_secret_key(app), now=now())
        except SQLAlchemyError as error:
            return FrameSessionData(token, refusal=error)
        if visit is None:
            ended = RelaisError(SESSION_ENDED, status=HTTPStatus.UNAUTHORIZED, detail="visit ended")
            return FrameSessionData(token, refusal=ended)
        return FrameSessionData(token, visit)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, FrameSessionData):
            super().save_session(app, session, response)
            return
        # An address goes where its page sends its visitor: only our host may be told.
        response.headers["Referrer-Policy"] = "strict-origin"
        response.headers["Cache-Control"] = "no-store"
        visit, moment = session.visit, now()
        if visit is None or not (session.modified or needs_touch(visit, moment)):
            return
        # What the request left uncommitted is lost anyway, and would hold SQLite's one writer.
        db.session.rollback()
        try:
            with transactions(read_only=False), db.sessionmaker.begin() as writing:
                keep_visit(
                    writing,
                    session.token,
                    dict(session),
                    secret_key=_secret_key(app),
                    now=moment,
                )
        except SQLAlchemyError as error:
            get_logger().error("visit_not_kept", error=type(error).__name__)


def init_app(app: Flask) -> None:
    """Install both kinds of sessions. Before anything that looks at the session."""
    app.session_interface = Sessions()
    app.wsgi_app = VisitPrefix(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_refuse)


def _refuse() -> None:
    refusal: Exception | None = getattr(browser_session, "refusal", None)
    if refusal is not None:
        raise refusal


def _asked_by_its_frame(request: Request) -> bool:
    headers = request.headers
    return (
        headers.get("Sec-Fetch-Dest") in {"iframe", "frame"}
        and headers.get("Sec-Fetch-Site") == "same-origin"
    )


def _secret_key(app: Flask) -> str:
    settings: Settings = app.config["RELAIS"]
    return settings.effective_secret_key
