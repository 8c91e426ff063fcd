"""The front door: OIDC login, launch, JWKS, and the tab that a cookieless frame opens."""

from datetime import timedelta

from flask import Flask

from lti_app.core.background import every
from lti_app.launch.routes import blueprint, open_door
from lti_app.launch.tasks import purge_logins


def init_app(app: Flask) -> None:
    """Register the pages, their limits, and the purge of unfinished logins."""
    app.register_blueprint(blueprint)
    open_door(app)
    every(app, "purge-logins", purge_logins.name, timedelta(minutes=10))
