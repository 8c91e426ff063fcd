"""The glossary of all that is taught."""

from flask.typing import ResponseReturnValue

from lti_app.practice.routes.blueprint import COURSE, blueprint, enter, render
from lti_app.practice.services import show_glossary


@blueprint.get(COURSE + "glossaire/")
def glossary(course_id: int) -> ResponseReturnValue:
    """The terms in alphabetical order."""
    visit = enter(course_id)
    return render("glossary", visit, page=show_glossary(visit))
