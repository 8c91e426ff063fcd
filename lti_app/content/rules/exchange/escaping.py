"""Texts that must stay texts in Markdown."""

import re

# What Markdown would take for markup: emphasis, code, links, calls, escapes, entities, autolinks.
_ACTIVE = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~\n]|$)   # an escape
      | [`]
      | \*(?!\ ) | (?<!\ )\*        # not a star between spaces
      | (?<!_)(?<![^\W_])__?(?!_) | (?<!_)__?(?![^\W_])(?!_)  # not in a word, nor a blank: ____
      | \[(?=[@\[]) | \[(?=[^\]]*\]\()
      | &(?=\#?\w+;)
      | <(?=[A-Za-z/!?])""",
    re.VERBOSE,
)
_ACTIVE_START = re.compile(
    r"(?=\#{1,6}(?:\s|$) | > | [-+*](?:\s|$) | :::+ | ~~~ | (?:[-_*]\s*){3,}$ | =+\s*$ | \|)",
    re.VERBOSE,
)
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")


def escaped(text: str) -> str:
    return _ACTIVE.sub(lambda m: "".join("\\" + c for c in m[0]), text)


def wholly_escaped(text: str) -> str:
    return re.sub(r"[!-/:-@\[-`{-~]", r"\\\g<0>", text)


def start_escaped(line: str) -> str:
    if _ACTIVE_START.match(line):
        return "\\" + line
    return _NUMBERED.sub(r"\1\\\2", line, count=1) if _NUMBERED.match(line) else line
