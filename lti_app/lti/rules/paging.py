"""Where the next page of a service's answer is, for gradebooks and rosters alike. Pure."""

from collections.abc import Iterator

_LONGEST_LINK_HEADER = 20_000
_QUOTES = "\"'\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"


def next_page(link_header: str | None) -> str | None:
    """The address of the next page by a Link header (RFC 8288), however it is quoted.

    Moodle writes rel=“next” with curly quotes, as UTF-8 bytes that HTTP clients read as Latin-1,
    and « &amp; » in the addresses.
    """
    if not link_header or len(link_header) > _LONGEST_LINK_HEADER:
        return None
    for address, parameters in _links(_reread(link_header)):
        for parameter in parameters.split(";"):
            name, _, value = parameter.partition("=")
            relations = value.strip().strip(_QUOTES).lower().split()
            if name.strip().lower() == "rel" and "next" in relations:
                return address.replace("&amp;", "&")
    return None


def _links(header: str) -> Iterator[tuple[str, str]]:
    """(address, parameters) of each link. Addresses may hold commas: only « < » begins one."""
    for piece in header.split("<")[1:]:
        address, closed, rest = piece.partition(">")
        if closed:
            yield address.strip(), rest.strip().rstrip(",")


def _reread(header: str) -> str:
    try:
        return header.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return header
