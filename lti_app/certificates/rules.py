"""How codes and names are written on paper. Pure."""

import unicodedata

from lti_app.completion.rules import CODE_ALPHABET, CODE_LENGTH

NO_NAME = "nom non transmis"
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


def initials(name: str | None) -> str:
    """« C. R. » of « Camille Référent »: enough to compare with the paper, too little to find."""
    words = (name or "").replace("-", " ").split()
    first = [char for word in words if (char := _first_letter(word))]
    return " ".join(f"{char}." for char in first) or NO_NAME


def _first_letter(word: str) -> str:
    return next((char.upper() for char in word if unicodedata.category(char)[0] == "L"), "")
