"""Every text of a module that is in a YAML file, with where it stands. (Lessons are Markdown.)"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lti_app.content.rules.building import texts_of
from lti_app.content.rules.building_supplements import texts_of_kit
from lti_app.content.rules.source import ModuleFiles, QuestionEntry
from lti_app.content.rules.supplements import FigureSource, KitSource, TermSource
from lti_app.content.rules.validating import Entry
from lti_app.content.rules.yaml_lines import YamlDocument

Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class WrittenText:
    """`line`: of its first word; `locate`: line of an excerpt."""

    path: Path
    line: int
    text: str
    steps: Steps
    locate: Callable[[str], int]


def written_texts(files: ModuleFiles) -> Iterator[WrittenText]:
    """Those of the module, its questions, its glossary, its figures and its kit."""
    yield from module_texts(files)
    for question in files.questions:
        yield from question_texts(question)
    for term in files.terms:
        yield from term_texts(term)
    for figure in files.figures:
        yield from figure_texts(figure)
    if files.kit is not None:
        yield from kit_texts(files.kit)


def module_texts(files: ModuleFiles) -> Iterator[WrittenText]:
    """Those of `module.yaml`: plain, but for what a resource is used for."""
    module, document = files.module, files.document
    if module is None or document is None:
        return
    found: list[tuple[Steps, str]] = [(("title",), module.title), (("summary",), module.summary)]
    for name in ("objectives", "competences", "keywords"):
        found += [((name, index), text) for index, text in enumerate(getattr(module, name))]
    for index, belief in enumerate(module.misconceptions):
        found.append((("misconceptions", index, "belief"), belief.belief))
    for index, resource in enumerate(module.resources):
        found.append((("resources", index, "use"), resource.use))
    if module.indexing is not None:
        found.append((("indexing", "public"), module.indexing.public))
        found.append((("indexing", "domain"), module.indexing.domain))
    for steps, text in found:
        yield _written(files.path, document, steps, steps, text)


def question_texts(entry: QuestionEntry) -> Iterator[WrittenText]:
    """Those of one question, `steps` counted from it."""
    for steps, text in texts_of(entry.question):
        yield _written(entry.path, entry.document, steps, (entry.index, *steps), text)


def term_texts(entry: Entry[TermSource]) -> Iterator[WrittenText]:
    """A term and its definition."""
    yield _of_entry(entry, ("term",), entry.source.term)
    yield _of_entry(entry, ("definition",), entry.source.definition)


def figure_texts(entry: Entry[FigureSource]) -> Iterator[WrittenText]:
    """Around a drawing; for those in it, see `checks.drawings.drawn_texts`."""
    yield _of_entry(entry, ("caption",), entry.source.caption)
    yield _of_entry(entry, ("alt",), entry.source.alt)
    yield _of_entry(entry, ("description",), entry.source.description)


def kit_texts(entry: Entry[KitSource]) -> Iterator[WrittenText]:
    """Those of the outline, the handout and the message."""
    for steps, text in texts_of_kit(entry.source):
        yield _of_entry(entry, steps, text)


def _of_entry(
    entry: Entry[TermSource] | Entry[FigureSource] | Entry[KitSource], steps: Steps, text: str
) -> WrittenText:
    full = steps if entry.index is None else (entry.index, *steps)
    return _written(entry.path, entry.document, steps, full, text)


def _written(
    path: Path, document: YamlDocument, steps: Steps, full: Steps, text: str
) -> WrittenText:
    return WrittenText(
        path, document.line(*full), text, steps, partial(document.line_of_text, full)
    )
