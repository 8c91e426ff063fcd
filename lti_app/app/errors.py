"""Every failure ends on a French page: what happened, what to do, a code to quote."""

import secrets
from http import HTTPStatus

import structlog
from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from lti_app.core.database import db
from lti_app.core.errors import Explanation, RelaisError
from lti_app.core.logging import get_logger
from lti_app.people.access import NOT_FOUND, return_url
from lti_app.practice.routes.keeping import WayBack, keep_refused_answer

_REOPEN = "Retournez dans votre plateforme (Moodle ou M@gistère) et rouvrez l’activité."

_BY_STATUS = {
    HTTPStatus.NOT_FOUND: NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: Explanation(
        "METHODE",
        "Cette adresse ne s’ouvre pas ainsi",
        "La page demandée attend un formulaire, pas une simple visite.",
        (_REOPEN,),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Explanation(
        "TROP-GROS",
        "L’envoi est trop volumineux",
        "Relais a reçu bien plus de données que cette page n’en attend.",
        ("Revenez à la page précédente et raccourcissez votre texte.",),
    ),
    HTTPStatus.TOO_MANY_REQUESTS: Explanation(
        "TROP-DE-DEMANDES",
        "Trop de demandes en peu de temps",
        "Relais a reçu un grand nombre de demandes depuis votre adresse.",
        ("Attendez une minute, puis rouvrez l’activité.",),
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: Explanation(
        "OCCUPE",
        "Relais est momentanément indisponible",
        "Le service ne répond pas comme prévu. Ce que vous aviez déjà validé est enregistré.",
        ("Attendez une minute, puis rechargez la page.",),
    ),
}
_BAD_REQUEST = Explanation(
    "DEMANDE",
    "La demande n’a pas été comprise",
    "Les données reçues ne correspondent pas à ce que cette page attend.",
    ("Revenez à la page précédente et recommencez.", _REOPEN),
)
_FORM_EXPIRED = Explanation(
    "FORMULAIRE",
    "Ce formulaire n’est plus valable",
    "Il a été ouvert dans une visite précédente, ou par une autre personne sur ce même ordinateur."
    " Rien n’a été enregistré.",
    (_REOPEN, "Votre navigateur garde souvent votre saisie : revenez en arrière pour la copier."),
)
_NOT_THEIR_VISIT = (HTTPStatus.UNAUTHORIZED, HTTPStatus.CONFLICT)
_INTERNAL = Explanation(
    "INTERNE",
    "Relais a rencontré un problème",
    "L’erreur vient de nous, pas de vous. Elle est enregistrée et sera examinée."
    " Ce que vous aviez déjà validé n’est pas perdu.",
    ("Rechargez la page dans une minute.", "Si le problème revient, citez le code ci-dessous."),
)


def init_app(app: Flask) -> None:
    """Register the handlers, and give each request a number to quote."""
    app.before_request(_number_request)
    app.register_error_handler(RelaisError, _on_relais_error)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(HTTPException, _on_http_exception)
    for error in (OperationalError, InterfaceError, PoolTimeoutError):
        app.register_error_handler(error, _on_database_down)
    app.register_error_handler(Exception, _on_exception)


def _number_request() -> None:
    g.request_number = secrets.token_hex(4).upper()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_number)


def _on_relais_error(error: RelaisError) -> ResponseReturnValue:
    get_logger().info(
        "refused", code=error.explanation.code, status=error.status.value, detail=error.detail
    )
    if error.status in _NOT_THEIR_VISIT:
        return _page_of_form(error.explanation, error.status)
    return _page(error.explanation, error.status)


def _on_csrf_error(error: CSRFError) -> ResponseReturnValue:
    get_logger().info("refused", code=_FORM_EXPIRED.code, detail=error.description)
    return _page_of_form(_FORM_EXPIRED, HTTPStatus.BAD_REQUEST)


def _on_http_exception(error: HTTPException) -> ResponseReturnValue:
    status = HTTPStatus(error.code or 500)
    if status < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    explanation = _BY_STATUS.get(status, _BAD_REQUEST)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        explanation = _BY_STATUS.get(status, _INTERNAL)
    return _page(explanation, status)


def _on_database_down(error: SQLAlchemyError) -> ResponseReturnValue:
    cause = getattr(error, "orig", None) or error
    get_logger().error("database_unavailable", error=type(cause).__name__)
    return _page(_BY_STATUS[HTTPStatus.SERVICE_UNAVAILABLE], HTTPStatus.SERVICE_UNAVAILABLE)


def _on_exception(error: Exception) -> ResponseReturnValue:
    get_logger().error(
        "unexpected", error=type(error).__name__, endpoint=request.endpoint, exc_info=error
    )
    return _page(_INTERNAL, HTTPStatus.INTERNAL_SERVER_ERROR)


def _page_of_form(explanation: Explanation, status: HTTPStatus) -> ResponseReturnValue:
    """The page of a form whose visit has ended: what was typed is kept, if it can be."""
    db.session.rollback()
    kept = keep_refused_answer(explanation)
    if kept is None:
        return _page(explanation, status)
    return _page(kept.explanation, status, kept.way_back)


def _page(
    explanation: Explanation, status: HTTPStatus, way_back: WayBack | None = None
) -> ResponseReturnValue:
    db.session.rollback()
    html = render_template(
        "ui/error.html",
        explanation=explanation,
        quote=f"{explanation.code}-{g.get('request_number', '0')}",
        way_back=way_back or _way_back(),
    )
    return html, status.value


def _way_back() -> WayBack | None:
    """The LMS page this person came from, when the failing page belongs to a course."""
    course_id = (request.view_args or {}).get("course_id")
    url = return_url(course_id) if isinstance(course_id, int) else None
    return WayBack("Revenir à la plateforme", url) if url else None
