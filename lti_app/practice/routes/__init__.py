"""`/session/<course>/…`: thin routes, one call each."""

from flask import Flask

from lti_app.people.access import current_person_id
from lti_app.practice.forms import Framed, seal_frame
from lti_app.practice.routes import enlarging, glossary, pages, questions, reviewing, workshop
from lti_app.practice.routes.blueprint import blueprint
from lti_app.practice.routes.figures import figures

__all__ = [
    "blueprint", "enlarging", "figures", "glossary", "open_practice", "pages", "questions",
    "reviewing", "workshop",
]  # fmt: skip


def open_practice(app: Flask) -> None:
    """Let the form of « Agrandir » in, whose token stands for the cookie that cannot follow it."""
    app.extensions["csrf"].exempt(enlarging.enlarge)
    app.jinja_env.globals["enlarge_token"] = _enlarge_token


def _enlarge_token(return_url: str | None) -> str:
    return seal_frame(Framed(current_person_id(), return_url))
