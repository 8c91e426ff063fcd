"""Makes the files of a module; each one once, as long as nothing of it changes."""

from datetime import date
from functools import lru_cache

from lti_app.content.rules.catalog import Module
from lti_app.printing.rules.wording import FileFormat
from lti_app.printing.services.documents import (
    Document,
    called_by,
    deeper,
    make_document,
    make_question_document,
    message_paragraphs,
)
from lti_app.printing.services.office import render_office
from lti_app.printing.services.pdf import render_pdf

__all__ = [
    "Document", "PrintingError", "called_by", "deeper", "make_document", "message_paragraphs",
    "print_document", "questions_pdf",
]  # fmt: skip

_KEPT = 64
"""Files kept by a process: two dozen for five modules, of 20 to 200 kB each."""


class PrintingError(Exception):
    """The file could not be made."""


@lru_cache(maxsize=_KEPT)
def print_document(document: Document, file_format: FileFormat) -> bytes:
    """The file of a document. Equal documents are the same file: another text is another key.

    Raises PrintingError.
    """
    try:
        if file_format is FileFormat.PDF:
            return render_pdf(document)
        return render_office(document, file_format)
    except RuntimeError as error:  # OfficeError; typst's own when it draws, this when it measures
        raise PrintingError(str(error)) from error


def questions_pdf(
    module: Module, *, with_key: bool = True, revised_on: date | None = None
) -> bytes:
    """The questions of a module to print, the answer key at the end. Raises PrintingError."""
    try:
        return render_pdf(make_question_document(module, revised_on, with_key=with_key))
    except RuntimeError as error:
        raise PrintingError(str(error)) from error
