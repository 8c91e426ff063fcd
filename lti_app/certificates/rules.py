"""How codes and names are written on paper. Pure."""

import unicodedata

from lti_app.completion.rules import CODE_ALPHABET, CODE_LENGTH

NO_NAME = "nom non transmis"
UNPRINTABLE = "nom transmis, dans une écriture que ce document ne sait pas imprimer"
_GROUP = 4
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
"""Letters that the alphabet leaves out because they look like figures."""


def written_code(code: str) -> str:
    """« 7K3M-0QXP-… »: easier to copy than sixteen signs in a row."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def read_code(text: str) -> str | None:
    """The code that somebody copied, whatever the case, the dashes and the spaces; None for what
    cannot be one."""
    signs = "".join(char for char in text if char.isalnum())
    if len(signs) != CODE_LENGTH or not signs.isascii():
        return None
    code = signs.upper().translate(_MISREAD)
    return code if set(code) <= set(CODE_ALPHABET) else None


def printable_name(name: str | None) -> str:
    """The name in the letters that the font of documents has, which are many but not all.

    What it lacks (an emoji, a second writing) is left out; that nothing is left is said.
    """
    composed = unicodedata.normalize("NFC", name or "")
    kept = "".join(char for char in composed if _is_printable(char))
    shown = " ".join(kept.split())
    if any(unicodedata.category(char)[0] in "LN" for char in shown):
        return shown
    return UNPRINTABLE if composed.strip() else NO_NAME


def _is_printable(char: str) -> bool:
    if char.isascii():
        return char.isprintable()
    return char in _SIGNS or unicodedata.name(char, "").startswith(_WRITINGS)


_SIGNS = "’‘ʼ–\N{NO-BREAK SPACE}"
_WRITINGS = ("LATIN ", "GREEK ", "CYRILLIC ")


def initials(name: str | None) -> str:
    """« C. R. » of « Camille Référent »: enough to compare with the paper, too little to find."""
    words = (name or "").replace("-", " ").split()
    first = [char for word in words if (char := _first_letter(word))]
    return " ".join(f"{char}." for char in first) or NO_NAME


def _first_letter(word: str) -> str:
    return next((char.upper() for char in word if unicodedata.category(char)[0] == "L"), "")
