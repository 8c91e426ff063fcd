"""A learner before two published modules, and what they do."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from lti_app.answers.models import Occasion
from lti_app.answers.rules import ChoiceResponse
from lti_app.answers.services import record_answer
from lti_app.completion.models import ModuleCompletion
from lti_app.completion.services import record_part_read, refresh_completion
from lti_app.content.rules.catalog import Lesson, Module, Question
from tests import factories, samples
from tests.factories import NOW


@dataclass
class Learner:
    """Someone who reads and answers; each act refreshes the completion, as the pages do."""

    person_id: int
    course_id: int
    module: Module
    acts: int = 0

    def answer(
        self, session: Session, question: Question, *, right: bool = True, now: datetime = NOW
    ) -> ModuleCompletion:
        self.acts += 1
        record_answer(
            session,
            person_id=self.person_id,
            course_id=self.course_id,
            question=question,
            response=ChoiceResponse(frozenset({"a" if right else "b"})),
            occasion=Occasion.LESSON,
            confidence=None,
            milliseconds=20_000,
            idempotency_key=f"form-{self.acts}-{question.id}",
            now=now,
            zone=ZoneInfo("Europe/Paris"),
        )
        return self.refresh(session, now=now)

    def read(self, session: Session, lesson: Lesson, *, now: datetime = NOW) -> ModuleCompletion:
        part = len(lesson.parts)
        record_part_read(session, person_id=self.person_id, lesson=lesson, part=part, now=now)
        return self.refresh(session, now=now)

    def refresh(self, session: Session, *, now: datetime = NOW) -> ModuleCompletion:
        return refresh_completion(session, person_id=self.person_id, module=self.module, now=now)

    def finish(self, session: Session, *, missed: int = 0, now: datetime = NOW) -> ModuleCompletion:
        """Read everything, answer everything, the last `missed` questions wrong."""
        for lesson in self.module.lessons:
            completion = self.read(session, lesson, now=now)
        questions = self.module.questions
        for index, question in enumerate(questions):
            right = index < len(questions) - missed
            completion = self.answer(session, question, right=right, now=now)
        return completion


@pytest.fixture
def learner(session: Session) -> Learner:
    enrolment = factories.EnrolmentFactory.create()
    module = samples.publish_module(session, questions=(3, 2))
    session.commit()
    return Learner(enrolment.person_id, enrolment.course_id, module)
