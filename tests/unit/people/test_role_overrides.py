"""What an administrator says of a role reaches everybody who has it, batch after batch."""

import pytest
from sqlalchemy.orm import Session

from lti_app.admin.queries.platforms import role_lists
from lti_app.people import role_overrides
from lti_app.people.models import Enrolment, Role
from lti_app.people.queries import role_overrides as overrides_of
from lti_app.people.role_overrides import set_role_override
from tests import factories


def test_thousands_are_changed_in_small_batches(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(role_overrides, "_BATCH", 3)
    course = factories.CourseFactory()
    made = [
        factories.EnrolmentFactory(
            course=course, lms_roles=["urn:mentor"] if number % 2 else ["Learner"]
        )
        for number in range(11)
    ]
    session.commit()
    platform_id = course.platform_id
    changed = set_role_override(
        session,
        platform_id=platform_id,
        lms_role="urn:mentor",
        role=Role.TRAINER,
        now=factories.NOW,
    )
    session.commit()
    assert changed == 5
    assert overrides_of(session, platform_id) == {"urn:mentor": True}
    session.expire_all()
    assert [each.role == Role.TRAINER for each in made] == [n % 2 == 1 for n in range(11)]


def test_another_role_may_still_make_a_trainer(session: Session) -> None:
    enrolment = factories.EnrolmentFactory(
        role=Role.TRAINER, launch_role=Role.TRAINER, lms_roles=["Instructor", "urn:mentor"]
    )
    session.commit()
    set_role_override(
        session,
        platform_id=enrolment.course.platform_id,
        lms_role="urn:mentor",
        role=None,
        now=factories.NOW,
    )
    session.expire_all()
    assert session.get_one(Enrolment, enrolment.id).role == Role.TRAINER


def test_of_two_clients_of_one_lms_the_one_that_was_launched_from_decides(
    session: Session,
) -> None:
    """They share courses: the course's platform is that of whoever launched last."""
    issuer = "https://moodle.example.org"
    former, latter = (factories.PlatformFactory(issuer=issuer) for _ in range(2))
    course = factories.CourseFactory(platform=latter)
    by_former, by_latter = (
        factories.EnrolmentFactory(
            course=course,
            lms_roles=["urn:mentor"],
            deployment=factories.DeploymentFactory(platform=platform),
        )
        for platform in (former, latter)
    )
    session.commit()
    changed = set_role_override(
        session, platform_id=former.id, lms_role="urn:mentor", role=Role.TRAINER, now=factories.NOW
    )
    session.expire_all()
    assert changed == 1
    assert (by_former.role, by_latter.role) == (Role.TRAINER, Role.LEARNER)
    assert role_lists(session, former.id) == [(["urn:mentor"], 1)]
