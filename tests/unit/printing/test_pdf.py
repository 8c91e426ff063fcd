"""PDF/UA: tags, language, alternatives, one page; and words that are never orders."""

from dataclasses import replace
from datetime import date

import pytest

from lti_app.content.rules.catalog import Module
from lti_app.printing.rules.wording import DocumentKind, FileFormat
from lti_app.printing.services import PrintingError, make_document, print_document, questions_pdf
from tests.journeys.answer_book import courses
from tests.unit.printing.reading import open_pdf, read_text, root_of, tags
from tests.unit.printing.samples import FIGURE, HOSTILE, MODULE, with_handout

DAY = date(2027, 3, 3)
MODULES = courses().modules


def pdf(kind: DocumentKind, module: Module = MODULE) -> bytes:
    return print_document(make_document(kind, module, DAY), FileFormat.PDF)


def test_who_does_not_see_it_is_told_everything() -> None:
    content = pdf(DocumentKind.HANDOUT)
    reader = open_pdf(content)
    root = root_of(content)
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "fr-FR"
    assert reader.metadata is not None
    assert reader.metadata.title == "La fiche"
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_object().get_data()
    found = tags(content)
    names = [name for name, _ in found]
    assert names[:3] == ["/Document", "/H1", "/H2"]
    assert {"/Table", "/THead", "/TH", "/L", "/LI", "/LBody", "/Figure", "/Link"} <= set(names)
    drawn = [dict(given) for name, given in found if name == "/Figure"]
    assert [given["/Alt"] for given in drawn] == [
        "Deux barres. Relire : peu\u202f; chercher, beaucoup."
    ]


def test_the_words_come_out_as_they_were_written() -> None:
    text = read_text(pdf(DocumentKind.HANDOUT))
    assert "L’œuvre, 10\u202f000 élèves (Dehaene, 2018)." in text
    assert "révision 3 du 3\u00a0mars 2027" in text


@pytest.mark.parametrize("kind", DocumentKind)
def test_what_an_author_writes_is_never_an_order(kind: DocumentKind) -> None:
    module = replace(MODULE, title=HOSTILE, summary=HOSTILE, keywords=(HOSTILE,))
    text = read_text(pdf(kind, module))
    assert '#panic("no") $x$' in text
    assert "{{ x }} {% y %} &" in text


def test_a_letter_that_no_font_has_does_not_stop_the_others() -> None:
    text = read_text(pdf(DocumentKind.HANDOUT, with_handout("Bravo 🙂 ✅, 漢字 → fin")))
    assert "Bravo \ufffd" in text
    assert text.endswith("2027")
    assert "fin" in text


def test_a_drawing_that_cannot_be_drawn_is_an_error_to_catch() -> None:
    module = replace(with_handout(":::figure oubli\n:::"), figures=(replace(FIGURE, svg="<svg"),))
    with pytest.raises(PrintingError):
        pdf(DocumentKind.HANDOUT, module)


def test_letters_shrink_until_a_sheet_is_one_page() -> None:
    short = pdf(DocumentKind.HANDOUT, with_handout("mot " * 250))
    long = pdf(DocumentKind.HANDOUT, with_handout("mot " * 1100))
    assert len(open_pdf(short).pages) == len(open_pdf(long).pages) == 1
    assert len(open_pdf(pdf(DocumentKind.HANDOUT, with_handout("mot " * 3000))).pages) > 1


def test_the_same_document_is_the_same_file() -> None:
    document = make_document(DocumentKind.KIT, MODULE, DAY)
    first = print_document(document, FileFormat.PDF)
    assert print_document(make_document(DocumentKind.KIT, MODULE, DAY), FileFormat.PDF) is first
    print_document.cache_clear()
    assert print_document(document, FileFormat.PDF) == first


@pytest.mark.parametrize("module", [m for m in MODULES if m.kit], ids=lambda module: module.id)
def test_every_real_kit_is_printed(module: Module) -> None:
    assert module.kit
    handout = pdf(DocumentKind.HANDOUT, module)
    assert len(open_pdf(handout).pages) == 1
    kit = pdf(DocumentKind.KIT, module)
    for content, title in ((handout, module.kit.handout.title), (kit, module.kit.outline.title)):
        reader = open_pdf(content)
        assert reader.metadata is not None
        assert reader.metadata.title == title
        assert root_of(content)["/Lang"] == "fr-FR"
        assert "\ufffd" not in read_text(content)
        figures = [given for name, given in tags(content) if name == "/Figure"]
        assert all(given.get("/Alt") for given in figures)
    assert module.kit.message.subject.split()[0] in read_text(kit)


def test_the_questions_of_a_module_are_printed_with_their_key() -> None:
    module = MODULES[0]
    text = read_text(questions_pdf(module))
    assert text.count("Question 1 ") == 2
    assert "Corrigé" in text
    assert "Corrigé" not in read_text(questions_pdf(module, with_key=False))
