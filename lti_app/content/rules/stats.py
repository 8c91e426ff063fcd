"""Figures on the modules as they are written: length, questions, feedback, references."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from lti_app.content.rules.building import cited_by_question, cited_by_text, texts_of
from lti_app.content.rules.building_supplements import (
    cited_by_figure,
    cited_by_kit,
    cited_by_term,
)
from lti_app.content.rules.dated_facts import dated_facts
from lti_app.content.rules.schema import ADVICE_SOURCE, QUESTION_MODELS, QuestionSource
from lti_app.content.rules.source import Courses, ModuleFiles
from lti_app.content.rules.timing import lesson_words

_WITH_FEEDBACK = {"options", "answers", "wrong", "items", "pairs"}


@dataclass(slots=True)
class ModuleStats:
    """Shares are 0…1. `words`: of the lessons. `minutes`: announced, questions included.

    `misconceptions_covered`: those a question answers, of `misconceptions`. `objectives_served`:
    those a lesson serves, of `objectives`. `dated_facts`: {subject, checked, check_by}, ISO dates.
    """

    id: str
    lessons: int
    words: int
    minutes: int
    questions: int
    questions_by_kind: dict[str, int]
    families: int
    situations_share: float
    feedback_coverage: float
    """Answers one can give that have their own feedback."""
    objectives: int
    objectives_served: int
    misconceptions: int
    misconceptions_covered: int
    terms: int
    figures: int
    kit: bool
    dated_facts: list[dict[str, str]] = field(default_factory=list)
    references_used: list[str] = field(default_factory=list)


def module_stats(files: ModuleFiles) -> ModuleStats:
    """Figures of one module."""
    questions = [entry.question for entry in files.questions]
    kinds: Counter[str] = Counter(question.kind for question in questions)
    module = files.module
    believed = {found.id for found in module.misconceptions} if module else set()
    served = {number for file in files.lessons for number in file.lesson.objectives}
    return ModuleStats(
        id=module.id if module else files.folder.name,
        lessons=len(files.lessons),
        words=sum(lesson_words(file.lesson) for file in files.lessons),
        minutes=sum(file.lesson.minutes for file in files.lessons),
        questions=len(questions),
        questions_by_kind={kind: kinds[kind] for kind in QUESTION_MODELS},
        families=len({question.family for question in questions}),
        situations_share=_share(question.situation for question in questions),
        feedback_coverage=_share(given for q in questions for given in _feedback_given(q)),
        objectives=len(module.objectives) if module else 0,
        objectives_served=len(served),
        misconceptions=len(believed),
        misconceptions_covered=len(believed & {i for q in questions for i in q.misconceptions}),
        terms=len(files.terms),
        figures=len(files.figures),
        kit=files.kit is not None,
        dated_facts=[
            {
                "subject": fact.subject,
                "checked": fact.checked.isoformat(),
                "check_by": fact.check_by.isoformat(),
            }
            for fact in dated_facts(files)
        ],
        references_used=sorted(_references_used(files) - {ADVICE_SOURCE}),
    )


def _references_used(files: ModuleFiles) -> set[str]:
    used = {i for file in files.lessons for i in cited_by_text(file.lesson.body)}
    used.update(i for entry in files.questions for i in cited_by_question(entry.question))
    used.update(i for entry in files.terms for i in cited_by_term(entry.source))
    used.update(i for entry in files.figures for i in cited_by_figure(entry.source))
    used.update(cited_by_kit(files.kit.source) if files.kit else ())
    used.update(found.reference for found in (files.module.resources if files.module else ()))
    return used


def all_stats(courses: Courses) -> list[ModuleStats]:
    """Figures of each module, in the order of the path."""
    return [module_stats(files) for files in courses.modules]


def _feedback_given(question: QuestionSource) -> Iterable[bool]:
    for path, text in texts_of(question):
        if path[0] in _WITH_FEEDBACK and path[-1] == "feedback":
            yield bool(text.strip())


def _share(found: Iterable[bool]) -> float:
    values = list(found)
    return round(sum(values) / len(values), 3) if values else 0.0
