"""relais key, as typed."""

import json

import pytest
from flask import Flask
from jwcrypto.jwk import JWK
from sqlalchemy.orm import Session

from lti_app.cli import context, main
from lti_app.lti.models import ToolKey
from tests.conftest import BASE_URL, SECRET_KEY


@pytest.fixture(autouse=True)
def production(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "create_app", lambda: app)
    monkeypatch.setenv("RELAIS_BASE_URL", BASE_URL)
    monkeypatch.setenv("RELAIS_SECRET_KEY", SECRET_KEY)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["key", *arguments])
    return int(left.value.code or 0)


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    capsys.readouterr()
    assert run("list", "--json") == 0
    rows: list[dict[str, str]] = json.loads(capsys.readouterr().out)
    return rows


def test_a_rotation_shows_in_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rotate") == 0
    assert [row["state"] for row in listed(capsys)] == ["signing"]
    assert run("rotate") == 0
    assert [row["state"] for row in listed(capsys)] == ["published", "signing"]
    assert run("rotate", "--overlap-hours", "0") == 0
    assert [row["state"] for row in listed(capsys)] == ["signing", "retired", "retired"]


def test_the_pem_of_the_key_that_signs_or_of_another(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    run("rotate")
    run("rotate")
    published, signing = (row["kid"] for row in listed(capsys))
    for arguments, kid in ((("pem",), signing), (("pem", published), published)):
        assert run(*arguments) == 0
        said = capsys.readouterr()
        assert JWK.from_pem(said.out.encode()).thumbprint() == kid
        assert "RELAIS_KEY_DAYS" in said.err
    assert session.query(ToolKey).count() == 2


def test_what_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("pem") == 1
    assert "relais key rotate" in capsys.readouterr().err
    assert run("pem", "nothing") == 2
    assert "« nothing »" in capsys.readouterr().err
