"""Who administers: never nobody, whoever acts at the same moment."""

import contextlib
import contextvars
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.core import clock
from lti_app.core.database import db, mark_read_only
from lti_app.people.administration import (
    LastAdministratorError,
    grant_administrator,
    record_audit,
    revoke_administrator,
    suspend_person,
)
from lti_app.people.models import Administrator, AuditEntry, Person
from tests import factories


def name(session: Session, person: Person) -> None:
    grant_administrator(session, person_id=person.id, actor_id=None, now=clock.now())
    session.commit()


def test_two_administrators_cannot_revoke_each_other_at_once(app: Flask, session: Session) -> None:
    first, second = factories.PersonFactory(), factories.PersonFactory()
    for person in (first, second):
        name(session, person)
    ids = [first.id, second.id]
    session.commit()
    barrier = Barrier(2)

    def revoke(person_id: int) -> None:
        mark_read_only(False)
        with app.app_context(), contextlib.suppress(LastAdministratorError):
            barrier.wait(timeout=20)
            revoke_administrator(db.session, person_id=person_id, actor_id=None, now=clock.now())
            db.session.commit()

    threads = [Thread(target=contextvars.Context().run, args=(revoke, each)) for each in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.rollback()
    assert session.query(Administrator).count() == 1


def test_the_last_one_may_be_suspended_by_nobody(session: Session) -> None:
    person = factories.PersonFactory()
    name(session, person)
    with pytest.raises(LastAdministratorError):
        suspend_person(session, person=person, actor_id=person.id, now=clock.now())
    assert person.suspended_at is None


def test_suspending_others_needs_no_second_administrator(session: Session) -> None:
    administrator, person = factories.PersonFactory(), factories.PersonFactory()
    name(session, administrator)
    now = clock.now()
    assert suspend_person(session, person=person, actor_id=administrator.id, now=now)
    assert suspend_person(session, person=person, actor_id=administrator.id, now=now) is None
    assert person.suspended_at == now


def test_long_words_are_cut_to_the_columns(session: Session) -> None:
    entry = record_audit(
        session, actor_id=None, action="x" * 99, subject="y" * 999, now=clock.now()
    )
    session.commit()
    assert session.get_one(AuditEntry, entry.id).subject == "y" * 200
