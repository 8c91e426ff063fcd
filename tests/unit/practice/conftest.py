"""A referent signed in, in a session whose one module holds a question of every kind."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.content.services import sync_content
from lti_app.people.models import Enrolment, Role
from tests import factories
from tests.conftest import make_client
from tests.unit.content.sample import write_courses
from tests.unit.practice.page import Page

RIGHT: dict[str, dict[str, list[str]]] = {
    "petit-q01": {"choice": ["b"]},
    "petit-q02": {"choice": ["a", "b"]},
    "petit-q03": {"position-a": ["1"], "position-b": ["2"], "position-c": ["3"]},
    "petit-q05": {"choice": ["faux"]},
    "petit-q06": {"text": ["Récuperation"]},
}
"""Right answers, but for q04: its tokens are those of the page (see `Learner.right`)."""


@dataclass
class Learner:
    """Somebody in a browser."""

    client: FlaskClient
    enrolment: Enrolment
    person_id: int
    course_id: int

    def sign_in(self) -> None:
        """Again, after the clock was moved: the session cookie is dated."""
        factories.sign_in(self.client, self.enrolment.person)

    def url(self, rest: str = "") -> str:
        return f"/session/{self.course_id}/{rest}"

    def get(self, rest: str = "") -> Page:
        return Page(self.client.get(self.url(rest)))

    def open(self, url: str) -> Page:
        return Page(self.client.get(url.partition("#")[0]))

    def question(self, question_id: str) -> Page:
        return self.get(f"question/{question_id}/")

    def right(self, question_id: str, page: Page) -> dict[str, list[str]]:
        if question_id != "petit-q04":
            return dict(RIGHT[question_id])  # a copy: tests change it
        wanted = {"match-a": "Premier", "match-b": "Deuxième", "match-c": "Troisième"}
        return {name: [page.option_value(name, text)] for name, text in wanted.items()}

    def answer(self, question_id: str, values: dict[str, list[str]] | None = None) -> Page:
        """Answer (right, when no values are given) and follow to the feedback."""
        page = self.question(question_id)
        values = self.right(question_id, page) if values is None else values
        sent = self.submit(page, values)
        assert sent.status == 303, sent.text
        return self.open(sent.location)

    def submit(self, page: Page, values: dict[str, list[str]]) -> Page:
        """Post the form of a question page."""
        data = {**page.hidden("token", "csrf_token"), **values}
        return Page(self.client.post(page.path, data=data))

    def read(self, lesson_id: str = "petit-un", part: int = 4) -> Page:
        page = self.get(f"etape/{lesson_id}/?partie={part}")
        return Page(self.client.post(page.path, data=page.hidden("csrf_token", "partie")))


@pytest.fixture
def courses(tmp_path: Path) -> Path:
    return write_courses(tmp_path / "courses")


@pytest.fixture
def content(session: Session, courses: Path) -> Path:
    """The sample module, published."""
    sync_content(session, folder=courses, now=factories.NOW)
    session.commit()
    return courses


Enrol = Callable[..., Learner]


@pytest.fixture
def enrol(app: Flask, session: Session, content: Path) -> Enrol:
    """Put somebody in a course (a new one when none is given), signed in."""

    def make(**values: object) -> Learner:
        enrolment = factories.EnrolmentFactory.create(**values)
        session.commit()
        client = make_client(app)
        factories.sign_in(client, enrolment.person)
        return Learner(client, enrolment, enrolment.person_id, enrolment.course_id)

    return make


@pytest.fixture
def learner(enrol: Enrol, session: Session) -> Learner:
    """A learner whose session has one graded activity that opens the module."""
    someone = enrol()
    factories.ResourceLinkFactory.create(course=someone.enrolment.course, target="petit")
    session.commit()
    return someone


@pytest.fixture
def trainer(enrol: Enrol, learner: Learner) -> Learner:
    return enrol(course=learner.enrolment.course, role=Role.TRAINER)
