"""Inside questions: which answers are right, ids, families."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from lti_app.content.rules.problems import Problem
from lti_app.content.rules.schema import (
    ChoiceQuestion,
    MatchingQuestion,
    OrderingQuestion,
    ShortQuestion,
    TrueFalseQuestion,
)
from lti_app.content.rules.source import Courses, ModuleFiles, QuestionEntry
from lti_app.ui.french import plural

_MISTYPED = 0.85
"""Names that close are one name; families of one module often share their first word."""


def check_questions(courses: Courses) -> Iterator[Problem]:
    """Every question of every module, then each module's set of questions."""
    for files in courses.modules:
        for entry in files.questions:
            yield from _question(entry)
        if files.questions_complete:
            yield from _families(files)


def _question(entry: QuestionEntry) -> Iterator[Problem]:
    match entry.question:
        case ChoiceQuestion() as question:
            yield from _unique(entry, "options", [o.id for o in question.options], "id")
            yield from _unique(entry, "options", [o.text for o in question.options], "text")
            yield from _right_answers(entry, question)
        case TrueFalseQuestion() as question:
            yield from _unique(entry, "options", [o.id for o in question.options], "id")
            if sum(o.correct for o in question.options) != 1:
                yield _one_right(entry)
        case ShortQuestion() as question:
            wordings = [("answers", i, a.text) for i, a in enumerate(question.answers)]
            wordings += [("wrong", i, a.text) for i, a in enumerate(question.wrong)]
            yield from _short(entry, wordings)
        case OrderingQuestion() as question:
            yield from _unique(entry, "items", [i.id for i in question.items], "id")
            yield from _unique(entry, "items", [i.text for i in question.items], "text")
        case MatchingQuestion() as question:
            yield from _matching(entry, question)


def _right_answers(entry: QuestionEntry, question: ChoiceQuestion) -> Iterator[Problem]:
    right = sum(option.correct for option in question.options)
    if question.kind == "single" and right != 1:
        yield _one_right(entry)
    if question.kind == "multiple" and not 0 < right < len(question.options):
        yield Problem(
            entry.path,
            entry.line("options"),
            f"{right} {plural(right, 'bonne réponse', 'bonnes réponses')}"
            f" sur {len(question.options)}",
            "une question à choix multiples a au moins une bonne et une mauvaise réponse",
        )


def _one_right(entry: QuestionEntry) -> Problem:
    return Problem(
        entry.path,
        entry.line("options"),
        f"« {entry.question.id} » n’a pas exactement une bonne réponse",
        "écrivez « correct: true » sous une seule option",
    )


def _unique(
    entry: QuestionEntry, field: str, values: Sequence[str], part: str
) -> Iterator[Problem]:
    for index, value in enumerate(values):
        if value in values[:index]:
            yield Problem(
                entry.path,
                entry.line(field, index, part),
                f"« {value} » est écrit deux fois dans « {entry.question.id} »",
                "distinguez les deux, ou retirez l’un des deux",
            )


def _matching(entry: QuestionEntry, question: MatchingQuestion) -> Iterator[Problem]:
    yield from _unique(entry, "pairs", [p.id for p in question.pairs], "id")
    yield from _unique(entry, "pairs", [p.left for p in question.pairs], "left")
    rights = [pair.right for pair in question.pairs]
    yield from _unique(entry, "pairs", rights, "right")
    for index, text in enumerate(question.distractors):
        if text in rights or text in question.distractors[:index]:
            yield Problem(
                entry.path,
                entry.line("distractors", index),
                f"« {text} » est écrit deux fois dans « {entry.question.id} »",
                "un intrus ne correspond à aucune paire : changez-le",
            )


def _short(entry: QuestionEntry, wordings: list[tuple[str, int, str]]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for field, index, text in wordings:
        plain = _without_accents(text)
        if plain in seen:
            yield Problem(
                entry.path,
                entry.line(field, index, "text"),
                f"« {text} » est déjà donné (sans tenir compte des accents et des majuscules)",
                "retirez cette formulation"
                if seen[plain] == field
                else "elle ne peut être à la fois juste et fausse",
            )
        seen.setdefault(plain, field)


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold().strip(" .,;:!?\u00a0\u202f"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _families(files: ModuleFiles) -> Iterator[Problem]:
    sizes = Counter(entry.question.family for entry in files.questions)
    for entry in files.questions:
        if sizes[entry.question.family] < 2:
            others = [name for name in sizes if name != entry.question.family]
            near = get_close_matches(entry.question.family, others, n=1, cutoff=_MISTYPED)
            yield Problem(
                entry.path,
                entry.line("family"),
                f"la famille « {entry.question.family} » n’a qu’une question",
                f"vouliez-vous écrire « {near[0]} » ? Sinon, écrivez la même idée dans une autre"
                " situation"
                if near
                else "écrivez la même idée dans une autre situation, ou rejoignez une famille",
            )
