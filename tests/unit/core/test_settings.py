from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lti_app.core.settings import Environment, Settings, SettingsError, load_settings

SECRET = "x" * 32


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("RELAIS_"):
            monkeypatch.delenv(name)


def test_production_is_the_default_and_wants_a_secret() -> None:
    with pytest.raises(SettingsError, match="RELAIS_SECRET_KEY must hold at least 32"):
        load_settings()


def test_production_wants_https(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_SECRET_KEY", SECRET)
    with pytest.raises(SettingsError, match="RELAIS_BASE_URL must start with https"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RELAIS_BASE_URL", "relais"),
        ("RELAIS_TIMEZONE", "Europe/Lutece"),
        ("RELAIS_ENV", "staging"),
        ("RELAIS_TRUSTED_PROXIES", "-1"),
        ("RELAIS_BASE_URL", "https://relais.example.org/sous-dossier"),
        ("RELAIS_BASE_URL", "https://moi@relais.example.org"),
        ("RELAIS_LOG_LEVEL", "BAVARD"),
        ("RELAIS_LOGIN_RATE_LIMIT", "beaucoup"),
        ("RELAIS_RATE_LIMIT_STORAGE", "foo://x"),
        ("RELAIS_BROKER_URL", "redis"),
        ("RELAIS_DATABASE_URL", "mysql://moi:secret@hote/base"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as caught:
        load_settings()
    assert "\n" not in str(caught.value)
    assert "secret@" not in str(caught.value)


def test_development_keeps_one_secret(tmp_path: Path) -> None:
    first = Settings(env=Environment.DEVELOPMENT, instance_path=tmp_path / "new")
    second = Settings(env=Environment.DEVELOPMENT, instance_path=tmp_path / "new")
    assert first.effective_secret_key == second.effective_secret_key
    assert len(first.effective_secret_key) >= 32
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o077 == 0


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    """And none reads it half written, which would be another secret, or none."""

    def read(_: int) -> str:
        return Settings(env=Environment.DEVELOPMENT, instance_path=tmp_path).effective_secret_key

    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(read, range(16)))
    assert len(found) == 1
    assert len(found.pop()) >= 32
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_unwritable_instance_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(env=Environment.DEVELOPMENT, instance_path=tmp_path / "file" / "instance")
    with pytest.raises(SettingsError, match="cannot use"):
        _ = settings.effective_secret_key


@pytest.mark.parametrize("prefix", ["postgresql://", "postgres://"])
def test_postgresql_goes_through_psycopg_3(tmp_path: Path, prefix: str) -> None:
    settings = Settings(
        env=Environment.DEVELOPMENT, instance_path=tmp_path, database_url=f"{prefix}u@h/d"
    )
    assert settings.effective_database_url == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("http://localhost:8000/", "http://localhost:8000"),
        ("https://Relais.Example.org:443", "https://relais.example.org"),
        ("http://relais.example.org:80/", "http://relais.example.org"),
    ],
)
def test_base_url_is_written_as_browsers_write_an_origin(
    tmp_path: Path, typed: str, origin: str
) -> None:
    settings = Settings(env=Environment.DEVELOPMENT, instance_path=tmp_path, base_url=typed)
    assert settings.base_url == origin
