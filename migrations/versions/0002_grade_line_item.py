"""Which column of the gradebook a grade went to: an activity may get another one."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("owed_grade", sa.Column("line_item_url", sa.String(length=1000), nullable=True))


def downgrade() -> None:
    op.drop_column("owed_grade", "line_item_url")
