"""From the sources of a module to a bank: every text rendered, calls to sources told in full."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lti_app.content.rules import bibliography
from lti_app.content.rules.building import cited_by_question
from lti_app.content.rules.catalog import QuestionKind, Source
from lti_app.content.rules.exchange.bank import Answer, Bank, BankQuestion
from lti_app.content.rules.exchange.rendering import Texts, clean
from lti_app.content.rules.html_tree import parse_html, text_of
from lti_app.content.rules.schema import (
    ChoiceQuestion,
    MatchingQuestion,
    ModuleSource,
    OrderingQuestion,
    QuestionSource,
    ReferenceSource,
    ShortQuestion,
    TrueFalseQuestion,
)
from lti_app.content.rules.tokens import dated

TRUTHS = ("vrai", "faux")
TRUTH_WORDS = {"vrai": "Vrai", "faux": "Faux"}


def prepared_bank(
    module: ModuleSource,
    lessons: Sequence[tuple[str, str]],
    questions: Iterable[QuestionSource],
    references: Mapping[str, ReferenceSource],
    terms: Mapping[str, str] | None = None,
) -> Bank:
    """`lessons` as (id, title), `questions` in the order of the module, `terms` {id: words}."""
    known = bibliography.sources(references.values())
    texts = texts_for(references, terms)
    return Bank(
        module_id=module.id,
        title=module.title,
        questions=tuple(prepared(question, texts, known) for question in questions),
        lessons=tuple(lessons),
        pass_mark=module.pass_mark,
    )


def texts_for(
    references: Mapping[str, ReferenceSource], terms: Mapping[str, str] | None = None
) -> Texts:
    """The renderer that names sources as the whole bibliography does."""
    return Texts(bibliography.labels(references.values()), terms)


def prepared(question: QuestionSource, texts: Texts, known: Mapping[str, Source]) -> BankQuestion:
    """`known`: the bibliography, by id."""
    short = question if isinstance(question, ShortQuestion) else None
    matching = question if isinstance(question, MatchingQuestion) else None
    stem = texts.block(question.stem)
    return BankQuestion(
        id=question.id,
        kind=QuestionKind(question.kind),
        stem=stem,
        answers=tuple(_answers(question, texts)),
        explanation=texts.block(question.explanation),
        otherwise=texts.block(short.otherwise) if short else "",
        distractors=tuple(map(texts.plain, matching.distractors)) if matching else (),
        lesson=question.lesson,
        family=question.family,
        situation=question.situation,
        misconceptions=tuple(question.misconceptions),
        sources=tuple(question.sources),
        notices=tuple(_notices(cited_by_question(question), known)),
        dated=dated(question.checked, question.check_by),
        title=title_of(question.id, text_of(parse_html(stem))),
    )


def title_of(question_id: str, stem: str) -> str:
    """« memoriser-q01 : Quatre gestes, quatre piliers… », for lists of questions."""
    words, kept = stem.split(" "), ""
    for word in words:
        if len(kept) + len(word) > 60:
            return f"{question_id}\u00a0: {kept}…"
        kept = f"{kept} {word}".strip(" ")
    return f"{question_id}\u00a0: {kept}"


def _answers(question: QuestionSource, texts: Texts) -> Iterator[Answer]:
    match question:
        case ShortQuestion():
            yield from _wordings(question, texts)
        case MatchingQuestion():
            yield from _pairs(question, texts)
        case OrderingQuestion():
            for item in question.items:
                html, feedback = texts.inline(item.text), texts.block(item.feedback)
                yield Answer(html, feedback, correct=True, id=item.id)
        case ChoiceQuestion() | TrueFalseQuestion():
            yield from _options(question, texts)


def _options(question: ChoiceQuestion | TrueFalseQuestion, texts: Texts) -> Iterator[Answer]:
    if isinstance(question, ChoiceQuestion):
        for option in question.options:
            html, feedback = texts.inline(option.text), texts.block(option.feedback)
            yield Answer(html, feedback, option.correct, id=option.id)
        return
    for truth in sorted(question.options, key=lambda option: TRUTHS.index(option.id)):
        word = TRUTH_WORDS[truth.id]
        yield Answer(word, texts.block(truth.feedback), truth.correct, id=truth.id)


def _wordings(question: ShortQuestion, texts: Texts) -> Iterator[Answer]:
    for wording in question.answers:
        yield Answer(wording.text, texts.block(wording.feedback), correct=True)
    for wording in question.wrong:
        yield Answer(wording.text, texts.block(wording.feedback))


def _pairs(question: MatchingQuestion, texts: Texts) -> Iterator[Answer]:
    for pair in question.pairs:
        yield Answer(
            texts.inline(pair.left),
            texts.block(pair.feedback),
            correct=True,
            right=texts.plain(pair.right),
            id=pair.id,
        )


def _notices(ids: Iterable[str], known: Mapping[str, Source]) -> Iterator[str]:
    """Full notices, in the order of a bibliography; unknown ids left out."""
    found = sorted((known[i] for i in ids if i in known), key=lambda s: s.label.casefold())
    for source in found:
        address = f' <a href="{source.url}">{source.url}</a>' if source.url else ""
        yield clean(str(source.full_html) + address)
