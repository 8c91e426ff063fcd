"""Migrations: up, down, up again, and equal to the models, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from lti_app.core.database import prepare_engine
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


def test_rebuilding_a_table_keeps_the_rows_that_point_at_it(url: str) -> None:
    command.upgrade(alembic_config(url), "0002")
    engine = prepare_engine(sa.create_engine(url, poolclass=sa.NullPool))
    with engine.begin() as connection:
        for table, columns, values in (
            (
                "platform",
                "id, name, issuer, client_id, auth_url, token_url, jwks_url, state, created_at",
                "1, 'm', 'i', 'c', 'a', 't', 'j', 'active', '2026-11-09'",
            ),
            ("deployment", "id, platform_id, deployment_id, state", "1, 1, '1', 'active'"),
            (
                "course",
                "id, platform_id, issuer, context_id, title, created_at",
                "1, 1, 'i', '2', 't', '2026-11-09'",
            ),
        ):
            statement = f"INSERT INTO {table} ({columns}) VALUES ({values})"  # noqa: S608
            connection.execute(sa.text(statement))
    upgrade(url)
    command.downgrade(alembic_config(url), "0002")
    upgrade(url)
    with engine.connect() as connection:
        kept = connection.execute(
            sa.text("SELECT (SELECT count(*) FROM deployment), (SELECT count(*) FROM course)")
        ).one()
    assert tuple(kept) == (1, 1)


def test_completions_of_before_get_their_code_and_publication(url: str) -> None:
    command.upgrade(alembic_config(url), "0006")
    engine = prepare_engine(sa.create_engine(url, poolclass=sa.NullPool))
    person = "INSERT INTO person (id, created_at) VALUES (1, '2026-11-01')"
    revision = (
        "INSERT INTO revision (id, subject_kind, subject_id, number, change, content_hash, data,"
        " published_at) VALUES (1, 'module', 'm', 1, 'first', 'x', '{}', '2026-11-01')"
    )
    module = (
        "INSERT INTO module (id, position, revision_id, state) VALUES ('m', 1, 1, 'published'),"
        " ('n', 2, 1, 'published')"
    )
    releases = (
        "INSERT INTO content_release (id, content_hash, bibliography, published_at) VALUES"
        " (1, 'x', '{}', '2026-11-01'), (2, 'y', '{}', '2026-11-05'), (3, 'z', '{}', '2026-11-09')"
    )
    completions = (
        "INSERT INTO module_completion (person_id, module_id, state, score, best_score,"
        " lessons_read, questions_answered, started_at, completed_at, last_activity_at,"
        " module_revision_id) VALUES"
        " (1, 'm', 'completed', 90, 90, 1, 1, '2026-11-02', '2026-11-06', '2026-11-06', 1),"
        " (1, 'n', 'started', 10, 10, 0, 1, '2026-11-02', NULL, '2026-11-06', NULL)"
    )
    with engine.begin() as connection:
        for statement in (person, revision, module, releases, completions):
            connection.execute(sa.text(statement))
    upgrade(url)
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT release_id, code FROM module_completion ORDER BY module_id")
        ).all()
    assert rows[0].release_id == 2
    assert len(rows[0].code) == 16
    assert tuple(rows[1]) == (None, None)
