"""The workshop kit of a module: its page, and its files."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from markupsafe import Markup
from sqlalchemy.orm import Session

from lti_app.content.rules.catalog import Kit, Module, Source
from lti_app.core.errors import Explanation, RelaisError
from lti_app.people.access import NOT_FOUND
from lti_app.practice.services.visit import Visit
from lti_app.printing.queries import last_change
from lti_app.printing.rules.timing import TimedStep, time_steps
from lti_app.printing.rules.wording import (
    MEDIA_TYPES,
    DocumentKind,
    FileFormat,
    file_name,
    indexing_rows,
)
from lti_app.printing.services import (
    PrintingError,
    deeper,
    make_document,
    message_paragraphs,
    print_document,
)

CANNOT_PRINT = Explanation(
    "DOCUMENT-NON-FAIT",
    "Ce document n’a pas pu être préparé",
    "Le fichier demandé n’a pas pu être fabriqué par Relais. Son contenu reste lisible sur la page"
    " de l’atelier.",
    (
        "Essayez un autre format\N{NO-BREAK SPACE}: PDF, DOCX ou ODT.",
        "Si rien ne vient, signalez-le à la personne qui administre Relais, avec ce code.",
    ),
)


@dataclass(frozen=True, slots=True)
class KitPage:
    """`message`: lines by paragraph. `indexing`: (name, values) of M@gistère's fields."""

    module: Module
    kit: Kit
    steps: tuple[TimedStep, ...]
    message: list[list[str]]
    indexing: list[tuple[str, tuple[str, ...]]]
    handout_html: Markup
    """Its headings under those of the page."""
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class KitFile:
    """A file to download."""

    name: str
    media_type: str
    content: bytes


def show_kit(session: Session, visit: Visit, module_id: str) -> KitPage:
    """The kit of a module of the session. Raises the 404 page when it has none."""
    module = visit.module(module_id)
    kit = _kit(module)
    return KitPage(
        module=module,
        kit=kit,
        steps=time_steps(kit.outline),
        message=message_paragraphs(kit.message.body),
        indexing=indexing_rows(module, _revised_on(session, visit, module)),
        handout_html=deeper(kit.handout.body.html, 2),
        sources=kit.sources,
    )


def print_kit(
    session: Session, visit: Visit, module_id: str, kind: DocumentKind, file_format: FileFormat
) -> KitFile:
    """A file of the kit. Raises the 404 page, or the explained 503 page when it cannot be made."""
    module = visit.module(module_id)
    _kit(module)
    document = make_document(kind, module, _revised_on(session, visit, module))
    try:
        content = print_document(document, file_format)
    except PrintingError as error:
        raise RelaisError(
            CANNOT_PRINT, status=HTTPStatus.SERVICE_UNAVAILABLE, detail=str(error)[:500]
        ) from error
    return KitFile(
        name=file_name(kind, module.title, file_format),
        media_type=MEDIA_TYPES[file_format],
        content=content,
    )


def _kit(module: Module) -> Kit:
    if module.kit is None:
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="module without a kit")
    return module.kit


def _revised_on(session: Session, visit: Visit, module: Module) -> date | None:
    moment = last_change(session, module)
    return moment.astimezone(visit.zone).date() if moment else None
