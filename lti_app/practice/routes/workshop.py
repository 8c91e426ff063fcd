"""The workshop kit of a module, and its files to print or edit."""

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue

from lti_app.content.models import SubjectKind
from lti_app.core.database import db
from lti_app.practice.routes.blueprint import COURSE, blueprint, enter, render
from lti_app.practice.routes.withdrawn import withdrawn_page
from lti_app.practice.services import print_kit, show_kit
from lti_app.printing.rules.wording import DocumentKind, FileFormat

_KIT = COURSE + "module/<module_id>/atelier/"
_POLICY = "default-src 'none'; sandbox"


@blueprint.get(_KIT)
def kit(course_id: int, module_id: str) -> ResponseReturnValue:
    """What a referent needs to lead the workshop."""
    visit = enter(course_id)
    if gone := withdrawn_page(visit, SubjectKind.MODULE, module_id):
        return gone
    return render("kit", visit, page=show_kit(db.session, visit, module_id))


@blueprint.get(_KIT + "<any(kit,fiche,indexation):kind>.<any(pdf,docx,odt):extension>")
def kit_file(course_id: int, module_id: str, kind: str, extension: str) -> ResponseReturnValue:
    """The same as a file."""
    visit = enter(course_id)
    file = print_kit(db.session, visit, module_id, DocumentKind(kind), FileFormat(extension))
    response: Response = make_response(file.content)
    response.mimetype = file.media_type
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response.headers["Content-Security-Policy"] = _POLICY
    # Kept by the browser alone, and asked again each time: it may have changed since.
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)
