"""Invented referents: always the same, and consistent with the rules."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.answers.models import Card
from lti_app.cli.seed import seed_referents
from lti_app.completion import rules
from lti_app.completion.models import ModuleCompletion
from lti_app.completion.queries import progress_of
from lti_app.completion.rules import CompletionState
from lti_app.completion.services import facts
from lti_app.content.rules.catalog import Catalog
from lti_app.grading.models import OwedGrade
from lti_app.people.models import Course, Enrolment, EnrolmentState, Person, Role
from tests import samples
from tests.factories import NOW


def seed(session: Session, catalog: Catalog, *, referents: int, seed: int = 1) -> Course:
    return seed_referents(
        session, referents=referents, schools=3, seed=seed, now=NOW, catalog=catalog
    )


def names(session: Session, course: Course) -> list[str | None]:
    statement = (
        sa.select(Person.name)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.course_id == course.id)
        .order_by(Person.id)
    )
    return list(session.scalars(statement))


def test_a_course_of_learners_with_one_trainer(session: Session) -> None:
    catalog = samples.catalog_of(samples.publish_module(session))
    course = seed(session, catalog, referents=40)
    roles = sa.select(Enrolment.role).where(Enrolment.course_id == course.id)
    assert sorted(session.scalars(roles)) == [Role.LEARNER] * 40 + [Role.TRAINER]
    trainer = session.scalars(
        sa.select(Enrolment).where(Enrolment.course_id == course.id, Enrolment.role == Role.TRAINER)
    ).one()
    assert trainer.state == EnrolmentState.ACTIVE
    assert trainer.person.name


def test_the_same_seed_gives_the_same_people_and_another_seed_others(session: Session) -> None:
    catalog = samples.catalog_of(samples.publish_module(session))
    first, again, other = (seed(session, catalog, referents=30, seed=s) for s in (1, 1, 2))
    assert names(session, first) == names(session, again)
    assert names(session, first) != names(session, other)
    assert len({first.context_id, again.context_id, other.context_id}) == 3


def test_completions_are_what_the_rules_make_of_cards_and_readings(session: Session) -> None:
    module = samples.publish_module(session, questions=(3, 3, 2))
    seed(session, samples.catalog_of(module), referents=60)
    completions = session.scalars(sa.select(ModuleCompletion)).all()
    for completion in completions:
        progress = progress_of(session, completion.person_id, module)
        assert completion.state == rules.state(facts(module), progress, already_completed=False)
        assert completion.score == rules.score(facts(module), progress)
        assert completion.questions_answered == len(progress.last_right)
    assert {completion.state for completion in completions} >= {
        CompletionState.STARTED,
        CompletionState.COMPLETED,
    }
    assert session.scalar(sa.select(sa.func.count()).select_from(Card))


def test_only_the_completed_have_a_grade_and_none_is_due_to_be_sent(session: Session) -> None:
    module = samples.publish_module(session)
    seed(session, samples.catalog_of(module), referents=60)
    completed = session.scalars(
        sa.select(ModuleCompletion.person_id).where(
            ModuleCompletion.state == CompletionState.COMPLETED
        )
    )
    grades = session.scalars(sa.select(OwedGrade)).all()
    assert {grade.person_id for grade in grades} == set(completed)
    assert all((grade.next_attempt_at - NOW).days > 365 for grade in grades)
