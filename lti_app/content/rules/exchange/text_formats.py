"""The text formats of Moodle, as HTML."""

import re
from html import escape

from lti_app.content.rules.exchange.rendering import Texts

_BLANK = re.compile(r"\n[ \t]*\n+")


def html_of(text: str, form: str, texts: Texts) -> str:
    """`form`: html, markdown, plain(_text), moodle(_auto_format); anything else is HTML."""
    if form == "markdown":
        return texts.block(text)
    if form in {"plain", "plain_text"}:
        return _lined(escape(text, quote=False))
    if form in {"moodle", "moodle_auto_format"}:
        # HTML is allowed there, and line ends count.
        return text if re.search(r"(?i)<(p|div|ul|ol|br|table)\b", text) else _lined(text)
    return text


def _lined(html: str) -> str:
    paragraphs = [p.strip("\n") for p in _BLANK.split(html.replace("\r\n", "\n")) if p.strip()]
    if len(paragraphs) < 2:
        return "".join(paragraphs).replace("\n", "<br>")
    return "".join(f"<p>{p.replace(chr(10), '<br>')}</p>" for p in paragraphs)
