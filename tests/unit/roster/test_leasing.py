"""Asking for a roster, and finding those due at night."""

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from sqlalchemy.orm import Session

from lti_app.lti.models import PlatformState
from lti_app.people.models import Course
from lti_app.roster import tasks
from lti_app.roster.models import RosterSync
from lti_app.roster.queries import due_course_ids, find_sync, readable_course_ids
from lti_app.roster.rules.explanations import Problem
from lti_app.roster.rules.nights import SPREAD, turn
from lti_app.roster.services import ASKED_EVERY, Asked, ask_for_reading, lease_reading
from tests import factories
from tests.conftest import SECRET_KEY
from tests.factories import NOW
from tests.unit.roster.conftest import later

NIGHT = datetime.fromisoformat("2026-11-10T01:00:00+00:00")
"""2:00 in Paris."""
MINUTE = timedelta(minutes=1)


def course(*, opened: datetime = NOW, **values: Any) -> Course:
    """A launched course that gives the address of its roster."""
    made: Course = factories.CourseFactory.create()
    made.memberships_url = f"{made.issuer}/members"
    for name, value in values.items():
        setattr(made, name, value)
    factories.ResourceLinkFactory.create(course=made, last_launch_at=opened)
    return made


def standing(session: Session, made: Course, **values: Any) -> RosterSync:
    sync = RosterSync(
        **{"course_id": made.id, "attempted_at": NOW, "members": 0, "joined": 0, "departed": 0,
           **values}
    )  # fmt: skip
    session.add(sync)
    session.flush()
    return sync


def ask(session: Session, made: Course, *, now: datetime = NOW, confirm: bool = False) -> Asked:
    return ask_for_reading(session, course=made, confirm_departures=confirm, now=now)


# ---- Asking


def test_a_trainer_may_ask_now_and_then(session: Session) -> None:
    made = course()
    assert ask(session, made) is Asked.GRANTED
    assert ask(session, made, now=NOW + ASKED_EVERY - MINUTE) is Asked.TOO_SOON
    assert ask(session, made, now=NOW + ASKED_EVERY) is Asked.GRANTED


def test_a_roster_being_read_is_not_asked_again(session: Session) -> None:
    made = course()
    standing(session, made, leased_until=NOW + timedelta(hours=1))
    assert ask(session, made, now=NOW + 10 * MINUTE) is Asked.RUNNING
    assert ask(session, made, now=NOW + timedelta(hours=1)) is Asked.GRANTED


def test_no_address_no_asking(session: Session) -> None:
    assert ask(session, course(memberships_url=None)) is Asked.IMPOSSIBLE


def test_departures_are_confirmed_where_they_were_doubted_only(session: Session) -> None:
    made = course()
    sync = standing(session, made, problem=Problem.TOO_MANY_MISSING)
    assert ask(session, made, now=NOW + MINUTE, confirm=True) is Asked.CONFIRMED
    session.refresh(sync)
    assert sync.problem is None
    assert ask(session, made, now=NOW + 2 * MINUTE, confirm=True) is Asked.TOO_SOON
    assert ask(session, made, now=NOW + 9 * MINUTE, confirm=True) is Asked.GRANTED


# ---- What may be read


def test_only_launched_courses_of_open_platforms_are_read(session: Session) -> None:
    wanted = course()
    course(memberships_url=None)
    course(opened=NOW - timedelta(days=401))
    course().platform.state = PlatformState.INACTIVE
    never_opened = factories.CourseFactory.create()
    never_opened.memberships_url = f"{never_opened.issuer}/members"
    closed = course()
    link = factories.ResourceLinkFactory.create(course=closed)
    link.deployment = factories.DeploymentFactory.create(state=PlatformState.INACTIVE)
    session.flush()
    assert readable_course_ids(session, now=NOW) == [wanted.id, closed.id]


def test_a_course_of_closed_deployments_is_not_read(session: Session) -> None:
    made = factories.CourseFactory.create()
    made.memberships_url = f"{made.issuer}/members"
    deployment = factories.DeploymentFactory.create(state=PlatformState.INACTIVE)
    factories.ResourceLinkFactory.create(course=made, deployment=deployment)
    assert readable_course_ids(session, now=NOW) == []


@pytest.mark.parametrize(
    ("family", "context_id", "problem"),
    [
        ("moodle", "1", Problem.WHOLE_SITE),
        ("moodle", "11", None),
        ("moodle", "01", None),
        ("canvas", "1", None),
        (None, "1", None),
    ],
)
def test_the_home_page_of_a_moodle_is_no_course(
    session: Session, family: str | None, context_id: str, problem: Problem | None
) -> None:
    """An activity there opens Relais; its roster would be every account of the site."""
    made = course(context_id=context_id)
    made.platform.product_family = family
    reading = lease_reading(session, course_id=made.id, secret_key=SECRET_KEY, now=NOW)
    assert (reading is None) == (problem is not None)
    sync = find_sync(session, made.id)
    assert sync is not None
    assert sync.problem == problem


@pytest.mark.parametrize(
    ("values", "due"),
    [
        ({"attempted_at": NIGHT - MINUTE, "problem": "timeout"}, True),
        ({"attempted_at": NIGHT - MINUTE, "succeeded_at": NIGHT - MINUTE}, True),
        ({"attempted_at": NIGHT, "succeeded_at": NIGHT}, False),
        ({"attempted_at": NIGHT, "problem": "timeout"}, False),
        ({"attempted_at": NIGHT, "leased_until": NIGHT + 99 * MINUTE}, False),
        # A worker died in the middle of it.
        ({"attempted_at": NIGHT, "leased_until": NIGHT + 5 * MINUTE}, True),
        ({"attempted_at": NIGHT + 20 * MINUTE, "leased_until": NIGHT + 25 * MINUTE}, False),
        # The platform asked for a pause.
        ({"attempted_at": NIGHT - MINUTE, "problem": "unavailable",
          "leased_until": NIGHT + 60 * MINUTE}, False),
    ],
)  # fmt: skip
def test_each_course_once_a_night(session: Session, values: dict[str, Any], due: bool) -> None:
    made = course()
    standing(session, made, **values)
    ids = due_course_ids(session, night=NIGHT, now=NIGHT + 40 * MINUTE)
    assert ids == ([made.id] if due else [])


def test_a_course_never_read_is_due(session: Session) -> None:
    assert due_course_ids(session, night=NIGHT, now=NIGHT) == []
    made = course()
    assert due_course_ids(session, night=NIGHT, now=NIGHT) == [made.id]


# ---- The night's run


def test_courses_are_queued_at_their_turn(
    session: Session, at: time_machine.Traveller, enqueued: Mock
) -> None:
    ids = sorted((course().id for _ in range(6)), key=turn)
    session.commit()
    later(at, NIGHT + turn(ids[2]))
    tasks.sync_rosters.run()
    assert {call.args[1] for call in enqueued.call_args_list} == set(ids[:3])
    enqueued.reset_mock()
    later(at, NIGHT + SPREAD)
    tasks.sync_rosters.run()
    assert {call.args[1] for call in enqueued.call_args_list} == set(ids)
    assert all(call.args[0] is tasks.sync_roster for call in enqueued.call_args_list)


def test_nothing_is_queued_by_day(
    session: Session, at: time_machine.Traveller, enqueued: Mock
) -> None:
    course()
    session.commit()
    later(at, NIGHT - MINUTE)
    tasks.sync_rosters.run()
    later(at, NIGHT + timedelta(hours=3))
    tasks.sync_rosters.run()
    enqueued.assert_not_called()


def test_a_dead_broker_is_asked_once(
    session: Session, at: time_machine.Traveller, enqueued: Mock
) -> None:
    course()
    course()
    session.commit()
    enqueued.return_value = False
    later(at, NIGHT + SPREAD)
    tasks.sync_rosters.run()
    assert enqueued.call_count == 1
