"""/admin/plateformes/…: the LMS, their deployments, and what their roles mean."""

from http import HTTPStatus

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lti_app.admin.forms.changing import MEANINGS, NAME_LENGTH, NameForm, RoleForm
from lti_app.admin.queries.journal import entries_about
from lti_app.admin.queries.platforms import (
    figures_of_platform,
    find_deployment,
    find_platform_with_deployments,
    list_platforms,
)
from lti_app.admin.routes.blueprint import ID, ask, blueprint, describe, done, render
from lti_app.admin.services.platforms import (
    NameTakenError,
    Opened,
    change_deployment_state,
    change_platform_state,
    change_role_meaning,
    rename_platform,
    roles_received,
)
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.errors import RelaisError
from lti_app.grading.tasks import queue_grades
from lti_app.lti.models import Deployment, Platform
from lti_app.people.access import NOT_FOUND

SECTION = "admin.platforms"
_ONE = f"/plateformes/<{ID}:platform_id>/"
QUEUED_AT_ONCE = 200
"""Grades queued within the request; the periodic task takes the others, minute by minute."""


@blueprint.get("/plateformes/")
def platforms() -> ResponseReturnValue:
    """Every platform, with what goes through it."""
    return render("platforms", rows=list_platforms(db.session))


@blueprint.get(_ONE)
def platform(platform_id: int) -> ResponseReturnValue:
    """One platform: what was registered, its deployments, the roles it sends."""
    return _page(_platform(platform_id))


@blueprint.route(_ONE + "<any(ouvrir, fermer):verb>", methods=["GET", "POST"])
def platform_state(platform_id: int, verb: str) -> ResponseReturnValue:
    """Open or close a platform, once confirmed."""
    found, is_open = _platform(platform_id), verb == "ouvrir"
    if request.method == "GET":
        return ask(
            f"{'Ouvrir' if is_open else 'Fermer'} l’accès de « {found.name} » ?",
            section=SECTION,
            does="Ouvrir l’accès" if is_open else "Fermer l’accès",
            back=url_for("admin.platform", platform_id=platform_id),
            consequences=_OPENING if is_open else _CLOSING,
        )
    changed = change_platform_state(
        db.session, platform=found, is_open=is_open, actor_id=g.administrator_id, now=now()
    )
    return _done(changed, platform_id)


@blueprint.route(
    _ONE + f"deploiements/<{ID}:deployment_id>/<any(ouvrir, fermer):verb>",
    methods=["GET", "POST"],
)
def deployment_state(platform_id: int, deployment_id: int, verb: str) -> ResponseReturnValue:
    """Approve, open or close one deployment of a platform, once confirmed."""
    found, is_open = _deployment(platform_id, deployment_id), verb == "ouvrir"
    if request.method == "GET":
        return ask(
            f"{'Ouvrir' if is_open else 'Fermer'} le déploiement « {found.deployment_id} »"
            f" de « {found.platform.name} » ?",
            section=SECTION,
            does="Ouvrir le déploiement" if is_open else "Fermer le déploiement",
            back=url_for("admin.platform", platform_id=platform_id),
            consequences=_OPENING_DEPLOYMENT if is_open else _CLOSING_DEPLOYMENT,
        )
    changed = change_deployment_state(
        db.session, deployment=found, is_open=is_open, actor_id=g.administrator_id, now=now()
    )
    return _done(changed, platform_id)


@blueprint.post(_ONE + "nom")
def platform_name(platform_id: int) -> ResponseReturnValue:
    """Give a platform another name on our side."""
    found, form = _platform(platform_id), NameForm()
    problem = form.problem()
    if problem is None:
        try:
            entry = rename_platform(
                db.session, platform=found, name=form.name, actor_id=g.administrator_id, now=now()
            )
            return done(entry, "admin.platform", platform_id=platform_id)
        except NameTakenError:
            problem = "Une autre plateforme porte déjà ce nom."
    return _page(found, typed=form.nom.data or "", problem=problem), HTTPStatus.BAD_REQUEST


@blueprint.post(_ONE + "roles")
def platform_role(platform_id: int) -> ResponseReturnValue:
    """Decide what a role of this platform means. Undone by the same select."""
    found = _platform(platform_id)
    try:
        lms_role, role = RoleForm().chosen()
        entry = change_role_meaning(
            db.session,
            platform_id=found.id,
            lms_role=lms_role,
            role=role,
            actor_id=g.administrator_id,
            now=now(),
        )
    except LookupError as error:
        raise RelaisError(
            NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="unknown role or meaning"
        ) from error
    return done(entry, "admin.platform", platform_id=platform_id, _anchor="roles")


def _done(changed: Opened | None, platform_id: int) -> ResponseReturnValue:
    """Commit and go back to the platform; what opening it set free is queued then."""
    page = done(changed.entry if changed else None, "admin.platform", platform_id=platform_id)
    if changed:
        queue_grades(changed.owed_grade_ids[:QUEUED_AT_ONCE])
    return page


def _page(found: Platform, *, typed: str | None = None, problem: str | None = None) -> str:
    courses, persons, last_launch_at = figures_of_platform(db.session, found.id)
    subjects = [f"platform {found.id}"]
    return render(
        "platform",
        section=SECTION,
        platform=found,
        courses=courses,
        persons=persons,
        last_launch_at=last_launch_at,
        roles=roles_received(db.session, found.id),
        meanings=tuple(MEANINGS),
        entries=[describe(entry) for entry in entries_about(db.session, subjects)],
        name=found.name if typed is None else typed,
        name_problem=problem,
        name_length=NAME_LENGTH,
    )


def _platform(platform_id: int) -> Platform:
    found = find_platform_with_deployments(db.session, platform_id)
    if found is None:
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="no such platform")
    return found


def _deployment(platform_id: int, deployment_id: int) -> Deployment:
    found = find_deployment(db.session, platform_id=platform_id, deployment_id=deployment_id)
    if found is None:
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="no such deployment")
    return found


_OPENING = (
    "Les activités de cette plateforme ouvriront Relais.",
    "Les notes qui attendaient partent aussitôt.",
)
_CLOSING = (
    (
        "Personne n’entrera plus dans Relais depuis cette plateforme ; les visites en cours"
        " s’arrêtent à la page suivante."
    ),
    "Les notes à transmettre attendent. Rien n’est effacé, et vous pourrez rouvrir l’accès.",
)
_OPENING_DEPLOYMENT = (
    "Les activités de ce déploiement ouvriront Relais, et les notes qui attendaient partent.",
    "Vérifiez auprès de la personne qui administre la plateforme que c’est bien elle qui l’a créé.",
)
_CLOSING_DEPLOYMENT = (
    (
        "Personne n’entrera plus dans Relais depuis ce déploiement ; les visites qu’il a ouvertes"
        " s’arrêtent à la page suivante."
    ),
    "Rien n’est effacé, et vous pourrez le rouvrir.",
)
