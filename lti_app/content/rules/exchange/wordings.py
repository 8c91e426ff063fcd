"""Short answers elsewhere: other systems compare them to the accent, Relais does not."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lti_app.content.rules.exchange.bank import Answer

_EDGES = " .,;:!?\u00a0\u202f"


def compared(text: str) -> str:
    """What two wordings have in common when Relais takes them for one (as `checks` does)."""
    decomposed = unicodedata.normalize("NFD", text.casefold().strip(_EDGES))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def with_variants(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Each wording, then the same without its accents."""
    known = list(answers)
    seen = {answer.html.casefold() for answer in known}
    for answer in known:
        yield answer
        bare = without_accents(answer.html)
        if bare.casefold() not in seen:
            seen.add(bare.casefold())
            yield replace(answer, html=bare)


def without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


def without_variants(answers: Iterable[Answer]) -> Iterator[Answer]:
    """The reverse: wordings Relais takes for one already given are left out."""
    seen: set[str] = set()
    for answer in answers:
        key = compared(answer.html)
        if key not in seen:
            seen.add(key)
            yield answer
