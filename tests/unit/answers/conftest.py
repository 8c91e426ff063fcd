"""Someone enrolled in a course, before a published module."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from lti_app.answers.models import Occasion
from lti_app.answers.rules import ChoiceResponse
from lti_app.answers.services import Recorded, record_answer
from lti_app.content.rules.catalog import Module
from tests import factories, samples

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Learner:
    person_id: int
    course_id: int
    module: Module


@pytest.fixture
def learner(session: Session) -> Learner:
    enrolment = factories.EnrolmentFactory.create()
    module = samples.publish_module(session)
    session.commit()
    return Learner(enrolment.person_id, enrolment.course_id, module)


Answering = Callable[..., Recorded]


@pytest.fixture
def answer(learner: Learner) -> Answering:
    """Record an answer; the first question, right, slowly and now unless said otherwise."""
    count = 0

    def record(session: Session, *, right: bool = True, **said: Any) -> Recorded:
        nonlocal count
        count += 1
        values: dict[str, Any] = {
            "person_id": learner.person_id,
            "course_id": learner.course_id,
            "question": learner.module.questions[0],
            "response": ChoiceResponse(frozenset({"a" if right else "b"})),
            "occasion": Occasion.LESSON,
            "confidence": None,
            "milliseconds": 20_000,
            "idempotency_key": f"form-{count}",
            "now": factories.NOW,
            "zone": PARIS,
        }
        return record_answer(session, **{**values, **said})

    return record
