"""The command line `relais`. A wrong argument exits with 2 and one clear line."""

import sys

import click

from lti_app.cli.lazy import LazyGroup

_PLACES = {
    "admin": "lti_app.cli.admin:admin",
    "content": "lti_app.cli.content:content",
    "db": "lti_app.cli.db:db_group",
    "demo": "lti_app.cli.demo:demo",
    "key": "lti_app.cli.key:key",
    "platform": "lti_app.cli.platform:platform",
    "roster": "lti_app.cli.roster:roster",
    "run": "lti_app.cli.run:run",
    "score": "lti_app.cli.score:score",
}


@click.group(cls=LazyGroup, places=_PLACES)
def relais() -> None:
    """Relais, the training paths of the référents numériques."""


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
