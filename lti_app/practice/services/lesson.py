"""The pages of a lesson: one part a screen, or all of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_app.content.rules.catalog import Lesson, Module, Part, Source, Term
from lti_app.practice.queries import read_standing, updated_lessons
from lti_app.practice.rules import part_to_show
from lti_app.practice.services.module import LessonLine, lesson_line
from lti_app.practice.services.visit import Visit


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part in the list of parts."""

    number: int
    title: str
    is_read: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class LessonPage:
    """`number`: the part shown, from 1; None when the whole lesson is."""

    module: Module
    lesson: Lesson
    number: int | None
    shown: tuple[Part, ...]
    parts: tuple[PartLine, ...]
    objectives: tuple[str, ...]
    """Those of the module that it serves, where it begins."""
    terms: tuple[Term, ...]
    sources: tuple[Source, ...]
    line: LessonLine
    is_read: bool
    updated_at: datetime | None
    """When it was made clearer since the person read in it."""

    @property
    def is_last(self) -> bool:
        return self.number in {None, len(self.lesson.parts)}

    @property
    def unanswered(self) -> int:
        return self.line.questions - self.line.answered


def show_lesson(
    session: Session, visit: Visit, lesson_id: str, *, part: str | None, whole: bool
) -> LessonPage:
    """A lesson of the session, at the part asked for or where it was left. Raises the 404 page."""
    module, lesson = visit.lesson(lesson_id)
    standing = read_standing(session, visit.person_id, [module])
    read = standing.parts_read(lesson.id)
    number = None if whole else part_to_show(part, parts_read=read, count=len(lesson.parts))
    shown = lesson.parts if number is None else (lesson.parts[number - 1],)
    terms = _called(lesson, shown)
    return LessonPage(
        module=module,
        lesson=lesson,
        number=number,
        shown=shown,
        parts=tuple(
            PartLine(i, each.title, is_read=i <= read, is_current=i == number)
            for i, each in enumerate(lesson.parts, 1)
        ),
        objectives=_served(module, lesson) if number in {None, 1} else (),
        terms=terms,
        sources=_cited(module, lesson, shown, terms),
        line=lesson_line(lesson, standing, standing.progress(module).last_right),
        is_read=standing.is_read(lesson.id),
        updated_at=updated_lessons(session, standing, [lesson]).get(lesson.id),
    )


def _served(module: Module, lesson: Lesson) -> tuple[str, ...]:
    return tuple(
        module.objectives[number - 1]
        for number in lesson.objectives
        if number <= len(module.objectives)
    )


def _called(lesson: Lesson, shown: tuple[Part, ...]) -> tuple[Term, ...]:
    """The terms that these parts link to: the links must lead somewhere."""
    html = "".join(part.html for part in shown)
    return tuple(term for term in lesson.terms if f'"#mot-{term.id}"' in html)


def _cited(
    module: Module, lesson: Lesson, shown: tuple[Part, ...], terms: tuple[Term, ...]
) -> tuple[Source, ...]:
    """Only the sources of what is shown: a list of thirty under one screen helps nobody."""
    html = "".join([part.html for part in shown] + [term.definition_html for term in terms])
    drawn = [figure for figure in module.figures if figure.address in html]
    own = {source.id for term in terms for source in term.sources}
    own |= {source.id for figure in drawn for source in figure.sources}
    return tuple(
        source for source in lesson.sources if source.id in own or f'"#source-{source.id}"' in html
    )
