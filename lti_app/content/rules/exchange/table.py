"""The questions as a table: one row for each option, for a spreadsheet."""

from collections.abc import Iterator

from lti_app.content.rules.catalog import QuestionKind
from lti_app.content.rules.exchange.bank import Answer, Bank, BankQuestion
from lti_app.content.rules.html_tree import parse_html, text_of

HEADINGS = (
    "module", "leçon", "question", "famille", "type", "situation", "énoncé", "rang", "réponse",
    "correspond à", "juste", "retour", "explication", "sources",
)  # fmt: skip
_KINDS = {
    QuestionKind.SINGLE: "choix unique",
    QuestionKind.MULTIPLE: "choix multiple",
    QuestionKind.TRUEFALSE: "vrai ou faux",
    QuestionKind.SHORT: "réponse courte",
    QuestionKind.ORDERING: "remise en ordre",
    QuestionKind.MATCHING: "paires",
}
Row = tuple[str | int, ...]


def rows(bank: Bank) -> Iterator[Row]:
    """The headings, then the rows, plain text. Who writes the file neutralises the cells."""
    yield HEADINGS
    for question in bank.questions:
        for rank, answer in enumerate(_answers(question), 1):
            yield _row(bank, question, rank, answer)


def _answers(question: BankQuestion) -> list[Answer]:
    known = list(question.answers)
    known += [Answer("", right=text) for text in question.distractors]
    if question.otherwise:
        known.append(Answer("(toute autre réponse)", question.otherwise))
    return known


def _row(bank: Bank, question: BankQuestion, rank: int, answer: Answer) -> Row:
    typed = question.kind is QuestionKind.SHORT
    return (
        bank.module_id,
        question.lesson,
        question.id,
        question.family,
        _KINDS[question.kind],
        "oui" if question.situation else "non",
        _plain(question.stem),
        rank,
        answer.html if typed else _plain(answer.html),
        answer.right,
        "oui" if answer.correct else "non",
        _plain(answer.feedback),
        _plain(question.explanation),
        ", ".join(question.sources),
    )


def _plain(html: str) -> str:
    return text_of(parse_html(html))
