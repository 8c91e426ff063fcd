"""An Anki package: one note for each question, one deck for each lesson.

Ids come from ours, so that a new package updates the notes of the former and keeps their progress.
"""

import hashlib
import io
import warnings
from datetime import datetime
from html import escape

import genanki

from lti_app.content.rules.catalog import QuestionKind
from lti_app.content.rules.exchange.bank import Answer, Bank, BankQuestion
from lti_app.content.rules.exchange.general_feedback import complement, label_of
from lti_app.content.rules.html_tree import parse_html, text_of

_ASKED = {
    QuestionKind.SINGLE: "Une seule bonne réponse.",
    QuestionKind.MULTIPLE: "Une ou plusieurs bonnes réponses.",
    QuestionKind.TRUEFALSE: "Vrai ou faux\u202f?",
    QuestionKind.SHORT: "Un ou deux mots.",
    QuestionKind.ORDERING: "Remettez dans l’ordre.",
    QuestionKind.MATCHING: "Reliez chaque ligne à sa correspondance.",
}
_CSS = """\
.card { font-family: system-ui, sans-serif; font-size: 20px; text-align: left; line-height: 1.5;
  color: #222; background: #fff; max-width: 45em; margin: 0 auto; padding: 1em; }
.nightMode.card { color: #eee; background: #222; }
.consigne { font-style: italic; }
"""


def anki_package(bank: Bank, now: datetime) -> bytes:
    """The `.apkg`. Anki updates a note only when `now` is later than its last change."""
    decks = []
    for lesson, title, questions in bank.by_lesson():
        name = f"Relais::{_named(bank.title)}::{_named(title)}"
        deck = genanki.Deck(stable_id(f"deck {lesson}"), name)
        for question in questions:
            deck.add_note(_note(question))
        decks.append(deck)
    made = io.BytesIO()
    with warnings.catch_warnings():
        # It takes « a<b » written as an entity for a tag that was not escaped.
        warnings.filterwarnings("ignore", module="genanki")
        genanki.Package(decks).write_to_file(made, timestamp=now.timestamp())
    return made.getvalue()


def stable_id(name: str) -> int:
    """The same number for the same name, in the range Anki gives its own (milliseconds)."""
    digest = hashlib.sha256(f"relais {name}".encode()).digest()
    return (1 << 30) + int.from_bytes(digest[:4], "big") % (1 << 30)


def front(question: BankQuestion) -> str:
    """The stem, and what there is to choose from."""
    asked = f'<p class="consigne">{_ASKED[question.kind]}</p>'
    return f"{question.stem}\n{asked}\n{_offered(question)}".strip()


def back(question: BankQuestion) -> str:
    """The answer, what each choice teaches, the explanation, the sources."""
    parts = [_answered(question)]
    if question.otherwise:
        parts.append(f"<p><strong>Toute autre réponse</strong></p>{question.otherwise}")
    parts += ["<hr>", question.explanation, complement(question)]
    return "\n".join(part for part in parts if part)


def _note(question: BankQuestion) -> genanki.Note:
    return genanki.Note(
        model=_MODEL,
        fields=[question.id, front(question), back(question)],
        guid=genanki.guid_for("relais", question.id),
        tags=[tag.replace(" ", "_") for tag in question.tags],
    )


def _offered(question: BankQuestion) -> str:
    if question.kind in {QuestionKind.TRUEFALSE, QuestionKind.SHORT}:
        return ""
    if question.kind is QuestionKind.MATCHING:
        rights = [answer.right for answer in question.answers] + list(question.distractors)
        shown = _list([escape(right, quote=False) for right in sorted(rights, key=str.casefold)])
        return _list([answer.html for answer in question.answers]) + shown
    items = [answer.html for answer in question.answers]
    if question.kind is QuestionKind.ORDERING:
        # In their right order they would say the answer.
        items = sorted(items, key=lambda html: text_of(parse_html(html)).casefold())
    return _list(items)


def _answered(question: BankQuestion) -> str:
    ordered = "ol" if question.kind is QuestionKind.ORDERING else "ul"
    return _list([_line(question, answer) for answer in question.answers], ordered)


def _line(question: BankQuestion, answer: Answer) -> str:
    choice = {QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.TRUEFALSE}
    mark = ""
    if question.kind in choice or (question.kind is QuestionKind.SHORT and not answer.correct):
        mark = "✓ Juste\u00a0: " if answer.correct else "✗ Faux\u00a0: "
    shown = {
        QuestionKind.SHORT: lambda: escape(answer.html, quote=False),
        QuestionKind.MATCHING: lambda: escape(label_of(answer), quote=False),
    }.get(question.kind, lambda: answer.html)()
    return f"{mark}<strong>{shown}</strong>{answer.feedback}"


def _list(items: list[str], tag: str = "ul") -> str:
    return f"<{tag}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>"


def _named(title: str) -> str:
    """A deck's name; two colons would open a deck inside."""
    return title.replace("::", ":")


_MODEL = genanki.Model(
    stable_id("model question 1"),
    "Relais (question)",
    fields=[{"name": "Identifiant"}, {"name": "Question"}, {"name": "Réponse"}],
    templates=[
        {
            "name": "Question",
            "qfmt": "{{Question}}",
            "afmt": '{{FrontSide}}<hr id="answer">{{Réponse}}',
        }
    ],
    css=_CSS,
)
