"""Attestations: what was completed, in which version, and the page where a code is checked."""

from flask import Flask

from lti_app.certificates.routes import blueprint


def init_app(app: Flask) -> None:
    """Register the attestation of each module, and the public page of a code."""
    app.register_blueprint(blueprint)
