"""The drawings of lessons, as `catalog.Figure.address` names them."""

from http import HTTPStatus

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from lti_app.content.queries import load_catalog
from lti_app.content.rules.catalog import FIGURES_ADDRESS
from lti_app.core.database import db
from lti_app.core.errors import RelaisError
from lti_app.people.access import NOT_FOUND

figures = Blueprint("figures", "lti_app.practice", url_prefix=FIGURES_ADDRESS)

_HEADERS = {
    # Opened by itself, a drawing is a document: it must not run anything there either.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    # Another drawing has another address.
    "Cache-Control": "public, max-age=31536000, immutable",
}


@figures.get("/<module_id>/<figure_id>-<string(length=12):digest>.svg")
def figure(module_id: str, figure_id: str, digest: str) -> ResponseReturnValue:
    """A drawing, to anybody: an image asks without a session, and holds nothing of a person."""
    try:
        found = load_catalog(db.session).figure(module_id, figure_id)
    except KeyError:
        found = None
    if found is None or not found.content_hash.startswith(digest):
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="no such figure")
    response = Response(found.svg, mimetype="image/svg+xml", headers=_HEADERS)
    response.set_etag(found.content_hash)
    return response.make_conditional(request)
