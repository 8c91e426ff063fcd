"""The review session: its beginning, its end, and its questions kept in the browser for the day."""

from flask import session as browser_session
from flask.typing import ResponseReturnValue

from lti_app.core.database import db
from lti_app.practice.routes.blueprint import COURSE, blueprint, enter, render
from lti_app.practice.services import Visit, show_review, waiting_draft

_KEPT = "review"


@blueprint.get(COURSE + "reviser/")
def review(course_id: int) -> ResponseReturnValue:
    """What there is to review, or what was."""
    visit = enter(course_id)
    page = show_review(db.session, visit, kept=kept_review(visit))
    _keep_review(visit, page.ids)
    return render("review", visit, page=page, waiting=waiting_draft(db.session, visit))


def kept_review(visit: Visit) -> list[str]:
    """The questions of the session begun today, in order; none when it was not."""
    kept = browser_session.get(_KEPT)
    if not isinstance(kept, dict) or kept.get("day") != visit.today.isoformat():
        return []
    return [id_ for id_ in kept.get("ids", ()) if visit.has_question(id_)]


def _keep_review(visit: Visit, ids: tuple[str, ...]) -> None:
    kept = {"day": visit.today.isoformat(), "ids": list(ids)}
    # Written only when it changes: each write sends the whole cookie again.
    if browser_session.get(_KEPT) != kept:
        browser_session[_KEPT] = kept
