"""Nobody but an administrator of this very minute, in no frame: every route, those to come too."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from lti_app.admin.routes.blueprint import OPEN_TO_ALL
from lti_app.people.administration import revoke_administrator
from lti_app.people.models import Person, Role
from tests import factories
from tests.conftest import BASE_URL
from tests.unit.admin.conftest import Desk, enter, make_administrator


def rules(app: Flask) -> Iterator[tuple[str, str]]:
    """(method, address) of every route that asks for an administrator."""
    adapter = app.url_map.bind("relais.example.org", url_scheme="https")
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("admin.") or rule.endpoint in OPEN_TO_ALL:
            continue
        path = adapter.build(rule.endpoint, {name: _value(rule, name) for name in rule.arguments})
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield method, path


def _value(rule: Rule, name: str) -> Any:
    converter = rule._converters[name]
    if isinstance(converter, IntegerConverter):
        return 1
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return "x"


def answers(app: Flask, client: FlaskClient) -> dict[int, int]:
    """How many routes answered with each status."""
    seen: dict[int, int] = {}
    for method, path in rules(app):
        response = client.open(path, method=method)
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"], path
        seen[response.status_code] = seen.get(response.status_code, 0) + 1
    assert sum(seen.values()) > 15
    return seen


@pytest.fixture(autouse=True)
def no_csrf(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that posts meet the guard itself."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


def test_nobody(app: Flask, client: FlaskClient, session: Session) -> None:
    assert set(answers(app, client)) == {401}
    assert "ADMIN-FIN" in client.get("/admin/").text


def test_a_trainer(app: Flask, client: FlaskClient, session: Session) -> None:
    trainer = factories.EnrolmentFactory(role=Role.TRAINER)
    session.commit()
    enter(client, trainer.person)
    assert set(answers(app, client)) == {404}


def test_who_is_an_administrator_no_more(
    app: Flask, client: FlaskClient, session: Session, administrator: Person
) -> None:
    enter(client, administrator)
    assert client.get("/admin/").status_code == 200
    revoke_administrator(
        session, person_id=administrator.id, actor_id=None, now=factories.NOW, force=True
    )
    assert set(answers(app, client)) == {404}


def test_a_suspended_administrator(
    app: Flask, client: FlaskClient, session: Session, administrator: Person
) -> None:
    enter(client, administrator)
    administrator.suspended_at = factories.NOW
    assert set(answers(app, client)) == {404}


def test_two_hours_without_a_click(
    app: Flask, client: FlaskClient, session: Session, administrator: Person
) -> None:
    enter(client, administrator, seconds_ago=2 * 3600 + 5)
    assert set(answers(app, client)) == {401}


def test_a_launch_alone_does_not_open_administration(
    app: Flask, client: FlaskClient, session: Session, administrator: Person
) -> None:
    """Whoever takes a launched browser over does not have administration with it."""
    factories.sign_in(client, administrator)
    assert set(answers(app, client)) == {401}


@pytest.mark.parametrize("seen", [None, "now", True, 2**60, -1, 1e300, [1]])
def test_a_session_that_makes_no_sense_is_over(
    client: FlaskClient, session: Session, administrator: Person, seen: object
) -> None:
    enter(client, administrator)
    with client.session_transaction(base_url=BASE_URL) as browser_session:
        browser_session["administration_seen"] = seen
    assert client.get("/admin/").status_code == 401


def test_each_click_gives_two_more_hours(
    client: FlaskClient, session: Session, administrator: Person
) -> None:
    enter(client, administrator, seconds_ago=3600)
    client.get("/admin/")
    with client.session_transaction(base_url=BASE_URL) as browser_session:
        seen = browser_session["administration_seen"]
    enter(client, administrator, seconds_ago=0)
    with client.session_transaction(base_url=BASE_URL) as browser_session:
        assert browser_session["administration_seen"] - seen < 600


def test_every_change_needs_its_form(
    app: Flask, monkeypatch: pytest.MonkeyPatch, session: Session, client: FlaskClient
) -> None:
    """A post that no page of ours made is refused before anything is read of it."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    enter(client, make_administrator(session))
    posts = [path for method, path in rules(app) if method == "POST"]
    assert posts
    for path in (*posts, "/admin/lien"):
        response = client.post(path)
        assert (response.status_code, "FORMULAIRE" in response.text) == (400, True), path


def test_ids_beyond_the_columns_are_not_found(desk: Desk) -> None:
    for path in ("/personnes/2147483648/", "/plateformes/99999999999999999999/", "/personnes/-1/"):
        desk.open(path, 404)
