"""The Flask app of the demonstration LMS."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_bootstrap import Bootstrap5
from jinja2 import StrictUndefined
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from lti_app.demo import (
    admin_routes,
    deep_linking_routes,
    faults,
    gradebook,
    lti_routes,
    other_messages_routes,
    pages,
    participants_routes,
    registration_routes,
    seed,
    services,
    teaching_routes,
    tokens,
)
from lti_app.demo.database import COOKIE_KEY, DemoDatabase
from lti_app.demo.models import Grade, ReceivedScore
from lti_app.demo.platform import Platform
from lti_app.demo.settings import DemoSettings
from lti_app.demo.tools import tool_types

_HERE = Path(__file__).parent


def create_demo_app(
    settings: DemoSettings, *, fill: Callable[[Session, DemoSettings], None] = seed.fill
) -> Flask:
    """The demonstration LMS, its database created and filled if it was not.

    `fill` replaces the invented people and courses; tests use it to play the bench Moodle.
    `app.extensions["demo_platform"]` is the `Platform` behind it.
    """
    database = DemoDatabase(settings.database_path)
    database.prepare(lambda session: fill(session, settings))
    platform = Platform(settings, database)
    app = Flask(__name__, root_path=str(_HERE), static_url_path="/static")
    app.extensions["demo_platform"] = platform
    _configure(app, settings, database)
    _register_blueprints(app, platform)
    _register_pages(app)
    _register_guards(app, platform)
    app.jinja_env.globals["storage_origins"] = lambda: _storage_origins(platform)
    return app


def _configure(app: Flask, settings: DemoSettings, database: DemoDatabase) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key or database.secret(COOKIE_KEY),
        SERVER_NAME=settings.netloc,
        PREFERRED_URL_SCHEME=settings.base_url.partition(":")[0],
        # Cookies know no port: the name must differ from the tool's on the same host.
        SESSION_COOKIE_NAME="DemoMoodleSession",
        SESSION_COOKIE_HTTPONLY=True,
        # As Moodle from 4.5.11 on; over plain http it could not be Secure anyway.
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        MAX_CONTENT_LENGTH=1024 * 1024,
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals["person"] = None
    app.jinja_env.filters["french_number"] = gradebook.french_number
    Bootstrap5(app)


def _register_blueprints(app: Flask, platform: Platform) -> None:
    app.register_blueprint(pages.create_blueprint(platform))
    app.register_blueprint(participants_routes.create_blueprint(platform))
    app.register_blueprint(lti_routes.create_blueprint(platform))
    app.register_blueprint(teaching_routes.create_blueprint(platform))
    app.register_blueprint(deep_linking_routes.create_blueprint(platform))
    app.register_blueprint(registration_routes.create_blueprint(platform))
    app.register_blueprint(admin_routes.create_blueprint(platform))
    app.register_blueprint(other_messages_routes.create_blueprint(platform))
    app.register_blueprint(tokens.create_blueprint(platform))
    app.register_blueprint(services.create_blueprint(platform))
    if platform.settings.allow_faults:
        app.register_blueprint(faults.create_blueprint(platform.faults))
        _register_state(app, platform)


def _register_state(app: Flask, platform: Platform) -> None:
    """What a test in another process wants to know."""

    @app.get("/_demo/state")
    def demo_state() -> ResponseReturnValue:
        with platform.database.reading() as session:
            grades = session.scalars(select(Grade).order_by(Grade.line_item_id, Grade.person_id))
            scores = session.scalars(select(ReceivedScore).order_by(ReceivedScore.id))
            return jsonify(
                faults_struck=platform.faults.struck,
                grades=[
                    {
                        "line_item": row.line_item_id,
                        "person": row.person_id,
                        "raw": row.raw_score,
                        "final": row.final_score,
                        "feedback": row.feedback,
                        "scored_at": row.scored_at,
                    }
                    for row in grades
                ],
                received_scores=[
                    {
                        "line_item": row.line_item_id,
                        "body": row.body,
                        "status": row.status,
                        "received_at": row.received_at,
                    }
                    for row in scores
                ],
            )


def _register_pages(app: Flask) -> None:
    messages = {
        403: "Vous n’êtes pas inscrit dans ce cours.",
        404: "Cette page n’existe pas.",
    }

    @app.errorhandler(HTTPException)
    def show_error(error: HTTPException) -> ResponseReturnValue:
        if error.response is not None:
            return error
        code = error.code or 500
        message = messages.get(code, "Une erreur s’est produite.")
        return render_template("demo/error.html", message=message), code

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return Response("ok\n", mimetype="text/plain")


def _register_guards(app: Flask, platform: Platform) -> None:
    settings = platform.settings

    @app.before_request
    def keep_one_address() -> ResponseReturnValue | None:
        # As Moodle's wwwroot: under another name of the same machine the cookie would not follow.
        pages_only = request.method == "GET" and not request.path.startswith(("/mod/", "/_demo/"))
        if pages_only and request.host != settings.netloc and request.path != "/healthz":
            return redirect(settings.base_url + request.full_path.removesuffix("?"))
        return None

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _policy(platform, response)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        if not request.path.startswith(("/static/", "/bootstrap/")):
            response.headers["Cache-Control"] = "no-store"
        return response


def _storage_origins(platform: Platform) -> str:
    """Who may use the LMS's storage, where it has one."""
    return " ".join(sorted(_tool_origins(platform))) if platform.settings.platform_storage else ""


def _tool_origins(platform: Platform) -> set[str]:
    with platform.database.reading() as session:
        return {each for row in tool_types(session) for each in platform.tool(row).origins}


def _policy(platform: Platform, response: Response) -> str:
    """Frames and forms lead to the configured tools only, and where a page says it must go."""
    origins: set[str] = set(g.get("framed_origins", ()))
    if response.mimetype == "text/html":
        origins |= _tool_origins(platform)
    listed = " ".join(sorted(origins))
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        f"base-uri 'none'; frame-src 'self' {listed}; frame-ancestors 'self'; "
        f"form-action 'self' {listed}"
    )
