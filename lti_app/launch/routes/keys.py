"""/lti/jwks: our public keys."""

from flask import current_app
from flask.typing import ResponseReturnValue

from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.launch.routes.blueprint import blueprint
from lti_app.lti.services.keys import published_jwks


@blueprint.get("/jwks")
def jwks() -> ResponseReturnValue:
    """Our public keys. Platforms cache them; a new key is here before it signs."""
    response = current_app.json.response(published_jwks(db.session, now()))
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
