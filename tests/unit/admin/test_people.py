"""Finding people among thousands; suspending them; naming administrators."""

from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from lti_app.admin.forms.filters import PeopleForm
from lti_app.people.models import Administrator, Person, Role
from lti_app.people.rules import sort_name
from tests import factories
from tests.conftest import make_client
from tests.unit.admin.conftest import Desk, make_administrator
from tests.unit.practice.page import Page


def person(name: str | None, **values: object) -> Person:
    made: Person = factories.PersonFactory(
        name=name, sort_name=sort_name(None, None, name), **values
    )
    return made


def names(page: Page) -> list[str]:
    return [_text(row[0]) for row in page.one("tbody")]


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.fixture
def crowd(session: Session, administrator: Person) -> list[Person]:
    made = [
        person("Zoé N’Guessan", email="zoe.nguessan@ac-poitiers.fr"),
        person("Émile Dupont-Aignan"),
        person("100 % Réel"),
        person(None, email="anonyme@example.org", suspended_at=factories.NOW),
    ]
    session.commit()
    return made


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("emile", ["Émile Dupont-Aignan"]),
        ("DUPONT émile", ["Émile Dupont-Aignan"]),
        ("n’guessan", ["Zoé N’Guessan"]),
        ("n'guessan", ["Zoé N’Guessan"]),
        ("NGUESSAN@AC-POIT", ["Zoé N’Guessan"]),
        ("%", ["100 % Réel"]),
        ("_", []),
        ("personne de ce nom", []),
    ],
)
def test_people_are_found(desk: Desk, crowd: list[Person], text: str, found: list[str]) -> None:
    page = desk.open("/personnes/", q=text)
    assert (names(page) if found else []) == found
    assert bool(found) or "Personne ne correspond" in page.main


def test_people_are_found_by_number(desk: Desk, crowd: list[Person]) -> None:
    page = desk.open("/personnes/", q=str(crowd[1].id))
    assert "Émile Dupont-Aignan" in names(page)


def test_people_are_in_french_order_the_nameless_last(desk: Desk, crowd: list[Person]) -> None:
    assert names(desk.open("/personnes/")) == [
        "100 % Réel",
        "Ada Ministre",
        "Émile Dupont-Aignan",
        "Zoé N’Guessan",
        f"Personne n° {crowd[3].id}",
    ]


@pytest.mark.parametrize(
    ("state", "count"), [("suspended", 1), ("administrator", 1), ("", 5), ("nonsense", 5)]
)
def test_people_are_sorted_by_access(
    desk: Desk, crowd: list[Person], state: str, count: int
) -> None:
    assert len(names(desk.open("/personnes/", etat=state))) == count


@given(q=st.text(max_size=150), etat=st.text(max_size=20), extra=st.text(max_size=5))
def test_any_filter_is_a_filter(q: str, etat: str, extra: str) -> None:
    app = Flask(__name__)
    app.secret_key = "x"
    with app.test_request_context():
        filters = PeopleForm(MultiDict([("q", q), ("etat", etat), ("q", extra)])).filters()
    assert len(filters.text) <= 100
    assert "\0" not in filters.text
    assert filters.state in {"", "suspended", "administrator"}


@pytest.mark.parametrize(
    "text", ["\0", "a\0b", "9" * 30, "\\", "٣٤", "ﬀ", "x" * 101, "' OR 1=1 --"], ids=repr
)
def test_odd_searches_find_nobody_and_break_nothing(
    desk: Desk, crowd: list[Person], text: str
) -> None:
    desk.open("/personnes/", q=text)


def test_long_lists_have_pages(desk: Desk, session: Session) -> None:
    for number in range(120):
        person(f"Camille {number:03}")
    session.commit()
    first = desk.open("/personnes/", q="camille")
    assert len(names(first)) == 50
    assert "120" in first.main
    second = desk.client.get(first.links()["Page suivante"])
    third = desk.client.get(Page(second).links()["Page suivante"])
    assert names(Page(third)) == [f"Camille {number}" for number in range(100, 120)]
    assert "Page suivante" not in Page(third).links()


@pytest.mark.parametrize("page", ["99", "0", "-1", "x", "9" * 40])
def test_pages_that_do_not_exist_are_pages_still(desk: Desk, page: str) -> None:
    desk.open("/personnes/", page=page)


def test_a_card_shows_what_the_lms_said(desk: Desk, session: Session) -> None:
    enrolment = factories.EnrolmentFactory(
        role=Role.TRAINER,
        lms_roles=["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor", "urn:x"],
    )
    session.commit()
    page = desk.open(f"/personnes/{enrolment.person_id}/")
    for words in (enrolment.identity.sub, enrolment.identity.issuer, "Formateur", "Instructor"):
        assert words in page.main
    assert enrolment.course.title in page.main
    assert enrolment.course.platform.name in page.links()


def test_unknown_people_are_not_found(desk: Desk) -> None:
    for path in ("/personnes/999999/", "/personnes/999999/suspendre"):
        desk.open(path, 404)
    desk.post("/personnes/999999/suspendre", 404)


def test_who_is_suspended_is_out_at_the_next_request_and_back_afterwards(
    desk: Desk, app: Flask, session: Session
) -> None:
    enrolment = factories.EnrolmentFactory()
    session.commit()
    learner = make_client(app)
    factories.sign_in(learner, enrolment.person)
    page = f"/session/{enrolment.course_id}/"
    assert learner.get(page).status_code == 200
    assert "Accès suspendu" in desk.confirm(f"/personnes/{enrolment.person_id}/suspendre").main
    assert learner.get(page).status_code == 401
    assert "Accès rétabli" in desk.confirm(f"/personnes/{enrolment.person_id}/retablir").main
    assert learner.get(page).status_code == 200
    assert [entry.action for entry in desk.log()] == ["person.suspend", "person.reactivate"]


def test_rights_are_given_and_taken_back(desk: Desk, session: Session) -> None:
    other = person("Camille")
    session.commit()
    desk.confirm(f"/personnes/{other.id}/nommer")
    session.rollback()
    assert session.get_one(Administrator, other.id).granted_by_id == desk.person.id
    desk.confirm(f"/personnes/{other.id}/revoquer")
    session.rollback()
    assert session.get(Administrator, other.id) is None


@pytest.mark.parametrize("verb", ["suspendre", "revoquer"])
def test_the_last_administrator_stays(desk: Desk, session: Session, verb: str) -> None:
    page = desk.confirm(f"/personnes/{desk.person.id}/{verb}", 409)
    assert "ADMIN-DERNIER" in page.text
    desk.open("/")
    make_administrator(session)
    desk.confirm(f"/personnes/{desk.person.id}/{verb}", 404)


def test_who_is_suspended_is_not_named(desk: Desk, session: Session) -> None:
    other = person("Camille", suspended_at=factories.NOW)
    session.commit()
    desk.confirm(f"/personnes/{other.id}/nommer", 409)
    assert session.get(Administrator, other.id) is None


def test_the_news_of_a_page_are_true(desk: Desk, session: Session, client: FlaskClient) -> None:
    """An address cannot make a page say what was not done, nor what somebody else did."""
    other = person("Camille")
    session.commit()
    desk.confirm(f"/personnes/{other.id}/suspendre")
    (entry,) = desk.log()
    assert "C’est fait" in desk.open("/", fait=entry.id).main
    entry.actor_id = other.id
    session.commit()
    for forged in (entry.id, 999_999, "x", "9" * 50, "\0", "٣"):
        assert "C’est fait" not in desk.open("/", fait=forged).main
