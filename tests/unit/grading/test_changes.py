"""What changes between the owing and the sending: module, column, role, completion, deployment."""

from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.core import clock
from lti_app.grading import tasks
from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import (
    Candidate,
    ColumnPlan,
    GradePolicy,
    GradeState,
    Problem,
    choose_holders,
    label_to_give,
    score_to_send,
)
from lti_app.grading.services import owe_grades_for_link, owe_to_new_line_item
from lti_app.lti.models import PlatformState
from lti_app.people.models import Role
from tests import factories
from tests.factories import NOW
from tests.unit.grading.conftest import Gradebook, Situation, send

pytestmark = pytest.mark.usefixtures("traveller", "enqueued")

OTHER = "esprit-critique"


def retarget(situation: Situation, target: str = OTHER) -> None:
    situation.link.target = target
    situation.session.commit()


def grades(situation: Situation) -> list[OwedGrade]:
    situation.session.rollback()
    situation.session.expire_all()
    return situation.session.query(OwedGrade).all()


def given_scores(gradebook: Gradebook) -> list[int]:
    return [score["scoreGiven"] for score in gradebook.scores]


# Another module


def test_the_score_of_the_former_module_is_not_sent(
    situation: Situation, gradebook: Gradebook
) -> None:
    owed_grade_id = situation.owe_score(92)
    retarget(situation)
    send(owed_grade_id)
    assert given_scores(gradebook) == []
    assert grades(situation) == []


def test_what_is_owed_is_computed_again_for_the_new_module(
    situation: Situation, gradebook: Gradebook
) -> None:
    owed_grade_id = situation.owe_score(92)
    situation.stand(85, module_id=OTHER)
    retarget(situation)
    send(owed_grade_id)
    [grade] = grades(situation)
    assert (grade.score, grade.target, grade.state) == (85, OTHER, GradeState.OWED)
    send(grade.id)
    assert given_scores(gradebook) == [85]


def test_what_the_column_took_for_the_former_module_is_never_lowered(
    situation: Situation, gradebook: Gradebook
) -> None:
    send(situation.owe_score(92))
    retarget(situation)
    situation.stand(85, module_id=OTHER)
    assert situation.owe(module_id=OTHER) == []
    situation.stand(96, module_id=OTHER)
    [owed_grade_id] = situation.owe(module_id=OTHER)
    send(owed_grade_id)
    assert given_scores(gradebook) == [92, 96]


def test_an_unsent_better_score_of_the_former_module_is_dropped(
    situation: Situation, gradebook: Gradebook
) -> None:
    send(situation.owe_score(82))
    owed_grade_id = situation.owe_score(99)
    retarget(situation)
    send(owed_grade_id)
    assert given_scores(gradebook) == [82]
    grade = situation.grade()
    assert (grade.state, grade.score, grade.sent_score) == (GradeState.SENT, 82, 82)


def test_another_column_is_not_owed_the_grade_of_another_module(situation: Situation) -> None:
    situation.owe_score(92)
    grade = situation.grade()
    grade.state, grade.sent_score, grade.line_item_url = GradeState.SENT, 92, "the old column"
    retarget(situation)
    assert owe_to_new_line_item(situation.session, link=situation.link, now=NOW) == 0


def test_a_new_column_takes_the_score_of_the_new_module_whatever_it_is(
    situation: Situation, gradebook: Gradebook
) -> None:
    """The former column keeps what it has; this one is empty."""
    situation.owe_score(99)
    grade = situation.grade()
    grade.state, grade.sent_score, grade.line_item_url = GradeState.SENT, 99, "the old column"
    retarget(situation)
    situation.stand(85, module_id=OTHER)
    [owed_grade_id] = situation.owe(module_id=OTHER)
    send(owed_grade_id)
    assert given_scores(gradebook) == [85]


# Another column, while a score is on its way


def test_a_column_changed_during_the_sending_is_owed_the_score(
    situation: Situation, gradebook: Gradebook, enqueued: Mock
) -> None:
    owed_grade_id = situation.owe_score(92)
    former = situation.link.line_item_url
    another = f"{situation.platform.issuer}/mod/lti/services.php/2/lineitems/99/lineitem?type_id=1"

    def change() -> None:
        situation.session.rollback()
        situation.link.line_item_url = another
        owe_to_new_line_item(situation.session, link=situation.link, now=NOW)
        situation.session.commit()

    gradebook.before_answering = change
    send(owed_grade_id)
    grade = situation.grade()
    assert (grade.state, grade.sent_score, grade.line_item_url) == (GradeState.OWED, 92, former)
    enqueued.assert_called_once_with(tasks.send_grade, owed_grade_id)


# Trainers


def test_who_became_a_trainer_sends_nothing_more(
    situation: Situation, gradebook: Gradebook
) -> None:
    owed_grade_id = situation.owe_score(92)
    situation.enrolment.role = Role.TRAINER
    situation.session.commit()
    send(owed_grade_id)
    assert given_scores(gradebook) == []
    assert grades(situation) == []


def test_what_a_learner_sent_stays_sent_when_they_become_a_trainer(
    situation: Situation, gradebook: Gradebook
) -> None:
    send(situation.owe_score(82))
    owed_grade_id = situation.owe_score(92)
    situation.enrolment.role = Role.TRAINER
    situation.session.commit()
    send(owed_grade_id)
    grade = situation.grade()
    assert (grade.state, grade.score) == (GradeState.SENT, 82)
    situation.enrolment.role = Role.LEARNER
    situation.session.commit()
    [again] = situation.owe()
    send(again)
    assert given_scores(gradebook) == [82, 92]


def test_an_activity_that_wants_no_grade_any_more_gets_none(
    situation: Situation, gradebook: Gradebook
) -> None:
    owed_grade_id = situation.owe_score(92)
    situation.link.custom = {"grades": "none"}
    situation.session.commit()
    send(owed_grade_id)
    assert given_scores(gradebook) == []
    assert grades(situation) == []


# Completion


def test_completion_without_a_better_score_is_said_once(
    situation: Situation, gradebook: Gradebook
) -> None:
    situation.link.custom = {"grades": "progress"}
    situation.stand(85, completed=False)
    send(situation.owe()[0])
    situation.stand(85)
    [owed_grade_id] = situation.owe()
    send(owed_grade_id)
    assert situation.owe() == []
    progress = [score["activityProgress"] for score in gradebook.scores]
    assert progress == ["InProgress", "Completed"]
    assert given_scores(gradebook) == [85, 85]
    assert {score["gradingProgress"] for score in gradebook.scores} == {"FullyGraded"}
    assert gradebook.scores[0]["timestamp"] < gradebook.scores[1]["timestamp"]


def test_completion_does_not_undo_a_trainers_grade(
    situation: Situation, gradebook: Gradebook
) -> None:
    situation.link.custom = {"grades": "progress"}
    gradebook.answers = [409, 409]
    situation.stand(85, completed=False)
    send(situation.owe()[0])
    situation.stand(85)
    assert situation.owe() == []


def test_completion_during_the_sending_is_not_lost(
    situation: Situation, gradebook: Gradebook
) -> None:
    situation.link.custom = {"grades": "progress"}
    situation.stand(85, completed=False)
    [owed_grade_id] = situation.owe()

    def complete() -> None:
        gradebook.before_answering = None
        situation.stand(85)
        situation.owe()

    gradebook.before_answering = complete
    send(owed_grade_id)
    grade = situation.grade()
    assert (grade.state, grade.completed) == (GradeState.OWED, True)
    send(owed_grade_id)
    assert situation.grade().state == GradeState.SENT


# Deployments


@pytest.mark.parametrize("state", [PlatformState.INACTIVE, PlatformState.PENDING])
def test_a_closed_deployment_keeps_what_it_is_owed(
    situation: Situation, gradebook: Gradebook, state: PlatformState
) -> None:
    deployment = factories.DeploymentFactory.create(platform=situation.platform, state=state)
    situation.link.deployment = deployment
    owed_grade_id = situation.owe_score(92)
    send(owed_grade_id)
    grade = situation.grade()
    assert (grade.state, grade.problem) == (GradeState.OWED, Problem.DEPLOYMENT_INACTIVE)
    assert gradebook.tokens == 0
    deployment.state = PlatformState.ACTIVE
    grade.next_attempt_at = clock.now()
    situation.session.commit()
    send(owed_grade_id)
    assert given_scores(gradebook) == [92]


def test_a_withdrawn_grade_is_owed_again_by_who_did_not_know(
    situation: Situation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A better score comes from a transaction that still saw the row."""
    from lti_app.grading.queries import gradable_links
    from lti_app.grading.services import owing

    situation.owe_score(85)
    situation.stand(95)
    seen = gradable_links(situation.session, situation.person_id)
    situation.session.query(OwedGrade).delete()
    situation.session.commit()
    monkeypatch.setattr(owing, "gradable_links", lambda *_: seen)
    assert len(situation.owe()) == 1
    assert situation.grade().score == 95


def test_a_launch_of_a_second_activity_owes_to_the_one_that_holds_the_grade(
    situation: Situation,
) -> None:
    second = factories.ResourceLinkFactory.create(
        course=situation.enrolment.course, line_item_url=situation.link.line_item_url
    )
    situation.stand(90)
    [owed_grade_id] = owe_grades_for_link(
        situation.session,
        person_id=situation.person_id,
        link_id=second.id,
        catalog=situation.catalog,
        now=NOW,
    )
    situation.session.commit()
    assert situation.grade().id == owed_grade_id


# Rules

candidates = st.lists(
    st.builds(
        Candidate,
        link_id=st.integers(1, 9),
        course_id=st.integers(1, 2),
        target=st.sampled_from(["a", "b"]),
        line_item_url=st.none() | st.sampled_from(["x", "y"]),
        plan=st.sampled_from(ColumnPlan),
    ),
    unique_by=lambda each: each.link_id,
)


@given(candidates)
def test_one_holder_for_each_column_and_each_module(given_to: list[Candidate]) -> None:
    chosen = [each for each in given_to if each.link_id in choose_holders(given_to)]
    columns = [each.line_item_url for each in chosen if each.line_item_url]
    assert len(columns) == len(set(columns))
    assert set(columns) == {each.line_item_url for each in given_to if each.line_item_url}
    with_column = {(c.course_id, c.target) for c in given_to if c.line_item_url}
    waiting = [(c.course_id, c.target) for c in chosen if c.line_item_url is None]
    assert len(waiting) == len(set(waiting))
    assert not with_column & set(waiting)
    assert all(c.plan is not ColumnPlan.NOTHING for c in chosen if c.line_item_url is None)


@given(
    st.none() | st.integers(0, 100),
    st.integers(0, 100),
    st.booleans(),
    st.sampled_from(GradePolicy),
    st.booleans(),
)
def test_a_sent_score_never_falls(
    previous: int | None, score: int, completed: bool, policy: GradePolicy, announced: bool
) -> None:
    sent = score_to_send(previous, score, completed, policy, announced=announced)
    if sent is None:
        return
    assert sent >= (previous or 0)
    assert completed or policy is GradePolicy.PROGRESS
    assert sent != previous or (completed and not announced)
    assert policy is not GradePolicy.NONE


@pytest.mark.parametrize(
    ("title", "given_label", "present", "label"),
    [
        ("New", "Old", "Old", "New"),
        ("New", "Old", "New", None),
        ("New", "Old", "By hand", None),
        ("New", None, "Whatever", "New"),
        ("Same", "Same", "Same", None),
    ],
)
def test_a_label_given_by_hand_stays(
    title: str, given_label: str | None, present: str, label: str | None
) -> None:
    assert label_to_give(title=title, given=given_label, present=present) == label
