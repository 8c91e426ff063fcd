"""A question of a bank as the data of `questions.yaml`; texts that say the same are kept."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, count
from typing import Any

from lti_app.content.rules.catalog import QuestionKind
from lti_app.content.rules.exchange.bank import Answer, BankQuestion
from lti_app.content.rules.exchange.rendering import Texts, clean
from lti_app.content.rules.exchange.to_markdown import to_inline, to_markdown
from lti_app.content.rules.exchange.wordings import compared
from lti_app.content.rules.files import normalised
from lti_app.content.rules.html_tree import parse_html, text_of

Entry = dict[str, Any]
MISSING = "[À COMPLÉTER]"
_WHAT = {
    "feedback": "pourquoi cette réponse tente, et ce qui est juste",
    "explanation": "ce qu’il faut retenir",
    "otherwise": "ce qu’on répond à toute autre réponse",
}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def data_of(question: BankQuestion, before: Entry, texts: Texts) -> Entry:
    """What the file says of a question: its texts and its answers. `before` is its known entry."""
    writer = _Writer(texts)
    data: Entry = {"kind": str(question.kind)} if before else {}
    data["stem"] = writer.block(question.stem, before.get("stem"), "stem")
    data |= _ANSWERS[question.kind](question, before, writer)
    data["explanation"] = writer.block(
        question.explanation, before.get("explanation"), "explanation"
    )
    return data


def known_text(source: str, texts: Texts) -> str:
    """A text of authors as it would come back from another system."""
    return normalised(to_markdown(texts.block(source), texts))


class _Writer:
    """Texts that come in, or those they stand for when they say the same."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def block(self, html: str, before: str | None, name: str) -> str:
        if before is not None and clean(html) == self._texts.block(before):
            return before  # most often so: no need to translate
        found = normalised(to_markdown(html, self._texts))
        if before is not None and found == known_text(before, self._texts):
            return before
        if found or name not in _WHAT:
            return found
        return f"{MISSING} {_WHAT[name]}"

    def inline(self, html: str, before: str | None) -> str:
        if before is not None and clean(html) == self._texts.inline(before):
            return before
        found = normalised(to_inline(html, self._texts))
        return before if before is not None and found == self.inlined(before) else found

    def inlined(self, source: str) -> str:
        return normalised(to_inline(self._texts.inline(source), self._texts))

    def plain(self, text: str, before: str | None) -> str:
        found = normalised(" ".join(text_of(parse_html(clean(_as_html(text)))).split(" ")))
        if before is not None and found == normalised(self._texts.plain(before)):
            return before
        return to_inline(_as_html(found), self._texts)


def _as_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _options(question: BankQuestion, before: Entry, writer: _Writer) -> Entry:
    old = before.get("options", [])
    pairs = _matched(question.answers, old, lambda a: normalised(_inline_of(a, writer)),
                     lambda o: writer.inlined(o["text"]))  # fmt: skip
    options = []
    for option_id, answer, known in pairs:
        option: Entry = {"id": option_id, "text": writer.inline(answer.html, known.get("text"))}
        if answer.correct:
            option["correct"] = True
        elif "correct" in known and known["correct"] is False:
            option["correct"] = False
        option["feedback"] = writer.block(answer.feedback, known.get("feedback"), "feedback")
        options.append(_in_order_of(known, option))
    return {"options": options}


def _inline_of(answer: Answer, writer: _Writer) -> str:
    return writer.inline(answer.html, None)


def _truths(question: BankQuestion, before: Entry, writer: _Writer) -> Entry:
    known = {option["id"]: option for option in before.get("options", [])}
    options = {}
    for answer in question.answers:
        old = known.get(answer.id, {})
        option: Entry = {"id": answer.id}
        if answer.correct or "correct" in old:
            option["correct"] = answer.correct
        option["feedback"] = writer.block(answer.feedback, old.get("feedback"), "feedback")
        options[answer.id] = _in_order_of(old, option)
    order = [*known, *(i for i in options if i not in known)]
    return {"options": [options[i] for i in order if i in options]}


def _wordings(question: BankQuestion, before: Entry, writer: _Writer) -> Entry:
    data: Entry = {}
    for name, right in (("answers", True), ("wrong", False)):
        old = {compared(w["text"]): w for w in before.get(name, [])}
        found = [
            _in_order_of(known, {
                "text": known.get("text", normalised(a.html)),
                "feedback": writer.block(a.feedback, known.get("feedback"), "feedback"),
            })
            for a in question.answers
            if a.correct is right
            for known in [old.get(compared(a.html), {})]
        ]  # fmt: skip
        if found or name in before or right:
            data[name] = found
    data["otherwise"] = writer.block(question.otherwise, before.get("otherwise"), "otherwise")
    return data


def _items(question: BankQuestion, before: Entry, writer: _Writer) -> Entry:
    pairs = _matched(question.answers, before.get("items", []), lambda a: _inline_of(a, writer),
                     lambda o: writer.inlined(o["text"]))  # fmt: skip
    return {
        "items": [
            _in_order_of(known, {
                "id": item_id,
                "text": writer.inline(answer.html, known.get("text")),
                "feedback": writer.block(answer.feedback, known.get("feedback"), "feedback"),
            })
            for item_id, answer, known in pairs
        ]
    }  # fmt: skip


def _pairs(question: BankQuestion, before: Entry, writer: _Writer) -> Entry:
    pairs = _matched(question.answers, before.get("pairs", []), lambda a: _inline_of(a, writer),
                     lambda o: writer.inlined(o["left"]))  # fmt: skip
    data: Entry = {
        "pairs": [
            _in_order_of(known, {
                "id": pair_id,
                "left": writer.inline(answer.html, known.get("left")),
                "right": writer.plain(answer.right, known.get("right")),
                "feedback": writer.block(answer.feedback, known.get("feedback"), "feedback"),
            })
            for pair_id, answer, known in pairs
        ]
    }  # fmt: skip
    old = before.get("distractors", [])
    found = [
        writer.plain(text, old[rank] if rank < len(old) else None)
        for rank, text in enumerate(question.distractors)
    ]
    if found or "distractors" in before:
        data["distractors"] = found
    return data


_ANSWERS: dict[QuestionKind, Callable[[BankQuestion, Entry, _Writer], Entry]] = {
    QuestionKind.SINGLE: _options,
    QuestionKind.MULTIPLE: _options,
    QuestionKind.TRUEFALSE: _truths,
    QuestionKind.SHORT: _wordings,
    QuestionKind.ORDERING: _items,
    QuestionKind.MATCHING: _pairs,
}


def _matched(
    answers: Sequence[Answer],
    known: Sequence[Entry],
    said: Callable[[Answer], str],
    meant: Callable[[Entry], str],
) -> Iterator[tuple[str, Answer, Entry]]:
    """(id, answer, entry it was): by text, else by rank, else new. Ids never change hands."""
    left = {entry["id"]: entry for entry in known}
    by_text = {meant(entry): entry["id"] for entry in reversed(known)}
    found = [left.pop(by_text.get(said(answer), ""), None) for answer in answers]
    for rank, entry in enumerate(found):
        if entry is None and rank < len(known) and known[rank]["id"] in left:
            found[rank] = left.pop(known[rank]["id"])
    taken = {entry["id"] for entry in known}
    free = (letter for letter in chain(_LETTERS, map(str, count(1))) if letter not in taken)
    for answer, entry in zip(answers, found, strict=True):
        yield (entry["id"], answer, entry) if entry else (next(free), answer, {})


def _in_order_of(before: Entry, after: Entry) -> Entry:
    """Keys in the order the author gave them, new ones last."""
    return {key: after[key] for key in [*before, *after] if key in after}
