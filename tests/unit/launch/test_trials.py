"""A trainer's trials, from launch to launch: never sent, whatever role the person had before."""

from typing import Any

import pytest
import responses
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.completion.models import ModuleCompletion
from lti_app.grading.models import OwedGrade
from lti_app.grading.services import lease_grade
from lti_app.lti.rules import claims as claim
from lti_app.people.models import Identity
from tests import samples
from tests.conftest import SECRET_KEY
from tests.factories import NOW
from tests.platform_double import PlatformDouble

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
AGS_SCOPES = [f"{_AGS}{name}" for name in ("lineitem", "score", "result.readonly")]


@pytest.fixture
def launch(session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    platform = PlatformDouble.register(session)
    catalog = samples.catalog_of(samples.publish_module(session))
    session.commit()
    monkeypatch.setattr("lti_app.launch.services.load_catalog", lambda _session: catalog)
    monkeypatch.setattr("lti_app.grading.tasks.enqueue", lambda *_: True)

    def arrive(role: str, **services: str) -> None:
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            platform.publish(mock)
            items = f"{platform.row.issuer}/lineitems?type_id=1"
            answer = platform.launch(
                client,
                **{
                    claim.ROLES: [f"{_MEMBERSHIP}{role}"],
                    claim.CUSTOM: {"module": "memoriser"},
                    claim.AGS: {"scope": AGS_SCOPES, "lineitems": items, **services},
                },
            )
        assert answer.status_code == 303, answer.text
        session.rollback()
        session.expire_all()

    return arrive


def complete(session: Session) -> None:
    person_id = session.query(Identity).one().person_id
    session.add(
        ModuleCompletion(
            person_id=person_id,
            module_id="memoriser",
            state="completed",
            score=92,
            best_score=92,
            lessons_read=1,
            questions_answered=5,
            started_at=NOW,
            completed_at=NOW,
            last_activity_at=NOW,
        )
    )
    session.commit()


def owed(session: Session) -> list[OwedGrade]:
    session.rollback()
    session.expire_all()
    return session.query(OwedGrade).all()


def test_the_trials_of_a_trainer_are_owed_to_nobody(session: Session, launch: Any) -> None:
    launch("Instructor")
    complete(session)
    launch("Instructor")
    assert owed(session) == []


def test_a_learner_who_becomes_a_trainer_owes_nothing_any_more(
    session: Session, launch: Any
) -> None:
    launch("Learner")
    complete(session)
    launch("Learner")
    [grade] = owed(session)
    launch("Instructor")
    number = grade.id
    session.rollback()
    sent = lease_grade(
        session, owed_grade_id=number, secret_key=SECRET_KEY, now=grade.next_attempt_at
    )
    session.commit()
    assert sent is None
    assert owed(session) == []


def test_who_becomes_a_learner_is_owed_what_they_know(session: Session, launch: Any) -> None:
    """A completion is a person's, not a role's: see ADR 13."""
    launch("Instructor")
    complete(session)
    launch("Learner")
    [grade] = owed(session)
    assert grade.score == 92
