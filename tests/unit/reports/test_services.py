"""The list and the card, as the services give them."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lti_app.completion.rules import CompletionState
from lti_app.completion.services import record_part_read
from lti_app.grading.rules import GradeState
from lti_app.people.models import Role
from lti_app.reports.rules.rows import GradeStatus
from lti_app.reports.rules.selection import BY_NAME, Filters
from lti_app.reports.services.card import read_referent
from lti_app.reports.services.listing import (
    export_lines,
    make_report,
    read_roll,
    screen_lines,
)
from tests import factories
from tests.factories import NOW
from tests.unit.reports.conftest import Training

PARIS = ZoneInfo("Europe/Paris")


def test_totals_screen_and_export_come_from_the_same_rows(
    peopled: Training, session: Session
) -> None:
    roll = read_roll(session, course_id=peopled.course.id, zone=PARIS)
    report = make_report(roll, filters=Filters(), sorting=BY_NAME, now=NOW)
    heading, *lines = export_lines(report)
    assert [line[1] for line in lines] == [line.person_id for line in screen_lines(report)]
    assert report.totals.people == len(lines) == report.enrolled == 5
    assert {len(line) for line in lines} == {len(heading)}


def test_the_columns_are_the_modules_that_the_activities_open(
    training: Training, session: Session
) -> None:
    training.links["proteger"].target = "memoriser"
    session.flush()
    roll = read_roll(session, course_id=training.course.id, zone=PARIS)
    assert [column.module_id for column in roll.columns] == ["memoriser"]
    training.links["proteger"].target = "path"
    session.flush()
    roll = read_roll(session, course_id=training.course.id, zone=PARIS)
    assert [column.module_id for column in roll.columns] == ["memoriser", "proteger"]


def test_a_session_without_activity_shows_all_modules_and_its_people(
    training: Training, session: Session
) -> None:
    course = factories.CourseFactory.create()
    enrolment = factories.EnrolmentFactory.create(course=course)
    roll = read_roll(session, course_id=course.id, zone=PARIS)
    assert [row.person_id for row in roll.rows] == [enrolment.person_id]
    assert len(roll.columns) == 2


def test_work_counts_in_every_session_of_the_person_and_grades_in_their_own(
    training: Training, session: Session
) -> None:
    referent = training.add("Ada Martin")
    training.work(referent, state=CompletionState.COMPLETED, score=90)
    training.owe(referent)
    elsewhere = factories.EnrolmentFactory.create(person=referent.person)
    here = read_roll(session, course_id=training.course.id, zone=PARIS).rows[0]
    there = read_roll(session, course_id=elsewhere.course_id, zone=PARIS).rows[0]
    assert here.standings == there.standings
    assert (here.grade, there.grade) == (GradeStatus.SENT, GradeStatus.NONE)


def test_the_last_activity_is_the_latest_of_work_and_visits(
    training: Training, session: Session
) -> None:
    visit, work = NOW - timedelta(days=9), NOW - timedelta(days=2)
    training.work(training.add("Ada Martin", last=visit), last=work)
    training.work(training.add("Zoé Allard", last=work), last=visit)
    training.add("Ali Faure").last_launch_at = None
    session.flush()
    rows = read_roll(session, course_id=training.course.id, zone=PARIS).rows
    assert {row.name: row.last_activity for row in rows} == {
        "Ada Martin": work,
        "Zoé Allard": work,
        "Ali Faure": None,
    }


def test_two_refusals_for_one_reason_are_said_once(training: Training, session: Session) -> None:
    referent = training.add("Ada Martin")
    for module_id in training.links:
        training.owe(referent, module_id, state=GradeState.REFUSED, problem="not_gradable")
    row = read_roll(session, course_id=training.course.id, zone=PARIS).rows[0]
    assert row.grade is GradeStatus.REFUSED
    assert row.grade_reasons == ("la plateforme ne peut pas noter cette personne",)
    assert (row.grades_sent, row.grades_due) == (0, 2)


def test_the_card_tells_lessons_read_opened_and_to_come(
    training: Training, session: Session
) -> None:
    referent = training.add("Ada Martin")
    training.work(referent)
    first, second = training.catalog.module("memoriser").lessons
    for lesson, part in ((first, len(first.parts)), (second, 1)):
        record_part_read(session, person_id=referent.person_id, lesson=lesson, part=part, now=NOW)
    card = read_referent(
        session, course_id=training.course.id, person_id=referent.person_id, zone=PARIS
    )
    assert card is not None
    module, untouched = card.modules
    assert [(lesson.opened, lesson.read_on) for lesson in module.lessons] == [
        (True, date(2026, 11, 9)),
        (True, None),
    ]
    assert module.lessons_read == 1
    assert untouched.state is CompletionState.NOT_STARTED
    assert [grade.status for grade in card.grades] == [GradeStatus.NONE] * 2


def test_a_trainer_has_no_card(training: Training, session: Session) -> None:
    assert training.trainer.role == Role.TRAINER
    person_id = training.trainer.person_id
    card = read_referent(session, course_id=training.course.id, person_id=person_id, zone=PARIS)
    assert card is None
