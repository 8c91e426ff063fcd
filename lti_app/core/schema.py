"""Is the database at the release's schema? (Alembic's own bookkeeping.)"""

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from lti_app.core.settings import PROJECT_ROOT


class SchemaBehindError(Exception):
    """The database waits for `relais db upgrade`; the message is one line."""


def alembic_config(database_url: str) -> Config:
    """Alembic's configuration, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT_ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return config


def upgrade(database_url: str) -> None:
    """Bring the database to the newest schema. Safe to run twice."""
    command.upgrade(alembic_config(database_url), "head")


def check_schema(engine: sa.Engine) -> None:
    """Raise SchemaBehindError unless the database is at the newest schema."""
    wanted = ScriptDirectory.from_config(alembic_config("sqlite://")).get_current_head()
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != wanted:
        raise SchemaBehindError(
            f"the database is at schema {found or 'none'} and this release needs {wanted}:"
            " run « relais db upgrade », then start again"
        )
