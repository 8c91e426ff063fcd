"""relais key: the keys Relais signs with."""

from datetime import timedelta

import click

from lti_app.cli.context import json_option, print_listing, with_app
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.settings import load_settings
from lti_app.lti.queries import all_keys
from lti_app.lti.services.keys import DEFAULT_OVERLAP, rotate_key


@click.group()
def key() -> None:
    """Relais's own keys, published at /lti/jwks."""


@key.command("list")
@json_option
@with_app
def list_command(as_json: bool) -> None:
    """Every key with its dates."""
    rows = [
        {
            "kid": row.kid,
            "created": row.created_at,
            "signs_from": row.signs_from,
            "retired": row.retired_at,
        }
        for row in all_keys(db.session)
    ]
    print_listing(rows, ("kid", "created", "signs_from", "retired"), as_json=as_json)


@key.command("rotate")
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 24 * 30),
    default=int(DEFAULT_OVERLAP / timedelta(hours=1)),
    show_default=True,
    help="The new key is published at once and signs after this time.",
)
@with_app
def rotate_command(overlap_hours: int) -> None:
    """Publish a new key; it replaces the present one after the overlap."""
    created = rotate_key(
        db.session,
        secret_key=load_settings().effective_secret_key,
        overlap=timedelta(hours=overlap_hours),
        now=now(),
    )
    db.session.commit()
    click.echo(
        f"{created.kid} is published and signs from {created.signs_from:%Y-%m-%d %H:%M} UTC."
    )
