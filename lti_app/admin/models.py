"""LMS migrations: which issuer follows which, and the persons merged for it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_app.core.database import JSON, Base


class IssuerSuccession(Base):
    """An LMS that replaces another one: same people, new issuer, ids that may collide."""

    __tablename__ = "issuer_succession"
    __table_args__ = (sa.UniqueConstraint("former_issuer", "issuer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    former_issuer: Mapped[str] = mapped_column(sa.String(500))
    issuer: Mapped[str] = mapped_column(sa.String(500))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class PersonMerge(Base):
    """Two persons made one by an administrator, with all it takes to part them again."""

    __tablename__ = "person_merge"

    id: Mapped[int] = mapped_column(primary_key=True)
    succession_id: Mapped[int] = mapped_column(
        sa.ForeignKey("issuer_succession.id", ondelete="CASCADE"), index=True
    )
    kept_person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    merged_person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    matched_by: Mapped[str] = mapped_column(sa.String(20))
    """Why they were thought the same: « email », « sourcedid » or « hand »."""
    moved: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Rows moved or replaced, by table: what `undo` puts back."""
    merged_at: Mapped[datetime]
    merged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    succession: Mapped[IssuerSuccession] = relationship()
