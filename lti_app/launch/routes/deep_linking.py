"""Choosing contents inside the LMS (LTI Deep Linking 2.0).

No session opens and no cookie is needed: nothing of a person is shown, and the page carries the
sealed request that it answers.
"""

from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from lti_app.content.queries import load_catalog
from lti_app.core.clock import now
from lti_app.core.database import db, mark_read_only
from lti_app.core.errors import RelaisError
from lti_app.core.settings import current_settings
from lti_app.launch.forms import ContentsForm, Step, step_of
from lti_app.launch.routes.blueprint import SUSPENDED, blueprint, own_url, refuse
from lti_app.launch.rules import Offer, offers
from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import ClaimError, DeepLinkingRequest
from lti_app.lti.rules.deep_linking import is_moodle
from lti_app.lti.services.deep_linking import (
    Selection,
    admit,
    open_selection,
    seal_selection,
    sign_response,
)
from lti_app.people import access
from lti_app.people.queries import find_identity, role_overrides
from lti_app.people.rules import is_trainer


class _Card(NamedTuple):
    """An offer as a choice card."""

    id: str
    title: str
    text: str
    checked: bool
    offer: Offer


def offer_contents(message: DeepLinkingRequest, platform_id: int) -> Response:
    """The page where a trainer picks modules, a review session or the whole path."""
    mark_read_only(True)
    selection = Selection(message, platform_id)
    _admit(selection)
    token = seal_selection(selection, secret_key=current_settings().effective_secret_key, now=now())
    return _html(_choose(message, token, ContentsForm(None, _offered(), multiple=True)))


@blueprint.post("/contents")
def contents() -> ResponseReturnValue:
    """What the trainer does on those pages. Writes nothing."""
    mark_read_only(True)
    try:
        if not access.comes_from_own_page():
            raise ClaimError(explanations.SELECTION_OVER, "selection posted from another site")
        token = request.form.get("token", "")
        selection = open_selection(
            token, secret_key=current_settings().effective_secret_key, now=now()
        )
        _admit(selection)
        return _html(_proceed(selection.request, token))
    except ClaimError as error:
        raise refuse(error) from error


def _admit(selection: Selection) -> None:
    admit(db.session, selection, allow_http=current_settings().is_development)
    overrides = role_overrides(db.session, selection.platform_id)
    if not is_trainer(selection.request.roles, overrides):
        raise ClaimError(explanations.FOR_TRAINERS, "a learner may not choose contents")
    _refuse_suspended(selection.request)


def _refuse_suspended(message: DeepLinkingRequest) -> None:
    """The choice opens no session, but who is refused in Relais is refused here too."""
    if not message.sub:
        return
    identity = find_identity(db.session, issuer=message.issuer, sub=message.sub)
    if identity is not None and identity.person.suspended_at is not None:
        raise RelaisError(SUSPENDED, status=HTTPStatus.FORBIDDEN)


def _proceed(message: DeepLinkingRequest, token: str) -> str:
    step = step_of(request.form)
    if step is Step.CANCEL:
        return _send(message, ())
    form = ContentsForm(request.form, _offered(), multiple=message.accept_multiple)
    if step is Step.CHANGE or not form.validate():
        return _choose(message, token, form)
    if step is Step.SEND:
        return _send(message, form.chosen)
    return render_template(
        "launch/check_contents.html",
        chosen=form.chosen,
        token=token,
        moodle=is_moodle(message.product_family),
        grades=message.accept_line_item,
    )


def _choose(message: DeepLinkingRequest, token: str, form: ContentsForm) -> str:
    return render_template(
        "launch/contents.html",
        cards=[
            _Card(offer.target, offer.title, offer.summary, offer in form.chosen, offer)
            for offer in form.offered
        ],
        multiple=message.accept_multiple,
        token=token,
        error=form.error,
        grades=message.accept_line_item,
    )


def _send(message: DeepLinkingRequest, chosen: tuple[Offer, ...]) -> str:
    """The page that posts the answer to the platform, by itself or by its button."""
    signed = sign_response(
        db.session,
        message,
        [offer.as_item() for offer in chosen],
        launch_url=own_url("launch.launch"),
        secret_key=current_settings().effective_secret_key,
        now=now(),
    )
    parts = urlsplit(message.return_url)
    g.posts_to = f"{parts.scheme}://{parts.netloc}"  # read by app.security: form-action
    return render_template(
        "launch/send_contents.html", return_url=message.return_url, jwt=signed, count=len(chosen)
    )


def _offered() -> tuple[Offer, ...]:
    return offers(load_catalog(db.session).modules)


def _html(page: str) -> Response:
    return Response(page, mimetype="text/html")
