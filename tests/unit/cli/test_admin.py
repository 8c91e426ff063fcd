"""relais admin, as typed."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.cli import context, main
from lti_app.core import clock
from lti_app.people.models import Administrator, AdminLink, AuditEntry, Person
from tests import factories


@pytest.fixture(autouse=True)
def production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "create_app", lambda: app)


def run(*arguments: str) -> int:
    """Exit code of `relais admin …`, once the test's own session leaves the database alone."""
    factories.commit()
    with pytest.raises(SystemExit) as left:
        main(["admin", *arguments])
    return int(left.value.code or 0)


def administrators(session: Session) -> list[int]:
    session.rollback()
    return [row.person_id for row in session.query(Administrator).order_by("person_id")]


def test_a_person_is_named_by_number(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    person = factories.PersonFactory()
    session.commit()
    assert run("grant", str(person.id)) == 0
    assert administrators(session) == [person.id]
    assert run("grant", str(person.id)) == 0
    assert "was already" in capsys.readouterr().out
    entry = session.query(AuditEntry).one()
    assert (entry.actor_id, entry.action, entry.subject) == (
        None,
        "administrator.grant",
        f"person {person.id}",
    )


def test_a_person_is_named_by_email_whatever_its_case(session: Session) -> None:
    person = factories.PersonFactory(email="Camille.Dupont@ac-poitiers.fr")
    session.commit()
    assert run("grant", "--email", "camille.dupont@AC-poitiers.fr") == 0
    assert administrators(session) == [person.id]


def test_an_email_that_several_have_names_nobody(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    people = [factories.PersonFactory(email="a@b.fr") for _ in range(2)]
    session.commit()
    assert run("grant", "--email", "a@b.fr") == 2
    said = capsys.readouterr().err
    assert all(str(person.id) in said for person in people)
    assert said.count("\n") == 1
    assert administrators(session) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("grant",),
        ("grant", "999999"),
        ("grant", "0"),
        ("grant", "99999999999999999999"),
        ("grant", "1", "--email", "a@b.fr"),
        ("grant", "--email", "nobody@example.org"),
        ("revoke",),
        ("revoke", "camille"),
        ("link", "--name", "  "),
        ("link", "--name", "x" * 256),
        ("link", "--person", "999999"),
    ],
    ids=" ".join,
)
def test_wrong_arguments_are_one_line(
    session: Session, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(*arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("relais: ")
    assert said.count("\n") == 1
    assert administrators(session) == []


def test_who_is_suspended_is_not_named(session: Session) -> None:
    person = factories.PersonFactory(suspended_at=factories.NOW)
    session.commit()
    assert run("grant", str(person.id)) == 2
    assert administrators(session) == []


def test_the_last_administrator_goes_by_force_only(session: Session) -> None:
    person = factories.PersonFactory()
    session.commit()
    run("grant", str(person.id))
    assert run("revoke", str(person.id)) == 2
    assert administrators(session) == [person.id]
    assert run("revoke", str(person.id), "--force") == 0
    assert administrators(session) == []
    assert run("revoke", str(person.id)) == 0


def test_a_suspended_administrator_does_not_count_as_another(session: Session) -> None:
    active, suspended = factories.PersonFactory(), factories.PersonFactory()
    session.commit()
    run("grant", str(active.id))
    run("grant", str(suspended.id))
    suspended.suspended_at = factories.NOW
    session.commit()
    assert run("revoke", str(active.id)) == 2
    assert run("revoke", str(suspended.id)) == 0
    assert administrators(session) == [active.id]


def test_the_list_is_readable_by_programs(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    person = factories.PersonFactory(name="Zoé N’Guessan")
    session.commit()
    run("grant", str(person.id))
    capsys.readouterr()
    assert run("list", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["person"] == person.id
    assert row["name"] == "Zoé N’Guessan"
    assert row["granted_by"] is None
    assert run("list") == 0
    assert "Zoé N’Guessan" in capsys.readouterr().out


def test_the_first_administrator_comes_in_by_a_link(
    session: Session, client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("link", "--name", "Camille Dupont") == 0
    link = capsys.readouterr().out.strip()
    assert link.startswith("https://relais.example.org/admin/lien/")
    person = session.query(Person).one()
    assert (person.name, person.sort_name) == ("Camille Dupont", "camille dupont")
    assert administrators(session) == [person.id]
    kept = session.query(AdminLink).one()
    token = link.rpartition("/")[2]
    assert kept.token_digest != token
    assert kept.expires_at - kept.created_at == timedelta(minutes=15)
    assert client.get(link).status_code == 200


def test_a_link_for_somebody_known(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    person = factories.PersonFactory()
    session.commit()
    assert run("link", "--person", str(person.id)) == 2
    run("grant", str(person.id))
    assert run("link", "--person", str(person.id)) == 0
    assert session.query(AdminLink).one().person_id == person.id
    assert session.query(Person).count() == 1


def test_links_long_over_go_with_the_next_one(session: Session) -> None:
    past = clock.now() - timedelta(days=2)
    person = factories.PersonFactory()
    for age, name in ((0, "a"), (1, "b")):
        expires = past + timedelta(days=age * 2)
        session.add(
            AdminLink(token_digest=name, person_id=person.id, created_at=past, expires_at=expires)
        )
    session.commit()
    run("link")
    session.rollback()
    kept = [row.token_digest for row in session.query(AdminLink)]
    assert "a" not in kept
    assert "b" in kept
    assert len(kept) == 2
