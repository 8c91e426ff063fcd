"""Sending one grade: what the LMS gets, what is recorded of its answer."""

from datetime import datetime, timedelta
from unittest.mock import Mock

import pytest
import requests
import sqlalchemy as sa
import time_machine
from flask import Flask

from lti_app.core import clock
from lti_app.core.database import db
from lti_app.core.outbound import OutboundSession
from lti_app.grading import tasks
from lti_app.grading.models import OwedGrade
from lti_app.grading.queries import due_grade_ids
from lti_app.grading.rules import GradeState, Problem
from lti_app.grading.services import deliver, lease_grade, record_delivery
from lti_app.grading.services.sending import LEASE
from lti_app.lti.models import PlatformState
from lti_app.people.models import EnrolmentState
from lti_app.people.rules import TARGET_PATH
from tests import factories
from tests.conftest import SECRET_KEY
from tests.factories import NOW
from tests.unit.grading.conftest import Gradebook, Situation, send

pytestmark = pytest.mark.usefixtures("traveller", "enqueued")


def wait_until(coordinates: time_machine.Traveller, instant: datetime) -> None:
    coordinates.move_to(instant, tick=False)


def test_a_grade_is_sent_once(situation: Situation, gradebook: Gradebook) -> None:
    owed_grade_id = situation.owe_score(92)
    send(owed_grade_id)
    send(owed_grade_id)
    [score] = gradebook.scores
    assert score["userId"] == situation.enrolment.identity.sub
    assert (score["scoreGiven"], score["scoreMaximum"]) == (92, 100)
    assert (
        score["comment"] == "Module terminé dans Relais, 92\N{NO-BREAK SPACE}% de réponses justes."
    )
    assert score["timestamp"] == "2026-11-09T10:00:00.000Z"
    grade = situation.grade()
    assert (grade.state, grade.sent_score, grade.sent_at) == (GradeState.SENT, 92, NOW)
    assert (grade.leased_until, grade.problem) == (None, None)
    assert grade.line_item_url == situation.link.line_item_url


def test_a_path_says_so(situation: Situation, gradebook: Gradebook) -> None:
    situation.link.target = TARGET_PATH
    situation.stand(90)
    situation.stand(90, module_id="esprit-critique")
    send(situation.owe()[0])
    assert gradebook.scores[0]["comment"].startswith("Parcours terminé")


def test_no_transaction_is_open_while_the_lms_answers(
    situation: Situation, gradebook: Gradebook
) -> None:
    seen = []
    gradebook.before_answering = lambda: seen.append(db.session.in_transaction())
    send(situation.owe_score())
    assert seen == [False]


def test_the_token_is_kept_for_the_next_grades(situation: Situation, gradebook: Gradebook) -> None:
    send(situation.owe_score(90))
    send(situation.owe_score(95))
    assert gradebook.tokens == 1
    assert [score["token"] for score in gradebook.scores] == ["token-1", "token-1"]


def test_two_scores_of_one_second_have_two_timestamps(
    situation: Situation, gradebook: Gradebook
) -> None:
    for best in (90, 95, 100):
        send(situation.owe_score(best))
    stamps = [score["timestamp"][17:19] for score in gradebook.scores]
    assert stamps == ["00", "01", "02"]


def test_a_refused_token_is_renewed_at_once(situation: Situation, gradebook: Gradebook) -> None:
    send(situation.owe_score(90))
    gradebook.answers = [401]
    send(situation.owe_score(95))
    assert [score["token"] for score in gradebook.scores] == ["token-1", "token-1", "token-2"]
    assert situation.grade().state == GradeState.SENT


def test_a_new_token_refused_too_waits_and_is_not_kept(
    situation: Situation, gradebook: Gradebook, traveller: time_machine.Traveller
) -> None:
    gradebook.answers = [401]
    owed_grade_id = situation.owe_score()
    send(owed_grade_id)
    grade = situation.grade()
    assert (grade.state, grade.problem) == (GradeState.OWED, Problem.UNAUTHORIZED)
    wait_until(traveller, grade.next_attempt_at)
    send(owed_grade_id)
    assert gradebook.tokens == 2
    assert situation.grade().state == GradeState.SENT


def test_a_conflict_is_asked_again_with_a_later_timestamp(
    situation: Situation, gradebook: Gradebook
) -> None:
    gradebook.answers = [409]
    send(situation.owe_score())
    assert [score["timestamp"][17:19] for score in gradebook.scores] == ["00", "01"]
    grade = situation.grade()
    assert grade.state == GradeState.SENT
    assert grade.last_timestamp == NOW + timedelta(seconds=1)


def test_a_second_conflict_leaves_the_lms_its_newer_grade(
    situation: Situation, gradebook: Gradebook
) -> None:
    gradebook.answers = [409, 409]
    send(situation.owe_score())
    grade = situation.grade()
    assert (grade.state, grade.sent_score, grade.problem) == (GradeState.SUPERSEDED, None, None)
    assert len(gradebook.scores) == 2
    send(situation.owe_score(95))
    assert situation.grade().state == GradeState.SENT


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (400, Problem.NOT_GRADABLE),
        (403, Problem.NOT_ALLOWED),
        (404, Problem.LINE_ITEM_GONE),
        (410, Problem.LINE_ITEM_GONE),
        (415, Problem.REJECTED),
        (301, Problem.REJECTED),
    ],
)
def test_a_refusal_ends_there_with_its_reason(
    situation: Situation, gradebook: Gradebook, status: int, problem: Problem
) -> None:
    gradebook.answers = [status]
    owed_grade_id = situation.owe_score()
    send(owed_grade_id)
    grade = situation.grade()
    assert (grade.state, grade.problem) == (GradeState.REFUSED, problem)
    assert due_grade_ids(situation.session, now=NOW + timedelta(days=9), limit=9) == []


def test_a_refusal_for_somebody_who_left_says_so(
    situation: Situation, gradebook: Gradebook
) -> None:
    owed_grade_id = situation.owe_score()
    situation.enrolment.state = EnrolmentState.LEFT
    situation.session.commit()
    gradebook.answers = [400]
    send(owed_grade_id)
    assert situation.grade().problem == Problem.LEFT_COURSE


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (500, Problem.UNAVAILABLE),
        (503, Problem.UNAVAILABLE),
        (429, Problem.UNAVAILABLE),
        (requests.ReadTimeout("slow"), Problem.TIMEOUT),
        (requests.ConnectionError("down"), Problem.UNREACHABLE),
    ],
)
def test_trouble_is_tried_again_later_and_later(
    situation: Situation,
    gradebook: Gradebook,
    traveller: time_machine.Traveller,
    answer: int | Exception,
    problem: Problem,
) -> None:
    owed_grade_id = situation.owe_score()
    waits = []
    for attempt in range(1, 6):
        gradebook.answers = [answer]
        tried_at = clock.now()
        send(owed_grade_id)
        grade = situation.grade()
        assert (grade.state, grade.problem) == (GradeState.OWED, problem)
        assert (grade.attempts, grade.leased_until) == (attempt, None)
        waits.append(grade.next_attempt_at - tried_at)
        send(owed_grade_id)
        assert len(gradebook.scores) == attempt, "not before its time"
        wait_until(traveller, grade.next_attempt_at)
    assert waits == sorted(waits)
    assert timedelta(seconds=20) < waits[0] < timedelta(minutes=1)
    assert waits[-1] > timedelta(minutes=5)
    send(owed_grade_id)
    assert situation.grade().state == GradeState.SENT
    stamps = [score["timestamp"] for score in gradebook.scores]
    assert stamps == sorted(set(stamps))


def test_a_platform_that_does_not_answer_is_left_alone_for_a_while(
    situation: Situation, gradebook: Gradebook
) -> None:
    owed_grade_id = situation.owe_score()
    neighbour = factories.EnrolmentFactory.create(course=situation.enrolment.course)
    other_link = factories.ResourceLinkFactory.create()
    for link, enrolment in ((situation.link, neighbour), (other_link, situation.enrolment)):
        situation.session.add(
            OwedGrade(
                resource_link_id=link.id,
                person_id=enrolment.person_id,
                identity_id=enrolment.identity_id,
                score=90,
                completed=True,
                state=GradeState.OWED,
                next_attempt_at=NOW,
                owed_at=NOW,
            )
        )
    situation.session.commit()
    gradebook.answers = [requests.ReadTimeout("slow")]
    send(owed_grade_id)
    [due] = due_grade_ids(situation.session, now=NOW + timedelta(seconds=30), limit=9)
    assert situation.session.get_one(OwedGrade, due).resource_link_id == other_link.id
    later = NOW + timedelta(minutes=2)
    assert len(due_grade_ids(situation.session, now=later, limit=9)) == 3


def test_a_token_refused_waits_for_somebody_to_mend_it(
    situation: Situation, gradebook: Gradebook
) -> None:
    gradebook.mock.replace("POST", situation.platform.token_url, status=400, json={"error": "x"})
    send(situation.owe_score())
    grade = situation.grade()
    assert (grade.state, grade.problem) == (GradeState.OWED, Problem.CLIENT_REFUSED)
    assert gradebook.scores == []


def test_another_host_receives_neither_score_nor_token(
    situation: Situation, gradebook: Gradebook
) -> None:
    situation.link.line_item_url = "https://evil.example.org/lineitem"
    send(situation.owe_score())
    grade = situation.grade()
    assert (grade.state, grade.problem) == (GradeState.REFUSED, Problem.FORBIDDEN_URL)
    assert (gradebook.tokens, gradebook.scores) == (0, [])


def test_an_activity_no_longer_graded_is_not_asked(
    situation: Situation, gradebook: Gradebook
) -> None:
    owed_grade_id = situation.owe_score()
    situation.link.line_item_url = None
    situation.session.commit()
    send(owed_grade_id)
    assert situation.grade().problem == Problem.NO_LINE_ITEM
    assert gradebook.tokens == 0


def test_a_right_that_was_not_given_is_not_asked_for(
    situation: Situation, gradebook: Gradebook
) -> None:
    situation.link.ags_scopes = ["https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"]
    send(situation.owe_score())
    assert situation.grade().problem == Problem.NOT_ALLOWED
    assert gradebook.tokens == 0


def test_a_closed_platform_keeps_what_it_is_owed(
    situation: Situation, gradebook: Gradebook
) -> None:
    owed_grade_id = situation.owe_score()
    situation.platform.state = PlatformState.INACTIVE
    situation.session.commit()
    send(owed_grade_id)
    grade = situation.grade()
    assert (grade.state, grade.problem) == (GradeState.OWED, Problem.PLATFORM_INACTIVE)
    assert grade.next_attempt_at > NOW
    assert gradebook.tokens == 0


def test_without_a_key_the_grade_waits(situation: Situation, gradebook: Gradebook) -> None:
    situation.session.execute(sa.text("DELETE FROM tool_key"))
    send(situation.owe_score())
    grade = situation.grade()
    assert (grade.state, grade.problem) == (GradeState.OWED, Problem.TOOL_KEY_MISSING)


def test_a_better_score_owed_during_the_sending_is_not_lost(
    situation: Situation, gradebook: Gradebook, enqueued: Mock
) -> None:
    owed_grade_id = situation.owe_score(90)

    def better() -> None:
        gradebook.before_answering = None
        situation.owe_score(97)

    gradebook.before_answering = better
    send(owed_grade_id)
    grade = situation.grade()
    assert (grade.state, grade.score, grade.sent_score) == (GradeState.OWED, 97, 90)
    assert grade.leased_until is None
    enqueued.assert_called_once_with(tasks.send_grade, owed_grade_id)
    send(owed_grade_id)
    assert [score["scoreGiven"] for score in gradebook.scores] == [90, 97]
    assert gradebook.scores[0]["timestamp"] < gradebook.scores[1]["timestamp"]
    assert situation.grade().sent_score == 97


def test_a_failure_does_not_hide_a_better_score(situation: Situation, gradebook: Gradebook) -> None:
    owed_grade_id = situation.owe_score(90)

    def better() -> None:
        situation.owe_score(97)

    gradebook.before_answering = better
    gradebook.answers = [400]
    send(owed_grade_id)
    grade = situation.grade()
    assert (grade.state, grade.score, grade.sent_score) == (GradeState.OWED, 97, None)


def lease(owed_grade_id: int, now: datetime) -> object:
    sending = lease_grade(db.session, owed_grade_id=owed_grade_id, secret_key=SECRET_KEY, now=now)
    db.session.commit()
    return sending


def test_one_worker_at_a_time(situation: Situation, gradebook: Gradebook) -> None:
    owed_grade_id = situation.owe_score()
    gradebook.before_answering = lambda: send(owed_grade_id)
    send(owed_grade_id)
    assert len(gradebook.scores) == 1


def test_a_worker_that_died_lets_go_and_its_timestamp_is_not_used_again(
    situation: Situation, gradebook: Gradebook, traveller: time_machine.Traveller
) -> None:
    owed_grade_id = situation.owe_score()
    dead = lease(owed_grade_id, NOW)
    assert dead is not None
    just_before = NOW + LEASE - timedelta(seconds=1)
    assert due_grade_ids(situation.session, now=just_before, limit=9) == []
    assert lease(owed_grade_id, just_before) is None
    wait_until(traveller, NOW + LEASE)
    assert due_grade_ids(situation.session, now=NOW + LEASE, limit=9) == [owed_grade_id]
    send(owed_grade_id)
    assert situation.grade().state == GradeState.SENT
    assert gradebook.scores[0]["timestamp"] > "2026-11-09T10:00:00.000Z"


def test_a_worker_that_wakes_up_late_changes_nothing(
    situation: Situation, gradebook: Gradebook, traveller: time_machine.Traveller
) -> None:
    """Paused beyond its lease, with a failure to report, after another worker has succeeded."""
    owed_grade_id = situation.owe_score()
    slow = lease_grade(db.session, owed_grade_id=owed_grade_id, secret_key=SECRET_KEY, now=NOW)
    db.session.commit()
    assert slow is not None
    wait_until(traveller, NOW + LEASE)
    send(owed_grade_id)
    gradebook.answers = [400]
    with OutboundSession(allow_loopback=False) as http:
        # Its lease is good when it begins to speak, and no more when it hears the answer.
        delivery = deliver(slow, http=http, clock=lambda: NOW)
    again = record_delivery(
        db.session, sending=slow, delivery=delivery, secret_key=SECRET_KEY, now=clock.now()
    )
    db.session.commit()
    assert not again
    assert situation.grade().state == GradeState.SENT


def test_a_worker_that_wakes_up_late_says_nothing_to_the_lms(
    situation: Situation, gradebook: Gradebook, traveller: time_machine.Traveller
) -> None:
    """Refused as too old, it would say its score again with a later timestamp, over a better."""
    owed_grade_id = situation.owe_score(85)
    slow = lease_grade(db.session, owed_grade_id=owed_grade_id, secret_key=SECRET_KEY, now=NOW)
    db.session.commit()
    assert slow is not None
    wait_until(traveller, NOW + LEASE)
    send(situation.owe_score(95, now=NOW + LEASE))
    gradebook.answers = [409]
    with OutboundSession(allow_loopback=False) as http:
        deliver(slow, http=http, clock=clock.now)
    assert [score["scoreGiven"] for score in gradebook.scores] == [95]


def test_an_unknown_grade_is_nothing_to_send(situation: Situation, gradebook: Gradebook) -> None:
    send(12345)
    assert gradebook.scores == []


def test_what_is_owed_and_due_is_queued(situation: Situation, enqueued: Mock) -> None:
    owed_grade_id = situation.owe_score()
    tasks.resend_owed.run()
    enqueued.assert_called_once_with(tasks.send_grade, owed_grade_id)


def test_a_dead_broker_is_asked_once(app: Flask, situation: Situation, enqueued: Mock) -> None:
    situation.owe_score()
    factories.ResourceLinkFactory.create(course=situation.enrolment.course)
    situation.stand(93)
    assert len(situation.owe()) == 2
    enqueued.return_value = False
    tasks.resend_owed.run()
    assert enqueued.call_count == 1


def test_beat_looks_for_owed_grades_every_minute(app: Flask) -> None:
    entry = app.extensions["celery"].conf.beat_schedule["resend-owed-grades"]
    assert entry == {"task": tasks.resend_owed.name, "schedule": timedelta(minutes=1)}


def test_a_lease_outlasts_its_task() -> None:
    assert timedelta(seconds=tasks.TIME_LIMIT_SECONDS) < LEASE
    assert tasks.send_grade.time_limit == tasks.TIME_LIMIT_SECONDS
