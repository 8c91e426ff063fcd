"""When the roster of each course was read, and how that went."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lti_app.core.database import Base


class RosterSync(Base):
    """The last synchronisation of one course with its LMS (NRPS)."""

    __tablename__ = "roster_sync"

    course_id: Mapped[int] = mapped_column(
        sa.ForeignKey("course.id", ondelete="CASCADE"), primary_key=True
    )
    attempted_at: Mapped[datetime]
    """When the last reading began or was asked for. It names the reading: whom it found has it as
    `roster_seen_at`, and only its worker may write here while the lease runs."""
    succeeded_at: Mapped[datetime | None]
    """When the last whole roster began to be read: « dernière mise à jour le … »."""
    leased_until: Mapped[datetime | None]
    """A worker is reading it until then, or the platform asked to be left alone until then; a
    worker that died lets it go by itself."""
    problem: Mapped[str | None] = mapped_column(sa.String(40))
    """Code of the last failure, explained on the screens (roster.rules)."""
    detail: Mapped[str | None] = mapped_column(sa.String(200))
    """What the platform said, shortened; for the administrator only."""
    members: Mapped[int] = mapped_column(default=0)
    """People in the last whole roster."""
    joined: Mapped[int] = mapped_column(default=0)
    """New or returned, in the last success."""
    departed: Mapped[int] = mapped_column(default=0)
    """Marked as left by the last success."""
