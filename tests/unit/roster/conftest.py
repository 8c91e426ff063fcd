"""A course and the LMS that gives its roster: pages, faults, odd members, as it is told."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unittest.mock import Mock
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from lti_app.lti.services.nrps import MEMBERSHIP_SCOPE
from lti_app.people.models import Course, Enrolment, EnrolmentState, Identity, Person, Role
from lti_app.roster import tasks
from lti_app.roster.models import RosterSync
from tests import factories
from tests.factories import NOW
from tests.unit.grading.conftest import add_key

Json = dict[str, Any]
Answer = tuple[int, dict[str, str], str]

MEMBERSHIPS = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships"


def member(user_id: str, role: str = "Learner", **values: Any) -> Json:
    """As a Moodle says it; None leaves the value out."""
    said = {
        "status": "Active",
        "roles": [role],
        "user_id": user_id,
        "lis_person_sourcedid": f"UID-{user_id}",
        "name": f"Zoé Allard{user_id}",
        "given_name": "Zoé",
        "family_name": f"Allard{user_id}",
        "email": f"{user_id}@ac-exemple.fr",
        **values,
    }
    return {key: value for key, value in said.items() if value is not None}


@dataclass
class Lms:
    """The LMS of one course: a token endpoint and a roster in pages."""

    mock: responses.RequestsMock
    course: Course
    members: list[Any] = field(default_factory=list)
    page_size: int | None = None
    """What it gives at most, whatever is asked."""
    tokens: int = 0
    scopes: list[str] = field(default_factory=list)
    """Asked for, with each token."""
    requests: list[Any] = field(default_factory=list)
    before_answering: Callable[[int], object] | None = None
    """Called with the number of the page (1, 2, …)."""
    answers: dict[int, Answer | Exception] = field(default_factory=dict)
    """What it says instead, at that call (1, 2, …)."""

    def start(self) -> None:
        assert self.course.memberships_url is not None
        self.mock.add_callback(responses.POST, self.course.platform.token_url, self._give_token)
        self.mock.add_callback(responses.GET, self.course.memberships_url, self._give_page)

    @property
    def queries(self) -> list[dict[str, str]]:
        """The parameters of each call."""
        asked = (parse_qs(urlsplit(each.url).query) for each in self.requests)
        return [{name: values[0] for name, values in each.items()} for each in asked]

    def _give_token(self, request: Any) -> Answer:
        self.tokens += 1
        self.scopes += parse_qs(request.body)["scope"]
        body = {"access_token": f"token-{self.tokens}", "expires_in": 3600}
        return 200, {"Content-Type": "text/html"}, json.dumps(body | {"scope": MEMBERSHIP_SCOPE})

    def _give_page(self, request: Any) -> Answer:
        self.requests.append(request)
        number = len(self.requests)
        if self.before_answering is not None:
            self.before_answering(number)
        answer = self.answers.get(number)
        if isinstance(answer, Exception):
            raise answer
        return answer or self._page(request)

    def _page(self, request: Any) -> Answer:
        query = parse_qs(urlsplit(request.url).query)
        size = min(int(query["limit"][0]), self.page_size or 10**9)
        start = int(query.get("from", ["0"])[0])
        headers = {}
        if start + size < len(self.members):
            link = f"{self.course.memberships_url}?from={start + size}&limit={size}"
            headers["Link"] = f'<{link}>; rel="next"'
        page = {"id": request.url, "members": self.members[start : start + size]}
        return 200, headers, json.dumps(page)


@dataclass
class Class:
    """One course, its LMS, and what the database has of it."""

    session: Session
    course: Course
    lms: Lms

    def sync(self, *, accept_departures: bool = False) -> RosterSync:
        """Have the roster read, as a worker does; how it stands afterwards."""
        self.session.commit()
        tasks.sync_roster.run(self.course.id, accept_departures)
        return self.standing()

    def standing(self) -> RosterSync:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(RosterSync, self.course.id)

    def enrol(self, sub: str, role: Role = Role.LEARNER, **values: Any) -> Enrolment:
        """Somebody who launched an hour ago, known to no roster."""
        person = factories.PersonFactory.create(name=None, sort_name=None)
        identity = factories.IdentityFactory.create(
            person=person, issuer=self.course.issuer, sub=sub
        )
        earlier = NOW.replace(hour=NOW.hour - 1)
        values = {"first_launch_at": earlier, "last_launch_at": earlier, **values}
        enrolment: Enrolment = factories.EnrolmentFactory.create(
            course=self.course,
            person=person,
            identity=identity,
            role=role,
            **{"launch_role": role, **values},
        )
        self.session.commit()
        return enrolment

    def enrolments(self) -> dict[str, Enrolment]:
        """By sub."""
        self.session.rollback()
        self.session.expire_all()
        statement = (
            sa.select(Identity.sub, Enrolment)
            .join(Enrolment, Enrolment.person_id == Identity.person_id)
            .where(Enrolment.course_id == self.course.id, Identity.issuer == self.course.issuer)
        )
        return {str(sub): enrolment for sub, enrolment in self.session.execute(statement)}

    def states(self) -> dict[str, str]:
        return {sub: str(each.state) for sub, each in sorted(self.enrolments().items())}

    def gone(self) -> list[str]:
        return [sub for sub, state in self.states().items() if state == EnrolmentState.LEFT]

    def count(self, model: type[Person] | type[Identity] | type[Enrolment]) -> int:
        self.session.rollback()
        return self.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.fixture
def at() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def classroom(session: Session, at: time_machine.Traveller) -> Iterator[Class]:
    """A launched course without anybody yet, on a Moodle that answers."""
    add_key(session)
    course = factories.CourseFactory.create()
    course.memberships_url = f"{course.issuer}{MEMBERSHIPS}"
    factories.ResourceLinkFactory.create(course=course)
    session.commit()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        lms = Lms(mock, course)
        lms.start()
        yield Class(session, course, lms)


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> Mock:
    enqueue = Mock(return_value=True)
    monkeypatch.setattr(tasks, "enqueue", enqueue)
    return enqueue


def later(at: time_machine.Traveller, instant: datetime) -> None:
    at.move_to(instant, tick=False)
