"""An administrator, signed in, and what their pages read like."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_app.core import clock
from lti_app.people.administration import grant_administrator
from lti_app.people.models import AuditEntry, Person
from tests import factories
from tests.conftest import BASE_URL
from tests.unit.practice.page import Page


def make_administrator(session: Session, **values: Any) -> Person:
    """A person named administrator."""
    person: Person = factories.PersonFactory(**values)
    grant_administrator(session, person_id=person.id, actor_id=None, now=clock.now())
    session.commit()
    return person


def enter(client: FlaskClient, person: Person, *, seconds_ago: int = 0) -> None:
    """Make the client's browser that person's, with administration last used then."""
    factories.sign_in(client, person)
    with client.session_transaction(base_url=BASE_URL) as browser_session:
        browser_session["administration_seen"] = int(clock.now().timestamp()) - seconds_ago


class Desk:
    """An administrator at work: pages read as HTML, changes posted as their forms would."""

    def __init__(self, session: Session, client: FlaskClient, person: Person) -> None:
        self.session = session
        self.client = client
        self.person = person

    def open(self, path: str, status: int = 200, **query: Any) -> Page:
        """A page, its HTML parsed strictly."""
        return self._read(self.client.get(f"/admin{path}", query_string=query), status)

    def confirm(self, path: str, status: int = 200, **query: Any) -> Page:
        """Open a page that asks, then say yes; the page that follows."""
        asked = self.open(path, **query)
        form = asked.one("main").find(".//form")
        assert form is not None
        return self.post(path, status, query=query, token=_token(asked))

    def post(
        self,
        path: str,
        status: int = 200,
        *,
        query: dict[str, Any] | None = None,
        token: str | None = None,
        **values: Any,
    ) -> Page:
        """Post a form of ours, and follow."""
        data = {"csrf_token": token or _token(self.open("/")), **values}
        response = self.client.post(
            f"/admin{path}", data=data, query_string=query or {}, follow_redirects=True
        )
        return self._read(response, status)

    def log(self) -> list[AuditEntry]:
        """What was written down of this administrator, the oldest first."""
        self.session.rollback()
        rows = self.session.query(AuditEntry).filter_by(actor_id=self.person.id)
        return rows.order_by(AuditEntry.id).all()

    def _read(self, response: TestResponse, status: int) -> Page:
        page = Page(response)
        assert page.status == status, page.text
        assert page.title
        return page


def _token(page: Page) -> str:
    return page.all("input", name="csrf_token")[0].get("value", "")


@pytest.fixture
def administrator(session: Session) -> Person:
    return make_administrator(session, name="Ada Ministre")


@pytest.fixture
def desk(session: Session, client: FlaskClient, administrator: Person) -> Desk:
    enter(client, administrator)
    return Desk(session, client, administrator)
