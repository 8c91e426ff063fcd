"""Who is asking, and may they: the Flask-Login loader and the permission of each course."""

from http import HTTPStatus
from typing import Any

from flask import Flask, request
from flask import session as browser_session
from flask_login import LoginManager, current_user, login_user

from lti_app.core.database import db
from lti_app.core.errors import Explanation, RelaisError
from lti_app.core.settings import current_settings
from lti_app.lti.models import PlatformState
from lti_app.people.models import Enrolment, Person, Role
from lti_app.people.queries import find_enrolment, find_person, is_administrator

_RETURN_URLS = "return_urls"
_COURSES_REMEMBERED = 5
_ADMINISTRATOR = "administrator"
_RETURN_URLS_LENGTH = 2000
"""Characters of all of them: browsers drop a cookie beyond 4 kB, and the visit with it."""

SESSION_ENDED = Explanation(
    code="SESSION-FIN",
    title="Votre visite dans Relais est terminée",
    message=(
        "Relais ne sait plus qui vous êtes : la visite a duré trop longtemps, ou votre"
        " navigateur n’a pas gardé le cookie de Relais."
    ),
    advice=(
        "Retournez dans votre plateforme (Moodle ou M@gistère) et rouvrez l’activité.",
        "Ce que vous aviez déjà validé est enregistré.",
    ),
)
NOT_FOUND = Explanation(
    code="INTROUVABLE",
    title="Cette page n’existe pas, ou ne vous est pas ouverte",
    message="L’adresse demandée ne correspond à rien que vous puissiez consulter ici.",
    advice=("Rouvrez l’activité depuis votre plateforme.",),
)
PLATFORM_CLOSED = Explanation(
    code="PLATEFORME-FERMEE",
    title="Cette plateforme n’est plus reliée à Relais",
    message="L’administrateur de Relais a fermé l’accès depuis cette plateforme.",
    advice=("Parlez-en à la personne qui administre Relais dans votre académie.",),
)


def init_access(app: Flask) -> None:
    """Teach Flask-Login to find people."""
    manager = LoginManager(app)
    # Addresses change on the move, and the cookie is HttpOnly, Secure and partitioned already.
    manager.session_protection = None

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(person_id: str) -> "SignedIn":
        return SignedIn(int(person_id))


class SignedIn:
    """What Flask-Login wants of a user. The person is read, and may be refused, with the page.

    Most pages read the person with the enrolment: here it would be one more statement for each.
    """

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, person_id: int) -> None:
        self.person_id = person_id

    def get_id(self) -> str:
        return str(self.person_id)


def sign_in(person_id: int, *, administrator: bool = False) -> None:
    """Open this browser's session for the person.

    `administrator`: their pages offer the way to administration, whose own pages ask again.

    The session of somebody else (a shared computer, a trainer's test account) is cleared first,
    which also voids the forms of their open tabs; one's own is kept, so that two frames of one
    page do not void each other.
    """
    if browser_session.get("_user_id") != str(person_id):
        browser_session.clear()
    browser_session.permanent = True
    login_user(SignedIn(person_id))
    if administrator:
        browser_session[_ADMINISTRATOR] = True
    else:
        browser_session.pop(_ADMINISTRATOR, None)


def signed_in_values(
    person_id: int, course_id: int, url: str | None, *, administrator: bool = False
) -> dict[str, Any]:
    """What `sign_in` and `remember_return_url` leave, for a visit that is not this browser's."""
    known = url if url and len(url) <= _RETURN_URLS_LENGTH else None
    return {
        "_user_id": str(person_id),
        "_fresh": True,
        _RETURN_URLS: {str(course_id): known} if known else {},
        **({_ADMINISTRATOR: True} if administrator else {}),
    }


def may_enter_administration() -> bool:
    """Whether who signed in was an administrator then: to show the way, not to open the door."""
    return bool(browser_session.get(_ADMINISTRATOR))


def current_person_id() -> int:
    """Whose cookie this is. Raises the explained 401 page when there is none.

    Says nothing of the person, who may be suspended since: `require_enrolment` and
    `current_person` look.
    """
    if not current_user.is_authenticated:
        raise _session_ended()
    person_id: int = current_user.person_id
    return person_id


def current_person() -> Person:
    """The person signed in. Raises the explained 401 page when there is none, or is suspended."""
    person = find_person(db.session, current_person_id())
    if person is None:
        raise _session_ended()
    return person


def require_enrolment(course_id: int) -> Enrolment:
    """The signed-in person's active enrolment in that very course; else 404, or 401, or 403."""
    person_id = current_person_id()
    enrolment = find_enrolment(db.session, course_id=course_id, person_id=person_id)
    if enrolment is None or enrolment.person.suspended_at is not None:
        current_person()  # 401 for who is suspended, before 404 for who is not enrolled
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="not enrolled")
    if not _came_in_by_an_open_door(enrolment):
        raise RelaisError(PLATFORM_CLOSED, status=HTTPStatus.FORBIDDEN)
    return enrolment


def _came_in_by_an_open_door(enrolment: Enrolment) -> bool:
    """Whether the registration and the deployment of this person's last launch are still open.

    An LMS may hold several clients of ours: the course's platform is that of whoever launched last,
    which need not be this person's.
    """
    deployment = enrolment.deployment
    if deployment is None:
        return enrolment.course.platform.state == PlatformState.ACTIVE
    return PlatformState.ACTIVE == deployment.state == deployment.platform.state


def require_trainer(course_id: int) -> Enrolment:
    """Like require_enrolment, for the trainers of that course only (404 for the others)."""
    enrolment = require_enrolment(course_id)
    if enrolment.role != Role.TRAINER:
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="not a trainer here")
    return enrolment


def require_administrator() -> int:
    """The signed-in person's id, if they were named administrator in Relais; else 404, or 401."""
    person_id = current_person_id()
    if not is_administrator(db.session, person_id):
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="not an administrator")
    return person_id


def comes_from_own_page() -> bool:
    """Whether this post comes from a page of ours.

    What signs somebody in by a token must ask: another site could post a token of its own and
    leave the visitor in somebody else's session (login CSRF).
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    own = current_settings().base_url
    return site in {None, "same-origin"} and origin in {None, own}


def remember_return_url(course_id: int, url: str | None) -> None:
    """Keep the way back to the LMS, in the browser only: it may hold a Moodle sesskey."""
    urls: dict[str, str] = dict(browser_session.get(_RETURN_URLS, {}))
    urls.pop(str(course_id), None)
    if url:
        urls[str(course_id)] = url
    while len(urls) > _COURSES_REMEMBERED or sum(map(len, urls.values())) > _RETURN_URLS_LENGTH:
        del urls[next(iter(urls))]
    browser_session[_RETURN_URLS] = urls


def return_url(course_id: int) -> str | None:
    """Where « Retour à la plateforme » leads, when the launch said so."""
    urls: dict[str, str] = browser_session.get(_RETURN_URLS, {})
    return urls.get(str(course_id))


def _session_ended() -> RelaisError:
    return RelaisError(SESSION_ENDED, status=HTTPStatus.UNAUTHORIZED, detail=request.endpoint or "")
