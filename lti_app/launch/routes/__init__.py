"""The pages of the front door. Importing a module registers its routes on the blueprint."""

from flask import Flask

from lti_app.core.settings import Settings
from lti_app.launch.routes import deep_linking, keys, launching, login, privacy, registering
from lti_app.launch.routes.blueprint import blueprint

__all__ = ["blueprint", "open_door"]

_POSTED_BY_LMS = (
    login.login,
    launching.launch,
    launching.continue_in_tab,
    launching.continue_in_frame,
    deep_linking.contents,
    registering.complete_registration,
)
"""Posts without a CSRF token of ours: state and signature, or a sealed token, stand for it."""

_PUBLIC = (keys.jwks, privacy.personal_data, registering.register)


def open_door(app: Flask) -> None:
    """Exempt the LMS's own posts from CSRF, and limit every public address."""
    settings: Settings = app.config["RELAIS"]
    csrf, limiter = app.extensions["csrf"], app.extensions["relais_limiter"]
    for view in _POSTED_BY_LMS:
        csrf.exempt(view)
    for view in (*_POSTED_BY_LMS, *_PUBLIC):
        name = f"launch.{view.__name__}"
        app.view_functions[name] = limiter.limit(settings.login_rate_limit)(view)
