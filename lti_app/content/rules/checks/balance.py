"""Answers one could guess: the right one too often first, too often longest, always true."""

from collections.abc import Callable, Iterator
from typing import Any

from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.source import Courses, ModuleFiles, QuestionEntry

ENOUGH_TO_JUDGE = 5
"""Below this many questions, a repeated position may be chance."""
OFTEN = 0.4
OFTEN_TRUE = 0.8
TELLING_RATIO, TELLING_LENGTH = 1.6, 40
"""A single right answer that much longer than the next (and by that many characters) tells."""

_Test = Callable[[QuestionEntry], bool]


def check_balance(courses: Courses) -> Iterator[Problem]:
    """The questions of each module, taken together."""
    for files in courses.modules:
        yield from _choices(files)
        yield from _truths(files)


def _choices(files: ModuleFiles) -> Iterator[Problem]:
    choices = [entry for entry in files.questions if _is_sound_choice(entry)]
    yield from _too_often(choices, _right_comes_first, "la première", "changez l’ordre des options")
    yield from _too_often(
        choices, _right_is_longest, "la plus longue", "allongez les autres options ou abrégez-la"
    )
    for entry in choices:
        right, wrong = _lengths(entry)
        if entry.question.kind == "single" and (
            right[0] > TELLING_RATIO * max(wrong) and right[0] - max(wrong) > TELLING_LENGTH
        ):
            yield Problem(
                entry.path,
                entry.line("options", _options(entry).index(_right(entry)[0]), "text"),
                f"la bonne réponse de « {entry.question.id} » se voit à sa longueur",
                f"{right[0]} caractères contre {max(wrong)} : abrégez-la, ou étoffez les autres",
                Severity.WARNING,
            )


def _truths(files: ModuleFiles) -> Iterator[Problem]:
    truths = [e for e in files.questions if e.question.kind == "truefalse" and _has_one_right(e)]
    true = [entry for entry in truths if _right(entry)[0].id == "vrai"]
    share = len(true) / len(truths) if truths else 0.5
    if len(truths) >= ENOUGH_TO_JUDGE and not 1 - OFTEN_TRUE <= share <= OFTEN_TRUE:
        yield Problem(
            truths[0].path,
            truths[0].line(),
            f"{len(true)} affirmations vraies sur {len(truths)}",
            "équilibrez le vrai et le faux dans le module",
            Severity.WARNING,
        )


def _too_often(
    choices: list[QuestionEntry], has: _Test, which: str, advice: str
) -> Iterator[Problem]:
    found = [entry for entry in choices if has(entry)]
    if len(choices) >= ENOUGH_TO_JUDGE and len(found) / len(choices) > OFTEN:
        ids = ", ".join(entry.question.id for entry in found)
        yield Problem(
            found[0].path,
            found[0].line("options"),
            f"la bonne réponse est {which} dans {len(found)} questions sur {len(choices)} ({ids})",
            f"{advice} : {OFTEN:.0%} au plus dans un module",
            Severity.WARNING,
        )


def _options(entry: QuestionEntry) -> list[Any]:
    return list(getattr(entry.question, "options", ()))


def _right(entry: QuestionEntry) -> list[Any]:
    return [option for option in _options(entry) if option.correct]


def _has_one_right(entry: QuestionEntry) -> bool:
    return len(_right(entry)) == 1


def _is_sound_choice(entry: QuestionEntry) -> bool:
    if entry.question.kind == "single":
        return _has_one_right(entry)
    return entry.question.kind == "multiple" and 0 < len(_right(entry)) < len(_options(entry))


def _lengths(entry: QuestionEntry) -> tuple[list[int], list[int]]:
    """Of the right options and of the wrong ones."""
    options = _options(entry)
    right = [len(option.text) for option in options if option.correct]
    return right, [len(option.text) for option in options if not option.correct]


def _right_comes_first(entry: QuestionEntry) -> bool:
    """Of several right ones: all of them before the others."""
    return all(option.correct for option in _options(entry)[: len(_right(entry))])


def _right_is_longest(entry: QuestionEntry) -> bool:
    """Of several right ones: each longer than all the others."""
    right, wrong = _lengths(entry)
    return min(right) > max(wrong)
