"""The PDF of one's own attestation; the public page where anybody checks a code."""

from http import HTTPStatus

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from lti_app.certificates.services import check_attestation, print_attestation
from lti_app.core.database import db
from lti_app.core.settings import current_settings
from lti_app.people.access import require_enrolment

blueprint = Blueprint(
    "certificates", "lti_app.certificates", template_folder="templates", url_prefix=""
)


@blueprint.get("/session/<int(max=2147483647):course_id>/module/<module_id>/attestation.pdf")
def attestation(course_id: int, module_id: str) -> ResponseReturnValue:
    """The attestation of a module that the person signed in completed."""
    enrolment = require_enrolment(course_id)
    settings = current_settings()
    pdf = print_attestation(
        db.session, enrolment, module_id, zone=settings.zone, base_url=settings.base_url
    )
    response = make_response(pdf)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="attestation-{module_id}.pdf"'
    return response


@blueprint.get("/attestation/<code>")
def check(code: str) -> ResponseReturnValue:
    """What a code stands for: module, version, day, initials. Limited (app.security)."""
    settings = current_settings()
    found = check_attestation(db.session, code, zone=settings.zone, base_url=settings.base_url)
    response = make_response(render_template("certificates/check.html", attestation=found))
    response.status_code = HTTPStatus.OK if found else HTTPStatus.NOT_FOUND
    response.headers["X-Robots-Tag"] = "noindex"
    return response
