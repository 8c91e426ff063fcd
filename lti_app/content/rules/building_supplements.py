"""From the glossary, the figures and the kit as written to the catalog."""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping

from lti_app.content.rules import bibliography, catalog
from lti_app.content.rules.drawing import size_of
from lti_app.content.rules.markdown import Renderer
from lti_app.content.rules.schema import ReferenceSource
from lti_app.content.rules.supplements import (
    DrawnFigureSource,
    FigureSource,
    KitSource,
    Supplements,
    TermSource,
)
from lti_app.content.rules.tokens import cited_by_text

Glossary = Mapping[str, tuple[str, TermSource]]
"""The terms by id, with their module."""
SourcesOf = Callable[[Iterable[str]], tuple[catalog.Source, ...]]


def glossary_of(supplements: Supplements) -> dict[str, tuple[str, TermSource]]:
    """The terms of all modules."""
    return {
        term.id: (module_id, term)
        for module_id, of_module in supplements.items()
        for term in of_module.glossary
    }


def build_glossary(
    glossary: Glossary, references: Mapping[str, ReferenceSource]
) -> tuple[catalog.Term, ...]:
    """All the terms, for a page of their own: its sources are named for that page."""
    cited = {i for _module_id, term in glossary.values() for i in cited_by_term(term)}
    known = bibliography.sources(references[i] for i in references if i in cited)
    render = Renderer({source.id: source.label for source in known.values()}, words_of(glossary))
    return build_terms(glossary, glossary, render, lambda ids: in_order(known, ids))


def build_terms(
    ids: Iterable[str], glossary: Glossary, render: Renderer, sources_of: SourcesOf
) -> tuple[catalog.Term, ...]:
    """The terms of `ids` that exist, each once, as French sorts them."""
    found = {i: glossary[i] for i in ids if i in glossary}
    terms = (
        catalog.Term(
            id=term.id,
            module_id=module_id,
            term=term.term,
            definition_html=render.block(term.definition),
            sources=sources_of(cited_by_term(term)),
        )
        for module_id, term in found.values()
    )
    return tuple(sorted(terms, key=lambda term: french_order(term.term)))


def build_figure(
    module_id: str, source: DrawnFigureSource, render: Renderer, sources_of: SourcesOf
) -> catalog.Figure:
    """One figure with its drawing."""
    width, height = size_of(source.svg)
    return catalog.Figure(
        id=source.id,
        module_id=module_id,
        caption_html=render.inline(source.caption),
        alt=source.alt,
        description_html=render.block(source.description),
        svg=source.svg,
        content_hash=hashlib.sha256(source.svg.encode()).hexdigest(),
        width=width,
        height=height,
        sources=sources_of(cited_by_figure(source)),
    )


def build_kit(source: KitSource, render: Renderer, sources_of: SourcesOf) -> catalog.Kit:
    """The workshop kit."""

    def prose(text: str) -> catalog.Prose:
        return catalog.Prose(text, render.block(text))

    outline, handout = source.outline, source.handout
    return catalog.Kit(
        outline=catalog.Outline(
            title=outline.title,
            goal=outline.goal,
            audience=outline.audience,
            before=tuple(catalog.Prose(line, render.inline(line)) for line in outline.before),
            steps=tuple(
                catalog.Step(step.minutes, step.title, prose(step.text)) for step in outline.steps
            ),
            offline=prose(outline.offline),
            late=prose(outline.late),
            after=prose(outline.after),
        ),
        handout=catalog.Handout(
            handout.title, catalog.Prose(handout.body, render.page(handout.body))
        ),
        message=catalog.Message(source.message.subject, source.message.body),
        sources=sources_of(cited_by_kit(source)),
    )


def words_of(glossary: Glossary) -> dict[str, str]:
    """{id: term}."""
    return {term_id: term.term for term_id, (_module_id, term) in glossary.items()}


def cited_by_term(term: TermSource) -> list[str]:
    """Ids of references, each once: those it names, then those it calls."""
    return list(dict.fromkeys([*term.sources, *cited_by_text(term.definition)]))


def cited_by_figure(figure: FigureSource) -> list[str]:
    """Ids of references, each once."""
    called = [*cited_by_text(figure.caption), *cited_by_text(figure.description)]
    return list(dict.fromkeys([*figure.sources, *called]))


def cited_by_kit(kit: KitSource) -> list[str]:
    """Ids of references, each once."""
    called = [i for _path, text in texts_of_kit(kit) for i in cited_by_text(text)]
    return list(dict.fromkeys([*kit.sources, *called]))


def texts_of_kit(kit: KitSource) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of a kit, with its path in the source."""
    outline = kit.outline
    for name in ("title", "goal", "audience"):
        yield ("outline", name), getattr(outline, name)
    for index, line in enumerate(outline.before):
        yield ("outline", "before", index), line
    for index, step in enumerate(outline.steps):
        yield ("outline", "steps", index, "title"), step.title
        yield ("outline", "steps", index, "text"), step.text
    for name in ("offline", "late", "after"):
        yield ("outline", name), getattr(outline, name)
    yield ("handout", "title"), kit.handout.title
    yield ("handout", "body"), kit.handout.body
    yield ("message", "subject"), kit.message.subject
    yield ("message", "body"), kit.message.body


def in_order(known: Mapping[str, catalog.Source], ids: Iterable[str]) -> tuple[catalog.Source, ...]:
    """In alphabetical order of their calls, as a bibliography; unknown ids left out."""
    found = {i: known[i] for i in ids if i in known}
    return tuple(sorted(found.values(), key=lambda source: source.label.casefold()))


def french_order(text: str) -> tuple[str, str]:
    """Sorting key: letters first, accents and case only between equal words."""
    plain = text.casefold().replace("œ", "oe").replace("æ", "ae")
    letters = (c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    return "".join(letters), text
