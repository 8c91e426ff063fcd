"""Who is here: persons and their identities, courses, enrolments, the links they come through."""

from flask import Flask

from lti_app.people.access import init_access


def init_app(app: Flask) -> None:
    """Sign-in by Flask-Login."""
    init_access(app)
