"""« Agrandir »: the page of a frame, opened in a tab of its own.

The cookie of a frame is partitioned: it belongs to the pair LMS + Relais and does not follow into
a tab. The form of the bar carries a sealed token instead, which opens the same person's session.
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import redirect, request
from flask.typing import ResponseReturnValue

from lti_app.core.database import db
from lti_app.core.errors import RelaisError
from lti_app.people.access import SESSION_ENDED, comes_from_own_page, sign_in
from lti_app.people.queries import find_person
from lti_app.practice.forms import unseal_person
from lti_app.practice.routes.blueprint import blueprint

_ROOMS = ("/session/", "/suivi/")


@blueprint.post("/agrandir")
def enlarge() -> ResponseReturnValue:
    """Sign the person of the frame in, then show the same page."""
    if not comes_from_own_page():
        raise RelaisError(SESSION_ENDED, status=HTTPStatus.BAD_REQUEST, detail="enlarge: origin")
    person_id = unseal_person(request.form.get("jeton", ""))
    person = None if person_id is None else find_person(db.session, person_id)
    if person is None:
        raise RelaisError(SESSION_ENDED, status=HTTPStatus.UNAUTHORIZED, detail="enlarge")
    sign_in(person)
    return redirect(_own_page(request.form.get("page", "")), code=HTTPStatus.SEE_OTHER)


def _own_page(page: str) -> str:
    """A page of the learner's or trainer's rooms, and nothing else: never another site."""
    parts = urlsplit(page)
    allowed = not parts.scheme and not parts.netloc and "\\" not in page
    if not (allowed and parts.path.startswith(_ROOMS) and page.isprintable()):
        raise RelaisError(SESSION_ENDED, status=HTTPStatus.BAD_REQUEST, detail="enlarge: page")
    return page
