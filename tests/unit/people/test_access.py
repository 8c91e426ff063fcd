"""Who gets in: 401 for who is nobody here any more, 404 for who has no business here."""

import secrets

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.lti.models import PlatformState
from lti_app.people.access import remember_return_url, return_url
from lti_app.people.models import Enrolment, EnrolmentState, Role
from tests import factories
from tests.conftest import make_client


@pytest.fixture
def enrolment(session: Session, client: FlaskClient) -> Enrolment:
    """A learner, signed in."""
    made = factories.EnrolmentFactory()
    session.commit()
    factories.sign_in(client, made.person)
    return made


def visit(client: FlaskClient, enrolment: Enrolment, room: str = "session") -> tuple[int, str]:
    """Status and title of the page."""
    response = client.get(f"/{room}/{enrolment.course_id}/")
    return response.status_code, response.text.partition("<h1")[2][:80]


def test_an_enrolled_person_gets_in(client: FlaskClient, enrolment: Enrolment) -> None:
    assert visit(client, enrolment)[0] == 200


def test_nobody_gets_in_without_a_cookie(client: FlaskClient, session: Session) -> None:
    enrolment = factories.EnrolmentFactory()
    session.commit()
    assert visit(client, enrolment)[0] == 401


def test_a_suspended_person_is_out_at_the_next_request(
    client: FlaskClient, enrolment: Enrolment
) -> None:
    enrolment.person.suspended_at = factories.NOW
    status, title = visit(client, enrolment)
    assert status == 401
    assert "terminée" in title


def test_a_suspended_person_is_not_told_which_courses_exist(
    client: FlaskClient, session: Session, enrolment: Enrolment
) -> None:
    other = factories.EnrolmentFactory()
    session.commit()
    enrolment.person.suspended_at = factories.NOW
    assert visit(client, other)[0] == 401


def test_another_course_is_not_found(
    client: FlaskClient, session: Session, enrolment: Enrolment
) -> None:
    other = factories.EnrolmentFactory()
    session.commit()
    assert enrolment.course_id != other.course_id
    assert visit(client, other)[0] == 404


def test_who_left_the_course_finds_it_no_more(client: FlaskClient, enrolment: Enrolment) -> None:
    enrolment.state = EnrolmentState.LEFT
    assert visit(client, enrolment)[0] == 404


def test_a_closed_platform_closes_its_courses(client: FlaskClient, enrolment: Enrolment) -> None:
    enrolment.course.platform.state = PlatformState.INACTIVE
    assert visit(client, enrolment)[0] == 403


@pytest.mark.parametrize("closed", ["former", "latter"])
def test_closing_one_client_of_an_lms_closes_the_visits_that_it_opened(
    app: Flask, session: Session, closed: str
) -> None:
    """Two clients of one LMS in one course: who launches last says whose platform it is."""
    issuer = "https://moodle.example.org"
    clients = {name: factories.PlatformFactory(issuer=issuer) for name in ("former", "latter")}
    course = factories.CourseFactory(platform=clients["latter"])
    visits = {
        name: factories.EnrolmentFactory(
            course=course, deployment=factories.DeploymentFactory(platform=platform)
        )
        for name, platform in clients.items()
    }
    clients[closed].state = PlatformState.INACTIVE
    session.commit()
    for name, enrolment in visits.items():
        browser = make_client(app)
        factories.sign_in(browser, enrolment.person)
        assert visit(browser, enrolment)[0] == (403 if name == closed else 200), name


def test_only_trainers_see_the_report(client: FlaskClient, enrolment: Enrolment) -> None:
    assert visit(client, enrolment, "suivi")[0] == 404
    enrolment.role = Role.TRAINER
    assert visit(client, enrolment, "suivi")[0] == 200


@pytest.mark.parametrize(("length", "kept"), [(200, 5), (900, 2), (2000, 1)])
def test_the_ways_back_never_outgrow_the_cookie(app: Flask, length: int, kept: int) -> None:
    """Browsers drop a cookie of more than 4,096 bytes without a word."""
    with app.test_request_context(base_url="https://relais.example.org") as context:
        for course_id in range(1, 9):
            remember_return_url(course_id, f"https://lms/{secrets.token_urlsafe(length)}"[:length])
        found = [course_id for course_id in range(1, 9) if return_url(course_id)]
        response = app.make_response("")
        app.session_interface.save_session(app, context.session, response)
    assert found == list(range(1, 9))[-kept:]
    assert len(response.headers["Set-Cookie"]) < 4000
