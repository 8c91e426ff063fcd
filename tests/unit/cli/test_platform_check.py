"""relais platform check, as typed."""

import json
from collections.abc import Iterator

import pytest
import responses
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.cli import context, main
from lti_app.cli.platform_check import JWKS_PATH
from tests.healthy_lms import register
from tests.platform_double import PlatformDouble


@pytest.fixture(autouse=True)
def production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "create_app", lambda: app)


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


@pytest.fixture
def lms(session: Session, mock: responses.RequestsMock) -> PlatformDouble:
    double = register(session, mock)
    session.commit()
    return double


def check(session: Session, *arguments: str) -> int:
    session.rollback()
    with pytest.raises(SystemExit) as left:
        main(["platform", "check", *arguments])
    return int(left.value.code or 0)


def test_a_good_registration(
    session: Session, lms: PlatformDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(session, lms.row.name) == 0
    said = capsys.readouterr().out
    assert "[ ok ] CLES-RELAIS" in said
    assert "[ÉCHEC]" not in said


def test_a_fault_is_said_with_who_must_act_and_exits_with_one(
    session: Session,
    lms: PlatformDouble,
    mock: responses.RequestsMock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mock.replace(responses.POST, lms.row.token_url, json={"error": "invalid_client"}, status=400)
    assert check(session, lms.row.name) == 1
    said = capsys.readouterr().out
    assert "[ÉCHEC] JETON" in said
    assert "-> Administrateur de Relais" in said


def test_as_json(
    session: Session,
    lms: PlatformDouble,
    mock: responses.RequestsMock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mock.replace(responses.GET, lms.row.jwks_url, status=500)
    assert check(session, lms.row.name, "--json") == 1
    rows = json.loads(capsys.readouterr().out)
    (keys,) = [row for row in rows if row["code"] == "CLES-PLATEFORME"]
    assert keys["level"] == "error"
    assert keys.keys() == {"code", "level", "title", "meaning", "who", "action"}


def test_a_name_that_is_not_known(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(session, "nowhere") == 2
    said = capsys.readouterr().err
    assert "« nowhere »" in said
    assert said.count("\n") == 1


def test_our_keys_are_asked_for_where_they_are(app: Flask) -> None:
    with app.test_request_context():
        assert app.url_for("launch.jwks") == JWKS_PATH
