"""From validated sources to the catalog: renders every text, computes tokens and positions."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from lti_app.content.rules import bibliography, catalog
from lti_app.content.rules.building_supplements import (
    Glossary,
    build_figure,
    build_kit,
    build_terms,
    cited_by_figure,
    cited_by_kit,
    cited_by_term,
    in_order,
    words_of,
)
from lti_app.content.rules.markdown import Renderer, count_words, parse, plain_text
from lti_app.content.rules.schema import (
    AcceptedSource,
    ChoiceQuestion,
    LessonSource,
    MatchingQuestion,
    ModuleSource,
    OrderingQuestion,
    QuestionSource,
    ReferenceSource,
    ShortQuestion,
    TrueFalseQuestion,
)
from lti_app.content.rules.supplements import ModuleSupplements
from lti_app.content.rules.tokens import TERM, cited_by_text, dated

__all__ = [
    "Published", "asked_words", "build_module", "cited_by_question", "cited_by_text", "texts_of",
]  # fmt: skip

_TRUTH = {"vrai": "Vrai", "faux": "Faux"}
_TEXTS = (
    "stem", "options", "answers", "wrong", "otherwise", "items", "pairs", "distractors",
    "explanation",
)  # fmt: skip
_TEXTS_OF_ENTRY = ("text", "left", "right", "feedback")
_NO_SUPPLEMENTS = ModuleSupplements()
_NO_GLOSSARY: Glossary = {}
_S = TypeVar("_S", ModuleSource, LessonSource, QuestionSource)


@dataclass(frozen=True, slots=True)
class Published(Generic[_S]):
    """A source with the row of its revision."""

    source: _S
    revision_id: int


def build_module(
    module: Published[ModuleSource],
    lessons: Sequence[Published[LessonSource]],
    questions: Sequence[Published[QuestionSource]],
    references: Mapping[str, ReferenceSource],
    supplements: ModuleSupplements = _NO_SUPPLEMENTS,
    glossary: Glossary = _NO_GLOSSARY,
) -> catalog.Module:
    """Lessons and questions in the order they are met; references by id; `glossary` of all."""
    source = module.source
    cited = _used_references(source, lessons, questions, supplements, glossary)
    known = bibliography.sources(references[i] for i in references if i in cited)
    builder = _Builder(source.id, known, supplements, glossary)
    built_questions = [
        builder.question(question, position) for position, question in enumerate(questions, 1)
    ]
    return catalog.Module(
        id=source.id,
        title=source.title,
        summary=source.summary,
        objectives=tuple(source.objectives),
        competences=tuple(source.competences),
        keywords=tuple(source.keywords),
        minutes=source.minutes,
        pass_mark=source.pass_mark,
        lessons=tuple(
            builder.lesson(lesson, position, built_questions)
            for position, lesson in enumerate(lessons, 1)
        ),
        questions=tuple(built_questions),
        revision_id=module.revision_id,
        revision=source.revision,
        misconceptions=tuple(
            catalog.Misconception(found.id, found.belief) for found in source.misconceptions
        ),
        resources=builder.resources(source),
        indexing=catalog.Indexing(**source.indexing.model_dump()) if source.indexing else None,
        figures=tuple(builder.figures.values()),
        kit=builder.kit(supplements),
    )


def texts_of(question: QuestionSource) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every Markdown text of a question, with its path in the source."""
    for name in _TEXTS:
        value = getattr(question, name, None)
        if isinstance(value, str):
            yield (name,), value
        for index, entry in enumerate(value if isinstance(value, list) else ()):
            if isinstance(entry, str):
                yield (name, index), entry
                continue
            for part in _TEXTS_OF_ENTRY:
                text = getattr(entry, part, None)
                # What is typed as a short answer is compared, not rendered.
                if text is not None and not (part == "text" and name in {"answers", "wrong"}):
                    yield (name, index, part), text


def cited_by_question(question: QuestionSource) -> list[str]:
    """Ids a question rests on: its `sources`, then what its texts call."""
    called = [i for _path, text in texts_of(question) for i in cited_by_text(text)]
    return list(dict.fromkeys([*question.sources, *called]))


def asked_words(question: QuestionSource) -> int:
    """Words read before answering: the stem and what there is to choose from."""
    shown = {"stem", "text", "left", "right"}
    return sum(
        count_words(plain_text(parse(text)))
        for path, text in texts_of(question)
        if path[-1] in shown or path[0] == "distractors"
    )


def _used_references(
    module: ModuleSource,
    lessons: Iterable[Published[LessonSource]],
    questions: Iterable[Published[QuestionSource]],
    supplements: ModuleSupplements,
    glossary: Glossary,
) -> set[str]:
    bodies = [lesson.source.body for lesson in lessons]
    terms = {found[1] for body in bodies for found in TERM.finditer(body)} & glossary.keys()
    used = {resource.reference for resource in module.resources}
    used.update(i for body in bodies for i in cited_by_text(body))
    used.update(i for question in questions for i in cited_by_question(question.source))
    used.update(i for term in terms for i in cited_by_term(glossary[term][1]))
    used.update(i for figure in supplements.figures for i in cited_by_figure(figure))
    used.update(cited_by_kit(supplements.kit) if supplements.kit else ())
    return used


class _Builder:
    def __init__(
        self,
        module_id: str,
        known: Mapping[str, catalog.Source],
        supplements: ModuleSupplements,
        glossary: Glossary,
    ) -> None:
        self._module_id = module_id
        self._known = known
        self._glossary = glossary
        labels = {source.id: source.label for source in known.values()}
        render = Renderer(labels, words_of(glossary))
        self.figures = {
            figure.id: build_figure(module_id, figure, render, self.sources)
            for figure in supplements.figures
        }
        self._render = render.with_figures(self.figures)

    def kit(self, supplements: ModuleSupplements) -> catalog.Kit | None:
        kit = supplements.kit
        return build_kit(kit, self._render, self.sources) if kit else None

    def resources(self, module: ModuleSource) -> tuple[catalog.Resource, ...]:
        return tuple(
            catalog.Resource(self._known[found.reference], self._render.inline(found.use))
            for found in module.resources
            if found.reference in self._known
        )

    def lesson(
        self,
        published: Published[LessonSource],
        position: int,
        questions: Iterable[catalog.Question],
    ) -> catalog.Lesson:
        source = published.source
        sections = self._render.sections(source.body)
        called = (i for section in sections for i in section.terms)
        terms = build_terms(called, self._glossary, self._render, self.sources)
        cited = [i for section in sections for i in section.cited]
        cited += [s.id for term in terms for s in term.sources]
        shown = {i for section in sections for i in section.figures} & self.figures.keys()
        cited += [s.id for figure_id in shown for s in self.figures[figure_id].sources]
        return catalog.Lesson(
            id=source.id,
            module_id=self._module_id,
            title=source.title,
            summary=source.summary,
            minutes=source.minutes,
            position=position,
            parts=tuple(catalog.Part(s.title, s.html, s.words) for s in sections),
            sources=self.sources(cited),
            question_ids=tuple(q.id for q in questions if q.lesson_id == source.id),
            revision_id=published.revision_id,
            revision=source.revision,
            objectives=tuple(source.objectives),
            terms=terms,
        )

    def question(self, published: Published[QuestionSource], position: int) -> catalog.Question:
        source = published.source
        block = self._render.block
        short = source if isinstance(source, ShortQuestion) else None
        return catalog.Question(
            id=source.id,
            module_id=self._module_id,
            lesson_id=source.lesson,
            family=source.family,
            kind=catalog.QuestionKind(source.kind),
            situation=source.situation,
            stem_html=block(source.stem),
            words=asked_words(source),
            explanation_html=block(source.explanation),
            sources=self.sources(cited_by_question(source)),
            position=position,
            revision_id=published.revision_id,
            revision=source.revision,
            options=tuple(self._options(source)),
            items=tuple(self._items(source)),
            pairs=tuple(self._pairs(source)),
            distractors=tuple(self._distractors(source)),
            answers=self._accepted(short.answers if short else ()),
            wrong=self._accepted(short.wrong if short else ()),
            otherwise_html=block(short.otherwise if short else ""),
            misconceptions=tuple(source.misconceptions),
            checked=source.checked,
            check_by=source.check_by,
            dated=dated(source.checked, source.check_by),
        )

    def _options(self, source: QuestionSource) -> Iterator[catalog.Option]:
        inline, block = self._render.inline, self._render.block
        if isinstance(source, ChoiceQuestion):
            for option in source.options:
                feedback = block(option.feedback)
                yield catalog.Option(option.id, inline(option.text), option.correct, feedback)
        elif isinstance(source, TrueFalseQuestion):
            for truth in source.options:
                text = inline(_TRUTH[truth.id])
                yield catalog.Option(truth.id, text, truth.correct, block(truth.feedback))

    def _items(self, source: QuestionSource) -> Iterator[catalog.Item]:
        for item in source.items if isinstance(source, OrderingQuestion) else ():
            inline, block = self._render.inline, self._render.block
            yield catalog.Item(item.id, inline(item.text), block(item.feedback))

    def _pairs(self, source: QuestionSource) -> Iterator[catalog.Pair]:
        for pair in source.pairs if isinstance(source, MatchingQuestion) else ():
            yield catalog.Pair(
                id=pair.id,
                left_html=self._render.inline(pair.left),
                right_html=self._render.inline(pair.right),
                right_token=_token(source.id, f"pair {pair.id}"),
                feedback_html=self._render.block(pair.feedback),
            )

    def _distractors(self, source: QuestionSource) -> Iterator[catalog.Distractor]:
        texts = source.distractors if isinstance(source, MatchingQuestion) else ()
        for index, text in enumerate(texts):
            token = _token(source.id, f"distractor {index}")
            yield catalog.Distractor(token, self._render.inline(text))

    def _accepted(self, wordings: Iterable[AcceptedSource]) -> tuple[catalog.Accepted, ...]:
        return tuple(
            catalog.Accepted(wording.text, self._render.block(wording.feedback))
            for wording in wordings
        )

    def sources(self, ids: Iterable[str]) -> tuple[catalog.Source, ...]:
        return in_order(self._known, ids)


def _token(question_id: str, side: str) -> str:
    """Stays the same when a text is corrected, so that an answer kept keeps its meaning."""
    return hashlib.sha256(f"{question_id}|{side}".encode()).hexdigest()[:12]
