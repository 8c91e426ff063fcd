"""relais db: the schema."""

import click
from sqlalchemy.exc import OperationalError

from lti_app.core.schema import upgrade
from lti_app.core.settings import SettingsError, load_settings


@click.group("db")
def db_group() -> None:
    """The database."""


@db_group.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to the newest schema. Safe to run again."""
    try:
        settings = load_settings()
        settings.instance_path.mkdir(parents=True, exist_ok=True)
        upgrade(settings.effective_database_url)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException(f"the database does not answer: {error.orig}") from error
    except OSError as error:
        raise click.ClickException(f"cannot write: {error}") from error
    click.echo("The database is up to date.")
