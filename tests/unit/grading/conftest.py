"""A learner, a graded activity, and a gradebook that answers what it is told to."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unittest.mock import Mock

import pytest
import responses
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from lti_app.completion.models import ModuleCompletion
from lti_app.content.rules.catalog import Catalog
from lti_app.grading import tasks
from lti_app.grading.models import OwedGrade
from lti_app.grading.services import owe_grades
from lti_app.lti.models import Platform, ToolKey
from lti_app.lti.services.ags import SCORE_SCOPE, scores_url
from lti_app.lti.services.keys import ensure_key
from lti_app.people.models import Enrolment, ResourceLink
from tests import factories, samples
from tests.conftest import SECRET_KEY
from tests.factories import NOW
from tests.unit.grading.columns import Columns, columns_of


@dataclass
class Situation:
    """One learner in one course, whose link opens the module « memoriser »."""

    session: Session
    enrolment: Enrolment
    link: ResourceLink
    catalog: Catalog

    @property
    def person_id(self) -> int:
        return self.enrolment.person_id

    @property
    def platform(self) -> Platform:
        return self.link.platform

    def stand(
        self, best_score: int, *, completed: bool = True, module_id: str = "memoriser"
    ) -> None:
        """Say where the person stands in a module."""
        key = {"person_id": self.person_id, "module_id": module_id}
        completion = self.session.get(ModuleCompletion, key)
        if completion is None:
            completion = ModuleCompletion(
                **key, lessons_read=0, questions_answered=0, started_at=NOW, last_activity_at=NOW
            )
            self.session.add(completion)
        completion.state = "completed" if completed else "started"  # type: ignore[assignment]
        completion.score = completion.best_score = best_score
        completion.completed_at = NOW if completed else None
        self.session.flush()

    def owe(self, *, module_id: str = "memoriser", now: datetime = NOW) -> list[int]:
        ids = owe_grades(
            self.session,
            person_id=self.person_id,
            catalog=self.catalog,
            module_id=module_id,
            now=now,
        )
        self.session.commit()
        return ids

    def owe_score(self, score: int = 92, *, now: datetime = NOW) -> int:
        """Complete the module with `score`, and owe it."""
        self.stand(score)
        [owed_grade_id] = self.owe(now=now)
        return owed_grade_id

    def grade(self) -> OwedGrade:
        """The grade of the link, as the database has it."""
        self.session.rollback()
        self.session.expire_all()
        return self.session.query(OwedGrade).filter_by(resource_link_id=self.link.id).one()


_key: dict[str, Any] = {}


def add_key(session: Session) -> None:
    """A key of ours; made once per process, since it takes a tenth of a second."""
    if _key:
        session.add(ToolKey(**_key))
        return
    made = ensure_key(session, secret_key=SECRET_KEY, now=NOW)
    for column in sa.inspect(ToolKey).columns:
        _key[column.key] = getattr(made, column.key)


@pytest.fixture
def situation(session: Session) -> Situation:
    add_key(session)
    enrolment = factories.EnrolmentFactory.create()
    link = factories.ResourceLinkFactory.create(course=enrolment.course)
    first = samples.publish_module(session)
    second = samples.publish_module(session, "esprit-critique", position=2)
    session.commit()
    return Situation(session, enrolment, link, samples.catalog_of(first, second))


@dataclass
class Gradebook:
    """The LMS of a situation: a token endpoint and one line item."""

    mock: responses.RequestsMock
    platform: Platform
    line_item_url: str
    scores: list[dict[str, Any]] = field(default_factory=list)
    tokens: int = 0
    answers: list[int | Exception] = field(default_factory=list)
    """What it says to the next scores; 200 when it was told nothing."""
    before_answering: Any = None

    def start(self) -> None:
        self.mock.add_callback(responses.POST, self.platform.token_url, self._give_token)
        self.mock.add_callback(responses.POST, scores_url(self.line_item_url), self._take_score)

    def _give_token(self, _request: Any) -> tuple[int, dict[str, str], str]:
        self.tokens += 1
        token = f'{{"access_token": "token-{self.tokens}", "expires_in": 3600, '
        return 200, {"Content-Type": "text/html"}, f'{token}"scope": "{SCORE_SCOPE}"}}'

    def _take_score(self, request: Any) -> tuple[int, dict[str, str], str]:
        score = json.loads(request.body)
        score["token"] = request.headers["Authorization"].removeprefix("Bearer ")
        self.scores.append(score)
        if self.before_answering is not None:
            self.before_answering()
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return answer, {}, ""


@pytest.fixture
def gradebook(situation: Situation) -> Iterator[Gradebook]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        book = Gradebook(mock, situation.platform, situation.link.line_item_url or "")
        book.start()
        yield book


@pytest.fixture
def columns(situation: Situation) -> Iterator[Columns]:
    """The gradebook of the situation, where columns can be looked for and made."""
    yield from columns_of(situation.platform.issuer)


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    """The clock, stopped at NOW."""
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """What the tasks queue, asked for and never run."""
    enqueue = Mock(return_value=True)
    monkeypatch.setattr(tasks, "enqueue", enqueue)
    return enqueue


def send(owed_grade_id: int) -> None:
    """Have a worker send that grade."""
    tasks.send_grade.run(owed_grade_id)
