"""The blueprint of the administrators' pages, its guard, and what its pages share."""

from typing import Any

from flask import Blueprint, g, render_template, request

from lti_app.people.access import require_administrator

blueprint = Blueprint("admin", "lti_app.admin", template_folder="templates", url_prefix="/admin")

OPEN_TO_ALL: set[str] = set()
"""Endpoints that sign an administrator in, and so cannot ask for one."""

SECTIONS = (("admin.home", "Tableau de bord"),)
"""The navigation: endpoint and words, in order."""


@blueprint.before_request
def guard() -> None:
    """Only administrators, asked at each request. Their id is in `g.administrator_id`."""
    if request.endpoint not in OPEN_TO_ALL:
        g.administrator_id = require_administrator()


def render(template: str, **values: Any) -> str:
    """A page of administration, under its navigation."""
    return render_template(f"admin/{template}.html", sections=SECTIONS, **values)
