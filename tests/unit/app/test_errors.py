"""Every failure ends on a French page with a code, whatever went wrong."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.core.database import db
from tests import factories
from tests.conftest import make_client
from tests.routes import addresses


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """A client of an application whose health page raises what a test chooses."""
    yield make_client(app)
    monkeypatch.undo()


def page_has_code(text: str, code: str) -> bool:
    return 'lang="fr"' in text and f"<code>{code}-" in text and "<h1>" in text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing-here", 404, "INTROUVABLE"),
        ("GET", "/session/999999999999999999999999/", 404, "INTROUVABLE"),
        ("GET", "/session/abc/", 404, "INTROUVABLE"),
        ("GET", "/session/1/", 401, "SESSION-FIN"),
        ("GET", "/suivi/1/", 401, "SESSION-FIN"),
        ("POST", "/healthz", 405, "METHODE"),
        ("DELETE", "/lti/launch", 405, "METHODE"),
        ("POST", "/session/1/", 405, "METHODE"),
    ],
)
def test_refusals(client: FlaskClient, method: str, path: str, status: int, code: str) -> None:
    response = client.open(path, method=method)
    assert response.status_code == status
    assert page_has_code(response.text, code)
    assert "Traceback" not in response.text


def test_an_unexpected_error_is_a_page_and_a_log_line(
    broken: FlaskClient,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> str:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setitem(app.view_functions, "health.healthz", fail)
    response = broken.get("/healthz")
    assert response.status_code == 500
    assert page_has_code(response.text, "INTERNE")
    assert "secret detail" not in response.text
    assert "ZeroDivisionError" in capsys.readouterr().out


@pytest.mark.parametrize(
    "error",
    [
        sa.exc.OperationalError("SELECT", {}, Exception("gone")),
        sa.exc.InterfaceError("SELECT", {}, Exception("connection closed")),
        sa.exc.TimeoutError("no connection is free"),
    ],
)
def test_a_database_that_is_down_or_too_busy_is_said(
    broken: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail() -> str:
        raise error

    monkeypatch.setitem(app.view_functions, "health.readyz", fail)
    response = broken.get("/readyz")
    assert response.status_code == 503
    assert page_has_code(response.text, "OCCUPE")


def test_form_of_another_visit_changes_nothing(client: FlaskClient, session: Session) -> None:
    enrolment = factories.EnrolmentFactory()
    session.commit()
    factories.sign_in(client, enrolment.person)
    response = client.post(f"/session/{enrolment.course_id}/question/x/", data={"choice": "a"})
    assert response.status_code == 400
    assert page_has_code(response.text, "FORMULAIRE")


def test_health_pages(client: FlaskClient) -> None:
    for path in ("/healthz", "/readyz"):
        response = client.get(path)
        assert response.status_code == 200
        assert response.get_json() == {"status": "ok"}


def test_every_get_page_refuses_strangers_politely(app: Flask) -> None:
    """No page of a session opens, or crashes, without a session."""
    client = make_client(app)
    tried = 0
    for endpoint, address in addresses(app, "GET"):
        if not address.startswith(("/session/", "/suivi/")):
            continue
        response = client.get(address)
        assert response.status_code == 401, endpoint
        assert page_has_code(response.text, "SESSION-FIN")
        tried += 1
    assert tried >= 8


def test_answers_without_a_transaction_left_open(app: Flask, client: FlaskClient) -> None:
    client.get("/nothing-here")
    with app.app_context():
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
