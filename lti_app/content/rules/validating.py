"""From YAML data to a source: pydantic's findings become problems, each at its line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from lti_app.content.rules.files import read_yaml_file
from lti_app.content.rules.messages import explain
from lti_app.content.rules.problems import Problem
from lti_app.content.rules.schema import QUESTION_MODELS
from lti_app.content.rules.yaml_lines import YamlDocument

M = TypeVar("M", bound=BaseModel)


@dataclass(slots=True)
class Entry(Generic[M]):
    """One source, at `index` in the list of its file; `index` is None when it is the file."""

    path: Path
    source: M
    document: YamlDocument
    index: int | None = None

    def line(self, *path: str | int) -> int:
        """Line of the value at `path` in the source."""
        return self.document.line(*self._full(path))

    def line_of_text(self, path: tuple[str | int, ...], excerpt: str) -> int:
        """Line of `excerpt` within that value."""
        return self.document.line_of_text(self._full(path), excerpt)

    def _full(self, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        return path if self.index is None else (self.index, *path)


def read_list(model: type[M], path: Path, problems: list[Problem]) -> Iterator[Entry[M]]:
    """The entries of a file that holds a list; nothing when there is no such file."""
    document = read_yaml_file(path, problems) if path.exists() else None
    if document is None:
        return
    for index, data in enumerate(entries(document, path, problems)):
        source = validated(model, data, document, path, problems, at=(index,))
        if source is not None:
            yield Entry(path, source, document, index)


def read_one(model: type[M], path: Path, problems: list[Problem]) -> Entry[M] | None:
    """The source a file holds; None when there is no such file or it is wrong."""
    document = read_yaml_file(path, problems) if path.exists() else None
    if document is None:
        return None
    source = validated(model, document.data, document, path, problems)
    return None if source is None else Entry(path, source, document)


def entries(document: YamlDocument, path: Path, problems: list[Problem]) -> list[Any]:
    """The data of each entry of a list."""
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


def validated(
    model: type[M],
    data: Any,
    document: YamlDocument,
    path: Path,
    problems: list[Problem],
    at: tuple[int, ...] = (),
) -> M | None:
    """The source; None when `data`, which stands at `at` in the file, is not one."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems.extend(problems_of(error, model, document, path, at))
        return None


def problems_of(
    error: ValidationError,
    model: type[BaseModel] | None,
    document: YamlDocument,
    path: Path,
    at: tuple[int, ...],
) -> Iterable[Problem]:
    """Each finding at its line. `model` is None when the data did not say which they meant."""
    for found in error.errors():
        loc = found["loc"]
        steps = loc[1:] if loc and loc[0] in QUESTION_MODELS else loc
        nested = _holder(model, steps[:-1])
        if found["type"].startswith("union_tag"):
            steps = ("kind",)
        message, advice = explain(found, nested.model_fields if nested else ())
        yield Problem(path, document.key_line(*at, *steps), message, advice)


def _holder(model: type[BaseModel] | None, steps: Iterable[int | str]) -> type[BaseModel] | None:
    """The model found by following `steps` from `model`: its keys are those one may write there."""
    for step in steps:
        if isinstance(step, int) or model is None:
            continue
        field = model.model_fields.get(step)
        model = next(_models_in(field.annotation), None) if field else None
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
