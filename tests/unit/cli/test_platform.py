"""relais platform, as typed."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.cli import context, main
from lti_app.lti.models import Platform

MOODLE = {
    "--issuer": "https://moodle.example.org",
    "--client-id": "client",
    "--auth-url": "https://moodle.example.org/mod/lti/auth.php",
    "--token-url": "https://moodle.example.org/mod/lti/token.php",
    "--jwks-url": "https://moodle.example.org/mod/lti/certs.php",
    "--deployment": "1",
}


@pytest.fixture(autouse=True)
def production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "create_app", lambda: app)
    monkeypatch.setenv("RELAIS_ENV", "production")
    monkeypatch.setenv("RELAIS_BASE_URL", "https://relais.example.org")
    monkeypatch.setenv("RELAIS_SECRET_KEY", "x" * 40)


def add(**changes: str) -> int:
    """Exit code of `relais platform add`, with some options changed."""
    options = MOODLE | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    with pytest.raises(SystemExit) as left:
        main(["platform", "add", *(part for option in options.items() for part in option)])
    return int(left.value.code or 0)


def test_an_lms_is_registered(session: Session) -> None:
    assert add() == 0
    assert session.query(Platform).one().name == "moodle.example.org"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("client_id", " "),
        ("client_id", "x" * 256),
        ("deployment", ""),
        ("token_url", "http://moodle.example.org/token"),
        ("jwks_url", "https://10.0.0.1/keys"),
        ("issuer", "https://"),
    ],
)
def test_what_no_launch_could_match_is_refused(
    session: Session, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    assert add(**{option: value}) == 2
    said = capsys.readouterr().err
    assert f"--{option.replace('_', '-')}" in said
    assert said.count("\n") == 1
    assert session.query(Platform).count() == 0
