"""HTML of other systems, before it is cleaned: what will be missing, what may stand for it."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser

import nh3

_LOST = {
    "img": "image", "svg": "image", "object": "objet incorporé", "embed": "objet incorporé",
    "video": "vidéo", "audio": "son", "iframe": "page incorporée", "sub": "indice",
    "sup": "exposant", "u": "soulignement", "s": "texte barré", "del": "texte barré",
    "strike": "texte barré", "math": "formule", "script": "programme", "style": "feuille de style",
    "form": "formulaire", "input": "formulaire", "font": "police ou couleur",
    "h1": "titre", "h2": "titre", "h3": "titre", "h4": "titre", "h5": "titre", "h6": "titre",
}  # fmt: skip
_KEPT = {
    "a", "b", "blockquote", "br", "code", "dd", "details", "div", "dl", "dt", "em", "hr", "i", "li",
    "ol", "p", "pre", "span", "strong", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_PARSER = nh3.Cleaner(
    tags=_KEPT | set(_LOST),
    clean_content_tags=set(),
    attributes={"*": {"alt", "class", "href", "start", "style"}},
    link_rel=None,
)
# Of well-formed HTML: quotes are double, and every tag is closed.
_IMAGE = re.compile(r"""<img\b(?:[^>"]|"[^"]*")*>""")
_ALTERNATIVE = re.compile(r' alt="([^"]*)"')


def well_formed(html: str) -> str:
    """The same read as browsers read it: no tag left open, no comment. NOT harmless yet.

    Python's own parser takes hours over 50 kB of « <a <a <a », and fails on « <![x ».
    """
    return _PARSER.clean(html)


def lost_in(html: str) -> list[str]:
    """What of this HTML Relais cannot hold (French), each once."""
    scanner = _Scanner()
    scanner.feed(well_formed(html))
    scanner.close()
    return list(dict.fromkeys(scanner.lost))


class _Scanner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lost: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LOST:
            self.lost.append(_LOST[tag])
        style = next((value or "" for name, value in attrs if name == "style"), "")
        if re.search(r"color|font|background", style):
            self.lost.append("police ou couleur")


def all_lost(htmls: Iterable[str]) -> tuple[str, ...]:
    """What several texts lose, each once."""
    return tuple(dict.fromkeys(loss for html in htmls for loss in lost_in(html)))


def with_alternatives(html: str) -> str:
    """Images replaced by what is written for who cannot see them."""
    return _IMAGE.sub(_alternative, well_formed(html))


def _alternative(image: re.Match[str]) -> str:
    said = _ALTERNATIVE.search(image[0])
    return f"[{said[1].replace('<', '&lt;')}]" if said and said[1] else ""
