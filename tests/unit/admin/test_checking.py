"""The registration doctor's screen, and the facts that the launches left."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import responses
from flask import Flask
from requests import PreparedRequest
from sqlalchemy.orm import Session

from lti_app.admin.queries.checking import a_roster_of, usage_of
from lti_app.core import clock
from lti_app.core.database import db
from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradeState, Problem
from lti_app.lti.services.refusals import record_refusal
from lti_app.people.models import EnrolmentState
from tests import factories
from tests.factories import NOW
from tests.healthy_lms import Reply, give_token, register
from tests.platform_double import PlatformDouble
from tests.unit.admin.conftest import Desk

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


@pytest.fixture
def lms(session: Session, mock: responses.RequestsMock) -> PlatformDouble:
    return register(session, mock)


def path_of(lms: PlatformDouble) -> str:
    return f"/plateformes/{lms.row.id}/verifier"


class TestScreen:
    def test_nothing_is_asked_before_the_button(
        self, desk: Desk, lms: PlatformDouble, mock: responses.RequestsMock
    ) -> None:
        page = desk.open(path_of(lms))
        assert "Rien n’est modifié" in page.text
        assert len(mock.calls) == 0

    def test_what_is_well_and_what_is_not(
        self, desk: Desk, lms: PlatformDouble, mock: responses.RequestsMock
    ) -> None:
        page = desk.confirm(path_of(lms))
        assert "Ce qui ne marche pas" not in page.text
        assert "En ordre" in page.text
        refusal = {"error": "Signature verification failed"}
        mock.replace(responses.POST, lms.row.token_url, json=refusal, status=400)
        page = desk.confirm(path_of(lms))
        assert "Ce qui ne marche pas (1)" in page.text
        assert "Administrateur de la plateforme" in page.text
        assert "relais key pem" in page.text.replace("\u00a0", " ")

    def test_no_connection_is_held_while_the_platform_answers(
        self, app: Flask, desk: Desk, lms: PlatformDouble, mock: responses.RequestsMock
    ) -> None:
        held: list[int] = []

        def answer(request: PreparedRequest) -> Reply:
            with app.app_context():
                held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
            return give_token(request)

        mock.remove(responses.POST, lms.row.token_url)
        mock.add_callback(responses.POST, lms.row.token_url, callback=answer)
        desk.session.rollback()
        desk.confirm(path_of(lms))
        assert held == [0, 0, 0, 0]

    def test_hostile_answers_are_text(
        self, desk: Desk, lms: PlatformDouble, mock: responses.RequestsMock
    ) -> None:
        hostile = "<script>alert(1)</script>\ud800\x00\x1b[2J"
        mock.replace(responses.POST, lms.row.token_url, json={"error": hostile}, status=400)
        mock.replace(
            responses.GET,
            lms.row.jwks_url,
            json={"keys": [{"kid": hostile, "kty": hostile, "alg": hostile}]},
        )
        page = desk.confirm(path_of(lms))
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script>alert" not in page.text
        assert not {"\ud800", "\x00", "\x1b"} & set(page.text)

    def test_no_such_platform(self, desk: Desk) -> None:
        desk.open("/plateformes/999999/verifier", status=404)
        desk.post("/plateformes/999999/verifier", status=404)


class TestUsage:
    def test_of_a_platform_never_used(self, session: Session) -> None:
        platform = factories.PlatformFactory()
        usage = usage_of(session, platform.id, NOW)
        assert usage.last_launch_at is None
        assert (usage.courses, usage.people, usage.scored_links) == (0, 0, 0)
        assert a_roster_of(session, platform.id) is None

    def test_people_are_counted_once_and_only_those_still_there(self, session: Session) -> None:
        course = factories.CourseFactory(memberships_url="https://x/members")
        twice = factories.PersonFactory(email="z@example.org")
        factories.EnrolmentFactory(course=course, person=twice)
        second = factories.CourseFactory(platform=course.platform)
        factories.EnrolmentFactory(course=second, person=twice)
        unnamed = factories.PersonFactory(name=None, sort_name=None)
        identity = factories.IdentityFactory(person=unnamed, issuer="x", sourcedid="UID-1")
        factories.EnrolmentFactory(course=course, person=unnamed, identity=identity)
        factories.EnrolmentFactory(course=course, state=EnrolmentState.LEFT)
        factories.EnrolmentFactory()
        usage = usage_of(session, course.platform_id, NOW)
        assert (usage.people, usage.named, usage.with_email, usage.with_sourcedid) == (2, 1, 1, 1)
        assert (usage.courses, usage.courses_with_roster) == (2, 1)

    def test_links(self, session: Session) -> None:
        course = factories.CourseFactory()

        def link(**values: object) -> None:
            factories.ResourceLinkFactory(course=course, **values)

        items = "https://x/lineitems"
        link()
        link(target="review", line_item_url=None)
        link(line_item_url=None)
        link(line_item_url=None, line_items_url=items, ags_scopes=[f"{AGS}lineitem"])
        link(line_item_url=None, line_items_url=items, ags_scopes=[f"{AGS}lineitem.readonly"])
        usage = usage_of(session, course.platform_id, NOW)
        assert usage.last_launch_at == NOW
        assert usage.scored_links == 4
        assert usage.links_without_column == 3
        assert usage.links_to_complete == 1
        assert usage.ags_scopes == {
            f"{AGS}score", f"{AGS}lineitem", f"{AGS}lineitem.readonly",
        }  # fmt: skip

    def test_the_roster_asked_is_that_of_the_last_launch(self, session: Session) -> None:
        platform = factories.PlatformFactory()
        for number in (1, 3, 2):
            course = factories.CourseFactory(
                platform=platform, memberships_url=f"https://x/{number}"
            )
            factories.ResourceLinkFactory(
                course=course, last_launch_at=NOW + timedelta(days=number)
            )
        without = factories.CourseFactory(platform=platform)
        factories.ResourceLinkFactory(course=without, last_launch_at=NOW + timedelta(days=9))
        assert a_roster_of(session, platform.id) == "https://x/3"

    def test_refusals_of_seven_days_by_code(self, session: Session) -> None:
        platform = factories.PlatformFactory()
        for code, hours_ago in (("A", 1), ("B", 2), ("B", 30), ("A", 24 * 8)):
            record_refusal(
                session,
                code=code,
                platform_id=platform.id,
                quote=f"{code}-{hours_ago}",
                detail="",
                now=clock.now() - timedelta(hours=hours_ago),
            )
        found = usage_of(session, platform.id, clock.now()).refusals
        assert [(each.code, each.count, each.last_quote) for each in found] == [
            ("B", 2, "B-2"),
            ("A", 1, "A-1"),
        ]

    def test_grades_that_the_gradebook_does_not_have(self, session: Session) -> None:
        link = factories.ResourceLinkFactory()
        for state, problem, days in (
            (GradeState.OWED, None, 3),
            (GradeState.OWED, Problem.TIMEOUT, 5),
            (GradeState.REFUSED, Problem.NOT_GRADABLE, 1),
            (GradeState.REFUSED, Problem.NOT_GRADABLE, 1),
            (GradeState.SENT, None, 9),
        ):
            enrolment = factories.EnrolmentFactory(course=link.course)
            session.add(
                OwedGrade(
                    resource_link_id=link.id,
                    person_id=enrolment.person_id,
                    identity_id=enrolment.identity_id,
                    score=80,
                    completed=True,
                    state=state,
                    problem=problem,
                    next_attempt_at=NOW,
                    owed_at=NOW - timedelta(days=days),
                )
            )
        session.flush()
        usage = usage_of(session, link.platform_id, NOW)
        assert (usage.grades_waiting, usage.grades_refused) == (2, 2)
        assert usage.oldest_waiting_at == NOW - timedelta(days=5)
        ((words, number),) = usage.grade_problems
        assert number == 2
        assert words
