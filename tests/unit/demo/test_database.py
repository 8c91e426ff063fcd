"""A file of another version is emptied and filled again, its keys kept."""

import sqlite3
from pathlib import Path

import pytest

from lti_app.demo import seed
from lti_app.demo.database import PLATFORM_KEY, SCHEMA, DemoDatabase
from lti_app.demo.models import Activity
from lti_app.demo.settings import DemoSettings


def prepare(path: Path) -> DemoDatabase:
    database = DemoDatabase(path)
    database.prepare(lambda session: seed.fill(session, DemoSettings(database_path=path)))
    return database


def rename_first_activity(database: DemoDatabase) -> None:
    with database.writing() as session:
        session.get_one(Activity, 1).name = "Changée"


def first_activity(database: DemoDatabase) -> str:
    with database.reading() as session:
        return session.get_one(Activity, 1).name


def test_the_same_version_keeps_everything(tmp_path: Path) -> None:
    first = prepare(tmp_path / "demo.sqlite")
    rename_first_activity(first)
    first.dispose()
    second = prepare(tmp_path / "demo.sqlite")
    assert first_activity(second) == "Changée"
    second.dispose()


def test_another_version_is_filled_again_with_the_same_key(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "demo.sqlite"
    first = prepare(path)
    key = first.secret(PLATFORM_KEY)
    rename_first_activity(first)
    first.dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE left_over (id INTEGER)")
        connection.execute(f"PRAGMA user_version = {SCHEMA - 1}")
    connection.close()
    second = prepare(path)
    assert first_activity(second) != "Changée"
    assert second.secret(PLATFORM_KEY) == key
    second.dispose()
    assert "emptied" in caplog.text
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_secrets_are_read_after_preparing_only(tmp_path: Path) -> None:
    path = tmp_path / "demo.sqlite"
    database = prepare(path)
    with pytest.raises(LookupError):
        database.secret("no such secret")
    database.dispose()
