"""The revision that a card was answered in, and what an attestation says of a completion."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

LAST_ANSWERED = """
    UPDATE card SET revision_id = (
        SELECT answer.revision_id FROM answer
        WHERE answer.person_id = card.person_id AND answer.question_id = card.question_id
        ORDER BY answer.id DESC LIMIT 1)
"""
RELEASE_OF_THE_DAY = """
    UPDATE module_completion SET release_id = (
        SELECT max(content_release.id) FROM content_release
        WHERE content_release.published_at <= module_completion.completed_at)
    WHERE completed_at IS NOT NULL
"""


def upgrade() -> None:
    with op.batch_alter_table("card") as batch:
        batch.add_column(sa.Column("revision_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_card_revision_id_revision"), "revision", ["revision_id"], ["id"]
        )
    with op.batch_alter_table("module_completion") as batch:
        batch.add_column(sa.Column("release_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("code", sa.String(length=16), nullable=True))
        batch.create_foreign_key(
            op.f("fk_module_completion_release_id_content_release"),
            "content_release", ["release_id"], ["id"],
        )
        batch.create_index(op.f("ix_module_completion_code"), ["code"])
    op.execute(LAST_ANSWERED)
    op.execute(RELEASE_OF_THE_DAY)
    give_codes()


def give_codes() -> None:
    completion = sa.table(
        "module_completion",
        sa.column("person_id"), sa.column("module_id"), sa.column("completed_at"), sa.column("code"),
    )
    connection = op.get_bind()
    completed = sa.select(completion.c.person_id, completion.c.module_id).where(
        completion.c.completed_at.is_not(None)
    )
    for person_id, module_id in connection.execute(completed).all():
        connection.execute(
            sa.update(completion)
            .where(completion.c.person_id == person_id, completion.c.module_id == module_id)
            .values(code="".join(secrets.choice(ALPHABET) for _ in range(16)))
        )


def downgrade() -> None:
    with op.batch_alter_table("module_completion") as batch:
        batch.drop_index(op.f("ix_module_completion_code"))
        batch.drop_constraint(
            op.f("fk_module_completion_release_id_content_release"), type_="foreignkey"
        )
        batch.drop_column("code")
        batch.drop_column("release_id")
    with op.batch_alter_table("card") as batch:
        batch.drop_constraint(op.f("fk_card_revision_id_revision"), type_="foreignkey")
        batch.drop_column("revision_id")
