"""Registration, roster, results, administration: what LTI Advantage makes Relais remember.

Platforms and deployments may wait for an approval; links and enrolments know their deployment.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _let_states_be("'active', 'inactive', 'pending'")
    op.create_table('frame_session',
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('sealed_session', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('token_digest', name=op.f('pk_frame_session'))
    )
    op.create_index(op.f('ix_frame_session_expires_at'), 'frame_session', ['expires_at'])

    op.create_table('refused_launch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hour', sa.DateTime(timezone=True), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('platform_id', sa.Integer(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_quote', sa.String(length=80), nullable=False),
    sa.Column('last_detail', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refused_launch')),
    sa.UniqueConstraint('hour', 'code', 'platform_id', name=op.f('uq_refused_launch_hour_code_platform_id'))
    )
    op.create_index(op.f('ix_refused_launch_hour'), 'refused_launch', ['hour'])

    op.create_table('admin_link',
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_admin_link_person_id_person')),
    sa.PrimaryKeyConstraint('token_digest', name=op.f('pk_admin_link'))
    )
    op.create_index(op.f('ix_admin_link_expires_at'), 'admin_link', ['expires_at'])
    op.create_index(op.f('ix_admin_link_person_id'), 'admin_link', ['person_id'])

    op.create_table('administrator',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('granted_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['granted_by_id'], ['person.id'], name=op.f('fk_administrator_granted_by_id_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_administrator_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_administrator'))
    )
    op.create_table('audit_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('detail', JSON, nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], name=op.f('fk_audit_entry_actor_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    op.create_index(op.f('ix_audit_entry_actor_id'), 'audit_entry', ['actor_id'])
    op.create_index(op.f('ix_audit_entry_at'), 'audit_entry', ['at'])

    op.create_table('draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.String(length=120), nullable=False),
    sa.Column('fields', JSON, nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_draft_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft')),
    sa.UniqueConstraint('person_id', 'question_id', name=op.f('uq_draft_person_id_question_id'))
    )
    op.create_index(op.f('ix_draft_saved_at'), 'draft', ['saved_at'])

    op.create_table('invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=True),
    sa.Column('issuer', sa.String(length=500), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('platform_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_invitation_platform_id_platform'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_invitation_token_digest'))
    )
    op.create_index(op.f('ix_invitation_expires_at'), 'invitation', ['expires_at'])

    op.create_table('issuer_succession',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('former_issuer', sa.String(length=500), nullable=False),
    sa.Column('issuer', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_issuer_succession_created_by_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_issuer_succession')),
    sa.UniqueConstraint('former_issuer', 'issuer', name=op.f('uq_issuer_succession_former_issuer_issuer'))
    )
    op.create_table('role_override',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('platform_id', sa.Integer(), nullable=False),
    sa.Column('lms_role', sa.String(length=500), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("role IN ('learner', 'trainer')", name=op.f('ck_role_override_known_role')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_role_override_platform_id_platform'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_override')),
    sa.UniqueConstraint('platform_id', 'lms_role', name=op.f('uq_role_override_platform_id_lms_role'))
    )
    op.create_table('person_merge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('succession_id', sa.Integer(), nullable=False),
    sa.Column('kept_person_id', sa.Integer(), nullable=False),
    sa.Column('merged_person_id', sa.Integer(), nullable=False),
    sa.Column('matched_by', sa.String(length=20), nullable=False),
    sa.Column('moved', JSON, nullable=False),
    sa.Column('merged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('merged_by_id', sa.Integer(), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['kept_person_id'], ['person.id'], name=op.f('fk_person_merge_kept_person_id_person')),
    sa.ForeignKeyConstraint(['merged_by_id'], ['person.id'], name=op.f('fk_person_merge_merged_by_id_person')),
    sa.ForeignKeyConstraint(['merged_person_id'], ['person.id'], name=op.f('fk_person_merge_merged_person_id_person')),
    sa.ForeignKeyConstraint(['succession_id'], ['issuer_succession.id'], name=op.f('fk_person_merge_succession_id_issuer_succession'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['undone_by_id'], ['person.id'], name=op.f('fk_person_merge_undone_by_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_merge'))
    )
    op.create_index(op.f('ix_person_merge_kept_person_id'), 'person_merge', ['kept_person_id'])
    op.create_index(op.f('ix_person_merge_merged_person_id'), 'person_merge', ['merged_person_id'])
    op.create_index(op.f('ix_person_merge_succession_id'), 'person_merge', ['succession_id'])

    op.create_table('roster_sync',
    sa.Column('course_id', sa.Integer(), nullable=False),
    sa.Column('attempted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('succeeded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('problem', sa.String(length=40), nullable=True),
    sa.Column('detail', sa.String(length=200), nullable=True),
    sa.Column('members', sa.Integer(), nullable=False),
    sa.Column('joined', sa.Integer(), nullable=False),
    sa.Column('departed', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_roster_sync_course_id_course'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('course_id', name=op.f('pk_roster_sync'))
    )
    op.create_table('lms_result',
    sa.Column('resource_link_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('maximum', sa.Double(), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_lms_result_person_id_person')),
    sa.ForeignKeyConstraint(['resource_link_id'], ['resource_link.id'], name=op.f('fk_lms_result_resource_link_id_resource_link'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('resource_link_id', 'person_id', name=op.f('pk_lms_result'))
    )
    op.create_table('result_reading',
    sa.Column('resource_link_id', sa.Integer(), nullable=False),
    sa.Column('attempted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('problem', sa.String(length=40), nullable=True),
    sa.ForeignKeyConstraint(['resource_link_id'], ['resource_link.id'], name=op.f('fk_result_reading_resource_link_id_resource_link'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('resource_link_id', name=op.f('pk_result_reading'))
    )
    _add_columns()


def _add_columns() -> None:
    op.add_column("deployment", sa.Column("first_seen_at", sa.DateTime(timezone=True)))
    op.add_column("enrolment", sa.Column("launch_role", sa.String(length=20)))
    op.add_column("enrolment", sa.Column("roster_seen_at", sa.DateTime(timezone=True)))
    op.add_column("enrolment", sa.Column("left_at", sa.DateTime(timezone=True)))
    # What the last launch said so far, which no roster may lower.
    op.execute("UPDATE enrolment SET launch_role = role WHERE last_launch_at IS NOT NULL")
    op.add_column("held_launch", sa.Column("browser_digest", sa.String(length=64)))
    op.add_column("login_state", sa.Column("storage_target", sa.String(length=255)))
    op.add_column("owed_grade", sa.Column("target", sa.String(length=120)))
    op.add_column("resource_link", sa.Column("line_item_origin", sa.String(length=20)))
    op.add_column("resource_link", sa.Column("line_item_label", sa.String(length=500)))
    for table in ("enrolment", "resource_link"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("deployment_id", sa.Integer()))
            batch.create_foreign_key(
                op.f(f"fk_{table}_deployment_id_deployment"),
                "deployment",
                ["deployment_id"],
                ["id"],
                ondelete="SET NULL",
            )


def _let_states_be(states: str) -> None:
    for table in ("platform", "deployment"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_known_state"), type_="check")
            batch.create_check_constraint(op.f(f"ck_{table}_known_state"), f"state IN ({states})")


def downgrade() -> None:
    for table in ("enrolment", "resource_link"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(
                op.f(f"fk_{table}_deployment_id_deployment"), type_="foreignkey"
            )
            batch.drop_column("deployment_id")
    for table, column in (
        ("resource_link", "line_item_label"),
        ("resource_link", "line_item_origin"),
        ("owed_grade", "target"),
        ("login_state", "storage_target"),
        ("held_launch", "browser_digest"),
        ("enrolment", "left_at"),
        ("enrolment", "roster_seen_at"),
        ("enrolment", "launch_role"),
        ("deployment", "first_seen_at"),
    ):
        op.drop_column(table, column)
    for table in (
        "result_reading",
        "lms_result",
        "roster_sync",
        "person_merge",
        "role_override",
        "issuer_succession",
        "invitation",
        "draft",
        "audit_entry",
        "administrator",
        "admin_link",
        "refused_launch",
        "frame_session",
    ):
        op.drop_table(table)
    # What waited for an approval is closed: the previous release knows no third state.
    for table in ("platform", "deployment"):
        op.execute(f"UPDATE {table} SET state = 'inactive' WHERE state = 'pending'")
    _let_states_be("'active', 'inactive'")
