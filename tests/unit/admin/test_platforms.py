"""Opening, closing and naming platforms; deciding what their roles mean."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lti_app.admin.routes import platforms as routes
from lti_app.core import clock
from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradeState
from lti_app.lti.models import Deployment, Platform, PlatformState
from lti_app.people.models import Enrolment, Role, RoleOverride
from tests import factories
from tests.unit.admin.conftest import Desk

MANAGER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Manager"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"


@pytest.fixture
def platform(session: Session) -> Platform:
    made: Platform = factories.PlatformFactory(name="poitiers", state=PlatformState.PENDING)
    session.commit()
    return made


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grades queued by the page."""
    seen: list[int] = []

    def queue_grades(ids: Any) -> bool:
        seen.extend(ids)
        return True

    monkeypatch.setattr(routes, "queue_grades", queue_grades)
    return seen


def owe_grade(session: Session, platform: Platform) -> OwedGrade:
    """A grade put off for hours."""
    course = factories.CourseFactory(platform=platform)
    enrolment = factories.EnrolmentFactory(course=course)
    grade = OwedGrade(
        resource_link_id=factories.ResourceLinkFactory(course=course).id,
        person_id=enrolment.person_id,
        identity_id=enrolment.identity_id,
        score=90,
        completed=True,
        state=GradeState.OWED,
        next_attempt_at=clock.now() + timedelta(hours=9),
        owed_at=clock.now(),
    )
    session.add(grade)
    session.commit()
    return grade


def test_a_pending_platform_is_opened_and_its_grades_leave(
    desk: Desk, session: Session, platform: Platform, queued: list[int]
) -> None:
    grade = owe_grade(session, platform)
    page = desk.confirm(f"/plateformes/{platform.id}/ouvrir")
    assert "Accès de la plateforme ouvert" in page.main
    session.expire_all()
    assert platform.state == PlatformState.ACTIVE
    assert queued == [grade.id]
    assert grade.next_attempt_at <= clock.now()
    (entry,) = desk.log()
    assert (entry.action, entry.subject) == ("platform.activate", f"platform {platform.id}")


def test_asking_changes_nothing(desk: Desk, session: Session, platform: Platform) -> None:
    page = desk.open(f"/plateformes/{platform.id}/ouvrir")
    assert "poitiers" in page.main
    session.expire_all()
    assert platform.state == PlatformState.PENDING
    assert desk.log() == []


def test_a_platform_is_closed(
    desk: Desk, session: Session, platform: Platform, queued: list[int]
) -> None:
    platform.state = PlatformState.ACTIVE
    owe_grade(session, platform)
    desk.confirm(f"/plateformes/{platform.id}/fermer")
    session.expire_all()
    assert platform.state == PlatformState.INACTIVE
    assert queued == []
    assert desk.log()[-1].action == "platform.disable"


def test_doing_it_twice_is_written_down_once(desk: Desk, platform: Platform) -> None:
    desk.confirm(f"/plateformes/{platform.id}/ouvrir")
    page = desk.confirm(f"/plateformes/{platform.id}/ouvrir")
    assert "C’est fait" not in page.main
    assert len(desk.log()) == 1


def test_a_held_deployment_is_approved_from_the_dashboard(
    desk: Desk, session: Session, platform: Platform, queued: list[int]
) -> None:
    """What its activities owed meanwhile leaves at once."""
    grade = owe_grade(session, platform)
    held = factories.DeploymentFactory(
        platform=platform,
        deployment_id="déploiement 7",
        state=PlatformState.PENDING,
        first_seen_at=clock.now(),
    )
    session.commit()
    path = desk.open("/").links()["déploiement 7"]
    page = desk.confirm(path.removeprefix("/admin"))
    assert "Déploiement ouvert" in page.main
    session.expire_all()
    assert held.state == PlatformState.ACTIVE
    assert queued == [grade.id]
    assert grade.next_attempt_at <= clock.now()
    assert desk.log()[-1].detail == {"deployment": "déploiement 7"}
    assert "déploiement 7" not in desk.open("/").links()


def test_a_deployment_is_closed(
    desk: Desk, session: Session, platform: Platform, queued: list[int]
) -> None:
    deployment = factories.DeploymentFactory(platform=platform)
    owe_grade(session, platform)
    desk.confirm(f"/plateformes/{platform.id}/deploiements/{deployment.id}/fermer")
    session.expire_all()
    assert deployment.state == PlatformState.INACTIVE
    assert queued == []


def test_a_deployment_belongs_to_its_platform(
    desk: Desk, session: Session, platform: Platform
) -> None:
    foreign = factories.DeploymentFactory(state=PlatformState.PENDING)
    session.commit()
    path = f"/plateformes/{platform.id}/deploiements/{foreign.id}/ouvrir"
    desk.open(path, 404)
    desk.post(path, 404)
    session.expire_all()
    assert session.get_one(Deployment, foreign.id).state == PlatformState.PENDING


@pytest.mark.parametrize("verb", ["effacer", "", "OUVRIR"])
def test_other_verbs_are_not_found(desk: Desk, platform: Platform, verb: str) -> None:
    assert desk.client.post(f"/admin/plateformes/{platform.id}/{verb}").status_code in {
        400,
        404,
        405,
    }
    assert desk.client.get(f"/admin/plateformes/{platform.id}/{verb or 'x'}").status_code == 404


def test_a_platform_is_renamed(desk: Desk, session: Session, platform: Platform) -> None:
    page = desk.post(f"/plateformes/{platform.id}/nom", nom="  Académie   de Poitiers ")
    assert "Plateforme renommée" in page.main
    session.expire_all()
    assert platform.name == "Académie de Poitiers"
    assert desk.log()[-1].detail == {"avant": "poitiers", "après": "Académie de Poitiers"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Écrivez un nom"),
        ("   ", "Écrivez un nom"),
        ("x" * 81, "80 caractères au plus"),
        ("a\u202eb", "caractère invisible"),
        ("limoges", "porte déjà ce nom"),
    ],
)
def test_names_that_cannot_be_are_explained(
    desk: Desk, session: Session, platform: Platform, name: str, said: str
) -> None:
    factories.PlatformFactory(name="limoges")
    session.commit()
    page = desk.post(f"/plateformes/{platform.id}/nom", 400, nom=name)
    assert said in page.main
    session.expire_all()
    assert platform.name == "poitiers"
    assert desk.log() == []


def test_platforms_show_what_goes_through_them(
    desk: Desk, session: Session, platform: Platform
) -> None:
    course = factories.CourseFactory(platform=platform)
    person = factories.PersonFactory()
    factories.EnrolmentFactory(course=course, person=person)
    other = factories.CourseFactory(platform=platform)
    factories.EnrolmentFactory(course=other, person=person)
    factories.ResourceLinkFactory(course=course, last_launch_at=clock.now())
    session.commit()
    page = desk.open("/plateformes/")
    row = next(row for row in page.all("tr") if "poitiers" in "".join(row.itertext()))
    cells = [" ".join("".join(cell.itertext()).split()) for cell in row]
    assert cells[4:] == ["2", "1", "aujourd’hui"]


# Roles


def enrol(
    session: Session, platform: Platform, *roles: str, role: Role, launched: bool = True
) -> Any:
    made = factories.EnrolmentFactory(
        course=factories.CourseFactory(platform=platform),
        role=role,
        launch_role=role if launched else None,
        lms_roles=list(roles),
    )
    session.commit()
    return made


def decide(desk: Desk, platform: Platform, role: str, meaning: str, status: int = 200) -> Any:
    return desk.post(f"/plateformes/{platform.id}/roles", status, role=role, sens=meaning)


def test_the_roles_received_are_shown_with_what_they_mean(
    desk: Desk, session: Session, platform: Platform
) -> None:
    enrol(session, platform, LEARNER, role=Role.LEARNER)
    enrol(session, platform, LEARNER, MANAGER, role=Role.LEARNER)
    enrol(session, platform, INSTRUCTOR, role=Role.TRAINER)
    enrol(session, factories.PlatformFactory(), "urn:other", role=Role.LEARNER)
    page = desk.open(f"/plateformes/{platform.id}/")
    table = page.one("table", id="sens")
    rows = [["".join(cell.itertext()).strip() for cell in row] for row in table.iter("tr")][1:]
    seen = {row[0].split("http")[0]: (row[1], row[2]) for row in rows}
    assert seen == {
        "Learner": ("2", "Référent"),
        "Manager": ("1", "Référent"),
        "Instructor": ("1", "Formateur"),
    }


def test_a_decision_applies_at_once_to_who_has_the_role(
    desk: Desk, session: Session, platform: Platform
) -> None:
    manager = enrol(session, platform, LEARNER, MANAGER, role=Role.LEARNER)
    learner = enrol(session, platform, LEARNER, role=Role.LEARNER)
    elsewhere = enrol(session, factories.PlatformFactory(), MANAGER, role=Role.LEARNER)
    page = decide(desk, platform, MANAGER, "trainer")
    assert "inscriptions changées\N{NO-BREAK SPACE}: 1" in page.text
    session.expire_all()
    assert (manager.role, manager.launch_role) == (Role.TRAINER, Role.TRAINER)
    assert (learner.role, elsewhere.role) == (Role.LEARNER, Role.LEARNER)
    decide(desk, platform, MANAGER, "usual")
    session.expire_all()
    assert (manager.role, manager.launch_role) == (Role.LEARNER, Role.LEARNER)
    assert session.query(RoleOverride).count() == 0
    assert [entry.detail["sens"] for entry in desk.log()] == ["formateur", "règle habituelle"]


def test_a_decision_may_be_turned(desk: Desk, session: Session, platform: Platform) -> None:
    trainer = enrol(session, platform, INSTRUCTOR, role=Role.TRAINER)
    for meaning, role in (("learner", Role.LEARNER), ("trainer", Role.TRAINER)):
        decide(desk, platform, INSTRUCTOR, meaning)
        session.expire_all()
        assert trainer.role == role
    assert session.query(RoleOverride).one().role == Role.TRAINER


def test_who_never_launched_keeps_no_proven_role(
    desk: Desk, session: Session, platform: Platform
) -> None:
    absent = enrol(session, platform, MANAGER, role=Role.LEARNER, launched=False)
    decide(desk, platform, MANAGER, "trainer")
    session.expire_all()
    assert (absent.role, absent.launch_role) == (Role.TRAINER, None)


def test_a_decision_outlives_who_had_the_role(
    desk: Desk, session: Session, platform: Platform
) -> None:
    enrolment = enrol(session, platform, MANAGER, role=Role.LEARNER)
    decide(desk, platform, MANAGER, "trainer")
    session.delete(session.get_one(Enrolment, enrolment.id))
    session.commit()
    assert "Manager" in desk.open(f"/plateformes/{platform.id}/").main
    decide(desk, platform, MANAGER, "usual")
    assert session.query(RoleOverride).count() == 0


@pytest.mark.parametrize(
    ("role", "meaning"),
    [
        ("urn:never-received", "trainer"),
        ("", "trainer"),
        (MANAGER, "administrator"),
        (MANAGER, ""),
        ("\0", "trainer"),
        ("x" * 10_000, "learner"),
    ],
    ids=["unknown", "none", "no such meaning", "no meaning", "NUL", "huge"],
)
def test_other_roles_and_meanings_are_not_found(
    desk: Desk, session: Session, platform: Platform, role: str, meaning: str
) -> None:
    enrolment = enrol(session, platform, MANAGER, role=Role.LEARNER)
    decide(desk, platform, role, meaning, 404)
    session.expire_all()
    assert enrolment.role == Role.LEARNER
    assert desk.log() == []


def test_nobody_is_made_administrator_by_a_role(
    desk: Desk, session: Session, platform: Platform
) -> None:
    enrolment = enrol(session, platform, MANAGER, role=Role.LEARNER)
    decide(desk, platform, MANAGER, "trainer")
    page = desk.open(f"/personnes/{enrolment.person_id}/")
    assert "Donner les droits d’administration" in page.main
