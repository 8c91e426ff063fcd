"""Of when what is printed is."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.content.models import ContentRelease, Revision
from lti_app.content.rules.catalog import Module

_RELEASES_SEARCHED = 50


def last_change(session: Session, module: Module) -> datetime | None:
    """When anything of a module last changed: its texts, or its kit, figures and glossary.

    None when it was never published (a preview).
    """
    revisions = [module.revision_id]
    revisions += [lesson.revision_id for lesson in module.lessons]
    revisions += [question.revision_id for question in module.questions]
    revised = session.scalar(
        sa.select(sa.func.max(Revision.published_at)).where(Revision.id.in_(revisions))
    )
    moments = [revised, _last_change_of_supplements(session, module.id)]
    return max((moment for moment in moments if moment), default=None)


def _last_change_of_supplements(session: Session, module_id: str) -> datetime | None:
    """The first of the newest releases whose supplements are those of today.

    They have no revisions of their own. (Far back, the search stops: what was not changed in fifty
    publications may well be older than it says.)
    """
    releases = session.execute(
        sa.select(ContentRelease.published_at, ContentRelease.supplements)
        .order_by(ContentRelease.id.desc())
        .limit(_RELEASES_SEARCHED)
    )
    newest: object = None
    since: datetime | None = None
    for published_at, supplements in releases:
        found = (supplements or {}).get(module_id)
        if since is not None and found != newest:
            break
        newest, since = found, published_at
    return since if newest else None
