"""Figures on the modules as they are written: length, questions, feedback, references."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from lti_app.content.rules.building import cited_by_question, cited_by_text, texts_of
from lti_app.content.rules.schema import ADVICE_SOURCE, QUESTION_MODELS, QuestionSource
from lti_app.content.rules.source import Courses, ModuleFiles
from lti_app.content.rules.timing import lesson_words

_WITH_FEEDBACK = {"options", "answers", "wrong", "items", "pairs"}


@dataclass(slots=True)
class ModuleStats:
    """Shares are 0…1. `words`: of the lessons. `minutes`: announced, questions included."""

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
    references_used: list[str] = field(default_factory=list)


def module_stats(files: ModuleFiles) -> ModuleStats:
    """Figures of one module."""
    questions = [entry.question for entry in files.questions]
    kinds: Counter[str] = Counter(question.kind for question in questions)
    used = {i for file in files.lessons for i in cited_by_text(file.lesson.body)}
    used |= {i for question in questions for i in cited_by_question(question)}
    return ModuleStats(
        id=files.module.id if files.module else files.folder.name,
        lessons=len(files.lessons),
        words=sum(lesson_words(file.lesson) for file in files.lessons),
        minutes=sum(file.lesson.minutes for file in files.lessons),
        questions=len(questions),
        questions_by_kind={kind: kinds[kind] for kind in QUESTION_MODELS},
        families=len({question.family for question in questions}),
        situations_share=_share(question.situation for question in questions),
        feedback_coverage=_share(given for q in questions for given in _feedback_given(q)),
        references_used=sorted(used - {ADVICE_SOURCE}),
    )


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
