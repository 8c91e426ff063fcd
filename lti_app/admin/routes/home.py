"""/admin/: what waits for an administrator."""

from flask.typing import ResponseReturnValue

from lti_app.admin.routes.blueprint import blueprint, render


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Where an administrator arrives."""
    return render("home")
