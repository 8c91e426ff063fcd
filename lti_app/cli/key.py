"""relais key: the keys Relais signs with."""

from datetime import timedelta

import click

from lti_app.cli.context import json_option, print_listing, with_app
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.settings import load_settings
from lti_app.lti.models import ToolKey
from lti_app.lti.services.keys import (
    DEFAULT_OVERLAP,
    KeyState,
    key_states,
    public_pem,
    rotate_key,
)

_COLUMNS = ("kid", "state", "created", "signs_from", "retired")


@click.group()
def key() -> None:
    """Relais's own keys, published at /lti/jwks."""


@key.command("list")
@json_option
@with_app
def list_command(as_json: bool) -> None:
    """Every key with its state and its dates.

    published: does not sign yet; signing; leaving: signs no more, still published; retired.
    """
    rows = [
        {
            "kid": row.kid,
            "state": str(state),
            "created": row.created_at,
            "signs_from": row.signs_from,
            "retired": row.retired_at,
        }
        for row, state in key_states(db.session, now())
    ]
    print_listing(rows, _COLUMNS, as_json=as_json)


@key.command("pem")
@click.argument("kid", required=False)
@with_app
def pem_command(kid: str | None) -> None:
    """Print a public key as PEM (by default, the one that signs).

    For an LMS that cannot fetch /lti/jwks: Moodle's key type « Clé RSA ».
    """
    states = key_states(db.session, now())
    found = _named(states, kid) if kid else _signing(states)
    click.echo(public_pem(found), nl=False)
    click.echo(
        "relais: an LMS that was given a key by hand does not follow rotations; set"
        " RELAIS_KEY_DAYS=0, or paste the next key while both are published.",
        err=True,
    )


def _named(states: list[tuple[ToolKey, KeyState]], kid: str) -> ToolKey:
    for row, _ in states:
        if row.kid == kid:
            return row
    raise click.UsageError(f"no key is called « {kid} »: see « relais key list »")


def _signing(states: list[tuple[ToolKey, KeyState]]) -> ToolKey:
    for row, state in states:
        if state == KeyState.SIGNING:
            return row
    raise click.ClickException("no key signs yet: « relais key rotate » makes the first one")


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
