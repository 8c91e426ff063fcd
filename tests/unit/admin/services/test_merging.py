"""Merging two persons and parting them again: nothing lost, nothing left behind."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.admin.models import IssuerSuccession, PersonMerge
from lti_app.admin.rules.matching import MatchedBy
from lti_app.admin.services.belongings import BELONGINGS, LEFT_ALONE
from lti_app.admin.services.merging import (
    CannotMergeError,
    NewMerge,
    link_issuers,
    merge_persons,
    preview,
    undo_merge,
)
from lti_app.answers.models import Answer, Card, Draft, Occasion
from lti_app.completion.models import ModuleCompletion
from lti_app.completion.rules import CompletionState
from lti_app.core.database import Base, db
from lti_app.grading.models import GradeState, OwedGrade
from lti_app.lti.rules.claims import Launch
from lti_app.people import services
from lti_app.people.administration import grant_administrator
from lti_app.people.models import (
    AuditEntry,
    Enrolment,
    EnrolmentState,
    Identity,
    Person,
    Role,
)
from tests import factories
from tests.factories import NOW
from tests.samples import publish_module

OLD, NEW = "https://magistere1.example.fr", "https://magistere2.example.fr"
LATER = NOW + timedelta(days=3)


class Two:
    """The same referent in two LMS, known as two persons, each with a past."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.module = publish_module(session)
        self.question, self.other_question = self.module.questions[:2]
        self.former = self._join(OLD, "42")
        self.newer = self._join(NEW, "42")
        self.succession = link_issuers(
            session, former_issuer=OLD, issuer=NEW, actor_id=None, now=NOW
        ).succession

    def _join(self, issuer: str, sub: str) -> Enrolment:
        platform = factories.PlatformFactory(issuer=issuer)
        course = factories.CourseFactory(platform=platform)
        person = factories.PersonFactory(
            name="Zoé N'Guessan", sort_name="n'guessan zoe", email="zoe@ac-exemple.fr"
        )
        identity = factories.IdentityFactory(person=person, issuer=issuer, sub=sub)
        enrolment: Enrolment = factories.EnrolmentFactory(
            course=course, person=person, identity=identity
        )
        return enrolment

    @property
    def new(self) -> NewMerge:
        return NewMerge(self.former.person_id, self.newer.person_id, MatchedBy.EMAIL)

    def merge(self) -> PersonMerge:
        return merge_persons(
            self.session, self.new, succession=self.succession, actor_id=None, now=LATER
        ).merge

    def card(self, enrolment: Enrolment, question_id: str, reviewed: date) -> None:
        self.session.add(
            Card(
                person_id=enrolment.person_id,
                question_id=question_id,
                stability=2.0 + reviewed.day,
                difficulty=5.0,
                due_on=reviewed + timedelta(days=3),
                last_reviewed_on=reviewed,
                reps=1,
                lapses=0,
                last_correct=True,
                scheduler_version="test",
            )
        )

    def answer(self, enrolment: Enrolment, question: Any) -> None:
        self.session.add(
            Answer(
                person_id=enrolment.person_id,
                course_id=enrolment.course_id,
                question_id=question.id,
                revision_id=question.revision_id,
                occasion=Occasion.LESSON,
                answered_at=NOW,
                local_day=NOW.date(),
                response={"kind": "single", "chosen": ["a"]},
                correct=True,
                mapping_version="test",
                idempotency_key=f"{enrolment.person_id}-{question.id}",
            )
        )

    def completion(self, enrolment: Enrolment, score: int, *, done: bool) -> None:
        self.session.add(
            ModuleCompletion(
                person_id=enrolment.person_id,
                module_id=self.module.id,
                state=CompletionState.COMPLETED if done else CompletionState.STARTED,
                score=score,
                best_score=score,
                lessons_read=1,
                questions_answered=3,
                started_at=NOW,
                completed_at=NOW if done else None,
                last_activity_at=NOW,
            )
        )

    def owe(self, enrolment: Enrolment) -> None:
        link = factories.ResourceLinkFactory(course=enrolment.course)
        self.session.add(
            OwedGrade(
                resource_link_id=link.id,
                person_id=enrolment.person_id,
                identity_id=enrolment.identity_id,
                score=90,
                completed=True,
                state=GradeState.OWED,
                next_attempt_at=NOW,
                owed_at=NOW,
            )
        )


@pytest.fixture
def two(session: Session) -> Two:
    return Two(session)


def of_person(session: Session, model: type[Any], person_id: int) -> list[Any]:
    session.expire_all()
    return list(session.scalars(sa.select(model).filter_by(person_id=person_id)))


def everything(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables that merging touches."""
    session.flush()
    return {
        each.table.name: sorted(map(tuple, session.execute(sa.select(each.table))), key=repr)
        for each in BELONGINGS
    }


def test_every_table_that_points_at_a_person_is_moved_or_left_on_purpose() -> None:
    pointing = {
        table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "person"
    }
    moved = {each.table.name for each in BELONGINGS}
    assert pointing - moved - LEFT_ALONE == {"person_merge"}
    assert not moved & LEFT_ALONE


def test_all_that_the_new_person_has_becomes_the_former_ones(two: Two, session: Session) -> None:
    two.card(two.newer, two.question.id, date(2026, 11, 2))
    two.answer(two.newer, two.question)
    two.completion(two.newer, 90, done=True)
    two.owe(two.newer)
    merged_id, kept_id = two.newer.person_id, two.former.person_id
    merge = two.merge()
    for each in BELONGINGS:
        assert of_person(session, each.model, merged_id) == []
    assert {row.issuer for row in of_person(session, Identity, kept_id)} == {OLD, NEW}
    assert len(of_person(session, Enrolment, kept_id)) == 2
    assert len(of_person(session, Answer, kept_id)) == 1
    (grade,) = of_person(session, OwedGrade, kept_id)
    assert grade.identity.issuer == NEW  # the LMS that is owed knows them by its own number
    assert session.get(Person, merged_id) is not None
    assert merge.merged_at == LATER


def test_the_fresher_memory_and_the_better_completion_win(two: Two, session: Session) -> None:
    two.card(two.former, two.question.id, date(2026, 11, 2))
    two.card(two.newer, two.question.id, date(2026, 11, 8))
    two.card(two.former, two.other_question.id, date(2026, 11, 8))
    two.card(two.newer, two.other_question.id, date(2026, 11, 2))
    two.completion(two.former, 85, done=True)
    two.completion(two.newer, 40, done=False)
    two.merge()
    kept = two.former.person_id
    assert {row.last_reviewed_on for row in of_person(session, Card, kept)} == {date(2026, 11, 8)}
    (completion,) = of_person(session, ModuleCompletion, kept)
    assert completion.state == CompletionState.COMPLETED
    assert completion.best_score == 85


def test_completed_by_the_new_account_is_completed(two: Two, session: Session) -> None:
    two.completion(two.former, 40, done=False)
    two.completion(two.newer, 85, done=True)
    two.merge()
    (completion,) = of_person(session, ModuleCompletion, two.former.person_id)
    assert completion.state == CompletionState.COMPLETED
    assert completion.completed_at == NOW


def test_undoing_puts_every_row_back(two: Two, session: Session) -> None:
    two.card(two.former, two.question.id, date(2026, 11, 2))
    two.card(two.newer, two.question.id, date(2026, 11, 8))
    two.card(two.newer, two.other_question.id, date(2026, 11, 8))
    two.answer(two.former, two.question)
    two.answer(two.newer, two.question)
    two.completion(two.former, 85, done=True)
    two.completion(two.newer, 40, done=False)
    two.owe(two.newer)
    session.add(
        Draft(
            person_id=two.newer.person_id,
            question_id=two.question.id,
            fields={"choice": ["a"]},
            saved_at=NOW,
        )
    )
    before = everything(session)
    merge = two.merge()
    assert everything(session) != before
    undo_merge(session, merge, actor_id=None, now=LATER)
    assert everything(session) == before
    assert merge.moved == {}
    actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["succession.create", "merge.do", "merge.undo"]


def test_what_was_done_since_the_merge_is_not_undone(two: Two, session: Session) -> None:
    two.completion(two.former, 40, done=False)
    two.completion(two.newer, 60, done=False)
    merge = two.merge()
    (completion,) = of_person(session, ModuleCompletion, two.former.person_id)
    completion.score = completion.best_score = 95
    two.answer(two.former, two.other_question)
    session.flush()
    undo_merge(session, merge, actor_id=None, now=LATER)
    (completion,) = of_person(session, ModuleCompletion, two.former.person_id)
    assert completion.score == 95
    assert len(of_person(session, Answer, two.former.person_id)) == 1


def test_a_trainer_in_one_of_two_accounts_of_a_course_stays_one(two: Two, session: Session) -> None:
    course_id = two.former.course_id
    factories.EnrolmentFactory(course=two.former.course, person=two.newer.person, role=Role.TRAINER)
    before = everything(session)
    merge = two.merge()
    rows = of_person(session, Enrolment, merge.kept_person_id)
    assert {row.course_id: row.role for row in rows}[course_id] == Role.TRAINER
    undo_merge(session, merge, actor_id=None, now=LATER)
    assert everything(session) == before


def test_who_left_by_one_account_and_is_there_by_another_is_there(
    two: Two, session: Session
) -> None:
    """The LMS made somebody a new account: the roster names the former one no more."""
    course = two.newer.course
    former = factories.IdentityFactory(person=two.former.person, issuer=NEW, sub="7")
    factories.EnrolmentFactory(
        course=course,
        person=two.former.person,
        identity=former,
        state=EnrolmentState.LEFT,
        left_at=NOW,
        launch_role=Role.LEARNER,
    )
    two.newer.role = two.newer.launch_role = Role.TRAINER
    before = everything(session)
    merge = two.merge()
    rows = {row.course_id: row for row in of_person(session, Enrolment, merge.kept_person_id)}
    row = rows[course.id]
    assert (row.state, row.left_at, row.identity.sub) == (EnrolmentState.ACTIVE, None, "42")
    assert row.launch_role == Role.TRAINER, "what no roster lowers"
    undo_merge(session, merge, actor_id=None, now=LATER)
    assert everything(session) == before


def test_what_an_account_entered_since_goes_with_it(two: Two, session: Session) -> None:
    """Merged by mistake, one would have their grades sent to the other's account for ever."""
    merge = two.merge()
    entered = factories.EnrolmentFactory(
        course=factories.CourseFactory(platform=two.newer.course.platform),
        person=two.former.person,
        identity=two.newer.identity,
    )
    two.owe(entered)
    session.flush()
    undo_merge(session, merge, actor_id=None, now=LATER)
    courses = {row.course_id for row in of_person(session, Enrolment, merge.merged_person_id)}
    assert courses == {two.newer.course_id, entered.course_id}
    assert len(of_person(session, OwedGrade, merge.merged_person_id)) == 1
    for model in (Enrolment, OwedGrade):
        for row in of_person(session, model, merge.kept_person_id):
            assert row.identity.person_id == merge.kept_person_id, model


def test_where_both_are_enrolled_each_keeps_their_own_account(two: Two, session: Session) -> None:
    course = two.newer.course
    former = factories.IdentityFactory(person=two.former.person, issuer=NEW, sub="7")
    factories.EnrolmentFactory(course=course, person=two.former.person, identity=former)
    joined_id = two.newer.identity_id
    merge = two.merge()
    (kept,) = (
        row
        for row in of_person(session, Enrolment, merge.kept_person_id)
        if row.course_id == course.id
    )
    kept.identity_id = joined_id  # a launch by the account that joined
    session.flush()
    undo_merge(session, merge, actor_id=None, now=LATER)
    rows = session.scalars(sa.select(Enrolment).filter_by(course_id=course.id)).all()
    assert {row.person_id: row.identity.sub for row in rows} == {
        merge.kept_person_id: "7",
        merge.merged_person_id: "42",
    }


@pytest.mark.parametrize("database", ["postgresql"])
@pytest.mark.parametrize("step", ["find_known", "_course"])
def test_whoever_enters_a_course_during_the_merge_is_enrolled_as_the_kept_one(
    two: Two, session: Session, app: Flask, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """« Tout réunir » takes minutes, while people launch. SQLite has one writer: nobody between."""
    new, succession_id = two.new, two.succession.id
    platform_id, issuer = two.newer.course.platform_id, two.newer.course.issuer
    session.commit()

    def merge() -> None:
        with app.app_context(), db.sessionmaker() as own:
            found = own.get_one(IssuerSuccession, succession_id)
            merge_persons(own, new, succession=found, actor_id=None, now=LATER)
            own.commit()

    merging = threading.Thread(target=merge)
    real = getattr(services, step)

    def begin_merging(*args: Any, **values: Any) -> Any:
        outcome = real(*args, **values)
        if not merging.ident:
            merging.start()
            merging.join(2)
        return outcome

    monkeypatch.setattr(services, step, begin_merging)
    launch = Launch(
        issuer=issuer, client_id="c", deployment_id="1", sub="42", roles=("Learner",),
        target_link_uri="https://relais.example.org/", link_id="9", link_title="", context_id="new",
        context_title="",
    )  # fmt: skip
    services.remember_launch(
        session, launch, platform_id=platform_id, deployment_id=None, target="path", now=LATER
    )
    session.commit()
    merging.join()
    assert of_person(session, Enrolment, new.merged_id) == []
    assert len(of_person(session, Enrolment, new.kept_id)) == 3


def test_what_was_typed_is_kept_nowhere_beyond_its_thirty_days(two: Two, session: Session) -> None:
    """Screens promise that it goes after thirty days, and no purge looks into a merge."""
    for enrolment, typed in ((two.former, "gardé"), (two.newer, "secret")):
        session.add(
            Draft(
                person_id=enrolment.person_id,
                question_id=two.question.id,
                fields={"text": [typed]},
                saved_at=NOW,
            )
        )
    merge = two.merge()
    assert "secret" not in str(merge.moved)
    undo_merge(session, merge, actor_id=None, now=LATER)
    (draft,) = session.scalars(sa.select(Draft))
    assert (draft.person_id, draft.fields) == (merge.kept_person_id, {"text": ["gardé"]})


def test_what_came_late_to_the_emptied_person_does_not_keep_them_merged(
    two: Two, session: Session
) -> None:
    """A visit that was open during the merge: its form is kept under the person it was made for."""
    draft = {"question_id": two.question.id, "fields": {"choice": ["a"]}}
    session.add(Draft(person_id=two.newer.person_id, saved_at=NOW, **draft))
    two.card(two.newer, two.question.id, date(2026, 11, 2))
    merge = two.merge()
    session.add(Draft(person_id=merge.merged_person_id, saved_at=LATER, **draft))
    session.flush()
    undo_merge(session, merge, actor_id=None, now=LATER)
    (kept,) = of_person(session, Draft, merge.merged_person_id)
    assert kept.saved_at == LATER
    assert len(of_person(session, Card, merge.merged_person_id)) == 1


def test_a_merge_is_undone_once_and_before_an_older_one(two: Two, session: Session) -> None:
    merge = two.merge()
    third = factories.PersonFactory()
    factories.IdentityFactory(person=third, issuer=OLD)
    after = merge_persons(
        session,
        NewMerge(third.id, two.former.person_id, MatchedBy.HAND),
        succession=two.succession,
        actor_id=None,
        now=LATER,
    ).merge
    with pytest.raises(CannotMergeError, match="merged_after"):
        undo_merge(session, merge, actor_id=None, now=LATER)
    undo_merge(session, after, actor_id=None, now=LATER)
    undo_merge(session, merge, actor_id=None, now=LATER)
    with pytest.raises(CannotMergeError, match="undone_already"):
        undo_merge(session, merge, actor_id=None, now=LATER)


def test_only_a_person_of_each_lms_may_be_merged(two: Two, session: Session) -> None:
    stranger = factories.PersonFactory()
    kept, merged = two.former.person_id, two.newer.person_id
    for kept_id, merged_id, reason in (
        (kept, kept, "same_person"),
        (merged, kept, "not_there"),
        (kept, stranger.id, "not_there"),
        (stranger.id, merged, "not_there"),
        (kept, 999_999, "not_there"),
    ):
        new = NewMerge(kept_id, merged_id, MatchedBy.HAND)
        with pytest.raises(CannotMergeError, match=reason):
            merge_persons(session, new, succession=two.succession, actor_id=None, now=LATER)


@pytest.mark.parametrize("who", ["former", "newer"])
def test_a_suspended_person_enters_by_no_other_door(two: Two, session: Session, who: str) -> None:
    getattr(two, who).person.suspended_at = NOW
    session.flush()
    with pytest.raises(CannotMergeError, match="suspended"):
        two.merge()


@pytest.mark.parametrize("who", ["former", "newer"])
def test_nobody_becomes_an_administrator_by_merging_all(
    two: Two, session: Session, who: str
) -> None:
    """The new LMS may let anybody write the administrator's name and e-mail."""
    assert [match.certain for match in preview(session, two.succession).matches] == [True]
    grant_administrator(session, person_id=getattr(two, who).person_id, actor_id=None, now=NOW)
    assert [match.certain for match in preview(session, two.succession).matches] == [False]


def test_equal_numbers_in_the_two_lms_match_nobody(two: Two, session: Session) -> None:
    two.newer.person.email = None
    session.flush()
    assert preview(session, two.succession).matches == ()
    assert preview(session, two.succession).alone == 1


def test_the_preview_names_the_pair_and_touches_nobody(two: Two, session: Session) -> None:
    before = everything(session)
    (match,) = preview(session, two.succession).matches
    assert (match.former.person_id, match.newer.person_id) == (
        two.former.person_id,
        two.newer.person_id,
    )
    assert everything(session) == before
    two.merge()
    assert preview(session, two.succession).united == 1


@pytest.mark.parametrize(
    ("former", "newer", "reason"),
    [
        (OLD, OLD, "same_issuer"),
        ("https://unknown.example.org", NEW, "unknown_issuer"),
        (OLD, NEW, "known_already"),
    ],
)
def test_two_lms_are_linked_once(
    two: Two, session: Session, former: str, newer: str, reason: str
) -> None:
    assert session.get(IssuerSuccession, two.succession.id) is not None
    with pytest.raises(CannotMergeError, match=reason):
        link_issuers(session, former_issuer=former, issuer=newer, actor_id=None, now=NOW)
