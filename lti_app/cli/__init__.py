"""The command line `relais`. A wrong argument exits with 2 and one clear line."""

import sys

import click

from lti_app.cli.admin import admin
from lti_app.cli.content import content
from lti_app.cli.content_exchange import export_questions, import_questions
from lti_app.cli.db import db_group
from lti_app.cli.demo import demo
from lti_app.cli.key import key
from lti_app.cli.platform import platform
from lti_app.cli.preview import preview
from lti_app.cli.roster import roster
from lti_app.cli.run import run
from lti_app.cli.score import score


@click.group()
def relais() -> None:
    """Relais, the training paths of the référents numériques."""


for command in (admin, content, db_group, demo, key, platform, roster, run, score):
    relais.add_command(command)
content.add_command(export_questions)
content.add_command(import_questions)
content.add_command(preview)


def main(arguments: list[str] | None = None) -> None:
    """Run a command; every expected failure is one line on standard error."""
    try:
        result = relais.main(arguments, prog_name="relais", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.ClickException as error:
        message = " ".join(error.format_message().split())
        click.echo(f"relais: {message}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("relais: stopped", err=True)
        sys.exit(130)
    sys.exit(result if isinstance(result, int) else 0)
