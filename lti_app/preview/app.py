"""The application of the preview: that of learners, and what an author needs around it."""

import re
import secrets
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, abort, render_template, request, url_for
from flask_login import current_user

from lti_app.app import create_app
from lti_app.core.clock import now
from lti_app.core.database import Base, db, transactions
from lti_app.core.settings import Environment, Settings
from lti_app.lti.models import Platform, PlatformState
from lti_app.people.access import sign_in
from lti_app.people.models import Course, Enrolment, Identity, Person, Role
from lti_app.preview.pages import COURSE_ID, WORKSPACE, blueprint, workspace
from lti_app.preview.workspace import Workspace

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PERSON_ID = 1
"""The only one of the database."""
HOSTS = frozenset({"127.0.0.1", "localhost"})
_MAIN = re.compile(r"<main[^>]*>")
_ISSUER = "https://apercu.invalid"


def create_preview(folder: Path, *, scratch: Path, port: int) -> Flask:
    """The preview of the modules of `folder`. `scratch`: an empty folder to write in."""
    app = create_app(_settings(folder, scratch, port), schema_required=False)
    app.config.update(
        # Not in a frame: a plain cookie, which every browser keeps over http.
        SESSION_COOKIE_NAME="relais-apercu",
        SESSION_COOKIE_SECURE=False,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PARTITIONED=False,
    )
    sources = Workspace(folder.resolve(), scratch / "courses")
    app.extensions[WORKSPACE] = sources
    app.register_blueprint(blueprint)
    app.before_request(_refuse_other_names)
    app.before_request(_sign_in)
    app.after_request(_frame_with_problems)
    with app.app_context(), transactions(read_only=False):
        Base.metadata.create_all(db.engine)
        _add_reader()
        db.session.commit()
    app.wsgi_app = UpToDate(app, sources)  # type: ignore[method-assign]
    return app


class UpToDate:
    """WSGI: publishes what was just saved before a page is made."""

    def __init__(self, app: Flask, workspace: Workspace) -> None:
        self._app, self._workspace = app, workspace
        self._inside: WSGIApplication = app.wsgi_app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        self._workspace.refresh(self._app)
        return self._inside(environ, start_response)


def _settings(folder: Path, scratch: Path, port: int) -> Settings:
    """Nothing of the machine's own Relais: no variable of it may lead to its database."""
    return Settings(
        env=Environment.DEVELOPMENT,
        base_url=f"http://127.0.0.1:{port}",
        secret_key=secrets.token_urlsafe(32),
        instance_path=scratch,
        database_url="",
        broker_url="memory://",
        content_path=folder,
        rate_limit_storage="memory://",
        login_rate_limit="100000 per minute",
        log_level="ERROR",
        trusted_proxies=0,
    )


def _add_reader() -> None:
    moment = now()
    platform = Platform(
        name="apercu", issuer=_ISSUER, client_id="apercu", auth_url=_ISSUER, token_url=_ISSUER,
        jwks_url=_ISSUER, state=PlatformState.ACTIVE, created_at=moment,
    )  # fmt: skip
    person = Person(id=PERSON_ID, name="Aperçu", sort_name="apercu", email=None, created_at=moment)
    course = Course(
        id=COURSE_ID, platform=platform, issuer=_ISSUER, context_id="1", title="Aperçu",
        created_at=moment,
    )  # fmt: skip
    identity = Identity(person=person, issuer=_ISSUER, sub="1", created_at=moment)
    db.session.add(
        Enrolment(
            course=course, person=person, identity=identity, role=Role.LEARNER, lms_roles=[],
            first_launch_at=moment, last_launch_at=moment,
        )
    )  # fmt: skip


def _refuse_other_names() -> None:
    """Another site whose name was made to point at this machine would read an unpublished draft."""
    if urlsplit(f"//{request.host}").hostname not in HOSTS:
        abort(HTTPStatus.BAD_REQUEST)


def _sign_in() -> None:
    if not current_user.is_authenticated or current_user.get_id() != str(PERSON_ID):
        sign_in(PERSON_ID)


def _frame_with_problems(response: Response) -> Response:
    """Put what is to be mended at the top of every page, and what loads it again."""
    if response.mimetype != "text/html" or response.direct_passthrough:
        return response
    note = render_template("preview/_note.html", workspace=workspace())
    script = url_for("preview.static", filename="preview.js")
    loader = f'<script src="{script}" data-version="{workspace().version}" defer></script></head>'
    html = response.get_data(as_text=True).replace("</head>", loader, 1)
    response.set_data(_MAIN.sub(lambda match: match[0] + note, html, count=1))
    return response
