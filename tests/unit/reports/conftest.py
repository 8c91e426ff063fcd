"""A session of two modules with its trainer, and referents at every stage."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.completion.models import ModuleCompletion
from lti_app.completion.rules import CompletionState
from lti_app.content.queries import newest_release
from lti_app.content.rules.catalog import Catalog
from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradeState
from lti_app.people.models import Course, Enrolment, ResourceLink, Role
from lti_app.people.rules import sort_name
from tests import factories, samples
from tests.factories import NOW


@dataclass
class Training:
    """Ids to speak of, and how to people the session."""

    session: Session
    course: Course
    trainer: Enrolment
    catalog: Catalog
    links: dict[str, ResourceLink] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"/suivi/{self.course.id}/"

    def add(self, name: str | None, *, last: datetime = NOW, **enrolment: Any) -> Enrolment:
        """A referent; `name` is « given family »."""
        given, _, family = (name or "").partition(" ")
        person = factories.PersonFactory.create(name=name, sort_name=sort_name(family, given, name))
        referent: Enrolment = factories.EnrolmentFactory.create(
            course=self.course,
            person=person,
            first_launch_at=last,
            last_launch_at=last,
            **enrolment,
        )
        return referent

    def work(
        self,
        enrolment: Enrolment,
        module_id: str = "memoriser",
        *,
        state: CompletionState = CompletionState.STARTED,
        score: int = 50,
        last: datetime = NOW,
    ) -> None:
        """Put the referent somewhere in a module."""
        done = state is CompletionState.COMPLETED
        self.session.add(
            ModuleCompletion(
                person_id=enrolment.person_id,
                module_id=module_id,
                state=state,
                score=score,
                best_score=score,
                lessons_read=1,
                questions_answered=2,
                started_at=last - timedelta(days=3),
                completed_at=last if done else None,
                last_activity_at=last,
            )
        )
        self.session.flush()

    def owe(
        self,
        enrolment: Enrolment,
        module_id: str = "memoriser",
        *,
        state: GradeState = GradeState.SENT,
        problem: str | None = None,
    ) -> None:
        """Have the referent owed a grade of 90 for the activity of a module."""
        sent = state is GradeState.SENT
        self.session.add(
            OwedGrade(
                resource_link_id=self.links[module_id].id,
                person_id=enrolment.person_id,
                identity_id=enrolment.identity_id,
                score=90,
                completed=True,
                sent_score=90 if sent else None,
                state=state,
                next_attempt_at=NOW,
                problem=problem,
                owed_at=NOW,
                sent_at=NOW if sent else None,
            )
        )
        self.session.flush()


@pytest.fixture
def training(session: Session, monkeypatch: pytest.MonkeyPatch) -> Training:
    modules = [
        samples.publish_module(session, "memoriser", position=1),
        samples.publish_module(session, "proteger", position=2),
    ]
    catalog = samples.catalog_of(*modules)

    def load(session: Session) -> Catalog:
        newest_release(session)  # what the real one asks when its catalog is warm
        return catalog

    for service in ("listing", "card"):
        monkeypatch.setattr(f"lti_app.reports.services.{service}.load_catalog", load)
    course = factories.CourseFactory.create()
    trainer = factories.EnrolmentFactory.create(course=course, role=Role.TRAINER)
    links = {
        module.id: factories.ResourceLinkFactory.create(
            course=course, target=module.id, title=f"Activité {module.id}"
        )
        for module in modules
    }
    return Training(session, course, trainer, catalog, links)


@pytest.fixture
def peopled(training: Training) -> Training:
    """One referent of each kind."""
    done = training.add("Zoé Étienne", last=NOW - timedelta(days=40))
    training.work(done, state=CompletionState.COMPLETED, score=92, last=NOW - timedelta(days=2))
    training.owe(done)
    refused = training.add("Alain Bœuf")
    training.work(refused, state=CompletionState.COMPLETED, score=85, last=NOW)
    training.owe(refused, state=GradeState.REFUSED, problem="not_gradable")
    waiting = training.add("Inès d’Almeida")
    training.work(waiting, state=CompletionState.COMPLETED, score=100)
    training.work(waiting, "proteger", state=CompletionState.STARTED, score=0)
    training.owe(waiting, state=GradeState.OWED)
    training.owe(waiting, "proteger", state=GradeState.SENT)
    stuck = training.add("Paul Ébène", last=NOW - timedelta(days=90))
    training.work(stuck, state=CompletionState.NEEDS_HELP, score=20, last=NOW - timedelta(days=60))
    training.add(None, last=NOW - timedelta(days=400))
    training.add("Éva Partie", state="left")
    return training


@pytest.fixture
def trainer_client(training: Training, client: FlaskClient) -> FlaskClient:
    """The browser of the trainer of that session."""
    factories.sign_in(client, training.trainer.person)
    return client
