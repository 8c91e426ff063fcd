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
    succeeded_at: Mapped[datetime | None]
    """What the trainer sees: « dernière mise à jour le … »."""
    leased_until: Mapped[datetime | None]
    """A worker is reading it until then; a worker that died lets it go by itself."""
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
