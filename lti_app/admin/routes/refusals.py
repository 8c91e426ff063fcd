"""/admin/acces-refuses/: why launches were refused; nothing personal."""

from datetime import timedelta

from flask import request
from flask.typing import ResponseReturnValue

from lti_app.admin.forms.filters import RefusalForm
from lti_app.admin.queries.platforms import platform_names
from lti_app.admin.queries.waiting import refusal_codes, refusals_by_hour
from lti_app.admin.routes.blueprint import blueprint, render
from lti_app.admin.rules.listing import Paging, page_number
from lti_app.admin.rules.refusals import by_day
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.settings import current_settings
from lti_app.lti.rules.explanations import explanation_of


@blueprint.get("/acces-refuses/")
def refusals() -> ResponseReturnValue:
    """Refused launches by day, reason and platform, with what each reason means."""
    names = platform_names(db.session)
    codes = refusal_codes(db.session)
    form = RefusalForm(request.args, codes=[(code, code) for code in codes], platforms=names)
    hours = refusals_by_hour(
        db.session,
        since=now() - timedelta(days=form.days),
        code=form.value("motif"),
        platform_id=form.platform_id,
    )
    days = by_day(hours, current_settings().zone)
    paging = Paging(page_number(request.args.get("page")), len(days))
    shown = days[paging.offset : paging.offset + paging.size]
    return render(
        "refusals",
        form=form,
        paging=paging,
        rows=shown,
        launches=sum(row.launches for row in days),
        names=names,
        meanings={code: explanation_of(code) for code in sorted({row.code for row in shown})},
    )
