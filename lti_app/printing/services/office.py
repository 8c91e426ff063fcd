"""DOCX and ODT by pandoc: real headings, lists and table headers, that a colleague can edit."""

import base64
import re
import subprocess
from functools import cache
from pathlib import Path
from threading import Lock

import pypandoc
from markupsafe import escape

from lti_app.printing.rules.packages import finish_package
from lti_app.printing.rules.wording import FileFormat
from lti_app.printing.services.documents import NO_DATE, Document, full_alternative
from lti_app.printing.services.pdf import draw_figure

_SECONDS = 20
"""More than a hundred times what a document takes."""
_ONE_AT_A_TIME = Lock()
"""pandoc takes 170 MB: a session whose trainer says « download it » must not take them by ten."""
_DATA = Path(__file__).parent.parent / "data"


class OfficeError(RuntimeError):
    """pandoc could not be run, or did not finish."""


def render_office(document: Document, file_format: FileFormat) -> bytes:
    """The document as DOCX or ODT. Raises OfficeError."""
    package = _run_pandoc(file_format, _page(document).encode())
    shown = re.findall(r'<img src="([^"]*)"', document.html)
    drawn = {figure.address: full_alternative(figure) for figure in document.figures}
    return finish_package(
        package,
        alternatives=[drawn[address] for address in shown],
        dated=document.revised_on or NO_DATE,
    )


def _run_pandoc(file_format: FileFormat, page: bytes) -> bytes:
    try:
        command = [
            _pandoc(),
            # It reads what it is given and nothing else: no file, no address.
            "--sandbox",
            "--from=html",
            f"--to={file_format}",
            "--shift-heading-level-by=-1",
            f"--lua-filter={_DATA / 'pictures.lua'}",
            f"--reference-doc={_DATA / f'reference.{file_format}'}",
            "--metadata=lang:fr-FR",
            "--output=-",
        ]
        with _ONE_AT_A_TIME:
            done = subprocess.run(  # noqa: S603 - our own words, no shell
                command, input=page, capture_output=True, timeout=_SECONDS, check=True
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
        html = html.replace(
            f'<img src="{figure.address}"',
            f'<img width="15cm" src="data:image/png;base64,{picture}"',
        )
    return (
        f'<!DOCTYPE html><html lang="fr"><head><title>{escape(document.title)}</title>{keywords}'
        f"</head><body>{html}<p>{escape(document.footer)}</p></body></html>"
    )


@cache
def _pandoc() -> str:
    path: str = pypandoc.get_pandoc_path()
    return path
