"""Refusals, grades and the log; the dashboard; the same statements however many people."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from lti_app.admin.forms.filters import GradeForm, JournalForm, RefusalForm
from lti_app.admin.routes import grades as routes
from lti_app.core import clock
from lti_app.core.database import db
from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradeState, Problem
from lti_app.lti.rules import explanations
from lti_app.lti.services.refusals import record_refusal
from lti_app.people.administration import record_audit
from lti_app.roster.models import RosterSync
from tests import factories
from tests.unit.admin.conftest import Desk
from tests.unit.practice.page import Page, read
from tests.unit.practice.statements import counted_statements


def rows(page: Page, table: str = "table") -> list[list[str]]:
    body = page.one("table", id=table).find("tbody")
    assert body is not None
    return [[read(cell) for cell in row] for row in body]


# Refusals


def refuse(session: Session, code: str, *, days: int = 0, platform_id: int | None = None) -> None:
    record_refusal(
        session,
        code=code,
        platform_id=platform_id,
        quote=f"{code}-ABCD",
        detail=f"detail of {code}",
        now=clock.now() - timedelta(days=days),
    )


def test_refusals_are_explained(desk: Desk, session: Session) -> None:
    platform = factories.PlatformFactory(name="poitiers")
    for _ in range(3):
        refuse(session, "LTI-HORLOGE", platform_id=platform.id)
    refuse(session, "ANCIEN-CODE", platform_id=4242)
    refuse(session, "LTI-PLATEFORME")
    refuse(session, "LTI-CLE", days=20)
    session.commit()
    page = desk.open("/acces-refuses/")
    assert {tuple(row[1:4]) for row in rows(page)} == {
        ("LTI-HORLOGE", "poitiers", "3"),
        ("ANCIEN-CODE", "supprimée (n° 4242)", "1"),
        ("LTI-PLATEFORME", "non reconnue", "1"),
    }
    assert explanations.CLOCK.message in page.main
    assert "NTP" in page.main
    assert "transmettez le code" not in page.main
    assert "LTI-HORLOGE-ABCD" in page.main
    assert "detail of LTI-HORLOGE" in page.main
    board = desk.open("/").main
    assert "LTI-HORLOGE" in board
    assert "LTI-CLE" not in board


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 3),
        ({"periode": "30"}, 4),
        ({"periode": "365"}, 3),
        ({"motif": "LTI-CLE", "periode": "30"}, 2),
        ({"motif": "nonsense"}, 3),
        ({"plateforme": "0"}, 2),
        ({"plateforme": "known"}, 1),
        ({"plateforme": "-1"}, 3),
        ({"plateforme": "\0", "motif": "\0", "periode": "\0"}, 3),
    ],
)
def test_refusals_are_narrowed(
    desk: Desk, session: Session, filters: dict[str, str], count: int
) -> None:
    platform = factories.PlatformFactory()
    refuse(session, "LTI-CLE")
    refuse(session, "LTI-CLE", days=20)
    refuse(session, "LTI-NONCE")
    refuse(session, "LTI-NONCE", platform_id=platform.id)
    session.commit()
    query: dict[str, Any] = dict(filters)
    if filters.get("plateforme") == "known":
        query["plateforme"] = str(platform.id)
    assert len(rows(desk.open("/acces-refuses/", **query))) == count


def test_every_code_that_a_launch_may_give_is_explained() -> None:
    codes = {value.code for value in vars(explanations).values() if hasattr(value, "code")} | {
        "LTI-REFUS"
    }
    assert len(codes) > 25
    for code in codes:
        meaning = explanations.explanation_of(code)
        assert meaning is not None
        assert meaning.code == code


# Grades


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    seen: list[int] = []

    def queue_grades(ids: Any) -> bool:
        seen.extend(ids)
        return True

    monkeypatch.setattr(routes, "queue_grades", queue_grades)
    return seen


def owe(
    session: Session, link: Any, state: GradeState = GradeState.OWED, problem: str | None = None
) -> OwedGrade:
    enrolment = factories.EnrolmentFactory(course=link.course)
    grade = OwedGrade(
        resource_link_id=link.id,
        person_id=enrolment.person_id,
        identity_id=enrolment.identity_id,
        score=90,
        completed=True,
        state=state,
        problem=problem,
        next_attempt_at=clock.now() + timedelta(hours=5),
        owed_at=clock.now(),
    )
    session.add(grade)
    session.flush()
    return grade


@pytest.fixture
def owed(session: Session) -> dict[str, OwedGrade]:
    link, other = factories.ResourceLinkFactory(), factories.ResourceLinkFactory()
    made = {
        "waiting": owe(session, link, problem=Problem.TIMEOUT),
        "refused": owe(session, link, GradeState.REFUSED, Problem.NOT_GRADABLE),
        "sent": owe(session, link, GradeState.SENT),
        "elsewhere": owe(session, other, GradeState.REFUSED, Problem.NOT_GRADABLE),
    }
    session.commit()
    return made


def test_grades_are_counted_by_platform_and_reason(desk: Desk, owed: dict[str, OwedGrade]) -> None:
    page = desk.open("/notes/")
    assert sorted(row[3] for row in rows(page, "groupes")) == ["1", "1", "1"]
    assert "la plateforme ne peut pas noter cette personne" in page.main
    assert len(rows(page, "notes")) == 3
    board = desk.open("/").main
    assert "1 refusée" in board.replace("\N{NO-BREAK SPACE}", " ")


def test_the_grades_shown_are_sent_again_and_no_other(
    desk: Desk, session: Session, owed: dict[str, OwedGrade], queued: list[int]
) -> None:
    platform_id = owed["refused"].resource_link.platform_id
    query: dict[str, Any] = {
        "plateforme": platform_id,
        "etat": "refused",
        "motif": Problem.NOT_GRADABLE.value,
    }
    assert len(rows(desk.open("/notes/", **query), "notes")) == 1
    page = desk.confirm("/notes/renvoyer", **query)
    assert "Notes renvoyées" in page.main
    session.expire_all()
    assert queued == [owed["refused"].id]
    assert owed["refused"].state == GradeState.OWED
    assert owed["elsewhere"].state == GradeState.REFUSED
    assert owed["sent"].state == GradeState.SENT
    (entry,) = desk.log()
    assert entry.detail == {"notes": 1, "état": "refused", "motif": "not_gradable"}


def test_sending_nothing_says_nothing(desk: Desk, queued: list[int]) -> None:
    page = desk.confirm("/notes/renvoyer")
    assert "C’est fait" not in page.main
    assert (queued, desk.log()) == ([], [])


@pytest.mark.parametrize(
    "query",
    [{"etat": "sent"}, {"plateforme": "x"}, {"motif": "\0"}, {"plateforme": "9" * 20}],
)
def test_filters_of_grades_that_are_not_offered_ask_for_nothing(
    desk: Desk, owed: dict[str, OwedGrade], query: dict[str, Any]
) -> None:
    assert len(rows(desk.open("/notes/", **query), "notes")) == 3


@given(
    arguments=st.dictionaries(
        st.sampled_from(["plateforme", "etat", "motif", "periode", "action", "x"]),
        st.text(max_size=30) | st.sampled_from(["0", "1", "7", "30", "owed", "refused", "sent"]),
    )
)
def test_any_address_of_a_list_asks_for_something_offered(arguments: dict[str, str]) -> None:
    app = Flask(__name__)
    app.secret_key = "x"
    query = MultiDict(arguments)
    with app.test_request_context():
        grades = GradeForm(query, platforms={1: "a"}, problems=[("timeout", "b")]).filters()
        refusals = RefusalForm(query, codes=[("LTI-CLE", "c")], platforms={1: "a"})
        action = JournalForm(query, actions=[("x", "y")]).value("action")
    assert grades.platform_id in {None, 1}
    assert grades.state in {"", "owed", "refused"}
    assert grades.problem in {"", "timeout"}
    assert refusals.days in {7, 30}
    assert refusals.platform_id in {None, 0, 1}
    assert refusals.value("motif") in {"", "LTI-CLE"}
    assert action in {"", "x"}


# The log


def test_the_log_says_who_did_what(desk: Desk, session: Session) -> None:
    for actor, action in ((desk.person.id, "autre.action"), (None, "platform.activate")):
        record_audit(
            session,
            actor_id=actor,
            action=action,
            subject="platform 12",
            detail={"n": 3},
            now=clock.now(),
        )
    session.commit()
    shown = [row[1:] for row in rows(desk.open("/journal/"), "journal")]
    subject, detail = "Plateforme n° 12", "n : 3"
    assert [subject, detail] == shown[0][2:]
    assert shown[0][:2] == ["ligne de commande", "Accès de la plateforme ouvert"]
    assert shown[1][:2] == ["Ada Ministre", "autre.action"]
    assert len(rows(desk.open("/journal/", action="autre.action"), "journal")) == 1
    assert len(rows(desk.open("/journal/", action="nonsense"), "journal")) == 3


def test_rosters_that_fail_are_on_the_dashboard(desk: Desk, session: Session) -> None:
    failing = factories.CourseFactory(title="Session en panne", memberships_url="https://x.org/n")
    factories.CourseFactory(memberships_url="https://x.org/m")
    session.add(RosterSync(course_id=failing.id, attempted_at=clock.now(), problem="timeout"))
    session.commit()
    board = desk.open("/").main
    assert "Session en panne" in board
    assert "la plateforme met trop de temps à répondre" in board
    assert "2 sessions donnent leur liste" in board.replace("\N{NO-BREAK SPACE}", " ")


# Many people


def crowd(session: Session, size: int) -> dict[str, int]:
    """Platforms, courses, people, grades and refusals, `size` of each."""
    for number in range(size):
        platform = factories.PlatformFactory()
        factories.DeploymentFactory(platform=platform)
        course = factories.CourseFactory(platform=platform, memberships_url="https://x.org/n")
        link = factories.ResourceLinkFactory(course=course)
        grade = owe(session, link, GradeState.REFUSED, Problem.REJECTED)
        factories.EnrolmentFactory(
            person=grade.person, lms_roles=[f"role {number}"], course__platform=platform
        )
        session.add(RosterSync(course_id=course.id, attempted_at=clock.now(), problem="timeout"))
        refuse(session, f"CODE-{number}", platform_id=platform.id)
        record_audit(
            session,
            actor_id=grade.person_id,
            action=f"a{number}",
            subject=f"platform {platform.id}",
            now=clock.now(),
        )
    session.commit()
    return {"platform": platform.id, "person": grade.person_id}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/plateformes/",
        "/plateformes/{platform}/",
        "/personnes/",
        "/personnes/{person}/",
        "/acces-refuses/",
        "/notes/",
        "/journal/",
    ],
)
def test_pages_ask_the_database_the_same_whatever_the_crowd(
    app: Flask, desk: Desk, session: Session, path: str
) -> None:
    counts = []
    for size in (2, 12):
        ids = crowd(session, size)
        desk.open("/", fait="")
        with app.app_context():
            engine = db.engine
        with counted_statements(engine) as statements:
            desk.open(path.format(**ids))
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 15
