"""For the machines that watch: /healthz (the process lives), /readyz (it can serve)."""

import sqlalchemy as sa
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue

from lti_app.core.database import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers too (503 and a French page otherwise, by the error handlers)."""
    db.session.execute(sa.text("SELECT 1"))
    return {"status": "ok"}


def init_app(app: Flask) -> None:
    """Register the two addresses."""
    app.register_blueprint(blueprint)
