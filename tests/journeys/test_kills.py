"""Kill the web, the worker, the broker or the LMS at any moment: nothing acknowledged is lost."""

import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.journeys.http_browser import MODULE_COLUMN, Visitor, fields_for
from tests.journeys.processes import parent_of, wait_until
from tests.journeys.stack import BROKER, LMS, WEB, WORKER, Stack

pytestmark = pytest.mark.journey

PASSED = ("80.0", "2")
"""Score and completion (« achieved, passed ») once the answer that completes was given."""

ON_POSTGRESQL = pytest.mark.parametrize("running_stack", ["postgresql"], indirect=True)
"""For what the database changes nothing to: the other one would only take time."""

AFTER_THE_LEASE = timedelta(minutes=3)
"""By then a worker's lease has expired, and a first or second try is due again."""


@pytest.fixture
def visitor(stack: Stack, learner: str) -> Visitor:
    return Visitor(stack, learner)


@pytest.fixture
def other_visitor(stack: Stack, new_learner: Callable[[], str]) -> Visitor:
    return Visitor(stack, new_learner())


def wait_for_grade(visitor: Visitor, grade: tuple[str, str] = PASSED, timeout: float = 60) -> None:
    """Until the gradebook of the LMS shows it."""
    wait_until(
        lambda: visitor.grade(visitor.username) == grade,
        what=f"{grade} in the gradebook for {visitor.username}",
        timeout=timeout,
    )


def scores_of(stack: Stack, visitor: Visitor) -> list[dict[str, Any]]:
    """Bodies of the score POSTs that the LMS accepted for this person, in order."""
    # Numbers of the synthetic people follow their names: referent-0007 is person 1007.
    user = str(1000 + int(visitor.username.removeprefix("referent-")))
    received = stack.lms_state()["received_scores"]
    # Other activities of the same module, opened by other tests, are graded too.
    kept = [each for each in received if each["line_item"] == MODULE_COLUMN]
    bodies = [json.loads(each["body"]) for each in kept if each["status"] == 200]
    return [body for body in bodies if body["userId"] == user]


def says_on_module_page(visitor: Visitor, words: str) -> bool:
    """What the learner reads of the grade."""
    return words in visitor.module_page().words


def test_broker_dead_when_the_module_is_completed(stack: Stack, visitor: Visitor) -> None:
    last = visitor.do_module_but_last()
    stack.kill(BROKER)
    started = time.monotonic()
    feedback = visitor.step(last)
    assert feedback.status == 200
    assert "termine=1" in feedback.url
    assert time.monotonic() - started < 5, "the learner waited for a dead broker"
    assert says_on_module_page(visitor, "En attente")
    assert visitor.grade(visitor.username) == ("", "0")
    stack.start_parts(BROKER)
    wait_for_grade(visitor)
    assert len(scores_of(stack, visitor)) == 1


@ON_POSTGRESQL
def test_worker_outlives_a_broker_killed_while_it_sends(
    stack: Stack, visitor: Visitor, other_visitor: Visitor
) -> None:
    last, last_of_other = visitor.do_module_but_last(), other_visitor.do_module_but_last()
    worker = stack.pid(WORKER)
    with stack.faulty("scores", "hang", seconds=60):
        visitor.step(last)
        wait_until_held(stack)
        stack.kill(BROKER)
        other_visitor.step(last_of_other)
        # Long enough for the worker to notice: it holds a message that it cannot give back.
        stack.wait_until(lambda: "broker lost" in stack.log(WORKER), what="the worker noticed")
    stack.start_parts(BROKER)
    wait_for_grade(visitor)
    wait_for_grade(other_visitor)
    assert stack.is_running(WORKER)
    assert stack.pid(WORKER) == worker


@ON_POSTGRESQL
def test_frozen_broker_does_not_hold_the_learner(stack: Stack, visitor: Visitor) -> None:
    last = visitor.do_module_but_last()
    with stack.frozen(BROKER):
        feedback = visitor.step(last)
        assert "termine=1" in feedback.url
        assert says_on_module_page(visitor, "En attente")
    wait_for_grade(visitor)


def test_web_killed_between_the_commit_and_the_queue(stack: Stack, visitor: Visitor) -> None:
    last = visitor.do_module_but_last()
    form = last.form("/question/")
    with stack.frozen(BROKER), ThreadPoolExecutor(1) as pool:
        answering = pool.submit(visitor.post, last, form, fields_for(last))
        other = visitor.tab()
        # The answer is committed: the other tab shows it, the first still waits for the broker.
        stack.wait_until(
            lambda: "Module terminé" in other.module_page().text,
            what="the answer is committed",
        )
        assert not answering.done()
        stack.kill(WEB)
        with pytest.raises(requests.ConnectionError):
            answering.result(timeout=10)
    stack.start_parts(WEB)
    # As the browser's « try again » does.
    again = visitor.submit(last, form, fields_for(last))
    assert "deja=1" in again.url
    wait_for_grade(visitor)
    assert len(scores_of(stack, visitor)) == 1


def test_web_killed_right_after_the_answer(stack: Stack, visitor: Visitor) -> None:
    last = visitor.do_module_but_last()
    answer = visitor.post(last, last.form("/question/"), fields_for(last))
    stack.kill(WEB)
    assert answer.status_code == 303
    stack.start_parts(WEB)
    feedback = visitor.get(f"{stack.tool_url}{answer.headers['Location']}")
    assert "Réponse juste" in feedback.words
    wait_for_grade(visitor)


@ON_POSTGRESQL
def test_web_killed_between_login_and_launch(stack: Stack, visitor: Visitor) -> None:
    signed = visitor.begin_launch()
    stack.restart(WEB)
    page = visitor.finish_launch(signed)
    assert page.status == 200
    assert page.path.endswith("/module/memoriser/")


@pytest.mark.parametrize("who", ["worker", "pool process"])
def test_worker_killed_while_sending(stack: Stack, visitor: Visitor, who: str) -> None:
    last = visitor.do_module_but_last()
    with stack.faulty("scores", "hang", seconds=60):
        visitor.step(last)
        wait_until_held(stack)
        if who == "worker":
            stack.kill(WORKER)
        else:
            kill_pool(stack)
    # The LMS may have kept the score it was being sent; the worker never knew.
    stack.move_clock(AFTER_THE_LEASE)
    wait_for_grade(visitor)
    stack.wait_until(
        lambda: says_on_module_page(visitor, "Transmise"), what="the learner reads « transmise »"
    )
    scores = scores_of(stack, visitor)
    assert {score["scoreGiven"] for score in scores} == {80}
    timestamps = [score["timestamp"] for score in scores]
    assert timestamps == sorted(set(timestamps)), "each score later than the one before"
    assert len(scores) <= 2


def test_worker_killed_before_sending_sends_once(stack: Stack, visitor: Visitor) -> None:
    last = visitor.do_module_but_last()
    # Another test's token would save the worker from asking for one.
    stack.execute("DELETE FROM access_token")
    with stack.faulty("token", "hang", seconds=60):
        visitor.step(last)
        wait_until_held(stack)
        stack.kill(WORKER)
    stack.move_clock(AFTER_THE_LEASE)
    wait_for_grade(visitor)
    assert [score["scoreGiven"] for score in scores_of(stack, visitor)] == [80]


@ON_POSTGRESQL
def test_lms_dead_when_the_grade_is_sent(stack: Stack, visitor: Visitor) -> None:
    last = visitor.do_module_but_last()
    stack.kill(LMS)
    feedback = visitor.step(last)
    assert "termine=1" in feedback.url
    stack.wait_until(
        lambda: says_on_module_page(visitor, "la plateforme ne répond pas"),
        what="the learner reads why the grade waits",
    )
    stack.move_clock(AFTER_THE_LEASE)
    wait_for_grade(visitor)
    assert len(scores_of(stack, visitor)) == 1


@ON_POSTGRESQL
def test_lms_ill_then_well(stack: Stack, visitor: Visitor) -> None:
    last = visitor.do_module_but_last()
    with stack.faulty("scores", "error", status=503):
        visitor.step(last)
        stack.wait_until(
            lambda: says_on_module_page(visitor, "momentanément indisponible"),
            what="the learner reads why the grade waits",
        )
    waiting = stack.relais_json("score", "list", "--state", "owed")
    assert "unavailable" in {grade["problem"] for grade in waiting}
    done = stack.relais("score", "resend", "--course", str(waiting[0]["course"]))
    assert done.returncode == 0, done.stderr
    wait_for_grade(visitor)
    assert len(scores_of(stack, visitor)) == 1


def test_everything_killed_at_once(stack: Stack, visitor: Visitor) -> None:
    last = visitor.do_module_but_last()
    with stack.faulty("scores", "hang", seconds=60):
        visitor.step(last)
        stack.kill(WEB, WORKER, BROKER, LMS)
    stack.move_clock(AFTER_THE_LEASE)
    wait_for_grade(visitor)


def wait_until_held(stack: Stack) -> None:
    """Until the fault in force has struck."""
    stack.wait_until(lambda: stack.lms_state()["faults_struck"], what="the LMS was called")


def kill_pool(stack: Stack) -> None:
    """-9 to the processes that run tasks, as the kernel does when memory is short."""
    parent = stack.pid(WORKER)
    for pid in stack.processes():
        if pid != parent and parent_of(pid) == parent:
            os.kill(pid, signal.SIGKILL)
