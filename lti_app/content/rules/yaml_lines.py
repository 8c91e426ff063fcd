"""YAML that remembers its lines, and refuses what would surprise an author.

PyYAML's `safe_load` forgets where a value stood and keeps the last of two equal keys; here the
node tree is walked instead.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INDENT = (
    "cette ligne est mal décalée",
    "écrivez-la à la même colonne que ses voisines, avec une espace après le tiret",
)
_RESERVED = (
    "le texte commence par un signe réservé",
    "mettez-le entre guillemets, ou écrivez-le après « >- », à la ligne et décalé",
)
# What libyaml or PyYAML says (in English); what is wrong and what to do, for an author.
_CAUSES = {
    "mapping values are not allowed": (
        "deux-points suivis d’une espace",
        "mettez le texte entre guillemets, ou écrivez-le après « >- », à la ligne et décalé",
    ),
    "tab character": ("une tabulation au début", "remplacez la tabulation par des espaces"),
    "found character '\\t'": (
        "une tabulation au début",
        "remplacez la tabulation par des espaces",
    ),
    "could not find expected ':'": (
        "pas de deux-points après la clé",
        "écrivez « clé: valeur », avec une espace après les deux-points",
    ),
    "expected '-' indicator": _INDENT,
    "expected <block end>": _INDENT,
    "block sequence entries": _INDENT,
    "expected key": (
        "la suite de cette valeur ne se lit pas",
        "alignez la ligne ; mettez toute la valeur entre guillemets, ou écrivez-la après « >- »",
    ),
    "expected ',' or": ("un crochet ouvert n’est pas fermé", "fermez la liste : [a, b]"),
    "comment or line break": (
        "du texte suit « >- » sur la même ligne",
        "écrivez le texte à la ligne, décalé de deux espaces",
    ),
    "unknown escape": (
        "une barre « \\ » dans un texte entre guillemets",
        "doublez la barre « \\ », ou écrivez le texte après « >- »",
    ),
    "unexpected end of stream": (
        "un guillemet ouvert n’est pas fermé",
        "fermez les guillemets à la fin du texte",
    ),
    "cannot start any token": _RESERVED,
    "alphabetic or numeric": _RESERVED,
    "special characters": (
        "un caractère invisible",
        "effacez-le et retapez les caractères voisins",
    ),
    "control characters": (
        "un caractère invisible",
        "effacez-le et retapez les caractères voisins",
    ),
}
_OTHER = (
    "forme inattendue",
    "vérifiez le retrait, les guillemets et les deux-points autour de cette ligne",
)
_NO_BREAK = (
    "une espace insécable au début",
    "remplacez les espaces du début de la ligne par des espaces ordinaires",
)
_STARTED_HIGHER = ("unexpected end of stream", "expected ',' or", "could not find expected ':'")
"""Noticed below what is wrong: the line to mend is where it began."""


class YamlProblem(Exception):  # noqa: N818 - a finding to report, not a failure of the program
    """The text is not usable YAML: line (1 for the first), what is wrong, what to do."""

    def __init__(self, line: int, message: str, advice: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.advice = advice


# PyYAML lets slip whatever its parsing of a scalar raises (« !!bool oui » is a KeyError).
_UNREADABLE = (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, OverflowError)

Path = tuple[str | int, ...]


@dataclass(slots=True)
class YamlDocument:
    """The data, and the lines of each value by its path: ("options", 0, "text") → (12, 14)."""

    data: Any
    source_lines: list[str]
    first_line: int = 1
    spans: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, int] = field(default_factory=dict)

    def line(self, *path: str | int) -> int:
        """Line of the value at `path`, or of what holds it.

        Steps that lead nowhere (a missing key, pydantic's union tags) are skipped.
        """
        return self.spans[self._known(path)][0] if self.spans else self.first_line

    def key_line(self, *path: str | int) -> int:
        """Line of the key of that value; of what holds it for an absent key."""
        known = self._known(path)
        return self.keys.get(known, self.line(*known))

    def line_of_text(self, path: Path, excerpt: str) -> int:
        """Line, within the value at `path`, of the first words of `excerpt` found there."""
        start, end = self.spans.get(self._known(path), (self.first_line, self.first_line))
        for number in range(start, end + 1):
            index = number - self.first_line
            if index < len(self.source_lines) and excerpt in self.source_lines[index]:
                return number
        return start

    def _known(self, path: Path) -> Path:
        known: Path = ()
        for step in path:
            if (*known, step) in self.spans:
                known = (*known, step)
        return known


def read_yaml(text: str, first_line: int = 1) -> YamlDocument:
    """Parse one document. `first_line` is where `text` begins in its file.

    Raises YamlProblem for a syntax error, a key given twice, an anchor or a non-text key.
    """
    document = YamlDocument(None, text.splitlines(), first_line)
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise _explained(error, text, first_line) from error
    if node is not None:
        document.data = _Walk(document).value(node, ())
    return document


class _Walk:
    """Turns nodes into data while noting their lines."""

    def __init__(self, document: YamlDocument) -> None:
        self._document = document
        self._seen: set[int] = set()
        self._constructor = SafeConstructor()

    def value(self, node: Node, path: Path) -> Any:
        start = self._line(node)
        if id(node) in self._seen:
            # An alias: the same node again. Refused, so that no file can grow without bound.
            raise YamlProblem(
                start,
                "renvoi YAML (« & » ou « * »)",
                "écrivez la valeur en toutes lettres",
            )
        self._seen.add(id(node))
        end = node.end_mark.line + self._document.first_line
        # A block ends at column 0 of the line after it.
        self._document.spans[path] = (start, max(start, end - (node.end_mark.column == 0)))
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(child, (*path, i)) for i, child in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = self._line(key_node)
            if not isinstance(key_node, ScalarNode):
                raise YamlProblem(line, "clé illisible", "écrivez la clé comme un mot simple")
            key = str(key_node.value)
            if key in found:
                raise YamlProblem(
                    line,
                    f"« {key} » est écrit deux fois",
                    "gardez une seule des deux lignes",
                )
            self._document.keys[(*path, key)] = line
            found[key] = self.value(value_node, (*path, key))
        return found

    def _scalar(self, node: Node) -> Any:
        try:
            return self._constructor.construct_object(node)
        except _UNREADABLE as error:
            raise YamlProblem(
                self._line(node),
                f"valeur illisible : « {node.value} »",
                "mettez-la entre guillemets",
            ) from error

    def _line(self, node: Node) -> int:
        return int(node.start_mark.line) + self._document.first_line


def _explained(error: yaml.YAMLError, text: str, first_line: int) -> YamlProblem:
    said = str(getattr(error, "problem", None) or error)
    mark = getattr(error, "problem_mark", None)
    if any(known in said for known in _STARTED_HIGHER):
        mark = getattr(error, "context_mark", None) or mark
    if mark is not None:
        line = mark.line
    else:  # a forbidden character: PyYAML gives its position in the text
        line = text.count("\n", 0, getattr(error, "position", 0) or 0)
    cause, advice = next((what for known, what in _CAUSES.items() if known in said), _OTHER)
    lines = text.split("\n")
    start = lines[line] if line < len(lines) else ""
    if any(space in start[: len(start) - len(start.lstrip())] for space in "\u00a0\u202f"):
        cause, advice = _NO_BREAK
    return YamlProblem(line + first_line, f"YAML illisible ({cause})", advice)
