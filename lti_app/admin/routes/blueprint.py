"""The blueprint of the administrators' pages, its guard, and what its pages share."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask import session as browser_session
from werkzeug.wrappers import Response

from lti_app.admin.queries.journal import Entry, find_entry
from lti_app.admin.rules.journal import action_words, detail_words, read_subject
from lti_app.admin.rules.sessions import is_over
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.errors import Explanation, RelaisError
from lti_app.people.access import current_person_id, require_administrator
from lti_app.people.models import AuditEntry

blueprint = Blueprint("admin", "lti_app.admin", template_folder="templates", url_prefix="/admin")

OPEN_TO_ALL: set[str] = set()
"""Endpoints that sign an administrator in, and so cannot ask for one."""

SECTIONS = (
    ("admin.home", "Tableau de bord"),
    ("admin.platforms", "Plateformes"),
    ("admin.people", "Personnes"),
    ("admin.refusals", "Accès refusés"),
    ("admin.grades", "Notes à transmettre"),
    ("admin.migrations", "Changement de plateforme"),
    ("admin.journal", "Journal"),
)
"""The navigation: endpoint and words, in order."""

ID = "int(max=2147483647)"
"""Ids beyond the column's type would be errors of the database, not pages that do not exist."""

SIGNED_OUT = Explanation(
    code="ADMIN-FIN",
    title="Votre session d’administration est terminée",
    message=(
        "L’administration se ferme après deux heures sans activité,"
        " ou quand une autre personne ouvre Relais dans ce navigateur."
    ),
    advice=(
        (
            "Dans Relais, ouvert depuis votre plateforme (Moodle ou M@gistère), choisissez"
            " « Administration » dans la barre du haut."
        ),
        "Sans plateforme : demandez un lien de connexion par la commande « relais admin link ».",
    ),
)

_SEEN = "administration_seen"
_SEEN_EVERY_SECONDS = 60


@blueprint.before_request
def guard() -> None:
    """Only administrators, asked at each request. Their id is in `g.administrator_id`."""
    if request.endpoint in OPEN_TO_ALL:
        return
    try:
        current_person_id()
    except RelaisError as error:
        raise RelaisError(SIGNED_OUT, status=HTTPStatus.UNAUTHORIZED) from error
    g.administrator_id = require_administrator()
    moment = now()
    if is_over(browser_session.get(_SEEN), moment):
        raise RelaisError(SIGNED_OUT, status=HTTPStatus.UNAUTHORIZED, detail="idle")
    # Not at each request: every change sends the cookie again.
    if moment.timestamp() - browser_session[_SEEN] >= _SEEN_EVERY_SECONDS:
        begin_session()


def begin_session() -> None:
    """Count the two hours from now."""
    browser_session[_SEEN] = int(now().timestamp())


def end_session() -> None:
    """Close administration, and the visit of this browser with it."""
    browser_session.clear()


def render(template: str, section: str | None = None, **values: Any) -> str:
    """A page of administration, under its navigation.

    `section`: the endpoint of SECTIONS that the page belongs to, when it is not its own.
    """
    return render_template(
        f"admin/{template}.html",
        sections=SECTIONS,
        section=section or request.endpoint,
        done=_what_was_just_done(),
        **values,
    )


def ask(
    question: str, *, section: str, does: str, back: str, consequences: tuple[str, ...] = ()
) -> str:
    """The page that asks before a change: one button, which posts to this same address.

    `does`: the words of the button; `back`: where to go instead.
    """
    return render(
        "confirm",
        section=section,
        question=question,
        does=does,
        back=back,
        consequences=consequences,
    )


def done(entry: AuditEntry | None, endpoint: str, **values: Any) -> Response:
    """Commit a change, then show the page where it is seen, with what the log says of it.

    `entry` None: it was so already, and nothing is said.
    """
    news: dict[str, Any] = {} if entry is None else {"fait": entry.id}
    db.session.commit()
    return redirect(url_for(endpoint, **values, **news), code=HTTPStatus.SEE_OTHER)


def describe(entry: Entry) -> dict[str, Any]:
    """An entry of the log, in words."""
    subject = read_subject(entry.subject)
    return {
        "at": entry.at,
        "actor_id": entry.actor_id,
        "actor_name": entry.actor_name,
        "action": action_words(entry.action),
        "subject": subject.words,
        "subject_url": _address(subject.kind, subject.id),
        "detail": detail_words(entry.detail),
    }


def _address(kind: str, id_: int | None) -> str | None:
    if id_ is None or id_ >= 2**31:
        return None
    if kind == "person":
        return url_for("admin.person", person_id=id_)
    if kind == "platform":
        return url_for("admin.platform", platform_id=id_)
    return None


def _what_was_just_done() -> dict[str, Any] | None:
    """The change that led to this page: as the log has it, since anybody can write an address."""
    text = request.args.get("fait", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    entry = find_entry(db.session, int(text))
    if entry is None or entry.actor_id != g.administrator_id:
        return None
    return describe(entry)
