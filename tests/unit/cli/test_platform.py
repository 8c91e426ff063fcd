"""relais platform, as typed."""

import json
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.cli import context, main
from lti_app.core import clock
from lti_app.grading.models import GradeState, OwedGrade
from lti_app.lti.models import Deployment, Platform, PlatformState
from lti_app.people.models import AuditEntry, ResourceLink
from tests import factories

MOODLE = {
    "--issuer": "https://moodle.example.org",
    "--client-id": "client",
    "--auth-url": "https://moodle.example.org/mod/lti/auth.php",
    "--token-url": "https://moodle.example.org/mod/lti/token.php",
    "--jwks-url": "https://moodle.example.org/mod/lti/certs.php",
    "--deployment": "1",
}


@pytest.fixture(autouse=True)
def production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "create_app", lambda: app)
    monkeypatch.setenv("RELAIS_ENV", "production")
    monkeypatch.setenv("RELAIS_BASE_URL", "https://relais.example.org")
    monkeypatch.setenv("RELAIS_SECRET_KEY", "x" * 40)


def add(**changes: str) -> int:
    """Exit code of `relais platform add`, with some options changed."""
    options = MOODLE | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    with pytest.raises(SystemExit) as left:
        main(["platform", "add", *(part for option in options.items() for part in option)])
    return int(left.value.code or 0)


def test_an_lms_is_registered(session: Session) -> None:
    assert add() == 0
    assert session.query(Platform).one().name == "moodle.example.org"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("client_id", " "),
        ("client_id", "x" * 256),
        ("deployment", ""),
        ("token_url", "http://moodle.example.org/token"),
        ("jwks_url", "https://10.0.0.1/keys"),
        ("issuer", "https://"),
    ],
)
def test_what_no_launch_could_match_is_refused(
    session: Session, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    assert add(**{option: value}) == 2
    said = capsys.readouterr().err
    assert f"--{option.replace('_', '-')}" in said
    assert said.count("\n") == 1
    assert session.query(Platform).count() == 0


def owe_later(session: Session, link: ResourceLink) -> int:
    """A grade put off for hours, since its platform or deployment was closed."""
    enrolment = factories.EnrolmentFactory(course=link.course)
    owed = OwedGrade(
        resource_link_id=link.id,
        person_id=enrolment.person_id,
        identity_id=enrolment.identity_id,
        line_item_url=link.line_item_url,
        score=90,
        completed=True,
        state=GradeState.OWED,
        next_attempt_at=clock.now() + timedelta(hours=6),
        owed_at=factories.NOW,
    )
    session.add(owed)
    session.commit()
    owed_id = owed.id
    session.commit()
    return owed_id


def leaves_at(session: Session, owed_id: int) -> datetime:
    session.expire_all()
    at = session.get_one(OwedGrade, owed_id).next_attempt_at
    session.rollback()
    return at


def test_opening_an_lms_again_sends_what_waited(session: Session) -> None:
    link = factories.ResourceLinkFactory()
    name, platform_id = link.platform.name, link.platform_id
    owed_id = owe_later(session, link)
    for command, state in (("disable", "inactive"), ("activate", "active")):
        with pytest.raises(SystemExit) as left:
            main(["platform", command, name])
        assert not left.value.code
        session.expire_all()
        assert session.get_one(Platform, platform_id).state == state
        session.rollback()
    assert leaves_at(session, owed_id) <= clock.now()


def test_opening_a_deployment_sends_what_waited(
    session: Session, capsys: pytest.CaptureFixture[str], held: Deployment
) -> None:
    course = factories.CourseFactory(platform=held.platform)
    owed_id = owe_later(session, factories.ResourceLinkFactory(course=course))
    assert run("deployment", "poitiers", "7", "--close") == 0
    assert leaves_at(session, owed_id) > clock.now()
    capsys.readouterr()
    assert run("deployment", "poitiers", "7", "--approve") == 0
    assert capsys.readouterr().out == "Deployment 7 of poitiers is open; 1 grades to send.\n"
    assert leaves_at(session, owed_id) <= clock.now()


def run(*arguments: str) -> int:
    """Exit code of `relais platform …`."""
    with pytest.raises(SystemExit) as left:
        main(["platform", *arguments])
    return int(left.value.code or 0)


@pytest.fixture
def held(session: Session) -> Deployment:
    """A deployment of « poitiers » that waits for a word."""
    platform = factories.PlatformFactory(name="poitiers")
    factories.DeploymentFactory(platform=platform)
    made = factories.DeploymentFactory(
        platform=platform, deployment_id="7", state=PlatformState.PENDING
    )
    session.commit()
    return made


def test_what_waits_is_listed(
    session: Session, capsys: pytest.CaptureFixture[str], held: Deployment
) -> None:
    assert run("list", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["deployments"], row["held_deployments"]) == (["1"], ["7"])


@pytest.mark.parametrize(("flag", "state"), [("--approve", "active"), ("--close", "inactive")])
def test_a_deployment_is_approved_or_closed(
    session: Session, held: Deployment, flag: str, state: str
) -> None:
    assert run("deployment", "poitiers", "7", flag) == 0
    session.expire_all()
    assert held.state == state
    (entry,) = session.query(AuditEntry)
    assert entry.action.startswith("deployment.")
    assert entry.detail == {"deployment": "7"}


@pytest.mark.parametrize(
    "arguments",
    [("poitiers", "7"), ("poitiers", "8", "--approve"), ("nowhere", "7", "--approve")],
)
def test_a_deployment_is_named_in_full(
    session: Session,
    capsys: pytest.CaptureFixture[str],
    held: Deployment,
    arguments: tuple[str, ...],
) -> None:
    assert run("deployment", *arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_naming_a_held_deployment_again_approves_it(session: Session, held: Deployment) -> None:
    names = ("issuer", "client_id", "auth_url", "token_url", "jwks_url", "name")
    same = {name: getattr(held.platform, name) for name in names}
    session.commit()  # SQLite has one writer
    assert add(deployment="7", **same) == 0
    session.expire_all()
    assert held.state == PlatformState.ACTIVE


def test_a_pending_platform_is_approved(session: Session) -> None:
    platform = factories.PlatformFactory(name="poitiers", state=PlatformState.PENDING)
    session.commit()
    assert run("activate", "poitiers") == 0
    assert run("activate", "poitiers") == 0, "so already"
    session.expire_all()
    assert platform.state == PlatformState.ACTIVE
    assert session.query(AuditEntry).count() == 1
