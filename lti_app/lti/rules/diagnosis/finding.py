"""One line of a diagnosis: what was seen, what it means, who must do what."""

import unicodedata
from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters; the order is that of gravity."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class Who(StrEnum):
    """Who can change what the finding complains of, in the words of the screen."""

    RELAIS = "Administrateur de Relais"
    LMS = "Administrateur de la plateforme"
    HOST = "Hébergeur de Relais (serveur, mandataire, DNS)"
    TRAINER = "Formateur ou formatrice"
    NOBODY = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `code` is stable: guides refer to it. Texts are French."""

    code: str
    level: Level
    title: str
    meaning: str
    who: Who = Who.NOBODY
    action: str = ""

    def as_json(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}


def fine(code: str, title: str, meaning: str) -> Finding:
    """A check that found nothing to change."""
    return Finding(_shown(code), Level.OK, _shown(title), _shown(meaning))


def warn(code: str, title: str, meaning: str, who: Who, action: str) -> Finding:
    """Something works less well than it could, or will fail one day."""
    return Finding(_shown(code), Level.WARNING, _shown(title), _shown(meaning), who, _shown(action))


def fail(code: str, title: str, meaning: str, who: Who, action: str) -> Finding:
    """Something does not work."""
    return Finding(_shown(code), Level.ERROR, _shown(title), _shown(meaning), who, _shown(action))


def _shown(text: str) -> str:
    """Without what a page or a terminal could not show: it may quote an LMS.

    Surrogates cannot be encoded; control characters move a terminal's cursor.
    """
    return "".join(" " if unicodedata.category(each)[0] == "C" else each for each in text)


def count(number: int, singular: str, plural: str) -> str:
    """« 1 activité », « 3 activités »."""
    return f"{number} {singular if number < 2 else plural}"
