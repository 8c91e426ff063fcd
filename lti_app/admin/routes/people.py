"""/admin/personnes/…: finding people, suspending them, naming administrators."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lti_app.admin.forms.filters import PeopleForm
from lti_app.admin.queries.journal import entries_about
from lti_app.admin.queries.merging import find_standing_merge
from lti_app.admin.queries.people import (
    count_people,
    enrolments_of,
    find_administrator,
    find_person_with_identities,
    list_people,
)
from lti_app.admin.routes.blueprint import ID, ask, blueprint, describe, done, render
from lti_app.admin.rules.listing import Paging, page_number
from lti_app.admin.rules.roles import short_role
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.errors import Explanation, RelaisError
from lti_app.people.access import NOT_FOUND
from lti_app.people.administration import (
    LastAdministratorError,
    grant_administrator,
    reactivate_person,
    revoke_administrator,
    suspend_person,
)
from lti_app.people.models import AuditEntry, Person

SECTION = "admin.people"
_ONE = f"/personnes/<{ID}:person_id>/"

LAST_ADMINISTRATOR = Explanation(
    code="ADMIN-DERNIER",
    title="Il resterait zéro personne pour administrer Relais",
    message="Cette personne est la seule à pouvoir le faire. Rien n’a été changé.",
    advice=("Donnez d’abord les droits d’administration à quelqu’un d’autre.",),
)
SUSPENDED = Explanation(
    code="ADMIN-SUSPENDU",
    title="L’accès de cette personne est suspendu",
    message="Les droits d’administration ne servent à rien sans accès. Rien n’a été changé.",
    advice=("Rétablissez d’abord son accès.",),
)


@blueprint.get("/personnes/")
def people() -> ResponseReturnValue:
    """People by name, page by page."""
    form = PeopleForm(request.args)
    filters = form.filters()
    total = count_people(db.session, filters)
    paging = Paging(page_number(request.args.get("page")), total)
    rows = list_people(db.session, filters, offset=paging.offset, limit=paging.size)
    return render("people", form=form, paging=paging, rows=rows)


@blueprint.get(_ONE)
def person(person_id: int) -> ResponseReturnValue:
    """One person: identities, enrolments with the roles received, rights; never an answer."""
    found = _person(person_id)
    return render(
        "person",
        section=SECTION,
        person=found,
        administrator=find_administrator(db.session, person_id),
        enrolments=enrolments_of(db.session, person_id),
        short_role=short_role,
        merge=find_standing_merge(db.session, person_id),
        entries=[describe(entry) for entry in entries_about(db.session, [f"person {person_id}"])],
    )


@dataclass(frozen=True)
class _Change:
    """A change of one person: what is asked, what it leads to, what does it."""

    question: str
    does: str
    consequences: tuple[str, ...]
    make: Callable[[Person], AuditEntry | None]


@blueprint.route(
    _ONE + "<any(suspendre, retablir, nommer, revoquer):verb>", methods=["GET", "POST"]
)
def change_person(person_id: int, verb: str) -> ResponseReturnValue:
    """Suspend or let in again, name administrator or take that back, once confirmed."""
    found, change = _person(person_id), _CHANGES[verb]
    if request.method == "GET":
        return ask(
            change.question.format(found.name or f"personne n° {found.id}"),
            section=SECTION,
            does=change.does,
            back=url_for("admin.person", person_id=person_id),
            consequences=change.consequences,
        )
    try:
        entry = change.make(found)
    except LastAdministratorError as error:
        raise RelaisError(LAST_ADMINISTRATOR, status=HTTPStatus.CONFLICT) from error
    return done(entry, "admin.person", person_id=person_id)


def _suspend(found: Person) -> AuditEntry | None:
    return suspend_person(db.session, person=found, actor_id=g.administrator_id, now=now())


def _reactivate(found: Person) -> AuditEntry | None:
    return reactivate_person(db.session, person=found, actor_id=g.administrator_id, now=now())


def _grant(found: Person) -> AuditEntry | None:
    if found.suspended_at is not None:
        raise RelaisError(SUSPENDED, status=HTTPStatus.CONFLICT)
    return grant_administrator(
        db.session, person_id=found.id, actor_id=g.administrator_id, now=now()
    )


def _revoke(found: Person) -> AuditEntry | None:
    return revoke_administrator(
        db.session, person_id=found.id, actor_id=g.administrator_id, now=now()
    )


_CHANGES = {
    "suspendre": _Change(
        "Suspendre l’accès de {} ?",
        "Suspendre l’accès",
        (
            "Relais lui sera fermé dès la page suivante, quoi que dise la plateforme.",
            "Son avancement et ses notes sont gardés. Vous pourrez rétablir son accès.",
        ),
        _suspend,
    ),
    "retablir": _Change(
        "Rétablir l’accès de {} ?",
        "Rétablir l’accès",
        ("Cette personne rouvrira Relais depuis sa plateforme, là où elle en était.",),
        _reactivate,
    ),
    "nommer": _Change(
        "Donner les droits d’administration à {} ?",
        "Donner les droits",
        (
            "Cette personne verra toutes les plateformes, tout l’annuaire, et fermera des accès.",
            "Elle les trouvera dans la barre de Relais à sa prochaine ouverture d’une activité.",
        ),
        _grant,
    ),
    "revoquer": _Change(
        "Retirer les droits d’administration de {} ?",
        "Retirer les droits",
        ("L’administration lui sera fermée dès la page suivante.",),
        _revoke,
    ),
}


def _person(person_id: int) -> Person:
    found = find_person_with_identities(db.session, person_id)
    if found is None:
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="no such person")
    return found
