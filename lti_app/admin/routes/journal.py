"""/admin/journal/: what administrators did."""

from flask import request
from flask.typing import ResponseReturnValue

from lti_app.admin.forms.filters import JournalForm
from lti_app.admin.queries.journal import actions_met, count_entries, list_entries
from lti_app.admin.routes.blueprint import blueprint, describe, render
from lti_app.admin.rules.journal import action_words
from lti_app.admin.rules.listing import Paging, page_number
from lti_app.core.database import db


@blueprint.get("/journal/")
def journal() -> ResponseReturnValue:
    """The log, the latest first."""
    actions = [(action, action_words(action)) for action in actions_met(db.session)]
    form = JournalForm(request.args, actions=actions)
    action = form.value("action")
    paging = Paging(page_number(request.args.get("page")), count_entries(db.session, action=action))
    entries = list_entries(db.session, action=action, offset=paging.offset, limit=paging.size)
    return render(
        "journal", form=form, paging=paging, entries=[describe(entry) for entry in entries]
    )
