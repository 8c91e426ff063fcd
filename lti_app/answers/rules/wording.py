"""Comparing a short written answer with the accepted ones: what may differ without being wrong."""

import unicodedata

LONG_WORD = 6
"""Letters from which one typo is forgiven. In shorter words one letter often makes another word."""

_ARTICLES = frozenset({"le", "la", "les", "l", "un", "une", "des"})

# NFKD leaves ligatures alone; dashes and apostrophes join words in some spellings and not in
# others (auto-évaluation, l’oubli), so they only separate.
_FOLDED = str.maketrans({"œ": "oe", "æ": "ae"} | dict.fromkeys("'’‘‛ʼ`´′＇-‐‑‒–—―−﹣－", " "))
_IGNORED = frozenset({"Mn", "Me", "Cc", "Cf", "Cs"})


def normalise(text: str) -> str:
    """`text` without what does not matter: case, accents, apostrophes, hyphens, extra spaces,
    punctuation around it, leading French articles. Empty when nothing else was there.

    Articles are removed as long as a word remains: « la » alone stays. Normalising again changes
    nothing.
    """
    words = _strip_punctuation(" ".join(_fold(text).split())).split()
    while len(words) > 1 and words[0] in _ARTICLES:
        words = _strip_punctuation(" ".join(words[1:])).split()
    return " ".join(words)


def is_one_typo_away(normalised: str, expected: str) -> bool:
    """Whether `normalised` is `expected` (both normalised) but for one slip of the keyboard.

    One letter added, left out, replaced, or two neighbours swapped (Damerau distance 1), in one
    word of at least six letters; or spaces put differently. Words with digits forgive nothing.
    """
    if normalised == expected:
        return False
    if normalised.replace(" ", "") == expected.replace(" ", ""):
        return True
    typed_words, expected_words = normalised.split(), expected.split()
    if len(typed_words) != len(expected_words):
        return False
    differing = [
        pair for pair in zip(typed_words, expected_words, strict=True) if pair[0] != pair[1]
    ]
    if len(differing) != 1:
        return False
    typed, word = differing[0]
    return len(word) >= LONG_WORD and word.isalpha() and _is_one_edit_apart(typed, word)


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKD", text).casefold().translate(_FOLDED)
    # Again: folding case may bring out characters that decompose.
    text = unicodedata.normalize("NFKD", text)
    # Before anything is dropped, control characters that are spaces (tab, new line) become ones.
    text = " ".join(text.split())
    return "".join(char for char in text if unicodedata.category(char) not in _IGNORED)


def _strip_punctuation(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _is_edge(text[start]):
        start += 1
    while end > start and _is_edge(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_edge(char: str) -> bool:
    return char.isspace() or unicodedata.category(char).startswith("P")


def _is_one_edit_apart(one: str, other: str) -> bool:
    """Damerau-Levenshtein distance 1, in one pass: what is left between the ends both share."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    swapped = len(one) == 2 and one == other[::-1]
    return swapped or max(len(one), len(other)) == 1
