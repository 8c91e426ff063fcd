"""Reading one file: its text, its YAML; what is wrong goes to a list of problems."""

import unicodedata
from pathlib import Path

from lti_app.content.rules.problems import Problem
from lti_app.content.rules.yaml_lines import YamlDocument, YamlProblem, read_yaml


def normalised(text: str) -> str:
    """Composed accents (a Mac may decompose them), Unix line ends, no space at line ends."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").split("\n")
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
        line = raw.count(b"\n", 0, error.start) + 1
        problems.append(
            Problem(path, line, "texte qui n’est pas en UTF-8", "enregistrez le fichier en UTF-8")
        )
        return None
