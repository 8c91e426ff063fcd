"""An answer that could not be received, because its visit had ended: kept for whoever typed it.

The form of a question carries a signed marker (forms.Served). It says whose form it was, in which
session and for which question, when no session of the browser does any more. What is kept is shown
again to that very person, after their next launch: the marker opens nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import request, url_for
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from lti_app.answers.models import Occasion
from lti_app.answers.rules import draft_fields
from lti_app.answers.services import KEPT_FOR, keep_draft
from lti_app.core.clock import now
from lti_app.core.database import db, mark_read_only
from lti_app.core.errors import Explanation
from lti_app.core.logging import get_logger
from lti_app.lti.rules.leaving import course_url
from lti_app.people.models import Course
from lti_app.people.queries import find_enrolment, find_person
from lti_app.practice.forms import Served, unseal


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where to go on from, as the button of an explained page.

    `whole_window`: it leads to the LMS, and leaves the frame.
    """

    label: str
    url: str
    whole_window: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """What the page of a form that came too late says."""

    explanation: Explanation
    way_back: WayBack | None


def keep_refused_answer(why: Explanation) -> Kept | None:
    """Keep what this request wanted to answer. `why`: what the page would have said.

    None when the request is no answer, its marker is not ours, or nothing was filled in.
    """
    served = _marker()
    if served is None:
        return None
    # Refused at the door, the request has not said yet that it writes (app.security).
    mark_read_only(False)
    try:
        kept = keep_for(served, now())
        course = db.session.get(Course, served.course_id) if kept else None
        back = (
            course_url(course.issuer, course.context_id, course.platform.product_family)
            if course
            else None
        )
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        get_logger().error("draft_not_kept", error=type(error).__name__)
        return None
    return _explain(served, why, back) if kept else None


def keep_for(served: Served, moment: datetime) -> bool:
    """Keep the answer of this request for the person of its marker; False when there is none."""
    fields = draft_fields(request.form.to_dict(flat=False))
    too_old = moment - served.begun_at > KEPT_FOR
    if not fields or too_old or find_person(db.session, served.person_id) is None:
        return False
    keep_draft(
        db.session,
        person_id=served.person_id,
        question_id=served.question_id,
        fields=fields,
        now=moment,
    )
    get_logger().info("draft_kept", question=served.question_id)
    return True


def _marker() -> Served | None:
    if request.endpoint != "practice.answer" or request.method != "POST":
        return None
    served = unseal(request.form.get("token", ""))
    named = (request.view_args or {}).get("question_id")
    return served if served is not None and served.question_id == named else None


def _explain(served: Served, why: Explanation, back: str | None) -> Kept:
    if not current_user.is_authenticated:
        return _come_back(why, back)
    if current_user.person_id != served.person_id:
        return _of_somebody_else(served, why)
    return _same_person(served, why)


def _come_back(why: Explanation, back: str | None) -> Kept:
    host = urlsplit(back).netloc if back else None
    explanation = Explanation(
        why.code,
        "Votre saisie est gardée",
        "Votre visite dans Relais est terminée\N{NO-BREAK SPACE}: votre réponse n’a pas pu être"
        " enregistrée, mais ce que vous aviez saisi est gardé trente jours.",
        (
            f"Retournez dans votre plateforme{f' ({host})' if host else ''} et rouvrez l’activité.",
            "Revenez à la question\N{NO-BREAK SPACE}: votre saisie vous y attend, à valider.",
        ),
    )
    return Kept(explanation, WayBack(f"Retourner sur {host}", back) if back else None)


def _of_somebody_else(served: Served, why: Explanation) -> Kept:
    explanation = Explanation(
        why.code,
        "Ce formulaire a été ouvert par une autre personne",
        "Quelqu’un d’autre avait ouvert cette question sur cet ordinateur. Rien n’a été enregistré"
        " à votre nom, et la saisie est gardée pour cette personne seule.",
        (
            "Si c’était vous, rouvrez l’activité sous votre nom pour la retrouver.",
            "Sinon, poursuivez votre propre parcours.",
        ),
    )
    enrolled = find_enrolment(
        db.session, course_id=served.course_id, person_id=current_user.person_id
    )
    if enrolled is None:
        return Kept(explanation, None)
    path = url_for("practice.path", course_id=served.course_id)
    return Kept(explanation, WayBack("Ouvrir mon parcours", path, whole_window=False))


def _same_person(served: Served, why: Explanation) -> Kept:
    explanation = Explanation(
        why.code,
        "Votre saisie est gardée",
        "Ce formulaire date d’une visite précédente\N{NO-BREAK SPACE}: votre réponse n’a pas été"
        " enregistrée, mais ce que vous aviez saisi est gardé.",
        ("Reprenez la question\N{NO-BREAK SPACE}: il reste à valider.",),
    )
    question = url_for(
        "practice.question",
        course_id=served.course_id,
        question_id=served.question_id,
        seance=1 if served.occasion is Occasion.REVIEW else None,
    )
    return Kept(explanation, WayBack("Reprendre la question", question, whole_window=False))
