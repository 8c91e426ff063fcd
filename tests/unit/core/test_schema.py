"""Migrations: up, down, up again, and equal to the models, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from lti_app.core.schema import SchemaBehindError, alembic_config, check_schema, upgrade


@pytest.fixture
def url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of its own."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server = str(request.getfixturevalue("postgresql_url")).replace(
        "postgresql://", "postgresql+psycopg://", 1
    )
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE migrations"))
    yield server.replace("/postgres?", "/migrations?", 1)
    with engine.connect() as connection:
        connection.execute(sa.text("DROP DATABASE migrations WITH (FORCE)"))


def test_up_down_up_and_nothing_left_to_generate(url: str) -> None:
    upgrade(url)
    command.check(alembic_config(url))
    command.downgrade(alembic_config(url), "base")
    upgrade(url)
    upgrade(url)


def test_a_schema_behind_is_one_clear_line(url: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with pytest.raises(SchemaBehindError, match="run « relais db upgrade »") as caught:
        check_schema(engine)
    assert "\n" not in str(caught.value)
    upgrade(url)
    check_schema(engine)
