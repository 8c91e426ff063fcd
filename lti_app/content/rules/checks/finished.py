"""What a finished module has: a module that has its indexation sheet presents itself as one.

Warnings only: a module in progress can be tried and published without its sheet.
"""

from collections import Counter
from collections.abc import Iterator

from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.schema import QUESTION_MODELS, ModuleSource
from lti_app.content.rules.source import KIT_FILE, QUESTIONS_FILE, Courses, ModuleFiles

OBJECTIVES = 6
LESSONS = range(6, 8)
FEWEST_QUESTIONS = 36
FEWEST_SITUATIONS = 1 / 3
FRAMEWORK = "CRCN-Édu\u00a0: "
DOMAINS = (
    "Environnement professionnel",
    "Ressources numériques",
    "Enseignement-apprentissage",
    "Diversité et autonomie des apprenants",
    "Compétences numériques des apprenants",
)


def check_finished(courses: Courses) -> Iterator[Problem]:
    """Every module that has an indexation sheet."""
    for files in courses.modules:
        module = files.module
        if module is None or module.indexing is None:
            continue
        yield from _module(files, module)
        if files.questions_complete:
            yield from _questions(files)


def _module(files: ModuleFiles, module: ModuleSource) -> Iterator[Problem]:
    if len(module.objectives) != OBJECTIVES:
        yield _missing(
            files,
            "objectives",
            f"{len(module.objectives)} objectifs",
            f"un module complet en a {OBJECTIVES}",
        )
    if len(module.lessons) not in LESSONS:
        yield _missing(
            files,
            "lessons",
            f"{len(module.lessons)} leçons",
            f"un module complet en a {LESSONS[0]} ou {LESSONS[-1]}",
        )
    if not module.misconceptions:
        yield _missing(
            files, "id", "aucune idée fausse", "ajoutez « misconceptions » à module.yaml"
        )
    if not module.resources:
        yield _missing(
            files, "id", "aucune ressource institutionnelle", "ajoutez « resources » à module.yaml"
        )
    if files.kit is None and files.supplements_complete:
        yield _missing(files, "id", "aucun kit d’atelier", f"écrivez {KIT_FILE}")
    yield from _competences(files, module)


def _competences(files: ModuleFiles, module: ModuleSource) -> Iterator[Problem]:
    named = 0
    for index, competence in enumerate(module.competences):
        if not competence.startswith("CRCN"):
            continue
        named += 1
        domain = competence.partition(":")[2].strip(" \u00a0\u202f")
        if domain not in DOMAINS:
            yield Problem(
                files.path,
                files.line("competences", index),
                f"« {competence} » n’est pas un domaine du CRCN-Édu",
                f"écrivez « {FRAMEWORK}… » avec l’un de ceux-ci : {' ; '.join(DOMAINS)}",
                Severity.WARNING,
            )
    if not named:
        yield _missing(
            files,
            "competences",
            "aucun domaine du CRCN-Édu",
            f"ajoutez une ligne « {FRAMEWORK}… »",
        )


def _questions(files: ModuleFiles) -> Iterator[Problem]:
    questions = [entry.question for entry in files.questions]
    path = files.folder / QUESTIONS_FILE
    kinds: Counter[str] = Counter(question.kind for question in questions)
    absent = [kind for kind in QUESTION_MODELS if not kinds[kind]]
    if absent:
        yield Problem(
            path,
            1,
            f"aucune question de ces types : {', '.join(absent)}",
            "écrivez-en au moins une de chaque type",
            Severity.WARNING,
        )
    if len(questions) < FEWEST_QUESTIONS:
        yield Problem(
            path,
            1,
            f"{len(questions)} questions",
            f"un module complet en a {FEWEST_QUESTIONS} ou plus",
            Severity.WARNING,
        )
    situations = sum(question.situation for question in questions)
    if situations < len(questions) * FEWEST_SITUATIONS:
        yield Problem(
            path,
            1,
            f"{situations} situations sur {len(questions)} questions",
            "un tiers au moins : partez d’une scène de classe, et écrivez « situation: true »",
            Severity.WARNING,
        )


def _missing(files: ModuleFiles, key: str, message: str, advice: str) -> Problem:
    return Problem(files.path, files.line(key), message, advice, Severity.WARNING)
