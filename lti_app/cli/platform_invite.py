"""relais platform invite: links by which an LMS registers Relais; fields: what to type instead."""

import json
from datetime import datetime, timedelta

import click

from lti_app.cli.context import json_option, print_listing, with_app
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.outbound import ForbiddenAddressError, check_url
from lti_app.core.settings import load_settings
from lti_app.lti.queries import open_invitations, platform_named
from lti_app.lti.rules.moodle_fields import ADD_ADVANTAGE, moodle_fields
from lti_app.lti.rules.registration import host_and_port, registration_link
from lti_app.lti.services.invitations import (
    DEFAULT_LIFE,
    LONGEST_LIFE,
    invite,
    revoke_invitation,
)
from lti_app.lti.services.registrations import NAME_LENGTH
from lti_app.people.administration import record_audit

_COLUMNS = ("id", "name", "issuer", "created", "expires", "under_way")


@click.command("invite")
@click.option("--name", help="Short name of the LMS; by default, the host of its issuer.")
@click.option("--issuer", help="The only LMS that may use the link: it is approved in advance.")
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST_LIFE.days),
    default=DEFAULT_LIFE.days,
    show_default=True,
    help="How long the link can be used.",
)
@json_option
@with_app
def invite_command(name: str | None, issuer: str | None, days: int, as_json: bool) -> None:
    """Print a link that registers Relais in an LMS, once.

    Without --issuer, what it registers waits for « relais platform activate ».
    """
    settings, moment = load_settings(), now()
    invitation, token = invite(
        db.session,
        name=_checked_name(name),
        issuer=_checked_issuer(issuer, allow_http=settings.is_development),
        life=timedelta(days=days),
        now=moment,
    )
    link = registration_link(settings.base_url, token)
    record_audit(
        db.session,
        actor_id=None,
        action="invitation.create",
        subject=f"invitation {invitation.id}",
        detail={"issuer": issuer} if issuer else {},
        now=moment,
    )
    shown = {"link": link, "name": name, "issuer": issuer, "expires": invitation.expires_at}
    db.session.commit()
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2, default=str))
        return
    click.echo(link)
    click.echo(
        "In Moodle: « Administration du site », « Plugins », « Outil externe », « Gérer les"
        f" outils »; paste it as « URL de l’outil », then « {ADD_ADVANTAGE} »."
    )
    click.echo(f"It serves once, until {_minute(shown['expires'])}. {_afterwards(issuer)}")


def _afterwards(issuer: str | None) -> str:
    if issuer:
        return f"Only {issuer} may use it, and is approved by it."
    return "Approve what it registers with « relais platform activate »."


def _minute(instant: object) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC" if isinstance(instant, datetime) else str(instant)


def _checked_name(name: str | None) -> str | None:
    if name is None:
        return None
    if not name.strip() or len(name) > NAME_LENGTH or not name.isprintable():
        raise click.BadParameter(f"1 to {NAME_LENGTH} characters are expected", param_hint="--name")
    if platform_named(db.session, name) is not None:
        raise click.BadParameter(f"« {name} » is already a platform", param_hint="--name")
    return name


def _checked_issuer(issuer: str | None, *, allow_http: bool) -> str | None:
    if issuer is None:
        return None
    try:
        check_url(issuer, allow_loopback=allow_http)
    except ForbiddenAddressError as error:
        raise click.BadParameter(f"{issuer}: {error}", param_hint="--issuer") from error
    if host_and_port(issuer, allow_http=allow_http) is None:
        raise click.BadParameter(f"{issuer}: not an issuer", param_hint="--issuer")
    return issuer


@click.command("invitations")
@json_option
@with_app
def invitations_command(as_json: bool) -> None:
    """The links that can still be used. The links themselves are not kept."""
    moment = now()
    rows = [
        {
            "id": row.id,
            "name": row.name,
            "issuer": row.issuer,
            "created": row.created_at,
            "expires": row.expires_at,
            "under_way": row.claimed_until is not None and row.claimed_until > moment,
        }
        for row in open_invitations(db.session, moment)
    ]
    print_listing(rows, _COLUMNS, as_json=as_json)


@click.command("revoke")
@click.argument("invitation_id", type=click.IntRange(1, 2**31 - 1))
@with_app
def revoke_command(invitation_id: int) -> None:
    """Cancel a link, by its number in « relais platform invitations »."""
    if not revoke_invitation(db.session, invitation_id=invitation_id):
        raise click.UsageError(f"no unused invitation has the number {invitation_id}")
    record_audit(
        db.session,
        actor_id=None,
        action="invitation.revoke",
        subject=f"invitation {invitation_id}",
        now=now(),
    )
    db.session.commit()
    click.echo(f"Invitation {invitation_id} is cancelled.")


@click.command("fields")
@json_option
def fields_command(as_json: bool) -> None:
    """What to type into Moodle to link Relais by hand, in Moodle's own words."""
    groups = moodle_fields(load_settings().base_url)
    rows = [
        {
            "key": field.key,
            "section": group.heading,
            "field": field.label,
            "value": field.value,
            "typed": field.typed,
        }
        for group in groups
        for field in group.fields
    ]
    print_listing(rows, ("section", "field", "value"), as_json=as_json)
