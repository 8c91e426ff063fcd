"""relais platform check: the registration doctor, in French as on its screen."""

import json
import sys

import click

from lti_app.admin.services.checking import check_platform
from lti_app.cli.context import json_option, with_app
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.settings import current_settings
from lti_app.lti.queries import platform_named
from lti_app.lti.rules.diagnosis import Finding, Level, has_errors

JWKS_PATH = "/lti/jwks"
_MARKS = {Level.OK: "[ ok ]", Level.WARNING: "[ !! ]", Level.ERROR: "[ÉCHEC]"}
FAILED = 1


@click.command("check")
@click.argument("name")
@json_option
@with_app
def check_command(name: str, as_json: bool) -> None:
    """Check a registration both ways: keys, tokens, clocks, what the LMS withholds.

    Exits with 1 when something does not work.
    """
    settings = current_settings()
    platform = platform_named(db.session, name)
    if platform is None:
        raise click.UsageError(f"no platform is called « {name} »: see « relais platform list »")
    findings = check_platform(
        db.session, platform, settings=settings, jwks_path=JWKS_PATH, clock=now
    )
    if as_json:
        rows = [finding.as_json() for finding in findings]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            _print(finding)
    if has_errors(findings):
        sys.exit(FAILED)


def _print(finding: Finding) -> None:
    click.echo(f"{_MARKS[finding.level]} {finding.code} – {finding.title}")
    click.echo(f"         {finding.meaning}")
    if finding.action:
        click.echo(f"         -> {finding.who} : {finding.action}")
