"""Reads the folder of modules: what could be understood, where it stands, and what could not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from lti_app.content.rules.files import parse_yaml, read_text, read_yaml_file
from lti_app.content.rules.problems import Problem
from lti_app.content.rules.schema import (
    QUESTION_MODELS,
    LessonSource,
    ModuleSource,
    QuestionSource,
    ReferenceSource,
    parse_question,
)
from lti_app.content.rules.supplements import (
    DrawnFigureSource,
    FigureSource,
    KitSource,
    ModuleSupplements,
    Supplements,
    TermSource,
)
from lti_app.content.rules.validating import (
    Entry,
    entries,
    problems_of,
    read_list,
    read_one,
    validated,
)
from lti_app.content.rules.yaml_lines import YamlDocument

MODULE_FILE = "module.yaml"
QUESTIONS_FILE = "questions.yaml"
REFERENCES_FILE = "references.yaml"
GLOSSARY_FILE = "glossary.yaml"
FIGURES_FILE = "figures.yaml"
FIGURES_FOLDER = "figures"
KIT_FILE = "kit.yaml"
_LESSON_NAME = re.compile(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*\.md")


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
class FigureEntry(Entry[FigureSource]):
    """One figure, and its drawing: None when it could not be read."""

    svg: str | None = None

    @property
    def drawing(self) -> Path:
        return self.path.parent / FIGURES_FOLDER / f"{self.source.id}.svg"


@dataclass(slots=True)
class ModuleFiles:
    """What was understood of one module's folder; `module` is None when its file was not.

    `lessons_complete`, `questions_complete`, `supplements_complete`: all could be read. Checks that
    count them wait for that: one typing error must not be reported twenty times.
    """

    folder: Path
    module: ModuleSource | None = None
    document: YamlDocument | None = None
    lessons: list[LessonFile] = field(default_factory=list)
    questions: list[QuestionEntry] = field(default_factory=list)
    terms: list[Entry[TermSource]] = field(default_factory=list)
    figures: list[FigureEntry] = field(default_factory=list)
    kit: Entry[KitSource] | None = None
    lessons_complete: bool = True
    questions_complete: bool = True
    supplements_complete: bool = True

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

    @property
    def supplements(self) -> Supplements:
        """Glossaries, drawn figures and kits, by module."""
        return {
            files.module.id: ModuleSupplements(
                glossary=[entry.source for entry in files.terms],
                figures=[
                    DrawnFigureSource(**entry.source.model_dump(), svg=entry.svg)
                    for entry in files.figures
                    if entry.svg is not None
                ],
                kit=files.kit.source if files.kit else None,
            )
            for files in self.modules
            if files.module is not None
        }


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
    for index, data in enumerate(entries(document, path, courses.problems)):
        found = validated(ReferenceSource, data, document, path, courses.problems, at=(index,))
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
        files.module = validated(
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
    before = len(problems)
    files.terms = list(read_list(TermSource, folder / GLOSSARY_FILE, problems))
    files.figures = list(_read_figures(folder / FIGURES_FILE, problems))
    files.kit = read_one(KitSource, folder / KIT_FILE, problems)
    files.supplements_complete = len(problems) == before
    return files


def _read_figures(path: Path, problems: list[Problem]) -> Iterable[FigureEntry]:
    for entry in read_list(FigureSource, path, problems):
        figure = FigureEntry(path, entry.source, entry.document, entry.index)
        if figure.drawing.exists():
            figure.svg = read_text(figure.drawing, problems)
        else:
            problems.append(
                Problem(
                    path,
                    entry.line("id"),
                    f"le dessin {FIGURES_FOLDER}/{figure.drawing.name} manque",
                    "enregistrez le dessin sous ce nom, ou corrigez l’identifiant",
                )
            )
        yield figure


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
        problems.append(_no_heading(path, opened=lines[0] == "---"))
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
    lesson = validated(LessonSource, data, document, path, problems)
    if lesson is None:
        return None
    blank = next((i for i, line in enumerate(lines[end + 1 :]) if line), 0)
    return LessonFile(path, lesson, document, body_line=end + 2 + blank)


def _no_heading(path: Path, *, opened: bool) -> Problem:
    if opened:
        message, advice = "l’en-tête de la leçon n’est pas fermé", "ajoutez une ligne « --- » après"
        return Problem(path, 1, message, f"{advice} « revision » (et « change »)")
    return Problem(
        path,
        1,
        "l’en-tête de la leçon manque",
        "commencez le fichier par un bloc « id, title, minutes, summary, revision »"
        " entre deux lignes « --- »",
    )


def _read_questions(path: Path, problems: list[Problem]) -> Iterable[QuestionEntry]:
    document = read_yaml_file(path, problems)
    if document is None:
        return
    for index, data in enumerate(entries(document, path, problems)):
        try:
            yield QuestionEntry(path, parse_question(data), document, index)
        except ValidationError as error:
            kind = data.get("kind") if isinstance(data, dict) else None
            model = QUESTION_MODELS.get(kind) if isinstance(kind, str) else None
            problems.extend(problems_of(error, model, document, path, (index,)))
