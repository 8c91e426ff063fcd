"""« Agrandir »: the page of a frame, opened in a tab of its own.

The cookie of a frame is partitioned: it belongs to the pair LMS + Relais and does not follow into
a tab. The form of the bar carries a sealed token instead, which opens the same person's session.
"""

import re
from http import HTTPStatus

from flask import redirect, request
from flask.typing import ResponseReturnValue

from lti_app.core.database import db
from lti_app.core.errors import RelaisError
from lti_app.people.access import (
    SESSION_ENDED,
    comes_from_own_page,
    remember_return_url,
    sign_in,
)
from lti_app.people.queries import find_person, is_administrator
from lti_app.practice.forms import unseal_frame
from lti_app.practice.routes.blueprint import blueprint

_ROOMS = re.compile(r"/(?:session|suivi)/(\d{1,10})/")


@blueprint.post("/agrandir")
def enlarge() -> ResponseReturnValue:
    """Sign the person of the frame in, then show the same page."""
    if not comes_from_own_page():
        raise RelaisError(SESSION_ENDED, status=HTTPStatus.BAD_REQUEST, detail="enlarge: origin")
    framed = unseal_frame(request.form.get("jeton", ""))
    person = None if framed is None else find_person(db.session, framed.person_id)
    if framed is None or person is None:
        raise RelaisError(SESSION_ENDED, status=HTTPStatus.UNAUTHORIZED, detail="enlarge")
    page = request.form.get("page", "")
    course_id = _course_of(page)
    sign_in(person.id, administrator=is_administrator(db.session, person.id))
    remember_return_url(course_id, framed.return_url)
    return redirect(page, code=HTTPStatus.SEE_OTHER)


def _course_of(page: str) -> int:
    """The course of a page of the learner's or trainer's rooms; 400 for any other address."""
    # One slash first: « //host/… » would be another site.
    room = _ROOMS.match(page)
    if room is None or "\\" in page or not page.isprintable():
        raise RelaisError(SESSION_ENDED, status=HTTPStatus.BAD_REQUEST, detail="enlarge: page")
    return int(room[1])
