"""Documents as HTML: the kit of a workshop, its handout, the indexation sheet, the questions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lti_app.content.rules.catalog import Figure, Kit, Module, Source
from lti_app.printing.rules.paper_tree import paper_tree, texts
from lti_app.printing.rules.question_sheets import print_question
from lti_app.printing.rules.timing import time_steps
from lti_app.printing.rules.wording import DocumentKind, indexing_rows, version
from lti_app.ui import french

NO_DATE = date(2026, 1, 1)
"""Of a file whose module was never published: files must have one."""
_HEADING = re.compile(r"(</?h)([1-6])\b")
_FIGURE = re.compile(r'<figure\b.*?src="([^"]*)".*?</figure>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """`html` begins with the title, as its only h1. `figures`: those it may show.

    `one_page`: what is handed out must be one sheet; the letters shrink until it is.
    """

    title: str
    description: str
    keywords: tuple[str, ...]
    footer: str
    html: Markup
    figures: tuple[Figure, ...]
    one_page: bool = False
    revised_on: date | None = None


def make_document(kind: DocumentKind, module: Module, revised_on: date | None) -> Document:
    """One document of a module. Raises LookupError when the module has no such thing."""
    if kind is DocumentKind.INDEXING:
        return _document(
            module,
            revised_on,
            "indexing",
            title=_entitled("Fiche d’indexation", module.title),
            indexing=indexing_rows(module, revised_on),
        )
    if module.kit is None:
        raise LookupError(f"{module.id} has no kit")
    if kind is DocumentKind.HANDOUT:
        handout = module.kit.handout
        sources = called_by(handout.body.html, module.kit.sources)
        return _document(
            module, revised_on, "handout", title=handout.title, one_page=True, kit=module.kit,
            sources=sources,
        )  # fmt: skip
    return _kit_document(module, module.kit, revised_on)


def make_question_document(
    module: Module, revised_on: date | None, *, with_key: bool = True
) -> Document:
    """The questions lesson by lesson; then the answer key and the sources it calls."""
    lessons = [
        (lesson, [print_question(q) for q in module.questions if q.lesson_id == lesson.id])
        for lesson in module.lessons
    ]
    sources = {source.id: source for q in module.questions for source in q.sources}
    return _document(
        module,
        revised_on,
        "questions",
        title=_entitled(module.title, "les questions"),
        lessons=[each for each in lessons if each[1]],
        with_key=with_key,
        sources=sorted(sources.values(), key=lambda source: source.label.casefold()),
    )


def full_alternative(figure: Figure) -> str:
    """On paper nothing unfolds: the long description is said in the place of the drawing."""
    return " ".join([figure.alt, *texts(paper_tree(figure.description_html))])


def called_by(html: str, sources: Iterable[Source]) -> tuple[Source, ...]:
    """Those that a text calls."""
    return tuple(source for source in sources if f'"#source-{source.id}"' in html)


def message_paragraphs(text: str) -> list[list[str]]:
    """The lines of a plain text, paragraph by paragraph."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return [[line.strip() for line in each.splitlines()] for each in paragraphs]


def _kit_document(module: Module, kit: Kit, revised_on: date | None) -> Document:
    return _document(
        module,
        revised_on,
        "kit",
        title=kit.outline.title,
        kit=kit,
        steps=time_steps(kit.outline),
        message=message_paragraphs(kit.message.body),
        indexing=indexing_rows(module, revised_on),
    )


def _document(
    module: Module,
    revised_on: date | None,
    template: str,
    *,
    title: str,
    one_page: bool = False,
    **values: Any,
) -> Document:
    page = _templates().get_template(f"printing/{template}.html").render(module=module, **values)
    html = _unfolded(page, module.figures)
    return Document(
        title=title,
        description=module.summary,
        keywords=module.keywords,
        footer=f"Relais · {module.title} · {version(module, revised_on)}",
        html=Markup(html),  # noqa: S704 - made by a template that escapes
        figures=tuple(figure for figure in module.figures if figure.address in html),
        one_page=one_page,
        revised_on=revised_on,
    )


def _unfolded(html: str, figures: Iterable[Figure]) -> str:
    known = {figure.address: figure for figure in figures}

    def unfold(found: re.Match[str]) -> str:
        figure = known.get(found[1])
        if figure is None:
            return ""
        return Markup('<figure><img src="{}" alt="{}"><figcaption>{}</figcaption></figure>').format(
            figure.address, full_alternative(figure), figure.caption_html
        )

    return _FIGURE.sub(unfold, html)


def _entitled(what: str, which: str) -> str:
    return f"{what}{french.NBSP}: {which}"


@cache
def _templates() -> Environment:
    # Not Flask's: the command line makes documents with no application around.
    templates = Environment(
        loader=PackageLoader("lti_app.printing"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(minutes=french.minutes, deeper=deeper)
    return templates


def deeper(html: Markup, levels: int = 1) -> Markup:
    """The same with its headings lower, under one of the document."""
    lowered = _HEADING.sub(lambda tag: f"{tag[1]}{min(6, int(tag[2]) + levels)}", html)
    return Markup(lowered)  # noqa: S704 - as clean as it came
