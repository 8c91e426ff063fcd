"""Right and wrong answers to every question of `courses/`, as the fields of its form."""

from functools import cache

from lti_app.content.rules.building import Published, build_module
from lti_app.content.rules.building_supplements import glossary_of
from lti_app.content.rules.catalog import Catalog, Module, Option, Question, QuestionKind
from lti_app.content.rules.source import read_courses
from lti_app.core.settings import PROJECT_ROOT

Fields = dict[str, list[str]]
"""Values by name of control, as a browser posts them."""


@cache
def courses() -> Catalog:
    """What is taught, read from the files that the service publishes."""
    read = read_courses(PROJECT_ROOT / "courses")
    supplements = read.supplements
    glossary = glossary_of(supplements)
    modules = []
    for files in read.modules:
        assert files.module is not None, files.folder
        modules.append(
            build_module(
                Published(files.module, 0),
                [Published(file.lesson, 0) for file in files.lessons],
                [Published(entry.question, 0) for entry in files.questions],
                read.references,
                supplements[files.module.id],
                glossary,
            )
        )
    return Catalog(release_id=1, modules=tuple(modules))


def the_module() -> Module:
    """The first module."""
    return courses().modules[0]


def one_of_each_kind() -> dict[QuestionKind, Question]:
    """The first question of each kind."""
    found: dict[QuestionKind, Question] = {}
    for question in the_module().questions:
        found.setdefault(question.kind, question)
    return found


def right_answer(question: Question) -> Fields:
    """What to fill in to be right."""
    match question.kind:
        case QuestionKind.SHORT:
            return {"text": [question.answers[0].text]}
        case QuestionKind.ORDERING:
            return _ranks([item.id for item in question.items])
        case QuestionKind.MATCHING:
            return {f"match-{pair.id}": [pair.right_token] for pair in question.pairs}
        case _:
            return {"choice": [option.id for option in question.options if option.correct]}


def wrong_answer(question: Question) -> Fields:
    """What to fill in to be wrong."""
    match question.kind:
        case QuestionKind.SHORT:
            text = question.wrong[0].text if question.wrong else "aucune idée"
            return {"text": [text]}
        case QuestionKind.ORDERING:
            return _ranks([item.id for item in reversed(question.items)])
        case QuestionKind.MATCHING:
            tokens = [pair.right_token for pair in question.pairs]
            turned = [*tokens[1:], tokens[0]]
            pairs = zip(question.pairs, turned, strict=True)
            return {f"match-{pair.id}": [token] for pair, token in pairs}
        case _:
            return {"choice": [_first_wrong(question.options).id]}


def _ranks(ids: list[str]) -> Fields:
    return {f"position-{id_}": [str(rank)] for rank, id_ in enumerate(ids, 1)}


def _first_wrong(options: tuple[Option, ...]) -> Option:
    return next(option for option in options if not option.correct)
