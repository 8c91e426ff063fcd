"""DOCX and ODT by pandoc: real headings, lists and table headers, that a colleague can edit."""

import base64
import subprocess
from functools import cache
from importlib.resources import as_file, files

import pypandoc
from markupsafe import escape

from lti_app.printing.rules.wording import FileFormat
from lti_app.printing.services.documents import Document
from lti_app.printing.services.pdf import draw_figure

_SECONDS = 20
"""More than a hundred times what a document takes."""


class OfficeError(RuntimeError):
    """pandoc could not be run, or did not finish."""


def render_office(document: Document, file_format: FileFormat) -> bytes:
    """The document as DOCX or ODT. Raises OfficeError."""
    reference = files("lti_app.printing") / "data" / f"reference.{file_format}"
    with as_file(reference) as model:
        command = [
            _pandoc(),
            # It reads what it is given and nothing else: no file, no address.
            "--sandbox",
            "--from=html",
            f"--to={file_format}",
            "--shift-heading-level-by=-1",
            f"--reference-doc={model}",
            "--metadata=lang:fr-FR",
            f"--metadata=pagetitle:{document.title}",
            "--output=-",
        ]
        try:
            done = subprocess.run(  # noqa: S603 - our own words, and the title after « = »
                command,
                input=_page(document).encode(),
                capture_output=True,
                timeout=_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise OfficeError(str(error)) from error
    return done.stdout


def _page(document: Document) -> str:
    keywords = "".join(
        f'<meta name="keywords" content="{escape(word)}">' for word in document.keywords
    )
    html = str(document.html)
    for figure in document.figures:
        picture = base64.b64encode(draw_figure(figure)).decode()
        html = html.replace(f'"{figure.address}"', f'"data:image/png;base64,{picture}"')
    footer = f"<p>{escape(document.footer)}</p>"
    return (
        f'<!DOCTYPE html><html lang="fr"><head><title>{escape(document.title)}</title>{keywords}'
        f"</head><body>{html}{footer}</body></html>"
    )


@cache
def _pandoc() -> str:
    path: str = pypandoc.get_pandoc_path()
    return path
