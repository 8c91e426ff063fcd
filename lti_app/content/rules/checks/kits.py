"""The workshop kit: forty minutes, time to make something, one page, a short message."""

import re
from collections.abc import Iterator

from lti_app.content.rules.markdown import LINK, count_words, parse, plain_text
from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.source import Courses
from lti_app.content.rules.supplements import KitSource
from lti_app.content.rules.tokens import CITATION
from lti_app.content.rules.validating import Entry

WORKSHOP_MINUTES = 40
PRODUCTION_MINUTES = 15
FEWEST_HANDOUT_WORDS, MOST_HANDOUT_WORDS = 230, 330
MOST_MESSAGE_WORDS = 110
_PRODUCTION = re.compile(r"\bprodu", re.IGNORECASE)
_MARKUP = re.compile(r"\*\*|^#|^\s*\||\[\[|\]\(|^:::", re.MULTILINE)


def check_kits(courses: Courses) -> Iterator[Problem]:
    """The kit of every module that has one."""
    for files in courses.modules:
        kit = files.kit
        if kit is None:
            continue
        yield from _steps(kit)
        yield from _handout(kit)
        yield from _message(kit)
        yield from _headings(kit)


def _steps(kit: Entry[KitSource]) -> Iterator[Problem]:
    steps = kit.source.outline.steps
    total = sum(step.minutes for step in steps)
    if total != WORKSHOP_MINUTES:
        yield Problem(
            kit.path,
            kit.line("outline", "steps"),
            f"les étapes durent {total} minutes en tout",
            f"l’atelier dure {WORKSHOP_MINUTES} minutes : changez « minutes » des étapes",
        )
    production = sum(step.minutes for step in steps if _PRODUCTION.search(step.title))
    longest = max(step.minutes for step in steps)
    if max(production, longest) < PRODUCTION_MINUTES:
        yield Problem(
            kit.path,
            kit.line("outline", "steps"),
            f"aucune étape ne laisse {PRODUCTION_MINUTES} minutes pour produire",
            f"donnez {PRODUCTION_MINUTES} minutes ou plus à celle où chacun fabrique quelque chose",
            Severity.WARNING,
        )


def _handout(kit: Entry[KitSource]) -> Iterator[Problem]:
    words = count_words(plain_text(parse(kit.source.handout.body)))
    line = kit.line("handout", "body")
    if words > MOST_HANDOUT_WORDS:
        yield Problem(
            kit.path,
            line,
            f"la fiche a {words} mots",
            f"elle doit tenir sur une page : {MOST_HANDOUT_WORDS} mots au plus",
        )
    elif words < FEWEST_HANDOUT_WORDS:
        yield Problem(
            kit.path,
            line,
            f"la fiche n’a que {words} mots",
            f"une page utile en a de {FEWEST_HANDOUT_WORDS} à {MOST_HANDOUT_WORDS}",
            Severity.WARNING,
        )


def _message(kit: Entry[KitSource]) -> Iterator[Problem]:
    body = kit.source.message.body
    line = kit.line("message", "body")
    words = count_words(body)
    if words > MOST_MESSAGE_WORDS:
        yield Problem(
            kit.path,
            line,
            f"le message a {words} mots",
            f"gardez-en {MOST_MESSAGE_WORDS} au plus : il doit être lu jusqu’au bout",
        )
    for pattern, what in (
        (CITATION, "un appel de source"),
        (LINK, "une adresse"),
        (_MARKUP, "du Markdown"),
    ):
        found = pattern.search(body)
        if found:
            yield Problem(
                kit.path,
                kit.line_of_text(("message", "body"), found[0]),
                f"{what} dans le message : « {found[0].strip()} »",
                "un message est un texte simple, copié tel quel : retirez-le",
            )


def _headings(kit: Entry[KitSource]) -> Iterator[Problem]:
    """The handout's are `##`, then `###`. (Other texts have none: see `headings`.)"""
    previous = 1
    for token in parse(kit.source.handout.body):
        if token.type != "heading_open":
            continue
        level = int(token.tag[1])
        if not 1 < level <= min(previous + 1, 4):
            yield Problem(
                kit.path,
                kit.line_of_text(("handout", "body"), f"{token.markup} "),
                f"titre de niveau {level} mal placé dans la fiche",
                f"écrivez « {'#' * min(previous + 1, 4)} » : les niveaux ne se sautent pas",
            )
        previous = level
