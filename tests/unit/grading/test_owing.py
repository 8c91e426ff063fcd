"""Which scores are owed, to which activities."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from lti_app.grading.models import OwedGrade
from lti_app.grading.queries import gradable_links, grades_of
from lti_app.grading.rules import GradeState
from lti_app.grading.services import (
    owe_grades_for_link,
    owe_to_new_line_item,
    owing,
    resend,
)
from lti_app.people.models import EnrolmentState, Role
from lti_app.people.rules import TARGET_PATH, TARGET_REVIEW
from tests import factories
from tests.factories import NOW
from tests.unit.grading.conftest import Situation

LATER = NOW + timedelta(hours=1)


def all_grades(session: Session) -> list[OwedGrade]:
    session.expire_all()
    return session.query(OwedGrade).order_by(OwedGrade.id).all()


def test_nothing_before_completion(situation: Situation) -> None:
    situation.stand(100, completed=False)
    assert situation.owe() == []
    assert all_grades(situation.session) == []


def test_the_score_at_completion(situation: Situation) -> None:
    situation.stand(84)
    [owed_grade_id] = situation.owe()
    grade = situation.grade()
    assert grade.id == owed_grade_id
    assert (grade.score, grade.completed, grade.sent_score) == (84, True, None)
    assert (grade.state, grade.next_attempt_at, grade.attempts) == (GradeState.OWED, NOW, 0)
    assert grade.identity_id == situation.enrolment.identity_id


def test_afterwards_only_a_better_one_whatever_the_state(situation: Situation) -> None:
    situation.owe_score(84)
    for score in (84, 30):
        situation.stand(score)
        assert situation.owe(now=LATER) == []
    for state, score in zip(GradeState, (85, 86, 87, 88), strict=True):
        grade = situation.grade()
        grade.state, grade.problem, grade.attempts = state, "timeout", 7
        situation.session.commit()
        situation.stand(score)
        assert situation.owe(now=LATER) == [grade.id]
        grade = situation.grade()
        assert (grade.state, grade.score, grade.problem) == (GradeState.OWED, score, None)
        assert (grade.attempts, grade.next_attempt_at) == (0, LATER)


def test_a_link_that_wants_progress_gets_each_better_partial_score(situation: Situation) -> None:
    situation.link.custom = {"grades": "progress"}
    situation.stand(0, completed=False)
    assert situation.owe() == []
    situation.stand(20, completed=False)
    assert len(situation.owe()) == 1
    assert (situation.grade().score, situation.grade().completed) == (20, False)
    situation.stand(90)
    situation.owe()
    assert (situation.grade().score, situation.grade().completed) == (90, True)


def test_trials_of_a_trainer_are_owed_to_nobody(situation: Situation) -> None:
    situation.enrolment.role = Role.TRAINER
    situation.stand(100)
    assert situation.owe() == []


def test_nothing_for_somebody_who_left(situation: Situation) -> None:
    situation.enrolment.state = EnrolmentState.LEFT
    situation.stand(100)
    assert situation.owe() == []


def test_nothing_without_a_column_in_the_gradebook(situation: Situation) -> None:
    situation.link.line_item_url = None
    situation.stand(100)
    assert situation.owe() == []


@pytest.mark.parametrize("target", ["esprit-critique", TARGET_REVIEW, "unknown"])
def test_other_targets_hear_nothing(situation: Situation, target: str) -> None:
    situation.link.target = target
    situation.stand(100)
    assert situation.owe() == []


def test_every_activity_that_opens_the_module_and_only_the_persons_own(
    situation: Situation,
) -> None:
    course = situation.enrolment.course
    same_course = factories.ResourceLinkFactory.create(course=course)
    elsewhere = factories.EnrolmentFactory.create(person=situation.enrolment.person)
    other_course = factories.ResourceLinkFactory.create(course=elsewhere.course)
    factories.ResourceLinkFactory.create(course=course, target="esprit-critique")
    stranger = factories.EnrolmentFactory.create()
    factories.ResourceLinkFactory.create(course=stranger.course)
    situation.stand(90)
    assert len(situation.owe()) == 3
    grades = all_grades(situation.session)
    assert {grade.resource_link_id for grade in grades} == {
        situation.link.id,
        same_course.id,
        other_course.id,
    }
    identities = {grade.resource_link_id: grade.identity_id for grade in grades}
    assert identities[other_course.id] == elsewhere.identity_id
    assert set(grades_of(situation.session, situation.person_id, course.id)) == {
        situation.link.id,
        same_course.id,
    }


def test_the_path_is_complete_when_every_module_is_and_worth_their_mean(
    situation: Situation,
) -> None:
    situation.link.target = TARGET_PATH
    situation.stand(100)
    assert situation.owe() == []
    situation.stand(81, module_id="esprit-critique")
    situation.owe(module_id="esprit-critique")
    assert (situation.grade().score, situation.grade().completed) == (90, True)
    situation.stand(99, module_id="esprit-critique")
    situation.owe(module_id="esprit-critique")
    assert situation.grade().score == 99


def test_a_path_that_wants_progress_counts_modules_not_begun_as_nothing(
    situation: Situation,
) -> None:
    situation.link.target = TARGET_PATH
    situation.link.custom = {"grades": "progress"}
    situation.stand(100)
    situation.owe()
    assert (situation.grade().score, situation.grade().completed) == (50, False)


def test_a_lower_score_that_comes_late_does_not_replace_a_better_one(
    situation: Situation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two modules of a path moved at once: each transaction read the mean without the other."""
    situation.stand(60)
    read_before = gradable_links(situation.session, situation.person_id)
    situation.owe_score(97)
    monkeypatch.setattr(owing, "gradable_links", lambda *_: read_before)
    assert situation.owe() == []
    assert situation.grade().score == 97


def owe_link(situation: Situation) -> list[int]:
    ids = owe_grades_for_link(
        situation.session,
        person_id=situation.person_id,
        link_id=situation.link.id,
        catalog=situation.catalog,
        now=LATER,
    )
    situation.session.commit()
    return ids


def test_a_launch_owes_what_was_earned_elsewhere_to_its_own_activity(
    situation: Situation,
) -> None:
    factories.ResourceLinkFactory.create(course=situation.enrolment.course)
    situation.stand(90)
    [owed_grade_id] = owe_link(situation)
    assert situation.grade().id == owed_grade_id
    assert len(all_grades(situation.session)) == 1
    assert owe_link(situation) == []


@pytest.mark.parametrize(
    ("state", "again"),
    [
        (GradeState.REFUSED, True),
        (GradeState.OWED, False),
        (GradeState.SENT, False),
        (GradeState.SUPERSEDED, False),
    ],
)
def test_a_launch_gives_a_refused_grade_another_chance(
    situation: Situation, state: GradeState, again: bool
) -> None:
    owed_grade_id = situation.owe_score(90)
    grade = situation.grade()
    grade.state, grade.problem = state, "not_gradable"
    situation.session.commit()
    assert owe_link(situation) == ([owed_grade_id] if again else [])
    if again:
        assert situation.grade().state == GradeState.OWED
        assert situation.grade().problem is None


MOVED = "https://moodle.example.org/mod/lti/services.php/2/lineitems/99/lineitem?type_id=1"


@pytest.mark.parametrize(
    ("state", "problem", "received_by", "again"),
    [
        (GradeState.SENT, None, "the old column", True),
        (GradeState.SUPERSEDED, None, "the old column", True),
        (GradeState.SENT, None, MOVED, False),
        (GradeState.SUPERSEDED, None, MOVED, False),
        (GradeState.SENT, None, None, False),
        (GradeState.REFUSED, "line_item_gone", None, True),
        (GradeState.REFUSED, "no_line_item", None, True),
        (GradeState.REFUSED, "not_gradable", None, False),
    ],
)
def test_another_column_is_owed_what_it_has_not_received(
    situation: Situation, state: GradeState, problem: str | None, received_by: str, again: bool
) -> None:
    situation.owe_score(92)
    grade = situation.grade()
    grade.state, grade.problem, grade.line_item_url = state, problem, received_by
    situation.link.line_item_url = MOVED
    situation.session.commit()

    count = owe_to_new_line_item(situation.session, link=situation.link, now=LATER)

    situation.session.commit()
    grade = situation.grade()
    assert count == again
    assert grade.score == 92
    if again:
        assert (grade.state, grade.problem) == (GradeState.OWED, None)
        assert grade.next_attempt_at == LATER
    else:
        assert (grade.state, grade.problem) == (state, problem)


def test_a_better_score_refused_earlier_is_queued_once(situation: Situation) -> None:
    owed_grade_id = situation.owe_score(90)
    situation.grade().state = GradeState.REFUSED
    situation.session.commit()
    situation.stand(95)
    assert owe_link(situation) == [owed_grade_id]
    assert situation.grade().score == 95


def test_resending_takes_what_waits_or_was_refused(situation: Situation) -> None:
    session = situation.session
    grades = {}
    for state in GradeState:
        enrolment = factories.EnrolmentFactory.create(course=situation.enrolment.course)
        grades[state] = OwedGrade(
            resource_link_id=situation.link.id,
            person_id=enrolment.person_id,
            identity_id=enrolment.identity_id,
            score=90,
            completed=True,
            state=state,
            attempts=9,
            next_attempt_at=NOW + timedelta(days=1),
            problem="timeout",
            owed_at=NOW,
        )
        session.add(grades[state])
    session.commit()
    ids = {state: grade.id for state, grade in grades.items()}
    both = sorted([ids[GradeState.OWED], ids[GradeState.REFUSED]])
    course, platform = situation.enrolment.course_id, situation.platform.id
    other = factories.ResourceLinkFactory.create()
    assert resend(session, course_id=other.course_id, now=NOW) == []
    assert resend(session, platform_id=other.platform_id, now=NOW) == []
    assert resend(session, course_id=course, platform_id=other.platform_id, now=NOW) == []
    assert resend(session, ids=[], now=NOW) == []
    assert resend(session, ids=[ids[GradeState.SENT]], now=NOW) == []
    for filters in ({}, {"course_id": course}, {"platform_id": platform}, {"ids": both}):
        assert resend(session, **filters, now=NOW) == both
    session.expire_all()
    again = grades[GradeState.REFUSED]
    assert (again.state, again.attempts, again.next_attempt_at) == (GradeState.OWED, 0, NOW)
    assert grades[GradeState.SUPERSEDED].state == GradeState.SUPERSEDED
