"""What an edit is: the hash of a source, and whether its announced revision holds (design §7).

The hash is taken on what the author wrote, not on what the renderer makes of it: a better renderer
must not look like an edit.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lti_app.content.rules.schema import (
    LessonSource,
    ModuleSource,
    QuestionSource,
    ReferenceSource,
)

AnySource = ModuleSource | LessonSource | QuestionSource
_NOT_CONTENT = {"revision", "change"}


@dataclass(frozen=True, slots=True)
class LastRevision:
    """What was published, or logged, last of a subject.

    `content_hash`: its first digits at least. `key`: see `answer_key`.
    """

    number: int
    content_hash: str
    key: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an edit cannot be published, and what to do (French)."""

    message: str
    advice: str


def content_hash(source: AnySource) -> str:
    """64 hex digits. A field at its default counts for nothing, so that the format can grow."""
    return _digest(source.model_dump(mode="json", exclude_defaults=True, exclude=_NOT_CONTENT))


def release_hash(
    subjects: Iterable[tuple[str, str, int, str]], bibliography: Any, supplements: Any = None
) -> str:
    """Hash of a whole publication: (module, id, revision, hash) in order, and what goes with it.

    Supplements that are empty count for nothing: before them, releases had none.
    """
    return _digest([list(subjects), bibliography, *([supplements] if supplements else [])])


def bibliography_data(references: Mapping[str, ReferenceSource]) -> dict[str, Any]:
    """The references as stored with a release."""
    return {key: value.model_dump(mode="json") for key, value in references.items()}


def answer_key(data: Mapping[str, Any]) -> str:
    """What makes an answer right, where it can be told without reading: ids, not wordings.

    `data` is a source as JSON, of any age. Of short answers and matching, the kind only (there an
    edit may well be a typo). Empty for modules and lessons.
    """
    match data.get("kind"):
        case "single" | "multiple" | "truefalse" as kind:
            right = sorted(option["id"] for option in data["options"] if option.get("correct"))
            return f"{kind}:{','.join(right)}"
        case "ordering":
            return f"ordering:{','.join(item['id'] for item in data['items'])}"
        case "short" | "matching" as kind:
            return f"{kind}:"
        case _:
            return ""


def source_key(source: AnySource) -> str:
    """The `answer_key` of a source."""
    return answer_key(source.model_dump(mode="json"))


def refusal_of(
    source: AnySource, last: LastRevision | None, *, change: str | None = None
) -> Refusal | None:
    """Why `source` may not follow `last`; None when it may.

    `change`: the class of all that came after `last`, when it is known to be stronger than what
    the source says of its own last edit.
    """
    if last is None:
        return None
    number, change = source.revision, change or source.change
    if number < last.number:
        return Refusal(
            f"« revision » est à {number}, alors que la révision {last.number} est déjà publiée",
            f"écrivez au moins « revision: {last.number} »",
        )
    if number == last.number:
        if content_hash(source).startswith(last.content_hash):
            return None
        return Refusal(
            f"le contenu de « {source.id} » a changé depuis la révision {last.number} publiée",
            f"écrivez « revision: {last.number + 1} » et « change: … » ({_classes(source)})",
        )
    if change is None:
        return Refusal(
            f"la révision {number} ne dit pas de quelle sorte est la modification",
            f"ajoutez « change: … » ({_classes(source)})",
        )
    if change != "answer" and _answer_moved(source, last):
        return Refusal(
            f"la bonne réponse de « {source.id} » n’est plus celle de la révision {last.number}",
            "écrivez « change: answer » : la question sera posée de nouveau",
        )
    return None


def _answer_moved(source: AnySource, last: LastRevision) -> bool:
    return bool(last.key) and last.key != source_key(source)


def _classes(source: AnySource) -> str:
    if isinstance(source, ModuleSource | LessonSource):
        return "typo ou clarification"
    return "typo, clarification ou answer"


def _digest(data: Any) -> str:
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
