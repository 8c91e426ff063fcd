"""The SQLite file of the demonstration LMS, and the secrets drawn at its first start."""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session, sessionmaker

from lti_app.demo.models import KeptSecret
from lti_app.demo.models_base import Base

_log = logging.getLogger(__name__)

SCHEMA = 3
"""Raised when the tables change."""
PLATFORM_KEY = "platform_key"
COOKIE_KEY = "cookie_key"
SALT = "salt"


class DemoDatabase:
    """One engine and two ways to use it: `reading()` and `writing()`.

    Writers take SQLite's lock at once (BEGIN IMMEDIATE): two scores for one person arriving
    together must be compared one after the other, or the older could win.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = create_engine(
            # Each thread of the server waits for its own turn to write, not for a connection.
            f"sqlite:///{path}",
            connect_args={"timeout": 15},
            max_overflow=-1,
        )
        event.listen(self.engine, "connect", _configure)
        event.listen(self.engine, "begin", _begin)
        self._read = sessionmaker(self.engine)
        self._write = sessionmaker(self.engine.execution_options(demo_begin="IMMEDIATE"))

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that is rolled back at the end."""
        with self._read() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits at the end, or rolls back on an exception."""
        with self._write() as session, session.begin():
            yield session

    def prepare(self, seed: Callable[[Session], None]) -> None:
        """Create the tables and draw the secrets if missing; fill a new file with `seed`.

        A file left by another version of these tables is emptied and filled again, its keys
        kept: it is a stage set, and tools remember its public key.

        Everything happens in one transaction: a file is either empty or complete, however the
        process died.
        """
        with self.writing() as session:
            connection = session.connection()
            known = connection.execute(text("PRAGMA user_version")).scalar_one()
            if known == SCHEMA:
                return
            kept = _kept_secrets(connection)
            _drop_everything(connection)
            Base.metadata.create_all(connection)
            secrets_of_this_file = {
                PLATFORM_KEY: kept.get(PLATFORM_KEY) or draw_private_key(),
                COOKIE_KEY: kept.get(COOKIE_KEY) or secrets.token_urlsafe(32),
                SALT: kept.get(SALT) or secrets.token_hex(16),
            }
            for name, value in secrets_of_this_file.items():
                session.execute(insert(KeptSecret).values(name=name, value=value))
            seed(session)
            session.flush()
            connection.execute(text(f"PRAGMA user_version = {SCHEMA}"))
            if kept:
                _log.warning("the demonstration LMS of an older version was emptied")

    def secret(self, name: str) -> str:
        """The secret of that name.

        Raises LookupError before `prepare`.
        """
        with self.reading() as session:
            kept = session.get(KeptSecret, name)
            if kept is None:
                raise LookupError(f"no secret named {name}: the database was not prepared")
            return kept.value

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _kept_secrets(connection: Connection) -> dict[str, str]:
    tables = text("SELECT count(*) FROM sqlite_master WHERE name = 'kept_secret'")
    if not connection.execute(tables).scalar_one():
        return {}
    rows = connection.execute(text("SELECT name, value FROM kept_secret"))
    return {str(name): str(value) for name, value in rows}


def _drop_everything(connection: Connection) -> None:
    # As found, not as declared: a table may have gone since. Children go before their parents.
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)


def draw_private_key() -> str:
    """A new 2048-bit RSA private key, PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")


def public_pem(private_pem: str) -> str:
    """The public half of a PEM private key."""
    key = serialization.load_pem_private_key(private_pem.encode("ascii"), password=None)
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    )


def _configure(dbapi_connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: _begin says which kind we want.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    kind = connection.get_execution_options().get("demo_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")
