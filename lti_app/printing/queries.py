"""Of when what is printed is."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.content.models import ContentRelease, Revision
from lti_app.content.queries import Version, newest_version
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
    moments = [revised, _last_changes(session).get(module.id)]
    return max((moment for moment in moments if moment), default=None)


_known: dict[Version, dict[str, datetime]] = {}
"""Of the newest release only: each file printed would read the drawings of fifty again."""


def _last_changes(session: Session) -> dict[str, datetime]:
    """When the supplements of each module last changed."""
    version = newest_version(session)
    if version is None:
        return {}
    changes = _known.get(version)
    if changes is None:
        changes = _read_last_changes(session)
        _known.clear()
        _known[version] = changes
    return changes


def _read_last_changes(session: Session) -> dict[str, datetime]:
    """The first of the newest releases whose supplements are those of today, by module.

    They have no revisions of their own. (Far back, the search stops: what was not changed in fifty
    publications may well be older than it says.)
    """
    newest_first = (
        sa.select(ContentRelease.published_at, ContentRelease.supplements)
        .order_by(ContentRelease.id.desc())
        .limit(_RELEASES_SEARCHED)
        .execution_options(yield_per=5)
    )
    same: dict[str, object] | None = None
    since: dict[str, datetime] = {}
    with session.execute(newest_first) as releases:
        for published_at, kept in releases:
            there = kept or {}
            candidates = there if same is None else same
            same = {id_: data for id_, data in candidates.items() if there.get(id_) == data}
            since |= dict.fromkeys(same, published_at)
            if not same:
                break
    return since
