"""The learner's pages: the path of a session, its modules, lessons and questions, the review."""

from datetime import timedelta

from flask import Flask

from lti_app.core.background import every
from lti_app.practice.routes import blueprint, figures, open_practice
from lti_app.practice.tasks import purge_old_drafts


def init_app(app: Flask) -> None:
    """Register `/session/<course>/…`, the drawings of lessons and the purge of drafts."""
    app.register_blueprint(blueprint)
    app.register_blueprint(figures)
    open_practice(app)
    every(app, "purge-drafts", purge_old_drafts.name, timedelta(days=1))
