"""/admin/: what waits for an administrator."""

from flask.typing import ResponseReturnValue

from lti_app.admin.routes.blueprint import blueprint, render
from lti_app.admin.services.dashboard import read_dashboard
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.lti.rules.explanations import explanation_of
from lti_app.roster.rules.explanations import advise


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Where an administrator arrives."""
    moment = now()
    dashboard = read_dashboard(db.session, now=moment)
    return render(
        "home",
        board=dashboard,
        now=moment,
        explain=explanation_of,
        advise_roster=advise,
    )
