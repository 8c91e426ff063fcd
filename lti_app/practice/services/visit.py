"""One person, in one session, at one moment: what every page starts from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lti_app.content.models import SubjectKind
from lti_app.content.queries import load_catalog
from lti_app.content.rules.catalog import Catalog, Lesson, Module, Question
from lti_app.core.errors import RelaisError
from lti_app.people.access import NOT_FOUND
from lti_app.people.models import Enrolment, ResourceLink, Role
from lti_app.people.queries import links_of_course
from lti_app.people.rules import course_module_ids
from lti_app.scheduling.local_day import local_day


class NotPublished(RelaisError):  # noqa: N818 - the explained 404 page of a question
    """No such question, or no longer one."""

    def __init__(self, subject_id: str) -> None:
        super().__init__(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="no such question")
        self.subject_id = subject_id


@dataclass(frozen=True, slots=True)
class Visit:
    """`modules`: those of this session, in the order of the path. `today`: the school day."""

    enrolment: Enrolment
    catalog: Catalog
    links: tuple[ResourceLink, ...]
    modules: tuple[Module, ...]
    now: datetime
    zone: ZoneInfo

    @property
    def person_id(self) -> int:
        return self.enrolment.person_id

    @property
    def course_id(self) -> int:
        return self.enrolment.course_id

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)

    @property
    def is_trainer(self) -> bool:
        return self.enrolment.role == Role.TRAINER

    def has_module(self, module_id: str) -> bool:
        return any(module.id == module_id for module in self.modules)

    def publishes(self, kind: SubjectKind, subject_id: str) -> bool:
        """Whether that is published, in any session."""
        look_up: dict[SubjectKind, Callable[[str], object]] = {
            SubjectKind.MODULE: self.catalog.module,
            SubjectKind.LESSON: self.catalog.lesson,
            SubjectKind.QUESTION: self.catalog.question,
        }
        try:
            look_up[kind](subject_id)
        except KeyError:
            return False
        return True

    def has_question(self, question_id: str) -> bool:
        """Whether a question is published, in any session."""
        return self.publishes(SubjectKind.QUESTION, question_id)

    def module(self, module_id: str) -> Module:
        """A module of this session. Raises the explained 404 page."""
        if not self.has_module(module_id):
            raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="no such module here")
        return self.catalog.module(module_id)

    def lesson(self, lesson_id: str) -> tuple[Module, Lesson]:
        """A lesson of this session, with its module. Raises the explained 404 page."""
        try:
            lesson = self.catalog.lesson(lesson_id)
        except KeyError:
            raise RelaisError(
                NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="no such lesson"
            ) from None
        return self.module(lesson.module_id), lesson

    def question(self, question_id: str) -> Question:
        """A question that is published, of any session. Raises NotPublished."""
        try:
            return self.catalog.question(question_id)
        except KeyError:
            raise NotPublished(question_id) from None


def open_visit(session: Session, *, enrolment: Enrolment, now: datetime, zone: ZoneInfo) -> Visit:
    """Read what a session is made of."""
    catalog = load_catalog(session)
    links = tuple(links_of_course(session, enrolment.course_id))
    ids = course_module_ids([link.target for link in links], catalog.module_ids)
    return Visit(
        enrolment=enrolment,
        catalog=catalog,
        links=links,
        modules=tuple(catalog.module(id_) for id_ in ids),
        now=now,
        zone=zone,
    )
