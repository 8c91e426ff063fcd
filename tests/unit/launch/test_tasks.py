"""What the front door does by itself: keys over a year, links and sessions that have ended."""

import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lti_app.core.background import celery_of
from lti_app.core.database import db
from lti_app.core.settings import Settings
from lti_app.launch.tasks import purge_expired, purge_logins, rotate_keys
from lti_app.lti.models import Invitation, RefusedLaunch, ToolKey
from lti_app.lti.services import keys
from lti_app.lti.services.tokens import ASSERTION_LIFE
from lti_app.people.models import AdminLink, FrameSession
from tests import factories
from tests.factories import NOW

SECRET = "a secret of the tests, long enough for production"
LONGEST_CACHE = timedelta(hours=24)
"""A platform keeps our JWKS for a day at most."""
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small keys: the calendar is tested here, not the arithmetic."""
    monkeypatch.setattr(keys, "KEY_BITS", 1024)


class Journal:
    """Who signed and what was published, noted as time passes: no later run rewrites it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.seen: dict[datetime, tuple[str, frozenset[str]]] = {}

    def note(self, moment: datetime) -> None:
        signing = keys.signing_key(self.session, secret_key=SECRET, now=moment).kid
        published = keys.published_jwks(self.session, moment)["keys"]
        states = [state for _, state in keys.key_states(self.session, moment)]
        assert states.count(keys.KeyState.SIGNING) == 1
        self.session.rollback()  # SQLite has one writer: the task must not wait for this test
        self.seen[moment] = (signing, frozenset(key["kid"] for key in published))

    def check(self) -> None:
        """What was signed at s verifies by every JWKS fetched in [s - a day, s + 5 minutes].

        A platform verifies at v, within the life of the assertion (v - 5 minutes <= s <= v), by a
        JWKS fetched at most a day before (v - a day <= f <= v).
        """
        for signed_at, (kid, _) in self.seen.items():
            for fetched_at, (_, published) in self.seen.items():
                if signed_at - LONGEST_CACHE <= fetched_at <= signed_at + ASSERTION_LIFE:
                    assert kid in published, (signed_at, fetched_at)


def instants_that_matter(session: Session, since: datetime, until: datetime) -> list[datetime]:
    """Both sides of each change between two runs, and of the reach of a cache around it."""
    session.rollback()
    changes = {since, until}
    for key in session.scalars(sa.select(ToolKey)):
        changes |= {key.created_at, key.signs_from, key.retired_at or until}
    reach = (timedelta(), -LONGEST_CACHE, LONGEST_CACHE, ASSERTION_LIFE, -ASSERTION_LIFE)
    around = {
        change + shift + edge
        for change in changes
        for shift in reach
        for edge in (-SECOND, timedelta())
    }
    return sorted(moment for moment in around if since <= moment < until)


class TestRotation:
    def test_a_year_of_daily_runs(self, app: Flask, session: Session) -> None:
        keys.ensure_key(session, secret_key=SECRET, now=NOW)
        session.commit()
        journal, made = Journal(session), set()
        with time_machine.travel(NOW, tick=False) as clock:
            for day in range(366):
                moment = NOW + day * DAY
                clock.move_to(moment)
                with app.app_context():
                    rotate_keys.run()
                for hour in (0, 12):
                    journal.note(moment + timedelta(hours=hour))
                made.add(journal.seen[moment][0])
        journal.check()
        # The first, then one every 90 days (the last is published on day 360).
        assert len(made) == 5
        assert session.query(ToolKey).count() <= 3
        session.rollback()

    @settings(max_examples=12)
    @given(
        max_age=st.integers(1, 100).map(lambda days: timedelta(days=days)),
        gaps=st.lists(st.integers(1, 24 * 60), min_size=1, max_size=12),
    )
    def test_whatever_the_age_and_however_late_the_runs(
        self, session: Session, max_age: timedelta, gaps: list[int]
    ) -> None:
        session.execute(sa.delete(ToolKey))
        moment = NOW
        keys.rotate_when_old(session, secret_key=SECRET, max_age=max_age, now=moment)
        session.commit()
        journal = Journal(session)
        for hours in gaps:
            following = moment + timedelta(hours=hours)
            for instant in instants_that_matter(session, moment, following):
                journal.note(instant)
            moment = following
            keys.rotate_when_old(session, secret_key=SECRET, max_age=max_age, now=moment)
            keys.forget_retired(session, moment)
            session.commit()
        for instant in instants_that_matter(session, moment, moment + 6 * DAY):
            journal.note(instant)
        journal.check()

    def test_two_workers_at_once_make_one_key(self, app: Flask, session: Session) -> None:
        keys.ensure_key(session, secret_key=SECRET, now=NOW)
        session.commit()
        gate = threading.Barrier(4)

        def work() -> None:
            with app.app_context():
                gate.wait()
                keys.rotate_when_old(db.session, secret_key=SECRET, max_age=DAY, now=NOW + 2 * DAY)
                db.session.commit()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert session.query(ToolKey).count() == 2
        session.rollback()

    def test_zero_days_rotate_never(
        self, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys.ensure_key(session, secret_key=SECRET, now=NOW)
        session.commit()
        never: Settings = app.config["RELAIS"].model_copy(update={"key_days": 0})
        monkeypatch.setitem(app.config, "RELAIS", never)
        with time_machine.travel(NOW + 900 * DAY), app.app_context():
            rotate_keys.run()
        assert session.query(ToolKey).count() == 1
        session.rollback()


def test_what_has_ended_goes(app: Flask, session: Session) -> None:
    person = factories.PersonFactory()
    recently, long_ago = NOW - timedelta(hours=1), NOW - timedelta(days=31)
    for name, ended in (("recent", recently), ("old", long_ago), ("open", NOW + DAY)):
        common = {"token_digest": name, "created_at": long_ago, "expires_at": ended}
        session.add_all(
            (
                Invitation(**common),
                AdminLink(**common, person_id=person.id),
                FrameSession(**common, sealed_session="x"),
            )
        )
    for hour in (recently, long_ago):
        session.add(
            RefusedLaunch(
                hour=hour, code="LTI-X", count=1, last_at=hour, last_quote="X", last_detail=""
            )
        )
    session.commit()
    with time_machine.travel(NOW), app.app_context():
        purge_expired.run()

    def left(model: type[Invitation] | type[AdminLink] | type[FrameSession]) -> set[str]:
        return set(session.scalars(sa.select(model.token_digest)))

    assert left(Invitation) == {"recent", "open"}
    assert left(AdminLink) == {"recent", "open"}
    # A session that has ended tells who was signed in: it does not wait for a month.
    assert left(FrameSession) == {"open"}
    assert session.query(RefusedLaunch).count() == 1
    session.rollback()


def test_beat_knows_them(app: Flask) -> None:
    scheduled = {entry["task"] for entry in celery_of(app).conf.beat_schedule.values()}
    assert {purge_logins.name, rotate_keys.name, purge_expired.name} <= scheduled
