"""The doctor of one registration: what it measures, with what Relais knows from the launches."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from lti_app.admin.queries.checking import a_roster_of, usage_of
from lti_app.core.settings import Settings
from lti_app.lti.models import Platform
from lti_app.lti.rules.diagnosis import Finding, diagnose
from lti_app.lti.services.doctor import Tool, examine, prepare_examination


def check_platform(
    session: Session,
    platform: Platform,
    *,
    settings: Settings,
    jwks_path: str,
    clock: Callable[[], datetime],
) -> list[Finding]:
    """Every finding on that registration; takes up to twenty seconds.

    Ends the session's transaction before it asks anything of anybody: nobody may hold a connection
    (nor, on SQLite, a lock) while a slow platform answers. Writes nothing.
    """
    now = clock()
    tool = Tool(
        base_url=settings.base_url,
        jwks_url=settings.base_url + jwks_path,
        development=settings.is_development,
        trusted_proxies=settings.trusted_proxies,
        secret_key=settings.effective_secret_key,
    )
    usage = usage_of(session, platform.id, now)
    examination = prepare_examination(
        session,
        platform,
        tool=tool,
        memberships_url=a_roster_of(session, platform.id),
        now=now,
    )
    session.rollback()
    return diagnose(examine(examination, usage=usage, clock=clock))
