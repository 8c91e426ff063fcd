import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lti_app.core.database import UTCDateTime, db, insert_ignoring, transactions, upsert
from lti_app.lti.models import Platform
from lti_app.people.models import Person
from tests import factories


def test_instants_come_back_aware_and_in_utc(session: Session) -> None:
    paris = timezone(timedelta(hours=2))
    person = factories.PersonFactory(created_at=datetime(2026, 7, 1, 12, 0, tzinfo=paris))
    session.commit()
    session.expire_all()
    assert person.created_at == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    assert person.created_at.tzinfo is UTC


@given(
    st.datetimes(
        min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.timezones(),
    )
)
def test_round_trip_of_any_instant(instant: datetime) -> None:
    kind = UTCDateTime()
    dialect = sa.create_engine("sqlite://").dialect
    stored = kind.process_bind_param(instant, dialect)
    assert stored is not None
    assert stored.tzinfo is None
    assert kind.process_result_value(stored, dialect) == instant.astimezone(UTC)


def test_naive_instants_are_refused(session: Session) -> None:
    factories.PersonFactory.build()
    session.add(Person(created_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the point of the test
    with pytest.raises(sa.exc.StatementError, match="naive datetime refused"):
        session.flush()


def test_insert_ignoring_says_whether_the_row_is_new(session: Session) -> None:
    platform = factories.PlatformFactory()
    session.commit()
    values = {
        "name": "autre",
        "issuer": platform.issuer,
        "client_id": platform.client_id,
        "auth_url": "https://a",
        "token_url": "https://t",
        "jwks_url": "https://j",
        "state": "active",
        "created_at": factories.NOW,
    }
    assert insert_ignoring(session, Platform, values) is False
    assert insert_ignoring(session, Platform, {**values, "client_id": "new"}) is True


def test_upsert_updates_what_is_there(session: Session) -> None:
    platform = factories.PlatformFactory()
    session.commit()
    values = {
        column.name: getattr(platform, column.name)
        for column in Platform.__table__.columns
        if column.name != "id"
    }
    upsert(
        session,
        Platform,
        values,
        key=("issuer", "client_id"),
        update={"auth_url": "https://moved.example.org"},
    )
    session.expire_all()
    assert platform.auth_url == "https://moved.example.org"


def test_writers_wait_for_each_other(app: Flask) -> None:
    """Read, then write, in many threads at once: nobody fails, nothing is lost."""
    with app.app_context(), db.sessionmaker.begin() as session:
        session.add(Person(name="0", created_at=factories.NOW))
    errors: list[BaseException] = []

    def count_up() -> None:
        try:
            with app.app_context(), db.sessionmaker.begin() as session:
                person = session.scalars(sa.select(Person).with_for_update()).one()
                person.name = str(int(person.name or 0) + 1)
        except BaseException as error:  # noqa: BLE001 - reported by the main thread
            errors.append(error)

    threads = [threading.Thread(target=count_up) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with app.app_context(), transactions(read_only=True), db.sessionmaker() as session:
        assert session.scalars(sa.select(Person.name)).one() == "12"


def test_constraints_have_names() -> None:
    """A migration must be able to name what it changes."""
    from lti_app.core.database import Base

    for table in Base.metadata.sorted_tables:
        for constraint in table.constraints:
            assert constraint.name, f"{table.name}: {constraint}"


def test_a_request_starts_no_thread(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flask-SQLAlchemy-Lite would close async sessions in an event loop of its own each time."""
    started: list[str] = []
    monkeypatch.setattr(threading.Thread, "start", lambda thread: started.append(thread.name))
    assert client.get("/readyz").status_code == 200
    assert started == []
