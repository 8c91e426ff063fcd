"""DOCX and ODT: what a word processor needs for everybody to read them."""

import contextlib
import io
import re
import subprocess
import time
import zipfile
from collections.abc import Callable
from datetime import date
from threading import Thread

import pytest

from lti_app.printing.rules.wording import DocumentKind, FileFormat
from lti_app.printing.services import PrintingError, make_document, office, print_document
from tests import reference_documents
from tests.unit.printing.samples import MODULE, with_handout

DAY = date(2027, 3, 3)
PARTS = {
    FileFormat.DOCX: ("word/document.xml", "word/styles.xml", "docProps/core.xml"),
    FileFormat.ODT: ("content.xml", "styles.xml", "meta.xml"),
}
WANTED = {
    FileFormat.DOCX: (
        r'w:pStyle w:val="Title"',
        r'w:pStyle w:val="Heading1"',
        r"<w:tblHeader",
        r"<w:numPr>",
        r'descr="Deux barres\. Relire : peu\u202f; chercher, beaucoup\."',
        r'w:w="11906"',
        r'w:val="fr-FR"',
        r"<dc:title>La fiche</dc:title>",
        r"2027-03-03T00:00:00Z",
    ),
    FileFormat.ODT: (
        r'text:style-name="Title"',
        r'text:outline-level="1"',
        r"<table:table-header-rows>",
        r"<text:list ",
        r"<svg:desc>Deux barres\. Relire : peu\u202f; chercher, beaucoup\.</svg:desc>",
        r'fo:page-width="21cm"',
        r'fo:language="fr"',
        r"<dc:title>La fiche</dc:title>",
        r"2027-03-03T00:00:00Z",
    ),
}


@pytest.mark.parametrize("file_format", PARTS)
def test_word_processors_find_headings_tables_and_alternatives(file_format: FileFormat) -> None:
    made = print_document(make_document(DocumentKind.HANDOUT, MODULE, DAY), file_format)
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        assert package.testzip() is None
        text = "".join(package.read(part).decode() for part in PARTS[file_format])
        assert any(name.endswith(".png") for name in package.namelist())
    for wanted in WANTED[file_format]:
        assert re.search(wanted, text), wanted
    assert "&lt;tag&gt; @call" in text
    assert "base64" not in text


def test_pandoc_reads_no_file_and_no_address() -> None:
    module = with_handout("Voir ![x](/etc/passwd) et <img src='file:///etc/passwd'>")
    made = print_document(make_document(DocumentKind.HANDOUT, module, DAY), FileFormat.DOCX)
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        assert not any(b"root:" in package.read(name) for name in package.namelist())


def test_a_pandoc_that_does_not_answer_is_an_error_to_catch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("pandoc", 20)

    monkeypatch.setattr(subprocess, "run", never)
    with pytest.raises(PrintingError):
        print_document(
            make_document(DocumentKind.INDEXING, MODULE, date(2027, 3, 4)), FileFormat.ODT
        )


def test_a_pandoc_that_is_not_there_is_an_error_to_catch(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise OSError("No pandoc was found")

    monkeypatch.setattr(office, "_pandoc", missing)
    with pytest.raises(PrintingError, match="No pandoc"):
        print_document(
            make_document(DocumentKind.INDEXING, MODULE, date(2027, 3, 5)), FileFormat.ODT
        )


def test_pandoc_runs_once_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0

    def slow(*_: object, **__: object) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.05)
        running -= 1
        raise OSError

    monkeypatch.setattr(subprocess, "run", slow)
    document = make_document(DocumentKind.INDEXING, MODULE, date(2027, 3, 6))

    def ask() -> None:
        with contextlib.suppress(PrintingError):
            print_document(document, FileFormat.ODT)

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


@pytest.mark.parametrize(
    ("name", "changes"), [("docx", reference_documents.DOCX), ("odt", reference_documents.ODT)]
)
def test_the_styles_are_those_the_command_makes(
    name: str, changes: dict[str, Callable[[str], str]]
) -> None:
    """After a new pandoc: python -m tests.reference_documents."""
    made = reference_documents.changed(reference_documents.default(f"reference.{name}"), changes)
    assert made == (reference_documents.FOLDER / f"reference.{name}").read_bytes()
