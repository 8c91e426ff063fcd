"""What a launch leaves behind, beyond the pages that certification tests see."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradeState
from lti_app.launch.services import open_launch
from lti_app.lti.rules.claims import Launch
from tests import factories
from tests.factories import NOW

LATER = NOW + timedelta(hours=1)
COLUMNS = "https://moodle.example.org/mod/lti/services.php/2/lineitems"


@pytest.fixture
def launch() -> Launch:
    return Launch(
        issuer="https://moodle.example.org",
        client_id="client",
        deployment_id="1",
        sub="5",
        roles=("Learner",),
        target_link_uri="https://relais.example.org/lti/launch",
        link_id="7",
        link_title="Mémoriser",
        context_id="2",
        context_title="Parcours RRUPN",
        line_item_url=f"{COLUMNS}/1/lineitem?type_id=1",
    )


def sent_grade(session: Session, launch: Launch, platform_id: int) -> OwedGrade:
    """The grade of whoever launches, received by the column of this launch."""
    arrival = open_launch(
        session, launch, platform_id=platform_id, deployment_id=None, now=NOW
    ).arrival
    grade = OwedGrade(
        resource_link_id=arrival.link.id,
        person_id=arrival.person.id,
        identity_id=arrival.enrolment.identity_id,
        score=92,
        completed=True,
        sent_score=92,
        state=GradeState.SENT,
        next_attempt_at=NOW,
        owed_at=NOW,
        sent_at=NOW,
        line_item_url=launch.line_item_url,
    )
    session.add(grade)
    session.commit()
    return grade


@pytest.mark.parametrize("role", ["Learner", "Instructor"])
def test_a_new_column_in_the_gradebook_is_owed_what_the_old_one_had(
    session: Session, launch: Launch, role: str
) -> None:
    platform = factories.PlatformFactory.create(issuer=launch.issuer)
    grade = sent_grade(session, launch, platform.id)
    moved = replace(launch, sub="6", roles=(role,), line_item_url=f"{COLUMNS}/2/lineitem")

    open_launch(session, moved, platform_id=platform.id, deployment_id=None, now=LATER)

    session.commit()
    assert (grade.state, grade.score, grade.next_attempt_at) == (GradeState.OWED, 92, LATER)


def test_the_same_column_is_owed_nothing_more(session: Session, launch: Launch) -> None:
    """Not even after a launch that named no column."""
    platform = factories.PlatformFactory.create(issuer=launch.issuer)
    grade = sent_grade(session, launch, platform.id)
    for again in (launch, replace(launch, line_item_url=None), launch):
        open_launch(session, again, platform_id=platform.id, deployment_id=None, now=LATER)

    session.commit()
    assert grade.state == GradeState.SENT
