"""Who is signed in to the demonstration LMS, by a signed cookie: no password, it is a stage set."""

import secrets
from dataclasses import dataclass

from flask import session as cookie
from sqlalchemy.orm import Session

from lti_app.demo.models import Person


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person and the browser session they use."""

    person: Person
    session_id: str
    sesskey: str


def sign_in(person: Person) -> None:
    """Open a new browser session for `person`, forgetting any other."""
    cookie.clear()
    cookie["person"] = person.id
    cookie["sid"] = secrets.token_hex(16)
    cookie["sesskey"] = secrets.token_urlsafe(8)


def sign_out() -> None:
    """Forget the visitor."""
    cookie.clear()


def visitor(session: Session) -> Visitor | None:
    """Who is asking, or None."""
    person_id = cookie.get("person")
    person = session.get(Person, person_id) if isinstance(person_id, int) else None
    if person is None:
        return None
    return Visitor(person, str(cookie["sid"]), str(cookie["sesskey"]))
