"""The front door: OIDC login, launch, JWKS, and the tab that a cookieless frame opens."""

from datetime import timedelta

from flask import Flask

from lti_app.core.background import every
from lti_app.launch.routes import blueprint, open_door
from lti_app.launch.tasks import purge_expired, purge_logins, rotate_keys


def init_app(app: Flask) -> None:
    """Register the pages, their limits, and what the front door does by itself."""
    app.register_blueprint(blueprint)
    open_door(app)
    every(app, "purge-logins", purge_logins.name, timedelta(minutes=10))
    # Several times a day, for a beat that forgets its schedule at each restart.
    every(app, "rotate-keys", rotate_keys.name, timedelta(hours=6))
    every(app, "purge-expired", purge_expired.name, timedelta(hours=6))
