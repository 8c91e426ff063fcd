"""Inside a lesson: headings, parts, last boxes, announced minutes."""

from collections import Counter
from collections.abc import Iterator

from markdown_it.token import Token

from lti_app.content.rules.markdown import BOXES, count_words, parse, plain_text, split_sections
from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.source import Courses, LessonFile
from lti_app.content.rules.timing import (
    LONGEST_LESSON,
    MARGIN_MINUTES,
    SHORTEST_LESSON,
    lesson_minutes,
)
from lti_app.ui.french import plural

_MANY_PARTS = range(4, 7)


def check_lessons(courses: Courses) -> Iterator[Problem]:
    """Every lesson of every module."""
    for files in courses.modules:
        questions = Counter(entry.question.lesson for entry in files.questions)
        for file in files.lessons:
            tokens = parse(file.lesson.body)
            if files.questions_complete:
                words = count_words(plain_text(tokens))
                yield from _minutes(file, words, questions[file.lesson.id])
            yield from _headings(file, tokens)
            yield from _parts(file, tokens)


def _minutes(file: LessonFile, words: int, questions: int) -> Iterator[Problem]:
    announced = file.lesson.minutes
    line = file.document.line("minutes")
    computed = lesson_minutes(words, questions)
    if abs(announced - computed) > MARGIN_MINUTES:
        shown = f"{computed:.1f}".replace(".", ",")
        yield Problem(
            file.path,
            line,
            f"{announced} minutes annoncées, {shown} calculées"
            f" ({words} mots, {questions} questions)",
            f"écrivez « minutes: {max(1, round(computed))} », ou changez la longueur de la leçon",
        )
    elif not SHORTEST_LESSON <= announced <= LONGEST_LESSON:
        yield Problem(
            file.path,
            line,
            f"une leçon dure de {SHORTEST_LESSON} à {LONGEST_LESSON} minutes, celle-ci {announced}",
            "raccourcissez-la, complétez-la ou partagez-la",
            Severity.WARNING,
        )


def _headings(file: LessonFile, tokens: list[Token]) -> Iterator[Problem]:
    previous = 1
    for token in tokens:
        if token.type != "heading_open":
            continue
        level = int(token.tag[1])
        if level == 1:
            yield _at(file, token, "titre de niveau 1 (« # ») dans le texte", "écrivez « ## »")
        elif level > previous + 1:
            yield _at(
                file,
                token,
                f"un titre de niveau {level} suit un titre de niveau {previous}",
                f"écrivez « {'#' * (previous + 1)} » : les niveaux ne se sautent pas",
            )
        elif level > 4:
            yield _at(file, token, "titre trop profond", "gardez « ## », « ### » et « #### »")
        previous = level


def _parts(file: LessonFile, tokens: list[Token]) -> Iterator[Problem]:
    sections = list(split_sections(tokens))
    if sections and sections[0][0] is None:
        yield _at(
            file,
            sections[0][1][0],
            "du texte précède le premier titre « ## » : il ne serait pas affiché",
            "commencez la leçon par un titre « ## »",
        )
    titled = [(title, content) for title, content in sections if title is not None]
    for title, content in titled:
        if not title or not content:
            yield Problem(
                file.path,
                _line_of(file, f"## {title}".strip()),
                f"la partie « {title} » est vide ou sans titre",
                "complétez-la ou retirez-la",
            )
    if not titled:
        yield Problem(
            file.path, file.body_line, "la leçon n’a aucune partie", "ouvrez chacune par « ## »"
        )
        return
    if len(titled) not in _MANY_PARTS:
        yield Problem(
            file.path,
            file.body_line,
            f"{len(titled)} {plural(len(titled), 'partie')}",
            "une leçon se lit en 4 à 6 écrans : regroupez ou partagez",
            Severity.WARNING,
        )
    yield from _last_boxes(file, titled[-1][1])


def _last_boxes(file: LessonFile, last_part: list[Token]) -> Iterator[Problem]:
    present = {token.type for token in last_part}
    for name in ("retenir", "essayer"):
        if f"container_{name}_open" not in present:
            yield Problem(
                file.path,
                file.body_line + file.lesson.body.count("\n"),
                f"la dernière partie n’a pas d’encadré « {BOXES[name]} »",
                f"ajoutez un bloc « :::{name} » à la fin de la leçon",
                Severity.WARNING,
            )


def _at(file: LessonFile, token: Token, message: str, advice: str) -> Problem:
    offset = token.map[0] if token.map else 0
    return Problem(file.path, file.body_line + offset, message, advice)


def _line_of(file: LessonFile, wanted: str) -> int:
    lines = file.lesson.body.split("\n")
    return file.body_line + (lines.index(wanted) if wanted in lines else 0)
