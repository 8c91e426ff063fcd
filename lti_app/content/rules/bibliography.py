"""How sources are named: the call (« Pan et Rickard, 2018 », « Yang et al., 2021 »), the notice."""

import re
from collections import defaultdict
from collections.abc import Iterable

from markupsafe import Markup, escape

from lti_app.content.rules.catalog import Source
from lti_app.content.rules.schema import ReferenceSource

# « Rodriguez, M. C. », « Roediger, H. L., III », « Cheung, C.-N. », « de Vries, A. »
_PERSON = re.compile(r"([^,&]+), ((?:[^\W\d_]\.[ -]?)+)(?:, (?:II|III|IV|Jr\.?))?(?:, | & |$)")
_PARENTHESIS = re.compile(r"\s*\([^()]*\)")
_DOI = re.compile(r"10\.\d{4,}/\S+")
_URL = re.compile(r"https?://[^\s,;]+")


def author_label(authors: str) -> str:
    """The authors as a call shows them. An institution is named in full, without parentheses."""
    bare = _PARENTHESIS.sub("", authors).strip()
    if bare.endswith(" et al."):
        return bare.split(",")[0] + " et al."
    surnames = _surnames(bare)
    if not surnames:
        return bare.replace(" & ", " et ")
    if len(surnames) > 2:
        return f"{surnames[0]} et al."
    return " et ".join(surnames)


def _surnames(authors: str) -> list[str]:
    """Surnames when `authors` is made of persons only, else nothing."""
    surnames, position = [], 0
    while position < len(authors):
        match = _PERSON.match(authors, position)
        if match is None:
            return []
        surnames.append(match[1].strip())
        position = match.end()
    return surnames


def labels(references: Iterable[ReferenceSource]) -> dict[str, str]:
    """Label of each reference by id; a letter tells apart those of one author and year."""
    same: defaultdict[str, list[str]] = defaultdict(list)
    for reference in references:
        same[f"{author_label(reference.authors)}, {reference.year}"].append(reference.id)
    found = {}
    for label, ids in same.items():
        for position, reference_id in enumerate(ids):
            letter = "" if len(ids) == 1 else chr(ord("a") + position % 26)
            found[reference_id] = label + letter
    return found


def sources(references: Iterable[ReferenceSource]) -> dict[str, Source]:
    """What pages show of each reference, by id."""
    known = list(references)
    named = labels(known)
    return {
        reference.id: Source(
            id=reference.id,
            label=named[reference.id],
            title=reference.title,
            full_html=_notice(reference, named[reference.id]),
            url=url_of(reference),
        )
        for reference in known
    }


def url_of(reference: ReferenceSource) -> str | None:
    """Where the source can be opened: its DOI, or the address it gives."""
    place = reference.doi_or_url
    if _DOI.fullmatch(place):
        return f"https://doi.org/{place}"
    found = _URL.search(place)
    return found[0] if found else None


def _notice(reference: ReferenceSource, label: str) -> Markup:
    year = label.rpartition(", ")[2]  # with its letter, so that a call finds its notice
    parts = [
        Markup("{} ({}).").format(reference.authors, year),
        Markup("<cite>{}</cite>{}").format(reference.title, _full_stop(reference.title)),
    ]
    if reference.container:
        parts.append(escape(_sentence(reference.container)))
    place = reference.doi_or_url
    if place and url_of(reference) is None and place not in reference.container:
        parts.append(escape(_sentence(place)))
    return Markup(" ").join(parts)


def _sentence(text: str) -> str:
    return text + _full_stop(text)


def _full_stop(text: str) -> str:
    return "" if text.endswith((".", "?", "!", "…")) else "."
