"""/admin/plateformes/relier/…: linking an LMS, by an invitation or by hand."""

from http import HTTPStatus

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lti_app.admin.forms.registering import InvitationForm, PlatformForm
from lti_app.admin.routes.blueprint import ID, ask, blueprint, done, render
from lti_app.admin.services.registering import (
    cancel_invitation,
    invite_platform,
    link_by_hand,
)
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.settings import current_settings
from lti_app.lti.queries import open_invitations, platform_named
from lti_app.lti.rules.moodle_fields import ADD_ADVANTAGE, CHOOSER, moodle_fields
from lti_app.lti.services.registrations import DuplicateRegistrationError

SECTION = "admin.platforms"
_TAKEN = "Une autre plateforme porte déjà ce nom."


@blueprint.get("/plateformes/relier/")
def link_platform() -> ResponseReturnValue:
    """The ways of linking an LMS, side by side."""
    return _page()


@blueprint.post("/plateformes/relier/invitation")
def create_invitation() -> ResponseReturnValue:
    """Make a link, and show it this once: only its digest is kept."""
    form = _invitation_form(request.form)
    if form.validate() and form.nom.data and platform_named(db.session, form.nom.data):
        form.nom.errors = [_TAKEN]
    if form.problems():
        return _page(invitation=form), HTTPStatus.BAD_REQUEST
    link = invite_platform(
        db.session,
        name=form.nom.data or None,
        issuer=form.issuer.data or None,
        life=form.life,
        base_url=current_settings().base_url,
        actor_id=g.administrator_id,
        now=now(),
    )
    db.session.commit()
    return _page(link=link, link_issuer=form.issuer.data or None)


@blueprint.route(
    f"/plateformes/relier/invitations/<{ID}:invitation_id>/annuler", methods=["GET", "POST"]
)
def revoke_link(invitation_id: int) -> ResponseReturnValue:
    """Cancel a link that was not used, once confirmed."""
    if request.method == "GET":
        return ask(
            f"Annuler l’invitation n° {invitation_id} ?",
            section=SECTION,
            does="Annuler l’invitation",
            back=url_for("admin.link_platform"),
            consequences=(
                "Le lien ne servira plus. Les plateformes déjà reliées ne changent pas.",
            ),
        )
    entry = cancel_invitation(
        db.session, invitation_id=invitation_id, actor_id=g.administrator_id, now=now()
    )
    return done(entry, "admin.link_platform")


@blueprint.post("/plateformes/relier/main")
def add_by_hand() -> ResponseReturnValue:
    """Register what the LMS showed, or update it."""
    form = _platform_form(request.form)
    if form.validate():
        try:
            platform_id, entry = link_by_hand(
                db.session, form.new_platform(), actor_id=g.administrator_id, now=now()
            )
        except DuplicateRegistrationError:
            form.nom.errors = [_TAKEN]
        else:
            return done(entry, "admin.platform", platform_id=platform_id)
    return _page(by_hand=form), HTTPStatus.BAD_REQUEST


def _page(
    invitation: InvitationForm | None = None,
    by_hand: PlatformForm | None = None,
    link: str | None = None,
    link_issuer: str | None = None,
) -> str:
    invitation = invitation or _invitation_form()
    by_hand = by_hand or _platform_form()
    return render(
        "registering",
        section=SECTION,
        invitation=invitation,
        by_hand=by_hand,
        problems=[*invitation.problems(), *by_hand.problems()],
        link=link,
        link_issuer=link_issuer,
        invitations=open_invitations(db.session, now()),
        groups=moodle_fields(current_settings().base_url),
        add_advantage=ADD_ADVANTAGE,
        chooser=CHOOSER,
        now=now(),
    )


def _invitation_form(formdata: object = None) -> InvitationForm:
    loopback = current_settings().is_development
    return InvitationForm(allow_loopback=loopback, prefix="invitation-", formdata=formdata)


def _platform_form(formdata: object = None) -> PlatformForm:
    loopback = current_settings().is_development
    return PlatformForm(allow_loopback=loopback, prefix="main-", formdata=formdata)
