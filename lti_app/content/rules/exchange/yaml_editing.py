"""Edits a list of questions in place: what does not change keeps its bytes, comments included."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lti_app.content.rules.exchange.yaml_writing import written, written_entry
from lti_app.content.rules.yaml_lines import YamlDocument, YamlProblem, read_yaml

Entry = dict[str, Any]


class UneditableFile(ValueError):  # noqa: N818 - a finding to report
    """The file is not written in a way that can be edited without risk (French)."""


def edited(text: str, changed: Mapping[int, Entry], added: Sequence[Entry]) -> str:
    """`text` with entry `i` saying `changed[i]`, and `added` at its end.

    `text` is normalised (`files.normalised`). Raises UneditableFile rather than write what does not
    read back as wanted.
    """
    document = read_yaml(text)
    entries: list[Entry] = document.data or []
    editor = _Editor(text.split("\n"), document)
    for index, entry in changed.items():
        editor.change(index, entries[index], entry)
    found = editor.text(added)
    wanted = [changed.get(i, entry) for i, entry in enumerate(entries)] + list(added)
    try:
        same = read_yaml(found).data == wanted
    except YamlProblem:
        same = False
    if not same:
        raise UneditableFile("le fichier n’a pas pu être modifié sans risque : rien n’est écrit")
    return found


class _Editor:
    def __init__(self, lines: list[str], document: YamlDocument) -> None:
        self._lines = lines
        self._document = document
        # (first line, last line, lines instead); lines from 1, none of them overlap.
        self._edits: list[tuple[int, int, list[str]]] = []

    def change(self, index: int, before: Entry, after: Entry) -> None:
        for key in before.keys() | after.keys():
            if key in before and key in after:
                if before[key] != after[key]:
                    self._replace((index, key), before[key], after[key])
            elif key in after:
                # `change` follows `revision`, as authors write it; other keys go there too.
                _first, last = self._region((index, "revision"))
                self._edits.append((last + 1, last, written(key, after[key], indent=2)))
            else:
                self._edits.append((*self._region((index, key)), []))

    def _replace(self, path: tuple[int | str, ...], before: Any, after: Any) -> None:
        if _alike(before, after) and self._is_block(path, before):
            for rank, (old, new) in enumerate(zip(before, after, strict=True)):
                for key in old:
                    if old[key] != new[key]:
                        self._replace((*path, rank, key), old[key], new[key])
            return
        first, last = self._region(path)
        prefix = self._prefix(path)
        lines = written(str(path[-1]), after, indent=len(prefix))
        self._edits.append((first, last, [prefix + lines[0][len(prefix) :], *lines[1:]]))

    def _is_block(self, path: tuple[int | str, ...], entries: list[Entry]) -> bool:
        """Each key begins its own line (not `{id: a, text: …}`)."""
        return all(
            self._match((*path, rank, key)) is not None
            for rank, entry in enumerate(entries)
            for key in entry
        )

    def _match(self, path: tuple[int | str, ...]) -> re.Match[str] | None:
        line = self._lines[self._document.key_line(*path) - 1]
        return re.match(rf"( *(?:- +)*)[\"']?{re.escape(str(path[-1]))}[\"']?\s*:(?=\s|$)", line)

    def _prefix(self, path: tuple[int | str, ...]) -> str:
        found = self._match(path)
        if found is None:
            raise UneditableFile(f"la ligne de « {path[-1]} » est illisible")
        return found[1]

    def _region(self, path: tuple[int | str, ...]) -> tuple[int, int]:
        """First and last line of a key and its value: all that is further to the right."""
        first = self._document.key_line(*path)
        column = len(self._prefix(path))
        last = first
        for number in range(first + 1, len(self._lines) + 1):
            line = self._lines[number - 1]
            margin = len(line) - len(line.lstrip(" "))
            same_list = margin == column and line.lstrip(" ").startswith("- ")
            if line and margin <= column and not same_list:
                break
            last = number if line else last
        return first, last

    def text(self, added: Sequence[Entry]) -> str:
        lines = list(self._lines)
        for first, last, instead in sorted(self._edits, key=lambda e: (e[0], e[1]), reverse=True):
            lines[first - 1 : last] = instead
        while lines and not lines[-1]:
            lines.pop()
        for entry in added:
            lines += [*([""] if lines else []), *written_entry(entry)]
        return "\n".join([*lines, ""])


def _alike(before: Any, after: Any) -> bool:
    """Two lists of entries of the same keys, one by one: only words differ."""
    return (
        isinstance(before, list)
        and isinstance(after, list)
        and len(before) == len(after)
        and all(
            isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys()
            for old, new in zip(before, after, strict=True)
        )
    )
