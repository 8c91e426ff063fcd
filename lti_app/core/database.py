"""The database: one typed declarative base, aware UTC instants, SQLite that waits its turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from lti_app.core.settings import Settings

JsonDict = dict[str, Any]
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


class UTCDateTime(sa.TypeDecorator[datetime]):
    """An aware UTC instant on every database (SQLite gives back naive ones, psycopg local ones)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime refused: instants are aware UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Parent of every model; the naming convention lets migrations name what they change."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UTCDateTime, JsonDict: JSON}


_M = TypeVar("_M", bound=Base)

db = SQLAlchemy(engine_options={"pool_pre_ping": False}, session_options={"autoflush": False})

# A SQLite transaction that begins as a reader and then writes fails at once when another writer
# came between ("database is locked", no waiting). Transactions therefore take the write lock when
# they begin, and wait for it, unless the request is known to read only.
_read_only: ContextVar[bool] = ContextVar("relais_read_only", default=False)


@contextmanager
def transactions(*, read_only: bool) -> Iterator[None]:
    """Say whether the SQLite transactions begun inside only read, and so run beside a writer."""
    token = _read_only.set(read_only)
    try:
        yield
    finally:
        _read_only.reset(token)


def mark_read_only(value: bool) -> None:
    """Say whether the transactions of this request only read (set once, at its beginning)."""
    _read_only.set(value)


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we emit BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        # NORMAL loses nothing to kill -9. A power cut may undo the last commits, which is why
        # production runs on PostgreSQL.
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=15000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN" if _read_only.get() else "BEGIN IMMEDIATE")


def prepare_engine(engine: sa.Engine) -> sa.Engine:
    """Attach what the engine's database needs; the engine is given back."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def init_database(app: Flask, settings: Settings) -> None:
    """Connect the application; nothing is opened before the first statement."""
    url = settings.effective_database_url
    # hide_parameters: an error in the log must not show the name it was storing.
    options: dict[str, Any] = {"url": url, "hide_parameters": True}
    if url.startswith("sqlite"):
        settings.instance_path.mkdir(parents=True, exist_ok=True)
    else:
        options |= {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True}
    app.config["SQLALCHEMY_ENGINES"] = {"default": options}
    db.init_app(app)
    _forget_async_sessions(app)
    with app.app_context():
        prepare_engine(db.engine)


def _forget_async_sessions(app: Flask) -> None:
    """Drop the extension's end-of-request closing of async sessions, of which there are none.

    It starts a thread with an event loop at each request, which costs more than a small page.
    """
    functions = app.teardown_appcontext_funcs
    functions[:] = [each for each in functions if not iscoroutinefunction(each)]


def insert_ignoring(session: Session, model: type[Base], values: JsonDict) -> bool:
    """INSERT … ON CONFLICT DO NOTHING on either database; True when the row is new."""
    statement = _dialect_insert(session, model).values(**values).on_conflict_do_nothing()
    # RETURNING, because the row count of an INSERT is -1 with psycopg, whatever it did.
    return session.execute(statement.returning(sa.literal(1))).first() is not None


def insert_or_none(session: Session, model: type[_M], values: JsonDict) -> _M | None:
    """INSERT … ON CONFLICT DO NOTHING RETURNING: the new object, None when a row was there."""
    statement = _dialect_insert(session, model).values(**values).on_conflict_do_nothing()
    new: _M | None = session.scalars(statement.returning(model)).one_or_none()
    return new


def upsert(
    session: Session, model: type[Base], values: JsonDict, *, key: tuple[str, ...], update: JsonDict
) -> None:
    """INSERT the row, or UPDATE the columns of `update` where `key` is already there."""
    statement = _dialect_insert(session, model).values(**values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=update))


def _dialect_insert(session: Session, model: type[Base]) -> Any:
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert(model)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(model)
