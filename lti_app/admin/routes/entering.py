"""How administrators come in: from their own page of Relais, or by a one-time link."""

from http import HTTPStatus

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from lti_app.admin.forms.entering import seal_entry, unseal_entry
from lti_app.admin.routes.blueprint import (
    OPEN_TO_ALL,
    SIGNED_OUT,
    begin_session,
    blueprint,
    end_session,
)
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.errors import Explanation, RelaisError
from lti_app.people.access import (
    NOT_FOUND,
    comes_from_own_page,
    current_person_id,
    may_enter_administration,
    sign_in,
)
from lti_app.people.administration import admin_link_is_open, use_admin_link
from lti_app.people.queries import is_administrator

LINK_OVER = Explanation(
    code="ADMIN-LIEN",
    title="Ce lien n’ouvre plus l’administration",
    message="Un lien de connexion ne sert qu’une fois, et pendant quinze minutes.",
    advice=("Demandez-en un autre par la commande « relais admin link ».",),
)


@blueprint.post("/entrer")
def enter() -> ResponseReturnValue:
    """Open administration in the tab that an administrator's own page has just opened.

    The cookie of a frame is partitioned and does not follow; a sealed token stands for it.
    """
    if not comes_from_own_page():
        raise RelaisError(SIGNED_OUT, status=HTTPStatus.BAD_REQUEST, detail="enter: origin")
    person_id = unseal_entry(request.form.get("jeton", ""))
    if person_id is None:
        raise RelaisError(SIGNED_OUT, status=HTTPStatus.UNAUTHORIZED, detail="enter: token")
    if not is_administrator(db.session, person_id):
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="not an administrator")
    return _welcome(person_id)


@blueprint.get("/lien/<token>")
def link(token: str) -> ResponseReturnValue:
    """The page of a one-time link. Programs that preview links open it, hence its button."""
    if not admin_link_is_open(db.session, token, now=now()):
        raise _link_over()
    return render_template("admin/link.html", token=token)


@blueprint.post("/lien")
def use_link() -> ResponseReturnValue:
    """Use the link up, and sign its administrator in."""
    person_id = use_admin_link(db.session, request.form.get("jeton", ""), now=now())
    # Used up even when its person administers no more.
    db.session.commit()
    if person_id is None:
        raise _link_over()
    return _welcome(person_id)


@blueprint.post("/sortir")
def leave() -> ResponseReturnValue:
    """Close administration in this browser."""
    end_session()
    return render_template("admin/left.html")


def open_entrance(app: Flask) -> None:
    """Let the form of « Administration » in, limit the public addresses, offer the entry."""
    csrf, limiter = app.extensions["csrf"], app.extensions["relais_limiter"]
    csrf.exempt(enter)
    limit = app.config["RELAIS"].login_rate_limit
    for view in (enter, link, use_link):
        endpoint = f"{blueprint.name}.{view.__name__}"
        OPEN_TO_ALL.add(endpoint)
        app.view_functions[endpoint] = limiter.limit(limit)(view)
    app.jinja_env.globals.update(
        may_enter_administration=may_enter_administration,
        administration_token=_administration_token,
    )


def _welcome(person_id: int) -> Response:
    sign_in(person_id, administrator=True)
    begin_session()
    return redirect(url_for("admin.home"), code=HTTPStatus.SEE_OTHER)


def _link_over() -> RelaisError:
    return RelaisError(LINK_OVER, status=HTTPStatus.GONE, detail="admin link")


def _administration_token() -> str:
    return seal_entry(current_person_id())
