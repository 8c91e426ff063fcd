"""Questions of every kind, with all that formats trip over, and how to send them round."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from hypothesis import strategies as st

from lti_app.content.rules import bibliography
from lti_app.content.rules.exchange.bank import Bank, BankQuestion, Reading
from lti_app.content.rules.exchange.gift_reading import read_gift
from lti_app.content.rules.exchange.gift_writing import gift
from lti_app.content.rules.exchange.merging import Known, Merge, Target, merged
from lti_app.content.rules.exchange.moodle_xml_reading import read_moodle_xml
from lti_app.content.rules.exchange.moodle_xml_writing import moodle_xml
from lti_app.content.rules.exchange.preparing import prepared, texts_for
from lti_app.content.rules.exchange.wordings import compared
from lti_app.content.rules.schema import (
    ModuleSource,
    QuestionSource,
    ReferenceSource,
    parse_question,
)

REFERENCES = {
    i: ReferenceSource(id=i, authors=authors, year=2018, title=title, verified="yes")
    for i, authors, title in (
        ("dehaene2018", "Dehaene, S.", "Apprendre ! <Les talents>"),
        ("pan_rickard2018", "Pan, S. C. & Rickard, T. C.", "Transfer & tests"),
    )
}
TEXTS = texts_for(REFERENCES)
SOURCES = bibliography.sources(REFERENCES.values())
MODULE = ModuleSource(
    id="essai",
    title="Essai\u00a0: un module",
    summary="Un module.",
    objectives=["Lire", "Écrire", "Compter"],
    competences=[],
    keywords=[],
    minutes=10,
    lessons=["essai-lire"],
    revision=1,
)

WORDS = (
    "élève", "cœur", "l’heure", "«\u00a0retour\u00a0»", "quoi\u202f?", "ainsi\u00a0:", "80\u202f%",
    "😀", "日本", "a<b", "a>b", "<b>", "&", "&amp;", "a&nbsp;b", "]]>", "--", "{", "}", "~", "=",
    "a#b", "a####b", ":", "::", "\\", "\\n", "//", "%50%", "%", "[html]", "[plain]", "[tag:x]",
    "2 * 3", "x_y", "_a", "1. x", "- x", "+ y", "x > y", "|", "$CATEGORY:", "«\u00a0",
    '"', "'", "TRUE", "\\*",
    "**gras**", "*penché*", "`x < {y}`", "[@dehaene2018]", "[@dehaene2018; @pan_rickard2018]",
    "[lien](https://example.org/a_b?c=d&e)", "[crochets]", "a\\_b",
)  # fmt: skip
PLAIN = (
    "récupération", "l’oubli", "test", "10\u202f%", "a=b", "x~y", "#un", "{deux}", "c:d", "*",
    "e\\f", "[html]", "quiz", "&", "<i>", "😀", "À", "%5%",
)  # fmt: skip

text = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
prose = st.builds(
    lambda first, rest: "\n\n".join([first, *rest]),
    text,
    st.lists(text | st.sampled_from(["- un\n- deux **mots**", "1. a\n2. b", "```\nx < }\n```"]),
             max_size=2),
)  # fmt: skip
# Formats hold the right side of a pair as plain text: a call there does not come back.
_uncited = text.filter(lambda found: "[@" not in found)
wording = st.lists(st.sampled_from(PLAIN), min_size=1, max_size=3).map(" ".join)


def _different(values: list[str]) -> bool:
    rendered = [TEXTS.plain(value) for value in values]
    return len(set(rendered)) == len(values) and all(rendered)


def _entries(names: Mapping[str, st.SearchStrategy[str]], least: int, most: int) -> Any:
    entry = st.fixed_dictionaries({**names, "feedback": prose})
    first = next(iter(names))
    lists = st.lists(entry, min_size=least, max_size=most)
    return lists.filter(lambda found: _different([e[first] for e in found])).map(
        lambda found: [{"id": "abcdef"[i], **e} for i, e in enumerate(found)]
    )


@st.composite
def questions(draw: st.DrawFn) -> QuestionSource:
    """Any question a module may hold."""
    kind = draw(
        st.sampled_from(["single", "multiple", "truefalse", "short", "ordering", "matching"])
    )
    data: dict[str, Any] = {
        "id": "essai-q01",
        "lesson": "essai-lire",
        "family": "lire-vite",
        "situation": draw(st.booleans()),
        "kind": kind,
        "stem": draw(prose.filter(lambda t: bool(TEXTS.plain(t)))),
        "explanation": draw(prose),
        "sources": draw(st.sampled_from([["dehaene2018"], ["pan_rickard2018", "dehaene2018"]])),
        "revision": draw(st.integers(1, 9)),
        **draw(_ANSWERS[kind]),
    }
    return parse_question(data)


def _choices(rights: st.SearchStrategy[set[int]]) -> st.SearchStrategy[dict[str, Any]]:
    def with_rights(found: list[dict[str, Any]], ranks: set[int]) -> dict[str, Any]:
        right = {rank % len(found) for rank in ranks}
        return {"options": [o | ({"correct": True} if i in right else {})
                            for i, o in enumerate(found)]}  # fmt: skip

    return st.builds(with_rights, _entries({"text": text}, 3, 5), rights)


def _truths(true: bool, first: str, second: str) -> dict[str, Any]:
    vrai = {"id": "vrai", "correct": true, "feedback": first}
    faux = {"id": "faux", "correct": not true, "feedback": second}
    return {"options": [vrai, faux]}


def _shorts(wordings: list[str], split: int, feedback: str, otherwise: str) -> dict[str, Any]:
    entries = [{"text": w, "feedback": feedback} for w in wordings]
    return {"answers": entries[:split], "wrong": entries[split:], "otherwise": otherwise}


_ANSWERS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "single": _choices(st.sets(st.integers(0, 9), min_size=1, max_size=1)),
    "multiple": _choices(st.sets(st.integers(0, 9), min_size=1, max_size=5)),
    "truefalse": st.builds(_truths, st.booleans(), prose, prose),
    "short": st.builds(
        _shorts,
        st.lists(wording, min_size=1, max_size=4, unique_by=compared).filter(
            lambda found: "*" not in found and all(map(compared, found))
        ),
        st.integers(1, 4),
        prose,
        prose,
    ),
    "ordering": st.builds(lambda e: {"items": e}, _entries({"text": text}, 3, 5)),
    "matching": st.builds(
        lambda e, d: {"pairs": e, "distractors": d},
        _entries({"left": text, "right": _uncited}, 3, 4),
        st.lists(_uncited, max_size=2),
    ),
}


def bank_of(*sources: QuestionSource) -> Bank:
    """A module of these questions."""
    return Bank(
        module_id=MODULE.id,
        title=MODULE.title,
        questions=tuple(prepared(source, TEXTS, SOURCES) for source in sources),
        lessons=(("essai-lire", "Lire & écrire"),),
    )


def by_moodle(bank: Bank) -> Reading:
    return read_moodle_xml(moodle_xml(bank).encode(), TEXTS)


def by_gift(bank: Bank) -> Reading:
    return read_gift(gift(bank)[0].encode(), TEXTS)


def entry_of(source: QuestionSource) -> dict[str, Any]:
    """As an author would write it."""
    data = source.model_dump(exclude_defaults=True)
    return data | {"kind": source.kind, "revision": source.revision}


def merge_of(incoming: list[BankQuestion], *sources: QuestionSource, **more: Any) -> Merge:
    """`incoming` brought into a module that holds `sources`."""
    target = Target(
        module_id="essai",
        lessons=["essai-lire"],
        references=frozenset(REFERENCES),
        **more,
    )
    return merged(incoming, [Known(s, entry_of(s)) for s in sources], target, TEXTS)


Trip = Callable[[Bank], Reading]
prepare = partial(prepared, texts=TEXTS, known=SOURCES)
