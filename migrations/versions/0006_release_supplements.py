"""Glossaries, figures and workshop kits, kept with each release of the content."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("content_release", sa.Column("supplements", JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("content_release", "supplements")
