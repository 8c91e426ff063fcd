"""The learner's pages: the path of a session, its modules, lessons and questions, the review."""

from flask import Flask

from lti_app.practice.routes import blueprint, open_practice


def init_app(app: Flask) -> None:
    """Register `/session/<course>/…`."""
    app.register_blueprint(blueprint)
    open_practice(app)
