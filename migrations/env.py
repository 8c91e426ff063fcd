"""Alembic's environment: online only, in batches on SQLite."""

from typing import Literal

import sqlalchemy as sa
from alembic import context

from lti_app.admin import models as _admin
from lti_app.answers import models as _answers
from lti_app.completion import models as _completion
from lti_app.content import models as _content
from lti_app.core.database import Base, UTCDateTime, prepare_engine
from lti_app.grading import models as _grading
from lti_app.lti import models as _lti
from lti_app.people import models as _people
from lti_app.roster import models as _roster

# Imported for their side effect: every model registers its table on Base.metadata.
MODELS = (_admin, _answers, _completion, _content, _grading, _lti, _people, _roster)


def _render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Migrations speak SQLAlchemy only: they must run after our types have moved."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.JSON):
        return "JSON"
    return False


def run() -> None:
    """Run the migrations on the configured address, or on the connection a test provides."""
    provided: sa.Connection | sa.Engine | None = context.config.attributes.get("connection")
    if isinstance(provided, sa.Connection):
        _run_on(provided)
        return
    url = context.config.get_main_option("sqlalchemy.url") or ""
    engine = provided or prepare_engine(sa.create_engine(url, poolclass=sa.NullPool))
    with engine.connect() as connection:
        _run_on(connection)


def _run_on(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        _leave_children_alone(connection)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render_item,
        compare_type=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.in_transaction():
        connection.commit()
    if connection.dialect.name == "sqlite":
        _look_after_children(connection)


def _leave_children_alone(connection: sa.Connection) -> None:
    """Stop SQLite from cascading: a batch drops the old table, and all that points at it with it.

    Asked of the driver itself, since SQLite ignores it inside a transaction.
    """
    connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")


def _look_after_children(connection: sa.Connection) -> None:
    cursor = connection.connection.cursor()
    orphans = cursor.execute("PRAGMA foreign_key_check").fetchall()
    cursor.execute("PRAGMA foreign_keys=ON")
    if orphans:
        raise RuntimeError(f"the migration left orphans: {orphans[:5]}")


run()
