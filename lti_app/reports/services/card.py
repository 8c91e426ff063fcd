"""One referent's card: all that a trainer may know, which is never an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lti_app.completion.models import LessonReading, ModuleCompletion
from lti_app.completion.queries import completions_of, readings_of
from lti_app.completion.rules import CompletionState
from lti_app.content.queries import load_catalog
from lti_app.content.rules.catalog import Lesson, Module
from lti_app.grading.models import OwedGrade
from lti_app.grading.queries import SentAndShown, grades_of
from lti_app.grading.rules import advise, explain
from lti_app.people.models import Enrolment, EnrolmentState, ResourceLink
from lti_app.people.queries import links_of_course
from lti_app.people.rules import course_module_ids
from lti_app.reports import queries
from lti_app.reports.rules.days import local_day
from lti_app.reports.rules.gradebook import shown_grade
from lti_app.reports.rules.rows import GradeStatus, later, stand_in_name, tidy_name
from lti_app.reports.services.gradebook import read_differences


@dataclass(frozen=True, slots=True)
class LessonCard:
    """A lesson: read to its end on that day, opened only, or neither."""

    title: str
    opened: bool
    read_on: date | None


@dataclass(frozen=True, slots=True)
class ModuleCard:
    """One module. Scores 0…100, None before any work; nothing of the answers."""

    title: str
    pass_mark: int
    questions: int
    lessons: tuple[LessonCard, ...]
    state: CompletionState = CompletionState.NOT_STARTED
    score: int | None = None
    best_score: int | None = None
    questions_answered: int = 0
    started_on: date | None = None
    completed_on: date | None = None
    last_day: date | None = None

    @property
    def lessons_read(self) -> int:
        return sum(lesson.read_on is not None for lesson in self.lessons)


@dataclass(frozen=True, slots=True)
class GradeCard:
    """One activity of the LMS and what became of its grade; `advice`: what can be done.

    `shown`: what the LMS showed on `shown_on`, in words, where it is not what was sent.
    """

    activity: str
    graded: bool
    status: GradeStatus = GradeStatus.NONE
    score: int | None = None
    sent_score: int | None = None
    sent_on: date | None = None
    reason: str = ""
    advice: str = ""
    shown: str = ""
    shown_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReferentCard:
    """A learner of a session; days are those of the service's zone."""

    name: str
    nameless: bool
    left: bool
    first_day: date | None
    last_day: date | None
    modules: tuple[ModuleCard, ...]
    grades: tuple[GradeCard, ...]


def read_referent(
    session: Session, *, course_id: int, person_id: int, zone: ZoneInfo
) -> ReferentCard | None:
    """The card of a learner of that very course, present or gone; None for anybody else."""
    enrolment = queries.find_learner(session, course_id=course_id, person_id=person_id)
    if enrolment is None:
        return None
    catalog = load_catalog(session)
    links = links_of_course(session, course_id)
    module_ids = course_module_ids([link.target for link in links], catalog.module_ids)
    modules = [catalog.module(module_id) for module_id in module_ids]
    completions = completions_of(session, person_id, module_ids)
    lesson_ids = [lesson.id for module in modules for lesson in module.lessons]
    readings = readings_of(session, person_id, lesson_ids)
    owed = grades_of(session, person_id, course_id)
    changed = read_differences(session, course_id=course_id, person_id=person_id)
    return _card(
        enrolment,
        completions,
        tuple(_module(module, completions.get(module.id), readings, zone) for module in modules),
        tuple(_grade(link, owed.get(link.id), changed.get(link.id), zone) for link in links),
        zone,
    )


def _card(
    enrolment: Enrolment,
    completions: Mapping[str, ModuleCompletion],
    modules: tuple[ModuleCard, ...],
    grades: tuple[GradeCard, ...],
    zone: ZoneInfo,
) -> ReferentCard:
    name = tidy_name(enrolment.person.name)
    last = enrolment.last_launch_at
    for completion in completions.values():
        last = later(last, completion.last_activity_at)
    return ReferentCard(
        name=name or stand_in_name(enrolment.person_id),
        nameless=not name,
        left=enrolment.state == EnrolmentState.LEFT,
        first_day=local_day(enrolment.first_launch_at, zone),
        last_day=local_day(last, zone),
        modules=modules,
        grades=grades,
    )


def _module(
    module: Module,
    done: ModuleCompletion | None,
    readings: Mapping[str, LessonReading],
    zone: ZoneInfo,
) -> ModuleCard:
    lessons = tuple(_lesson(lesson, readings.get(lesson.id), zone) for lesson in module.lessons)
    if done is None or done.state == CompletionState.NOT_STARTED:
        return ModuleCard(module.title, module.pass_mark, len(module.questions), lessons)
    return ModuleCard(
        title=module.title,
        pass_mark=module.pass_mark,
        questions=len(module.questions),
        lessons=lessons,
        state=CompletionState(done.state),
        score=done.score,
        best_score=done.best_score,
        questions_answered=done.questions_answered,
        started_on=local_day(done.started_at, zone),
        completed_on=local_day(done.completed_at, zone),
        last_day=local_day(done.last_activity_at, zone),
    )


def _lesson(lesson: Lesson, reading: LessonReading | None, zone: ZoneInfo) -> LessonCard:
    read_at = None if reading is None else reading.read_at
    return LessonCard(lesson.title, opened=reading is not None, read_on=local_day(read_at, zone))


def _grade(
    link: ResourceLink, owed: OwedGrade | None, changed: SentAndShown | None, zone: ZoneInfo
) -> GradeCard:
    graded = link.line_item_url is not None
    if owed is None:
        return GradeCard(link.title, graded)
    return GradeCard(
        activity=link.title,
        graded=graded,
        status=GradeStatus(owed.state),
        score=owed.score,
        sent_score=owed.sent_score,
        sent_on=local_day(owed.sent_at, zone),
        reason=explain(owed.state, owed.problem),
        advice=advise(owed.state, owed.problem),
        shown=shown_grade(changed.score, changed.maximum) if changed else "",
        shown_on=local_day(changed.read_at, zone) if changed else None,
    )
