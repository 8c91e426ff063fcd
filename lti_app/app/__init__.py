"""The web application: `gunicorn 'lti_app.app:create_app()'`."""

import sys
from datetime import timedelta
from typing import NoReturn

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy.exc import OperationalError

from lti_app import admin, certificates, grading, launch, people, practice, reports, roster, ui
from lti_app.app import errors, health, security, sessions
from lti_app.core.background import init_background
from lti_app.core.database import db, init_database
from lti_app.core.logging import init_logging
from lti_app.core.schema import SchemaBehindError, check_schema
from lti_app.core.settings import Settings, SettingsError, load_settings

CANNOT_START = 3
"""Exit status that gunicorn knows as hopeless: at any other it would start workers for ever."""


def create_app(settings: Settings | None = None, *, schema_required: bool = True) -> Flask:
    """Build the application.

    Ends the process with one clear line when the settings, the folder, the database or its schema
    cannot serve (`schema_required=False`: for the commands that bring the schema up to date).
    """
    try:
        settings = settings or load_settings()
        app = _new_flask(settings)
        init_logging(settings)
        init_database(app, settings)
        init_background(app, settings)
        errors.init_app(app)
        sessions.init_app(app)
        security.init_app(app, settings)
        health.init_app(app)
        _open_rooms(app)
        security.limit_pages(app, settings)
        if schema_required:
            with app.app_context():
                check_schema(db.engine)
                # Celery and gunicorn fork after this. A connection kept in the pool would be
                # shared by the children, who would read each other's answers.
                db.engine.dispose()
    except (SettingsError, SchemaBehindError, OSError) as error:
        _give_up(str(error))
    except OperationalError as error:
        _give_up(f"the database does not answer: {error.orig}")
    return app


def _give_up(why: str) -> NoReturn:
    sys.stderr.write(f"relais: {' '.join(why.split())}\n")
    sys.exit(CANNOT_START)


def _new_flask(settings: Settings) -> Flask:
    # Each room serves its own files; Bootstrap-Flask still wants to know the prefix.
    app = sessions.VisitingFlask("lti_app", static_folder=None, static_url_path="/static")
    app.config.update(
        RELAIS=settings,
        SECRET_KEY=settings.effective_secret_key,
        # In the LMS's frame, nothing but a partitioned third-party cookie comes back.
        SESSION_COOKIE_NAME="__Host-relais",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="None",
        SESSION_COOKIE_PARTITIONED=True,
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        # An id_token of Moodle is 3 to 6 kB; nothing else we receive is larger than a form.
        MAX_CONTENT_LENGTH=256 * 1024,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        MAX_FORM_PARTS=200,
        TEMPLATES_AUTO_RELOAD=settings.is_development,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    return app


def _open_rooms(app: Flask) -> None:
    for room in (ui, people, grading, roster, launch, practice, certificates, reports, admin):
        room.init_app(app)
