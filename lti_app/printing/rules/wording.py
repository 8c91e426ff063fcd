"""Words of the documents: the version, the rows of the indexation sheet, names of files."""

import re
import unicodedata
from datetime import date
from enum import StrEnum

from lti_app.content.rules.catalog import Module
from lti_app.ui import french


class DocumentKind(StrEnum):
    """What can be printed of a kit; the values stand in addresses."""

    KIT = "kit"
    HANDOUT = "fiche"
    INDEXING = "indexation"


class FileFormat(StrEnum):
    """The value is the extension."""

    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"


MEDIA_TYPES = {
    FileFormat.PDF: "application/pdf",
    FileFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileFormat.ODT: "application/vnd.oasis.opendocument.text",
}

_NAMES = {
    DocumentKind.KIT: "atelier",
    DocumentKind.HANDOUT: "fiche",
    DocumentKind.INDEXING: "fiche-indexation",
}
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_WORDS_IN_NAMES = 50


def version(module: Module, revised_on: date | None) -> str:
    """« révision 3 du 12 mars 2027 »."""
    if revised_on is None:
        return f"révision {module.revision}"
    # A printed date always has its year: nobody knows when it will be read.
    return f"révision {module.revision} du {french.day(revised_on, date.min)}"


def indexing_rows(module: Module, revised_on: date | None) -> list[tuple[str, tuple[str, ...]]]:
    """The fields of a M@gistère sheet, in order: (name, values). Without value: not to show."""
    indexing = module.indexing
    presence = (french.minutes(indexing.presence_minutes),) if indexing else ()
    return [
        ("Titre", (module.title,)),
        ("Durée à distance", (french.minutes(module.minutes),)),
        ("Durée en présence", presence),
        ("Public", (indexing.public,) if indexing else ()),
        ("Domaine", (indexing.domain,) if indexing else ()),
        ("Objectifs", module.objectives),
        ("Compétences", module.competences),
        ("Mots-clés", (", ".join(module.keywords),) if module.keywords else ()),
        ("Version", (version(module, revised_on),)),
    ]


def file_name(kind: DocumentKind, module_title: str, file_format: FileFormat) -> str:
    """« atelier-memoriser-et-apprendre.pdf »: letters that every system and LMS keeps."""
    return f"{_NAMES[kind]}-{slug(module_title)}.{file_format}"


def slug(title: str) -> str:
    """A title in ASCII letters and hyphens, cut at a word."""
    plain = title.lower().replace("œ", "oe").replace("æ", "ae")
    ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    name = _NOT_IN_NAMES.sub("-", ascii_only.replace("'", "-")).strip("-")
    if len(name) > _WORDS_IN_NAMES:
        name = name[: _WORDS_IN_NAMES + 1].rpartition("-")[0] or name[:_WORDS_IN_NAMES]
    return name or "module"
