"""/admin/notes/: what the LMS do not have yet, and sending it again."""

from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lti_app.admin.forms.filters import GradeForm
from lti_app.admin.queries.grades import (
    count_grades,
    group_grades,
    list_waiting_grades,
    problems_met,
)
from lti_app.admin.queries.platforms import platform_names
from lti_app.admin.routes.blueprint import ask, blueprint, done, render
from lti_app.admin.rules.listing import Paging, page_number
from lti_app.admin.services.grades import AT_ONCE, resend_matching
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.grading.rules import GradeState, advise, reason
from lti_app.grading.tasks import queue_grades

SECTION = "admin.grades"
QUEUED_AT_ONCE = 200
"""Grades queued within the request; the periodic task takes the others, minute by minute."""


@blueprint.get("/notes/")
def grades() -> ResponseReturnValue:
    """Counts by platform and reason, then the grades one by one."""
    form = _form()
    filters = form.filters()
    paging = Paging(page_number(request.args.get("page")), count_grades(db.session, filters))
    return render(
        "grades",
        form=form,
        groups=group_grades(db.session),
        paging=paging,
        rows=list_waiting_grades(db.session, filters, offset=paging.offset, limit=paging.size),
        reason=reason,
        advise=advise,
    )


@blueprint.route("/notes/renvoyer", methods=["GET", "POST"])
def resend_grades() -> ResponseReturnValue:
    """Send again the grades of the filters in the address, once confirmed."""
    form = _form()
    filters = form.filters()
    if request.method == "GET":
        total = count_grades(db.session, filters)
        kept: dict[str, Any] = form.kept()
        return ask(
            f"Renvoyer {total} {'note' if total < 2 else 'notes'} ?",
            section=SECTION,
            does="Renvoyer",
            back=url_for("admin.grades", **kept),
            consequences=_consequences(total),
        )
    resent = resend_matching(db.session, filters=filters, actor_id=g.administrator_id, now=now())
    page = done(resent.entry if resent else None, "admin.grades", **form.kept())
    if resent:
        queue_grades(resent.owed_grade_ids[:QUEUED_AT_ONCE])
    return page


def _consequences(total: int) -> tuple[str, ...]:
    sentences = [
        "Relais les présente de nouveau à la plateforme, à partir de maintenant.",
        "Une note que la plateforme refuse encore revient dans cette liste, avec sa raison.",
    ]
    if total > AT_ONCE:
        sentences.append(f"{AT_ONCE} notes au plus à la fois : recommencez pour les autres.")
    return tuple(sentences)


def _form() -> GradeForm:
    problems = [
        (problem, reason(GradeState.OWED, problem) or problem)
        for problem in problems_met(db.session)
    ]
    return GradeForm(request.args, platforms=platform_names(db.session), problems=problems)
