"""Reading one file: its text, its YAML; what is wrong goes to a list of problems."""

import unicodedata
from pathlib import Path

from lti_app.content.rules.problems import Problem
from lti_app.content.rules.yaml_lines import YamlDocument, YamlProblem, read_yaml


def normalised(text: str) -> str:
    """Composed accents (a Mac may decompose them), Unix line ends, no space at line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = unicodedata.normalize("NFC", text).split("\n")
    return "\n".join(line.rstrip(" \t\r") for line in lines)


def read_yaml_file(path: Path, problems: list[Problem]) -> YamlDocument | None:
    """The document of a YAML file; None when it cannot be read."""
    text = read_text(path, problems)
    return None if text is None else parse_yaml(text, path, problems)


def parse_yaml(
    text: str, path: Path, problems: list[Problem], first_line: int = 1
) -> YamlDocument | None:
    """The document of a YAML text that begins at `first_line` of `path`; None when unreadable."""
    try:
        return read_yaml(text, first_line)
    except YamlProblem as problem:
        problems.append(Problem(path, problem.line, problem.message, problem.advice))
        return None


def read_text(path: Path, problems: list[Problem]) -> str | None:
    """The normalised text of a file; None when it cannot be read."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        problems.append(
            Problem(path, 1, "le fichier manque", "créez-le (voir le guide des auteurs)")
        )
        return None
    except OSError as error:
        problems.append(Problem(path, 1, f"lecture impossible ({error})", "vérifiez les droits"))
        return None
    try:
        return normalised(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        problems.append(_not_utf8(path, raw, error.start))
        return None


_ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of word processors begin (docx and odt, then doc)."""


def _not_utf8(path: Path, raw: bytes, position: int) -> Problem:
    if raw.startswith(_ARCHIVES):
        return Problem(
            path,
            1,
            "c’est un fichier de traitement de texte",
            "copiez son texte dans un éditeur de texte, et enregistrez-le en UTF-8",
        )
    return Problem(
        path,
        raw.count(b"\n", 0, position) + 1,
        "texte qui n’est pas en UTF-8",
        "dans votre éditeur : « Enregistrer sous », encodage UTF-8 ; puis relisez les accents",
    )
