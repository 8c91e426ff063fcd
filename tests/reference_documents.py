"""The look of the DOCX and ODT that Relais prints: `python -m tests.reference_documents`.

pandoc takes styles from a document of reference. Ours are pandoc's own, changed here: made again
by this command after a change, and looked at in a word processor.
"""

import io
import re
import subprocess
import zipfile
from collections.abc import Callable, Mapping

import pypandoc

from lti_app.core.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "lti_app" / "printing" / "data"
BLUE = "1B4F8A"
PALE = "EEF3F9"
LINE = "8A97A5"
FONT = "Arial"
HEADINGS = {1: 14, 2: 12, 3: 11, 4: 10}
"""Points by level."""
_EPOCH = (2026, 1, 1, 0, 0, 0)


def main() -> None:
    """Write both again."""
    for extension, changes in (("docx", DOCX), ("odt", ODT)):
        made = changed(default(f"reference.{extension}"), changes)
        (FOLDER / f"reference.{extension}").write_bytes(made)


def default(name: str) -> bytes:
    """What pandoc would take."""
    command = [pypandoc.get_pandoc_path(), f"--print-default-data-file={name}"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def changed(document: bytes, changes: Mapping[str, Callable[[str], str]]) -> bytes:
    """The same package with some of its parts changed; the same bytes each time."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename in changes:
                content = changes[entry.filename](content.decode()).encode()
            kept = zipfile.ZipInfo(entry.filename, _EPOCH)
            kept.compress_type = entry.compress_type
            new.writestr(kept, content)
    return made.getvalue()


def replaced(text: str, pattern: str, new: str, *, count: int = 0) -> str:
    """Like re.sub, but what is not there any more is an error: pandoc changed its own."""
    text, times = re.subn(pattern, new, text, count=count, flags=re.DOTALL)
    if not times:
        raise ValueError(f"not found: {pattern}")
    return text


def docx_styles(text: str) -> str:
    """Fonts, sizes, colours and the table."""
    text = replaced(
        text, r"<w:rFonts [^>]*/>", f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}"/>'
    )
    text = replaced(
        text,
        r'<w:sz w:val="24" />\s*<w:szCs w:val="24" />',
        '<w:sz w:val="20"/><w:szCs w:val="20"/>',
        count=1,
    )
    text = replaced(text, r'w:val="en-US"', 'w:val="fr-FR"')
    text = replaced(text, r'<w:color w:val="0F4761"[^>]*/>', f'<w:color w:val="{BLUE}"/>')
    text = replaced(
        text,
        r'(w:styleId="BodyText">.*?<w:spacing) w:before="180" w:after="180"',
        r'\1 w:before="80" w:after="120" w:line="276" w:lineRule="auto"',
        count=1,
    )
    for level, points in HEADINGS.items():
        text = replaced(
            text,
            rf'(w:styleId="Heading{level}">.*?)<w:rPr>.*?</w:rPr>',
            rf'\1<w:rPr><w:b/><w:color w:val="{BLUE}"/><w:sz w:val="{points * 2}"/></w:rPr>',
            count=1,
        )
    text = replaced(
        text,
        r'(w:styleId="Title">.*?)<w:jc w:val="center" />(.*?)<w:rPr>.*?</w:rPr>',
        rf'\1<w:jc w:val="left"/>\2<w:rPr><w:b/><w:color w:val="{BLUE}"/><w:sz w:val="40"/>'
        r"</w:rPr>",
        count=1,
    )
    text = replaced(
        text,
        r'(w:styleId="Hyperlink">.*?)<w:color [^>]*/>',
        rf'\1<w:color w:val="{BLUE}"/><w:u w:val="single"/>',
        count=1,
    )
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    table = (
        f"<w:tblPr><w:tblBorders>{sides}</w:tblBorders><w:tblCellMar>"
        '<w:left w:w="108" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f'<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr>'
        f'<w:shd w:val="clear" w:color="auto" w:fill="{PALE}"/></w:tcPr></w:tblStylePr></w:style>'
    )
    return replaced(text, r'(w:styleId="Table">.*?)<w:tblPr>.*?</w:style>', rf"\1{table}", count=1)


def docx_page(text: str) -> str:
    """A4, two centimetres around."""
    page = (
        '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134"'
        ' w:left="1134" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
    )
    return replaced(text, r"</w:sectPr>", page)


def odt_styles(text: str) -> str:
    """Fonts, sizes, colours, A4."""
    text = replaced(text, r'fo:language="en"\s+fo:country="US"', 'fo:language="fr" fo:country="FR"')
    text = replaced(
        text,
        r'style:font-name="Times New Roman" fo:font-size="12pt"',
        f'style:font-name="{FONT}" fo:font-size="10pt"',
    )
    text = replaced(
        text,
        r'fo:page-width="8.5in"\s+fo:page-height="11in"',
        'fo:page-width="21cm" fo:page-height="29.7cm"',
    )
    text = replaced(text, r'(fo:margin-(?:top|bottom|left|right))="1in"', r'\1="2cm"')
    for level, points in HEADINGS.items():
        text = replaced(
            text,
            rf'(<style:style style:name="Heading_20_{level}".*?)<style:text-properties.*?/>',
            rf'\1<style:text-properties fo:color="#{BLUE}" fo:font-size="{points}pt"'
            r' fo:font-weight="bold"/>',
            count=1,
        )
    title = (
        '<style:style style:name="Title" style:family="paragraph" style:class="chapter"'
        ' style:parent-style-name="Heading" style:next-style-name="Text_20_body">'
        f'<style:text-properties fo:color="#{BLUE}" fo:font-size="20pt" fo:font-weight="bold"/>'
        "</style:style>"
    )
    return replaced(text, r"</office:styles>", f"{title}</office:styles>")


DOCX = {"word/styles.xml": docx_styles, "word/document.xml": docx_page}
ODT = {"styles.xml": odt_styles}

if __name__ == "__main__":
    main()
