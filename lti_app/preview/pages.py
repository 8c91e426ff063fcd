"""The author's own pages: everything there is to look at, and whether it changed."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from lti_app.content.queries import load_catalog
from lti_app.content.rules.catalog import QuestionKind
from lti_app.core.database import db
from lti_app.preview.workspace import Workspace

WORKSPACE = "preview_workspace"
COURSE_ID = 1

KINDS = {
    QuestionKind.SINGLE: "choix unique",
    QuestionKind.MULTIPLE: "choix multiple",
    QuestionKind.TRUEFALSE: "vrai ou faux",
    QuestionKind.SHORT: "réponse courte",
    QuestionKind.ORDERING: "remise en ordre",
    QuestionKind.MATCHING: "association",
}

blueprint = Blueprint(
    "preview",
    "lti_app.preview",
    template_folder="templates",
    static_folder="static/preview",
    static_url_path="/apercu/fichiers",
)


def workspace() -> Workspace:
    """The folder being written."""
    found: Workspace = current_app.extensions[WORKSPACE]
    return found


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Every lesson and every question, and every problem of the sources."""
    return render_template(
        "preview/index.html",
        workspace=workspace(),
        catalog=load_catalog(db.session),
        kinds=KINDS,
        course_id=COURSE_ID,
    )


@blueprint.get("/apercu/etat")
def state() -> ResponseReturnValue:
    """The version of the sources, for open pages."""
    return {"version": workspace().version}
