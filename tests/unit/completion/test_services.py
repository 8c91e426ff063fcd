"""Readings and completions, on both databases."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.answers.services import reset_cards
from lti_app.completion.models import LessonReading, ModuleCompletion
from lti_app.completion.queries import completions_of, progress_of, readings_of
from lti_app.completion.rules import CompletionState
from lti_app.completion.services import facts, record_part_read, refresh_completion
from lti_app.core.database import db
from tests import factories, samples
from tests.factories import NOW
from tests.unit.completion.conftest import Learner


def read_part(session: Session, learner: Learner, part: int, *, days: int = 0) -> LessonReading:
    return record_part_read(
        session,
        person_id=learner.person_id,
        lesson=learner.module.lessons[0],
        part=part,
        now=NOW + timedelta(days=days),
    )


def test_reading_is_remembered_part_by_part(session: Session, learner: Learner) -> None:
    reading = read_part(session, learner, 1)
    assert (reading.part, reading.read_at) == (1, None)
    reading = read_part(session, learner, 2, days=1)
    assert (reading.part, reading.read_at) == (2, NOW + timedelta(days=1))
    assert reading.revision_id == learner.module.lessons[0].revision_id


def test_going_back_takes_nothing_away(session: Session, learner: Learner) -> None:
    read_part(session, learner, 2)
    reading = read_part(session, learner, 1, days=1)
    assert (reading.part, reading.read_at) == (2, NOW)
    assert read_part(session, learner, 2, days=2).read_at == NOW


@pytest.mark.parametrize("part", [0, -1, 3])
def test_a_part_that_is_not_there_is_refused(session: Session, learner: Learner, part: int) -> None:
    with pytest.raises(ValueError, match="parts 1 to 2"):
        read_part(session, learner, part)


def test_the_first_act_starts_the_module(session: Session, learner: Learner) -> None:
    read_part(session, learner, 1)
    completion = learner.refresh(session)
    assert completion.state == CompletionState.STARTED
    assert completion.started_at == NOW
    assert (completion.score, completion.lessons_read, completion.questions_answered) == (0, 0, 0)


def test_counts_and_score_follow_the_answers(session: Session, learner: Learner) -> None:
    first, second, *_ = learner.module.questions
    learner.read(session, learner.module.lessons[0])
    learner.answer(session, first)
    completion = learner.answer(session, second, right=False, now=NOW + timedelta(hours=1))
    assert (completion.score, completion.lessons_read, completion.questions_answered) == (20, 1, 2)
    assert completion.last_activity_at == NOW + timedelta(hours=1)
    assert completion.started_at == NOW
    completion = learner.answer(session, second, right=True)
    assert completion.score == 40


def test_completion_needs_every_lesson_and_the_pass_mark(
    session: Session, learner: Learner
) -> None:
    for question in learner.module.questions:
        completion = learner.answer(session, question)
    assert completion.score == 100
    assert completion.completed_at is None
    for lesson in learner.module.lessons:
        completion = learner.read(session, lesson, now=NOW + timedelta(days=1))
    assert completion.state == CompletionState.COMPLETED
    assert completion.completed_at == NOW + timedelta(days=1)
    assert completion.module_revision_id == learner.module.revision_id


def test_once_completed_never_taken_back(session: Session, learner: Learner) -> None:
    learner.finish(session, missed=1)
    later = NOW + timedelta(days=30)
    learner.module = replace(learner.module, revision_id=learner.module.lessons[0].revision_id)
    for question in learner.module.questions:
        completion = learner.answer(session, question, right=False, now=later)
    assert completion.state == CompletionState.COMPLETED
    assert completion.completed_at == NOW
    assert completion.module_revision_id != learner.module.revision_id
    assert (completion.score, completion.best_score) == (0, 80)


def test_the_score_of_the_lms_is_that_of_the_day_of_completion(
    session: Session, learner: Learner
) -> None:
    """100 before the last lesson was read, 80 on the day it was: 80 is what completion earned."""
    for question in learner.module.questions:
        learner.answer(session, question)
    learner.answer(session, learner.module.questions[0], right=False)
    for lesson in learner.module.lessons:
        completion = learner.read(session, lesson)
    assert completion.state == CompletionState.COMPLETED
    assert completion.best_score == 80
    completion = learner.answer(session, learner.module.questions[0])
    assert completion.best_score == 100


def test_four_wrong_answers_call_for_help(session: Session, learner: Learner) -> None:
    for _ in range(4):
        completion = learner.answer(session, learner.module.questions[0], right=False)
    assert completion.state == CompletionState.NEEDS_HELP


def test_a_changed_right_answer_is_to_be_answered_again(session: Session, learner: Learner) -> None:
    first = learner.module.questions[0]
    learner.answer(session, first)
    reset_cards(session, [first.id], now=NOW)
    assert first.id not in progress_of(session, learner.person_id, learner.module).last_right
    assert learner.refresh(session).questions_answered == 0


def test_modules_and_persons_are_kept_apart(session: Session, learner: Learner) -> None:
    other_module = samples.publish_module(session, "esprit-critique", position=2)
    other_person = factories.PersonFactory.create()
    learner.finish(session)
    progress = progress_of(session, learner.person_id, other_module)
    assert (progress.last_right, progress.read_lessons) == ({}, frozenset())
    assert completions_of(session, other_person.id, ["memoriser"]) == {}
    refresh_completion(session, person_id=learner.person_id, module=other_module, now=NOW)
    found = completions_of(session, learner.person_id, ["memoriser", "esprit-critique", "?"])
    assert {id_: str(c.state) for id_, c in found.items()} == {
        "memoriser": "completed",
        "esprit-critique": "started",
    }


def test_progress_and_readings_tell_what_was_done(session: Session, learner: Learner) -> None:
    first, second, *_ = learner.module.questions
    lesson = learner.module.lessons[0]
    learner.read(session, lesson)
    learner.answer(session, first, right=False)
    learner.answer(session, first)
    learner.answer(session, second, right=False)
    progress = progress_of(session, learner.person_id, learner.module)
    assert progress.read_lessons == {lesson.id}
    assert progress.last_right == {first.id: True, second.id: False}
    assert progress.wrong_counts == {first.id: 1, second.id: 1}
    lesson_ids = [lesson.id for lesson in learner.module.lessons]
    assert set(readings_of(session, learner.person_id, lesson_ids)) == {lesson.id}


def test_facts_are_those_of_the_catalog(learner: Learner) -> None:
    asked = facts(learner.module)
    assert asked.question_ids == tuple(question.id for question in learner.module.questions)
    assert asked.pass_mark == samples.PASS_MARK


@pytest.mark.parametrize("already_started", [True, False])
def test_two_questions_answered_at_once_are_both_in_the_score(
    app: Flask, session: Session, learner: Learner, already_started: bool
) -> None:
    if already_started:
        learner.read(session, learner.module.lessons[0])
    session.commit()
    barrier = threading.Barrier(5)
    errors: list[BaseException] = []

    def run(index: int) -> None:
        try:
            with app.app_context():
                barrier.wait(10)
                learner.answer(db.session, learner.module.questions[index])
                db.session.commit()
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    session.expire_all()
    completion = session.get_one(ModuleCompletion, (learner.person_id, "memoriser"))
    assert (completion.score, completion.questions_answered) == (100, 5)


def count_statements(act: Callable[[], object]) -> list[str]:
    statements: list[str] = []

    def note(_c: object, _cu: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    return statements


def test_refreshing_costs_three_statements_however_many_questions(
    session: Session, learner: Learner
) -> None:
    learner.answer(session, learner.module.questions[0])
    session.commit()
    later = NOW + timedelta(minutes=1)
    statements = count_statements(lambda: learner.refresh(session, now=later))
    assert len(statements) == 3, statements
