"""/admin/plateformes/<id>/verifier: the registration doctor."""

from http import HTTPStatus

from flask import url_for
from flask.typing import ResponseReturnValue

from lti_app.admin.queries.platforms import find_platform_with_deployments
from lti_app.admin.routes.blueprint import ID, blueprint, render
from lti_app.admin.services.checking import check_platform
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.errors import RelaisError
from lti_app.core.settings import current_settings
from lti_app.lti.models import Platform
from lti_app.lti.rules.diagnosis import Finding, Level
from lti_app.people.access import NOT_FOUND

_GROUPS = (
    (Level.ERROR, "Ce qui ne marche pas", "danger", "cross"),
    (Level.WARNING, "À surveiller", "warning", "warning"),
    (Level.OK, "En ordre", "success", "check"),
)


@blueprint.get(f"/plateformes/<{ID}:platform_id>/verifier")
def ask_check(platform_id: int) -> ResponseReturnValue:
    """What the check does, and the button that runs it."""
    return render("check", section="admin.platforms", platform=_platform(platform_id), groups=None)


@blueprint.post(f"/plateformes/<{ID}:platform_id>/verifier")
def run_check(platform_id: int) -> ResponseReturnValue:
    """Run it, and show what it found. Nothing is kept: the page is that of this instant."""
    platform = _platform(platform_id)
    findings = check_platform(
        db.session,
        platform,
        settings=current_settings(),
        jwks_path=url_for("launch.jwks"),
        clock=now,
    )
    return render(
        "check",
        section="admin.platforms",
        platform=_platform(platform_id),
        groups=_grouped(findings),
        checked_at=now().astimezone(current_settings().zone),
    )


def _platform(platform_id: int) -> Platform:
    found = find_platform_with_deployments(db.session, platform_id)
    if found is None:
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="no such platform")
    return found


def _grouped(findings: list[Finding]) -> list[tuple[Level, str, str, str, list[Finding]]]:
    """By level, the gravest first; a level without findings is left out."""
    groups = []
    for level, words, tone, icon_name in _GROUPS:
        found = [finding for finding in findings if finding.level == level]
        if found:
            groups.append((level, words, tone, icon_name, found))
    return groups
