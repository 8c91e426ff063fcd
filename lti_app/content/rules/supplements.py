"""What goes with lessons and questions: glossary, figures, workshop kit. As written, and as kept.

They have no revisions of their own (nobody answers a figure): a release keeps them whole, as it
keeps the bibliography.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from lti_app.content.rules.schema import Id, ReferenceId, Strict, Text


class TermSource(Strict):
    """One entry of `glossary.yaml`. Ids are unique over all modules: the glossary is common."""

    id: Id
    term: Text
    definition: Text
    sources: list[ReferenceId] = Field(default=[])


class FigureSource(Strict):
    """One entry of `figures.yaml`; the drawing is `figures/<id>.svg`."""

    id: Id
    caption: Text
    alt: Text
    description: Text
    sources: list[ReferenceId] = Field(default=[])


class StepSource(Strict):
    """One step of the workshop."""

    minutes: int = Field(ge=1)
    title: Text
    text: Text


class OutlineSource(Strict):
    """How the workshop goes. `before`: what must be ready. `after`: two weeks later."""

    title: Text
    goal: Text
    audience: Text
    before: list[Text] = Field(min_length=1)
    steps: list[StepSource] = Field(min_length=1)
    offline: Text
    late: Text
    after: Text


class HandoutSource(Strict):
    """What is handed out: one page."""

    title: Text
    body: Text


class MessageSource(Strict):
    """What is sent to colleagues: plain text."""

    subject: Text
    body: Text


class KitSource(Strict):
    """`kit.yaml`."""

    outline: OutlineSource
    handout: HandoutSource
    message: MessageSource
    sources: list[ReferenceId] = Field(default=[])


class DrawnFigureSource(FigureSource):
    """A figure with its drawing, as a release keeps it."""

    svg: str


class ModuleSupplements(Strict):
    """Those of one module, in the order they are written."""

    glossary: list[TermSource] = Field(default=[])
    figures: list[DrawnFigureSource] = Field(default=[])
    kit: KitSource | None = None


Supplements = Mapping[str, ModuleSupplements]
"""By module id."""


def supplements_data(supplements: Supplements) -> dict[str, Any]:
    """As kept with a release; empty when no module has any.

    Defaults are left out, so that a release made before them, or before a new field, keeps its
    hash.
    """
    kept = {
        module_id: of_module.model_dump(mode="json", exclude_defaults=True)
        for module_id, of_module in supplements.items()
    }
    return {module_id: data for module_id, data in kept.items() if data}


def read_supplements(data: Mapping[str, Any] | None) -> dict[str, ModuleSupplements]:
    """What `supplements_data` gave, from JSON. None: a release older than supplements."""
    return {key: ModuleSupplements.model_validate(value) for key, value in (data or {}).items()}
