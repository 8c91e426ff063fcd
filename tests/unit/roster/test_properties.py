"""Whatever the launches and the rosters, in whatever order: what always holds.

On SQLite only, one database per example: the statements are the same on both, and tested on both.
"""

import json
from datetime import timedelta
from typing import Any

import pytest
import responses
import sqlalchemy as sa
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lti_app.core.database import db
from lti_app.lti.rules.claims import Launch
from lti_app.people.models import Course, Enrolment, Identity, Person, Role
from lti_app.people.services import remember_launch
from lti_app.roster import tasks
from lti_app.roster.models import RosterSync
from tests import factories
from tests.factories import NOW
from tests.unit.grading.conftest import add_key
from tests.unit.roster.conftest import MEMBERSHIPS, Lms, member

SUBS = [str(number) for number in range(6)]
ROLES = ["Learner", "Instructor"]

members = st.builds(
    member,
    st.sampled_from(SUBS),
    st.sampled_from(ROLES),
    status=st.sampled_from(["Active", "Active", "Active", "Inactive"]),
)
rosters = st.lists(members, max_size=10)
launches = st.tuples(st.sampled_from(SUBS), st.sampled_from(ROLES))
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

FEW = settings(max_examples=20)


class World:
    """A course that starts empty at each example."""

    def __init__(self, session: Session, at: Any, mock: responses.RequestsMock) -> None:
        self.session = session
        self._at = at
        self._hours = 0
        for model in (RosterSync, Enrolment, Identity, Person):
            session.execute(sa.delete(model))
        self.course: Course = session.scalars(sa.select(Course)).one()
        self.lms = Lms(mock, self.course)
        mock.reset()
        self.lms.start()
        session.commit()

    def launch(self, sub: str, role: str) -> None:
        self._pass()
        launch = Launch(
            issuer=self.course.issuer,
            client_id="1",
            deployment_id="1",
            sub=sub,
            roles=(role,),
            target_link_uri="",
            link_id="1",
            link_title="",
            context_id=self.course.context_id,
            context_title=self.course.title,
        )
        remember_launch(
            self.session,
            launch,
            platform_id=self.course.platform_id,
            deployment_id=None,
            target="path",
            now=NOW + timedelta(hours=self._hours),
        )
        self.session.commit()

    def sync(self, roster: list[Any], *, page_size: int = 1000, accept: bool = True) -> None:
        self._pass()
        self.lms.members, self.lms.page_size = roster, page_size
        tasks.sync_roster.run(self.course.id, accept)
        self.session.expire_all()
        assert self.session.get_one(RosterSync, self.course.id).problem is None or not accept

    def people(self) -> dict[str, tuple[str, str, str | None, str | None]]:
        """(role, state, launch role, name) by sub."""
        rows = self.session.execute(
            sa.select(
                Identity.sub, Enrolment.role, Enrolment.state, Enrolment.launch_role, Person.name
            )
            .join(Enrolment, Enrolment.identity_id == Identity.id)
            .join(Person, Person.id == Enrolment.person_id)
        )
        return {sub: (role, state, launched, name) for sub, role, state, launched, name in rows}

    def _pass(self) -> None:
        self._hours += 1
        self._at.move_to(NOW + timedelta(hours=self._hours), tick=False)


@pytest.fixture
def course(session: Session) -> Course:
    add_key(session)
    made: Course = factories.CourseFactory.create()
    made.memberships_url = f"{made.issuer}{MEMBERSHIPS}"
    factories.ResourceLinkFactory.create(course=made, link_id="1")
    session.commit()
    return made


@FEW
@given(
    before=st.lists(launches, max_size=4), roster=rosters, page_size=st.sampled_from([1, 3, 1000])
)
def test_two_readings_of_one_roster_are_one(
    course: Course, before: list[tuple[str, str]], roster: list[Any], page_size: int
) -> None:
    with time_machine.travel(NOW, tick=False) as at, responses.RequestsMock(False) as mock:
        world = World(db.session, at, mock)
        for sub, role in before:
            world.launch(sub, role)
        world.sync(roster, page_size=1000)
        once = world.people()
        world.sync(roster, page_size=page_size)
        assert world.people() == once


@FEW
@given(
    steps=st.lists(st.one_of(launches, st.tuples(rosters, st.booleans())), max_size=7),
    page_size=st.sampled_from([2, 1000]),
)
def test_no_role_of_launch_is_lowered_and_no_row_is_deleted(
    course: Course, steps: list[Any], page_size: int
) -> None:
    with time_machine.travel(NOW, tick=False) as at, responses.RequestsMock(False) as mock:
        world = World(db.session, at, mock)
        launched: dict[str, str] = {}
        known: set[str] = set()
        for first, second in steps:
            if isinstance(first, str):
                world.launch(first, second)
                launched[first] = "trainer" if second == "Instructor" else "learner"
            else:
                world.sync(first, page_size=page_size, accept=second)
            people = world.people()
            assert known <= people.keys()
            known = set(people)
            for sub, role in launched.items():
                assert people[sub][2] == role
                assert role == Role.LEARNER or people[sub][0] == Role.TRAINER


@FEW
@given(roster=rosters, data=st.data())
def test_neither_the_order_nor_repetitions_matter(
    course: Course, roster: list[Any], data: st.DataObject
) -> None:
    extra = data.draw(st.lists(st.sampled_from(roster), max_size=4)) if roster else []
    shuffled = data.draw(st.permutations([*roster, *extra]))
    page_size = data.draw(st.sampled_from([1, 2, 1000]))
    with time_machine.travel(NOW, tick=False) as at, responses.RequestsMock(False) as mock:
        world = World(db.session, at, mock)
        world.sync(roster)
        straight = world.people()
        world = World(db.session, at, mock)
        world.sync(shuffled, page_size=page_size)
        assert world.people() == straight


@FEW
@given(
    entries=st.lists(
        st.dictionaries(
            st.sampled_from(["user_id", "roles", "status", "name", "email", "family_name"]),
            st.none() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3)),
        ),
        max_size=8,
    )
)
def test_no_junk_stops_a_reading(course: Course, entries: list[Any]) -> None:
    with time_machine.travel(NOW, tick=False) as at, responses.RequestsMock(False) as mock:
        world = World(db.session, at, mock)
        world.sync([*entries, json.loads(json.dumps(member("5")))])
        assert "5" in world.people()
