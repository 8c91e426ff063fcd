"""relais platform: the LMS registrations."""

from collections.abc import Callable
from typing import Any

import click

from lti_app.admin.services.platforms import (
    Opened,
    change_deployment_state,
    change_platform_state,
)
from lti_app.cli.context import json_option, print_listing, with_app
from lti_app.cli.platform_check import check_command
from lti_app.cli.platform_invite import (
    fields_command,
    invitations_command,
    invite_command,
    revoke_command,
)
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.outbound import ForbiddenAddressError, check_url
from lti_app.core.settings import load_settings
from lti_app.grading.services import resend
from lti_app.lti.models import Platform, PlatformState
from lti_app.lti.queries import all_platforms, platform_named
from lti_app.lti.services.registrations import (
    DuplicateRegistrationError,
    NewPlatform,
    add_platform,
)
from lti_app.people.administration import record_audit

_COLUMNS = ("name", "state", "issuer", "client_id", "deployments", "held_deployments")
_ID_LENGTH = 255


@click.group()
def platform() -> None:
    """The LMS that open Relais."""


for command in (
    check_command,
    fields_command,
    invitations_command,
    invite_command,
    revoke_command,
):
    platform.add_command(command)


def _url_option(name: str, meaning: str) -> Callable[[Any], Any]:
    return click.option(name, required=True, callback=_checked_url, help=meaning)


def _checked_url(_context: click.Context, parameter: click.Parameter, value: str) -> str:
    try:
        check_url(value, allow_loopback=load_settings().is_development)
    except ForbiddenAddressError as error:
        raise click.BadParameter(f"{value}: {error}", param=parameter) from error
    return value


def _filled(_context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    texts = value if isinstance(value, tuple) else (value,)
    if not all(0 < len(text.strip()) <= _ID_LENGTH for text in texts):
        raise click.BadParameter(f"1 to {_ID_LENGTH} characters are expected", param=parameter)
    return value


@platform.command("add")
@click.option("--name", help="Short name; by default, the host of the issuer.")
@_url_option("--issuer", "The LMS's own address, as in « iss ».")
@click.option("--client-id", required=True, callback=_filled, help="What the LMS calls Relais.")
@_url_option("--auth-url", "Where login requests go.")
@_url_option("--token-url", "Where service tokens are asked for.")
@_url_option("--jwks-url", "The LMS's public keys.")
@click.option(
    "--deployment",
    "deployments",
    required=True,
    multiple=True,
    callback=_filled,
    help="A deployment id.",
)
@click.option("--token-audience", help="« aud » of token requests, where not the token URL.")
@with_app
def add_command(name: str | None, deployments: tuple[str, ...], **values: Any) -> None:
    """Register an LMS. Adding it again updates it and its deployments."""
    new = NewPlatform(name=name, deployments=deployments, **values)
    try:
        added = add_platform(db.session, new, now=now())
    except DuplicateRegistrationError as error:
        raise click.UsageError(str(error)) from error
    record_audit(
        db.session,
        actor_id=None,
        action="platform.add",
        subject=f"platform {added.id}",
        now=now(),
    )
    db.session.commit()
    click.echo(f"{added.name} is registered ({added.issuer}, client {added.client_id}).")


@platform.command("list")
@json_option
@with_app
def list_command(as_json: bool) -> None:
    """Every registration; « held » deployments wait for « relais platform deployment »."""
    rows = [
        {
            "name": row.name,
            "state": str(row.state),
            "issuer": row.issuer,
            "client_id": row.client_id,
            "auth_url": row.auth_url,
            "token_url": row.token_url,
            "jwks_url": row.jwks_url,
            "deployments": _deployments(row, PlatformState.ACTIVE),
            "held_deployments": _deployments(row, PlatformState.PENDING),
            "closed_deployments": _deployments(row, PlatformState.INACTIVE),
        }
        for row in all_platforms(db.session)
    ]
    print_listing(rows, _COLUMNS, as_json=as_json)


def _deployments(row: Platform, state: PlatformState) -> list[str]:
    return [each.deployment_id for each in row.deployments if each.state == state]


@platform.command("activate")
@click.argument("name")
@with_app
def activate_command(name: str) -> None:
    """Approve an LMS, or open its access again; what its gradebook is owed leaves at once."""
    found = _named(name)
    changed = change_platform_state(
        db.session, platform=found, is_open=True, actor_id=None, now=now()
    )
    owed = _leaving(changed, found)
    db.session.commit()
    click.echo(f"{name} is open; {owed} grades to send.")


@platform.command("disable")
@click.argument("name")
@with_app
def disable_command(name: str) -> None:
    """Close an LMS's access at once."""
    found = _named(name)
    change_platform_state(db.session, platform=found, is_open=False, actor_id=None, now=now())
    db.session.commit()
    click.echo(f"{name} is closed.")


def _leaving(changed: Opened | None, found: Platform) -> int:
    """How many grades leave: asked for again, they do even where nothing changed."""
    if changed is not None:
        return len(changed.owed_grade_ids)
    return len(resend(db.session, platform_id=found.id, now=now()))


@platform.command("deployment")
@click.argument("name")
@click.argument("deployment_id")
@click.option("--approve/--close", "opened", default=None, help="Open it, or close it at once.")
@with_app
def deployment_command(name: str, deployment_id: str, opened: bool | None) -> None:
    """Approve a deployment first seen at a launch, or close one.

    « relais platform list » shows those that wait. Opened, what its gradebooks are owed leaves.
    """
    if opened is None:
        raise click.UsageError("say --approve or --close")
    found = _named(name)
    deployment = next((d for d in found.deployments if d.deployment_id == deployment_id), None)
    if deployment is None:
        raise click.UsageError(f"{name} has no deployment « {deployment_id} »")
    changed = change_deployment_state(
        db.session, deployment=deployment, is_open=opened, actor_id=None, now=now()
    )
    said = f"open; {_leaving(changed, found)} grades to send" if opened else "closed"
    db.session.commit()
    click.echo(f"Deployment {deployment_id} of {name} is {said}.")


def _named(name: str) -> Platform:
    found: Platform | None = platform_named(db.session, name)
    if found is None:
        raise click.UsageError(f"no platform is called « {name} »: see « relais platform list »")
    return found
