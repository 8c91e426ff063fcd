"""What an attestation says, and its PDF."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from lti_app.certificates.queries import Completed, completed_by_code, completed_module
from lti_app.certificates.rules import initials, printable_name, read_code, written_code
from lti_app.core.errors import Explanation, RelaisError
from lti_app.people.models import Enrolment
from lti_app.printing.services.documents import Document
from lti_app.printing.services.pdf import render_pdf
from lti_app.ui import french

_WITH_YEAR = date.min
"""A « today » that is of no other year: paper is read long after."""

NOT_COMPLETED = Explanation(
    "ATTESTATION",
    "Pas encore d’attestation",
    "Une attestation existe pour chaque module terminé. Celui-ci ne l’est pas encore.",
    ("Revenez au module\N{NO-BREAK SPACE}: il vous dit ce qui reste à lire et à répondre.",),
)

NOT_DRAWN = Explanation(
    "ATTESTATION-NON-FAITE",
    "L’attestation n’a pas pu être préparée",
    "Le module est bien terminé, et le reste\N{NO-BREAK SPACE}: seul le document manque.",
    ("Réessayez dans une minute.", "Si rien ne vient, citez le code ci-dessous."),
)


@dataclass(frozen=True, slots=True)
class Attestation:
    """What is printed, in the words of the page. `code`: in groups; `address`: where it is checked.

    `name`: of the person, or their initials on the public page.
    """

    name: str
    title: str
    version: str
    completed_on: str
    minutes: int
    pass_mark: int
    competences: tuple[str, ...]
    code: str
    address: str


def print_attestation(
    session: Session, enrolment: Enrolment, module_id: str, *, zone: ZoneInfo, base_url: str
) -> bytes:
    """The PDF/UA of a module that the person completed. Raises the explained 404 page, or the 503
    page when it cannot be drawn."""
    completed = completed_module(session, enrolment.person_id, module_id)
    if completed is None:
        raise RelaisError(NOT_COMPLETED, status=HTTPStatus.NOT_FOUND, detail="not completed")
    attestation = _attestation(completed, printable_name(completed.name), zone, base_url)
    try:
        return render_pdf(_document(attestation, completed, zone))
    except RuntimeError as error:
        # Its message may quote the name, which no log may hold.
        raise RelaisError(
            NOT_DRAWN, status=HTTPStatus.SERVICE_UNAVAILABLE, detail=type(error).__name__
        ) from None


def check_attestation(
    session: Session, text: str, *, zone: ZoneInfo, base_url: str
) -> Attestation | None:
    """What the code of a paper stands for, with the initials only; None when it is unknown."""
    code = read_code(text)
    completed = completed_by_code(session, code) if code else None
    if completed is None:
        return None
    return _attestation(completed, initials(completed.name), zone, base_url)


def _attestation(completed: Completed, name: str, zone: ZoneInfo, base_url: str) -> Attestation:
    module = completed.module
    published = french.day(completed.published_at.astimezone(zone).date(), _WITH_YEAR)
    return Attestation(
        name=name,
        title=module["title"],
        version=f"révision {completed.revision} du module, contenus publiés le {published}",
        completed_on=french.day(completed.completed_at.astimezone(zone).date(), _WITH_YEAR),
        minutes=module["minutes"],
        pass_mark=module["pass_mark"],
        competences=tuple(module["competences"]),
        code=written_code(completed.code),
        address=f"{base_url}/attestation/{written_code(completed.code)}",
    )


def _document(attestation: Attestation, completed: Completed, zone: ZoneInfo) -> Document:
    html = render_template("certificates/paper.html", attestation=attestation)
    return Document(
        title=f"Attestation – {attestation.title}",
        description=f"Module terminé le {attestation.completed_on}, code {attestation.code}",
        keywords=(),
        footer="Relais, parcours de formation des référents numériques",
        html=Markup(html),  # noqa: S704 - rendered by our own template, which escapes
        figures=(),
        one_page=True,
        revised_on=completed.completed_at.astimezone(zone).date(),
    )
