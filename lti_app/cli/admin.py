"""relais admin: who administers Relais, and how the very first one comes in."""

import click
import sqlalchemy as sa
from flask import current_app

from lti_app.cli.context import json_option, print_listing, with_app
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.people.administration import (
    LINK_LIVES,
    LastAdministratorError,
    add_local_administrator,
    create_admin_link,
    grant_administrator,
    revoke_administrator,
)
from lti_app.people.models import Administrator, Person
from lti_app.people.queries import is_administrator

_COLUMNS = ("person", "name", "email", "suspended", "granted_at", "granted_by")
_LARGEST_ID = 2**31 - 1
_person_id = click.IntRange(1, _LARGEST_ID)


@click.group()
def admin() -> None:
    """The administrators of Relais."""


@admin.command("grant")
@click.argument("person_id", type=_person_id, required=False)
@click.option("--email", help="The person with this e-mail, as an LMS gave it.")
@with_app
def grant_command(person_id: int | None, email: str | None) -> None:
    """Name a person administrator: by number, or by e-mail."""
    person = _chosen(person_id, email)
    if person.suspended_at is not None:
        raise click.UsageError(f"person {person.id} is suspended")
    new = grant_administrator(db.session, person_id=person.id, actor_id=None, now=now())
    db.session.commit()
    click.echo(f"Person {person.id} {'is now' if new else 'was already'} an administrator.")


@admin.command("revoke")
@click.argument("person_id", type=_person_id, required=False)
@click.option("--email", help="The person with this e-mail, as an LMS gave it.")
@click.option("--force", is_flag=True, help="Even when nobody else administers Relais.")
@with_app
def revoke_command(person_id: int | None, email: str | None, force: bool) -> None:
    """Take a person's administrator rights back, from their next request on."""
    person = _chosen(person_id, email)
    try:
        revoked = revoke_administrator(
            db.session, person_id=person.id, actor_id=None, now=now(), force=force
        )
    except LastAdministratorError as error:
        raise click.UsageError(
            f"person {person.id} is the last administrator: --force does it all the same"
        ) from error
    db.session.commit()
    click.echo(f"Person {person.id} {'is no longer' if revoked else 'was not'} an administrator.")


@admin.command("list")
@json_option
@with_app
def list_command(as_json: bool) -> None:
    """The administrators."""
    statement = (
        sa.select(Administrator, Person)
        .join(Administrator.person)
        .order_by(Administrator.granted_at, Person.id)
    )
    rows = [
        {
            "person": person.id,
            "name": person.name,
            "email": person.email,
            "suspended": "yes" if person.suspended_at else "no",
            "granted_at": administrator.granted_at,
            "granted_by": administrator.granted_by_id,
        }
        for administrator, person in db.session.execute(statement)
    ]
    print_listing(rows, _COLUMNS, as_json=as_json)


@admin.command("link")
@click.option("--name", default="Administration", show_default=True, help="Of who will use it.")
@click.option("--person", "person_id", type=_person_id, help="An administrator known already.")
@with_app
def link_command(name: str, person_id: int | None) -> None:
    """Print a link that signs an administrator in, once, without an LMS.

    Without --person it makes one whom no LMS knows. Whoever has the link gets in: send it to
    nobody.
    """
    moment = now()
    if person_id is None:
        person_id = add_local_administrator(db.session, name=_filled(name), now=moment).id
    elif not is_administrator(db.session, person_id):
        raise click.UsageError(
            f"person {person_id} is not an administrator: see « relais admin grant »"
        )
    token = create_admin_link(db.session, person_id=person_id, actor_id=None, now=moment)
    db.session.commit()
    minutes = int(LINK_LIVES.total_seconds() // 60)
    click.echo(f"{current_app.config['RELAIS'].base_url}/admin/lien/{token}")
    click.echo(f"It opens once, within {minutes} minutes, as person {person_id}.", err=True)


def _filled(name: str) -> str:
    bare = " ".join(name.split())
    if not 0 < len(bare) <= 255 or not bare.isprintable():
        raise click.UsageError("--name: 1 to 255 characters are expected")
    return bare


def _chosen(person_id: int | None, email: str | None) -> Person:
    if (person_id is None) == (email is None):
        raise click.UsageError("say who: PERSON_ID or --email")
    if person_id is not None:
        person = db.session.get(Person, person_id)
        if person is None:
            raise click.UsageError(f"there is no person {person_id}")
        return person
    return _with_email(email or "")


def _with_email(email: str) -> Person:
    statement = (
        sa.select(Person)
        .where(sa.func.lower(Person.email) == email.strip().lower())
        .order_by(Person.id)
    )
    found = list(db.session.scalars(statement.limit(20)))
    if not found:
        raise click.UsageError(f"nobody has the e-mail {email}")
    if len(found) > 1:
        numbers = ", ".join(str(person.id) for person in found)
        raise click.UsageError(f"several persons have the e-mail {email}: {numbers}")
    return found[0]
