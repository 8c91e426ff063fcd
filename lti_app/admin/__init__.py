"""The administrators' screens: platforms, people and roles, refused launches, owed grades.

Never in a frame; for the persons named administrator in Relais, at the very request.
"""

from flask import Flask

from lti_app.admin.routes import blueprint, open_entrance


def init_app(app: Flask) -> None:
    """Open /admin/…."""
    app.register_blueprint(blueprint)
    open_entrance(app)
