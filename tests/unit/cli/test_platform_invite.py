"""relais platform invite, invitations, revoke, fields."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.cli import context, main
from lti_app.core import clock
from lti_app.lti.models import Invitation
from lti_app.lti.services.invitations import check_invitation
from lti_app.people.models import AuditEntry
from tests import factories


@pytest.fixture(autouse=True)
def production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "create_app", lambda: app)
    monkeypatch.setenv("RELAIS_ENV", "production")
    monkeypatch.setenv("RELAIS_BASE_URL", "https://relais.example.org")
    monkeypatch.setenv("RELAIS_SECRET_KEY", "x" * 40)


def run(*arguments: str) -> int:
    """Exit code of `relais platform …`."""
    with pytest.raises(SystemExit) as left:
        main(["platform", *arguments])
    return int(left.value.code or 0)


def listing(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run(*arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_the_link_is_shown_with_what_to_do(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("invite") == 0
    link, moodle, afterwards = capsys.readouterr().out.splitlines()
    address, _, token = link.partition("?invitation=")
    assert address == "https://relais.example.org/lti/register"
    assert check_invitation(session, token, now=clock.now()).issuer is None
    assert "Ajouter LTI Advantage" in moodle
    assert "relais platform activate" in afterwards


def test_an_invitation_for_one_lms(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--issuer", "https://moodle.example.org", "--name", "poitiers", "--days", "2")
    shown = listing(capsys, "invite", *options)
    assert shown["issuer"] == "https://moodle.example.org"
    row = session.query(Invitation).one()
    assert (row.name, row.issuer) == ("poitiers", "https://moodle.example.org")
    assert (row.expires_at - row.created_at).days == 2
    assert session.query(AuditEntry).one().detail == {"issuer": "https://moodle.example.org"}


@pytest.mark.parametrize(
    "options",
    [
        ("--issuer", "http://moodle.example.org"),
        ("--issuer", "moodle.example.org"),
        ("--issuer", "https://10.0.0.1"),
        ("--issuer", "https://moodle.example.org;x"),
        ("--name", ""),
        ("--name", "x" * 81),
        ("--name", "a\nb"),
        ("--name", "taken"),
        ("--days", "0"),
        ("--days", "91"),
    ],
)
def test_what_no_lms_could_use_is_refused(
    session: Session, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    factories.PlatformFactory(name="taken")
    session.commit()
    assert run("invite", *options) == 2
    said = capsys.readouterr().err
    assert options[0] in said
    assert said.count("\n") == 1
    session.rollback()
    assert session.query(Invitation).count() == 0


def test_links_are_listed_and_cancelled(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    listing(capsys, "invite")
    (row,) = listing(capsys, "invitations")
    assert row["under_way"] is False
    assert "link" not in row
    assert run("revoke", str(row["id"])) == 0
    capsys.readouterr()
    assert listing(capsys, "invitations") == []
    assert run("revoke", str(row["id"])) == 2


def test_the_fields_of_moodle(capsys: pytest.CaptureFixture[str]) -> None:
    fields = {row["key"]: row for row in listing(capsys, "fields")}
    assert fields["login_url"]["value"] == "https://relais.example.org/lti/login"
    assert fields["login_url"]["field"] == "URL d’initiation de connexion"
    assert run("fields") == 0
    assert "URIs de redirection" in capsys.readouterr().out
