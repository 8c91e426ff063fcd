"""relais content export, import: questions to other systems and back. Neither needs a database."""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import click

from lti_app.content.rules.building import Published, build_module
from lti_app.content.rules.building_supplements import glossary_of
from lti_app.content.rules.exchange.anki import anki_package
from lti_app.content.rules.exchange.bank import Bank, Reading, Skipped, UnreadableFile
from lti_app.content.rules.exchange.gift_reading import read_gift
from lti_app.content.rules.exchange.gift_writing import gift
from lti_app.content.rules.exchange.h5p import h5p_package
from lti_app.content.rules.exchange.losses import SUFFIXES, Format, comment_lines
from lti_app.content.rules.exchange.merging import Known, Merge, Target, merged
from lti_app.content.rules.exchange.moodle_xml_reading import read_moodle_xml
from lti_app.content.rules.exchange.moodle_xml_writing import moodle_xml
from lti_app.content.rules.exchange.preparing import prepared_bank, texts_for
from lti_app.content.rules.exchange.rendering import Texts
from lti_app.content.rules.exchange.table import rows
from lti_app.content.rules.exchange.yaml_editing import UneditableFile, edited
from lti_app.content.rules.files import read_text
from lti_app.content.rules.ledger import read_ledger
from lti_app.content.rules.problems import errors_among, with_french_spaces
from lti_app.content.rules.schema import ModuleSource
from lti_app.content.rules.source import QUESTIONS_FILE, Courses, ModuleFiles, read_courses
from lti_app.content.services import check_content
from lti_app.core.clock import now
from lti_app.core.settings import Settings
from lti_app.printing.services import PrintingError, questions_pdf
from lti_app.reports.rules.spreadsheet import csv_chunks
from lti_app.ui.french import counted

_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_CLASSES = ("typo", "clarification", "answer")
_READERS: dict[str, Callable[[bytes, Texts], Reading]] = {
    Format.MOODLE_XML.value: read_moodle_xml,
    Format.GIFT.value: read_gift,
}

_courses_option = click.option(
    "--courses",
    "folder",
    type=click.Path(exists=True, file_okay=False, readable=True, path_type=Path),
    envvar="RELAIS_CONTENT_PATH",
    default=lambda: Settings.model_fields["content_path"].default,
    help="The folder of modules.",
)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A module that could be read, among all."""

    courses: Courses
    files: ModuleFiles
    module: ModuleSource

    @property
    def words(self) -> dict[str, str]:
        """The glossary of all modules: {id: term}."""
        return {e.source.id: e.source.term for files in self.courses.modules for e in files.terms}


@click.command("export")
@click.option(
    "--format", "target", type=click.Choice([asked.value for asked in Format]), required=True
)
@click.option("--output", type=click.Path(path_type=Path), help="A file; - for standard output.")
@_courses_option
@click.argument("module_id", metavar="MODULE")
def export_questions(target: str, output: Path | None, folder: Path, module_id: str) -> None:
    """Write the questions of MODULE for another system; say what that system will not keep."""
    opened = _open(folder, module_id)
    asked = Format(target)
    _refuse_unread(opened)
    data, skipped = _exported(asked, opened)
    path = output or Path(module_id + SUFFIXES[asked])
    if str(path) == "-":
        sys.stdout.buffer.write(data)
    else:
        _write(path, data)
    for line in comment_lines(asked):
        click.echo(line, err=True)
    _say_skipped(skipped, f"{module_id}/{QUESTIONS_FILE}")
    count = len(opened.files.questions) - len(skipped)
    click.echo(f"{path}\u00a0: {counted(count, 'question')}", err=True)


@click.command("import")
@click.option("--format", "source", type=click.Choice([*_READERS]), required=True)
@click.option("--module", "module_id", required=True, help="Where the questions go.")
@click.option("--lesson", default="", help="The lesson of new questions that name none.")
@click.option("--family", default="", help="The family of new questions that name none.")
@click.option("--change", type=click.Choice(_CLASSES), help="The class of every edit.")
@click.option("--dry-run", is_flag=True, help="Show the difference, write nothing.")
@_courses_option
@click.argument("file", type=_FILE)
def import_questions(
    source: str,
    module_id: str,
    lesson: str,
    family: str,
    change: str | None,
    dry_run: bool,
    folder: Path,
    file: Path,
) -> None:
    """Bring the questions of FILE into a module: edit those it has, append the others.

    Then: relais content check.
    """
    opened = _open(folder, module_id)
    files = opened.files
    if lesson and lesson not in (known.lesson.id for known in files.lessons):
        raise click.UsageError(f"pas de leçon {lesson} dans {module_id}")
    _refuse_unread(opened)
    texts = texts_for(opened.courses.references, opened.words)
    data = file.read_bytes()
    _refuse_other_format(source, data, file)
    try:
        reading = _READERS[source](data, texts)
    except UnreadableFile as error:
        raise click.ClickException(f"{file}:{error.line}: {error.message}") from error
    known = [Known(e.question, e.document.data[e.index]) for e in files.questions]
    target = _target(opened, lesson, family, change)
    merge = merged(reading.questions, known, target, texts)
    path = files.folder / QUESTIONS_FILE
    before = (read_text(path, []) if path.exists() else "") or ""
    try:
        after = edited(before, merge.changed, merge.added)
    except UneditableFile as error:
        raise click.ClickException(f"{path}: {error}") from error
    _say_merge(merge, [files.questions[rank].question.id for rank in merge.changed])
    _say_skipped([*reading.skipped, *merge.skipped], str(file))
    if dry_run:
        sys.stdout.writelines(
            unified_diff(before.splitlines(True), after.splitlines(True), str(path), str(path))
        )
    elif merge.changed or merge.added:
        _write(path, after.encode())
        _say_check(folder, path)


def _open(folder: Path, module_id: str) -> _Opened:
    courses = read_courses(folder)
    for files in courses.modules:
        if files.module is not None and files.module.id == module_id:
            return _Opened(courses, files, files.module)
    known = ", ".join(f.module.id for f in courses.modules if f.module)
    raise click.UsageError(f"pas de module {module_id} dans {folder} ; il y a {known or 'rien'}")


def _refuse_unread(opened: _Opened) -> None:
    """What could not be read would be missing, and nobody would know."""
    if not (opened.files.questions_complete and opened.files.lessons_complete):
        name = opened.module.id
        raise click.ClickException(f"corrigez d’abord {name} (relais content check)")


def _refuse_other_format(source: str, data: bytes, file: Path) -> None:
    found = Format.MOODLE_XML if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" else Format.GIFT
    if data.strip() and found.value != source:
        raise click.ClickException(
            f"{file} n’est pas au format {source} : essayez --format {found.value}"
        )


# --- Export -----------------------------------------------------------------------------------


_Exported = tuple[bytes, list[Skipped]]


def _bank(opened: _Opened) -> Bank:
    return prepared_bank(
        opened.module,
        [(file.lesson.id, file.lesson.title) for file in opened.files.lessons],
        [entry.question for entry in opened.files.questions],
        opened.courses.references,
        opened.words,
    )


def _printed(opened: _Opened) -> bytes:
    """The module as a publication would make it: nothing here has a revision's row."""
    module = build_module(
        Published(opened.module, 0),
        [Published(file.lesson, 0) for file in opened.files.lessons],
        [Published(entry.question, 0) for entry in opened.files.questions],
        opened.courses.references,
        opened.courses.supplements[opened.module.id],
        glossary_of(opened.courses.supplements),
    )
    try:
        return questions_pdf(module)
    except PrintingError as error:
        raise click.ClickException(f"le document n’a pas pu être mis en page ({error})") from error


def _exported(target: Format, opened: _Opened) -> _Exported:
    match target:
        case Format.MOODLE_XML:
            return moodle_xml(_bank(opened)).encode(), []
        case Format.GIFT:
            text, skipped = gift(_bank(opened))
            return text.encode(), skipped
        case Format.CSV:
            return "".join(csv_chunks(rows(_bank(opened)))).encode(), []
        case Format.PDF:
            return _printed(opened), []
        case Format.APKG:
            return anki_package(_bank(opened), now()), []
        case Format.H5P:
            return h5p_package(_bank(opened))


def _write(path: Path, data: bytes) -> None:
    """All or nothing: a full disk must not cut a file of questions."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as made:
            made.write(data)
        temporary = Path(made.name)
        temporary.chmod(path.stat().st_mode if path.exists() else 0o644)
        temporary.replace(path)
    except OSError as error:
        raise click.ClickException(f"écriture impossible, {path} ({error})") from error


# --- Import -----------------------------------------------------------------------------------


def _target(opened: _Opened, lesson: str, family: str, change: str | None) -> Target:
    ledger = read_ledger(opened.courses.folder, []) or {}
    others = [e.question.id for files in opened.courses.modules for e in files.questions]
    return Target(
        module_id=opened.module.id,
        lessons=[known.lesson.id for known in opened.files.lessons],
        lesson=lesson,
        family=family,
        change=change,
        references=frozenset(opened.courses.references),
        misconceptions=frozenset(known.id for known in opened.module.misconceptions),
        taken=frozenset([*others, *(i for kind, i in ledger if kind == "question")]),
    )


def _say_merge(merge: Merge, changed: list[str]) -> None:
    for question_id in changed:
        click.echo(f"modifiée : {question_id}", err=True)
    for entry in merge.added:
        click.echo(f"ajoutée : {entry['id']} ({entry['kind']}, {entry['lesson']})", err=True)
    for question_id, lost in merge.losses:
        click.echo(f"perdu dans {question_id} : {lost}", err=True)
    counts = ((len(changed), "modifiée"), (len(merge.added), "ajoutée"),
              (len(merge.unchanged), "inchangée"))  # fmt: skip
    said = [counted(count, word) for count, word in counts]
    said.append(f"{counted(len(merge.skipped), 'laissée')} de côté")
    click.echo(", ".join(said), err=True)


def _say_skipped(skipped: list[Skipped], file: str) -> None:
    for one in skipped:
        place = f"{file}:{one.line}" if one.line else file
        text = f"{place}: laissée de côté : « {one.name} » : {one.reason}"
        click.echo(with_french_spaces(text), err=True)


def _say_check(folder: Path, path: Path) -> None:
    problems = [p for p in check_content(folder, today=now().date()) if p.path == path]
    for problem in errors_among(problems):
        click.echo(str(problem), err=True)
    said = f"{counted(len(problems), 'message')} : relais content check {path.parent}"
    click.echo(with_french_spaces(said), err=True)
