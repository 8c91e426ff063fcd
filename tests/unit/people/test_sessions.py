"""Visits named by their address: how an address is read, how long a visit lasts."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lti_app.people.models import FrameSession
from lti_app.people.sessions import (
    find_visit,
    keep_visit,
    open_visit,
    split_address,
    visit_address,
)
from tests.conftest import SECRET_KEY
from tests.factories import NOW

TOKEN = "a-_9" * 10 + "xyz"


@pytest.mark.parametrize("rest", ["/session/2/", "/session/2/reviser/", "/suivi/2/export.csv"])
def test_an_address_is_read_as_it_was_written(rest: str) -> None:
    assert split_address(visit_address(TOKEN, rest)) == (TOKEN, rest)


@given(st.text())
def test_nothing_else_is_an_address(path: str) -> None:
    found = split_address("/v/" + path)

    assert found is None or visit_address(*found) == "/v/" + path
    assert split_address(path) is None or path.startswith("/v/")


def test_a_visit_gives_back_what_it_was_told(session: Session) -> None:
    values = {"_user_id": "5", "return_urls": {"2": "https://moodle.example.org/é"}}
    token = open_visit(session, values, secret_key=SECRET_KEY, now=NOW)
    session.flush()

    visit = find_visit(session, token, secret_key=SECRET_KEY, now=NOW)
    assert visit is not None
    assert visit.values == values
    assert find_visit(session, token[:-1] + "~", secret_key=SECRET_KEY, now=NOW) is None
    assert find_visit(session, token, secret_key="another secret key", now=NOW) is None


def test_keeping_puts_the_end_off_up_to_twelve_hours(session: Session) -> None:
    token = open_visit(session, {}, secret_key=SECRET_KEY, now=NOW)
    session.flush()
    row = session.scalars(sa.select(FrameSession)).one()
    for minutes in range(0, 12 * 60, 100):
        now = NOW + timedelta(minutes=minutes)
        keep_visit(session, token, {"n": minutes}, secret_key=SECRET_KEY, now=now)
        session.flush()
    assert row.expires_at == NOW + timedelta(hours=12)

    late = NOW + timedelta(hours=12)
    keep_visit(session, token, {"n": "late"}, secret_key=SECRET_KEY, now=late)
    assert find_visit(session, token, secret_key=SECRET_KEY, now=late) is None
    assert row.expires_at == late
