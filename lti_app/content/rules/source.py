"""Reads the folder of modules: what could be understood, where it stands, and what could not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lti_app.content.rules.files import parse_yaml, read_text, read_yaml_file
from lti_app.content.rules.messages import explain
from lti_app.content.rules.problems import Problem
from lti_app.content.rules.schema import (
    QUESTION_MODELS,
    AcceptedSource,
    ItemSource,
    LessonSource,
    ModuleSource,
    OptionSource,
    PairSource,
    QuestionSource,
    ReferenceSource,
    parse_question,
)
from lti_app.content.rules.yaml_lines import YamlDocument

MODULE_FILE = "module.yaml"
QUESTIONS_FILE = "questions.yaml"
REFERENCES_FILE = "references.yaml"
_LESSON_NAME = re.compile(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*\.md")
_NESTED: dict[str, type[BaseModel]] = {
    "options": OptionSource,
    "answers": AcceptedSource,
    "wrong": AcceptedSource,
    "items": ItemSource,
    "pairs": PairSource,
}
_M = TypeVar("_M", bound=BaseModel)


@dataclass(slots=True)
class LessonFile:
    """One lesson. Line 1 of the body is line `body_line` of the file."""

    path: Path
    lesson: LessonSource
    document: YamlDocument
    body_line: int


@dataclass(slots=True)
class QuestionEntry:
    """One question, at `index` in the list of its file (`document`)."""

    path: Path
    question: QuestionSource
    document: YamlDocument
    index: int

    def line(self, *path: str | int) -> int:
        return self.document.line(self.index, *path)


@dataclass(slots=True)
class ModuleFiles:
    """What was understood of one module's folder; `module` is None when its file was not.

    `lessons_complete`, `questions_complete`: all could be read. Checks that count them wait for
    that: one typing error must not be reported twenty times.
    """

    folder: Path
    module: ModuleSource | None = None
    document: YamlDocument | None = None
    lessons: list[LessonFile] = field(default_factory=list)
    questions: list[QuestionEntry] = field(default_factory=list)
    lessons_complete: bool = True
    questions_complete: bool = True

    def line(self, *path: str | int) -> int:
        return self.document.line(*path) if self.document else 1

    @property
    def path(self) -> Path:
        return self.folder / MODULE_FILE


@dataclass(slots=True)
class Courses:
    """The whole folder. `problems`: what reading found; `checks` finds the rest."""

    folder: Path
    references: dict[str, ReferenceSource] = field(default_factory=dict)
    references_complete: bool = True
    reference_lines: dict[str, int] = field(default_factory=dict)
    modules: list[ModuleFiles] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_courses(folder: Path) -> Courses:
    """Read every file of `folder`. Never raises for what a file contains: see `problems`."""
    courses = Courses(folder)
    _read_references(courses)
    courses.references_complete = not courses.problems
    folders = sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] not in "._")
    courses.modules = [_read_module(path, courses.problems) for path in folders]
    courses.modules.sort(
        key=lambda m: (m.module.position if m.module else 0, m.folder.name),
    )
    if not folders:
        courses.problems.append(
            Problem(
                folder, 1, "aucun module dans ce dossier", f"créez un dossier avec {MODULE_FILE}"
            )
        )
    return courses


def _read_references(courses: Courses) -> None:
    path = courses.folder / REFERENCES_FILE
    document = read_yaml_file(path, courses.problems)
    if document is None:
        return
    for index, data in enumerate(_entries(document, path, courses.problems)):
        found = _validated(ReferenceSource, data, document, path, courses.problems, at=(index,))
        if found is None:
            continue
        if found.id in courses.references:
            courses.problems.append(
                Problem(
                    path,
                    document.line(index, "id"),
                    f"la référence « {found.id} » existe déjà",
                    "changez l’un des deux identifiants",
                )
            )
        courses.references[found.id] = found
        courses.reference_lines[found.id] = document.line(index)


def _read_module(folder: Path, problems: list[Problem]) -> ModuleFiles:
    files = ModuleFiles(folder)
    files.document = read_yaml_file(files.path, problems)
    if files.document is not None:
        files.module = _validated(
            ModuleSource, files.document.data, files.document, files.path, problems
        )
    for path in sorted(folder.glob("*.md")):
        lesson = _read_lesson(path, problems)
        if lesson is not None:
            files.lessons.append(lesson)
        files.lessons_complete &= lesson is not None
    if files.module is not None:
        rank = {lesson_id: i for i, lesson_id in enumerate(files.module.lessons)}
        files.lessons.sort(key=lambda f: rank.get(f.lesson.id, len(rank)))
    before = len(problems)
    files.questions = list(_read_questions(folder / QUESTIONS_FILE, problems))
    files.questions_complete = len(problems) == before
    return files


def _read_lesson(path: Path, problems: list[Problem]) -> LessonFile | None:
    if not _LESSON_NAME.fullmatch(path.name):
        problems.append(
            Problem(
                path,
                1,
                "nom de fichier de leçon inattendu",
                "nommez-le NN-mots-cles.md, par exemple 03-espacer.md",
            )
        )
    text = read_text(path, problems)
    if text is None:
        return None
    lines = text.split("\n")
    end = next((i for i, line in enumerate(lines[1:], 1) if line == "---"), None)
    if lines[0] != "---" or end is None:
        problems.append(
            Problem(
                path,
                1,
                "l’en-tête de la leçon manque",
                "commencez le fichier par un bloc « id, title, minutes, summary, revision »"
                " entre deux lignes « --- »",
            )
        )
        return None
    document = parse_yaml("\n".join(lines[1:end]), path, problems, first_line=2)
    if document is None:
        return None
    data = document.data
    if isinstance(data, dict):
        if "body" in data:
            problems.append(
                Problem(
                    path,
                    document.key_line("body"),
                    "« body » n’est pas une clé connue ici",
                    "écrivez le texte sous la seconde ligne « --- »",
                )
            )
        data = {**data, "body": "\n".join(lines[end + 1 :]).strip("\n")}
    lesson = _validated(LessonSource, data, document, path, problems)
    if lesson is None:
        return None
    blank = next((i for i, line in enumerate(lines[end + 1 :]) if line), 0)
    return LessonFile(path, lesson, document, body_line=end + 2 + blank)


def _read_questions(path: Path, problems: list[Problem]) -> Iterable[QuestionEntry]:
    document = read_yaml_file(path, problems)
    if document is None:
        return
    for index, data in enumerate(_entries(document, path, problems)):
        try:
            yield QuestionEntry(path, parse_question(data), document, index)
        except ValidationError as error:
            kind = data.get("kind") if isinstance(data, dict) else None
            model = QUESTION_MODELS.get(kind) if isinstance(kind, str) else None
            problems.extend(_problems_of(error, model, document, path, (index,)))


def _entries(document: YamlDocument, path: Path, problems: list[Problem]) -> list[Any]:
    if isinstance(document.data, list):
        return document.data
    problems.append(
        Problem(
            path,
            1,
            "le fichier doit être une liste",
            "commencez chaque entrée par « - id: … »",
        )
    )
    return []


def _validated(
    model: type[_M],
    data: Any,
    document: YamlDocument,
    path: Path,
    problems: list[Problem],
    at: tuple[int, ...] = (),
) -> _M | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems.extend(_problems_of(error, model, document, path, at))
        return None


def _problems_of(
    error: ValidationError,
    model: type[BaseModel] | None,
    document: YamlDocument,
    path: Path,
    at: tuple[int, ...],
) -> Iterable[Problem]:
    for found in error.errors():
        loc = found["loc"]
        steps = loc[1:] if loc and loc[0] in QUESTION_MODELS else loc
        nested = _NESTED.get(str(steps[0])) if len(steps) > 1 else model
        if found["type"].startswith("union_tag"):
            steps = ("kind",)
        message, advice = explain(found, nested.model_fields if nested else ())
        yield Problem(path, document.key_line(*at, *steps), message, advice)
