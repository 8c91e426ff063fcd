"""What Relais does with personal data: for a DataPrivacyLaunchRequest, and for everybody."""

from flask import render_template
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from lti_app.launch.routes.blueprint import blueprint
from lti_app.lti.rules.claims import DataPrivacyRequest


def show_privacy(message: DataPrivacyRequest) -> Response:  # noqa: ARG001 - the same for all
    """The page on personal data, whoever asks from the LMS."""
    return Response(render_template("launch/privacy.html"), mimetype="text/html")


@blueprint.get("/donnees-personnelles")
def personal_data() -> ResponseReturnValue:
    """The same page, for anybody."""
    return render_template("launch/privacy.html")
