"""The glossary page: the terms of all modules, letter by letter."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from lti_app.content.rules.building_supplements import french_order
from lti_app.content.rules.catalog import Module, Source, Term
from lti_app.practice.services.visit import Visit


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    """A term, with the module that defines it when this session has it."""

    term: Term
    module: Module | None


@dataclass(frozen=True, slots=True)
class GlossaryPage:
    """`letters`: (letter, entries), as French sorts them."""

    letters: tuple[tuple[str, tuple[GlossaryEntry, ...]], ...]
    sources: tuple[Source, ...]


def show_glossary(visit: Visit) -> GlossaryPage:
    """All the terms: a lesson may use those of another module."""
    modules = {module.id: module for module in visit.modules}
    letters = groupby(visit.catalog.glossary, key=lambda term: first_letter(term.term))
    return GlossaryPage(
        letters=tuple(
            (letter, tuple(GlossaryEntry(term, modules.get(term.module_id)) for term in terms))
            for letter, terms in letters
        ),
        sources=sources_of(visit.catalog.glossary),
    )


def first_letter(word: str) -> str:
    """« É » and « e » stand under E; what is no letter, under #."""
    letter = french_order(word)[0][:1].upper()
    return letter if letter.isalpha() else "#"


def sources_of(terms: Iterable[Term]) -> tuple[Source, ...]:
    """The sources of terms, each once, by their calls."""
    found = {source.id: source for term in terms for source in term.sources}
    return tuple(sorted(found.values(), key=lambda source: source.label.casefold()))
