"""The page after an answer: right or wrong, why, when it comes back, where to go next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus

from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Card, Occasion
from lti_app.answers.queries import answer_of
from lti_app.answers.rules import is_markable, mark, response_from_json
from lti_app.answers.services import answer_key
from lti_app.completion import rules as completion_rules
from lti_app.completion.services import facts
from lti_app.content.rules.catalog import Lesson, Module, Question, QuestionKind
from lti_app.core.errors import RelaisError
from lti_app.people.access import NOT_FOUND
from lti_app.practice.queries import (
    Standing,
    answer_changed_since,
    question_updated_at,
    read_standing,
    reviewed_on,
)
from lti_app.practice.rules import Goal, NextStep, next_unanswered
from lti_app.practice.services.steps import next_in_module
from lti_app.practice.services.verdicts import Line, Verdict, lines_of, tally_of
from lti_app.practice.services.visit import Visit
from lti_app.scheduling.ratings import FEW_OPTIONS, Confidence


@dataclass(frozen=True, slots=True)
class FeedbackPage:
    """`lines` are shown, `others` folded. `changed`: the question was corrected since: no lines.

    `due_on`: None when it is to review today still. `number` of `total`: as on the question.
    """

    answer: Answer
    question: Question
    module: Module
    lesson: Lesson
    number: int
    total: int
    in_review: bool
    lines: tuple[Line, ...]
    others: tuple[Line, ...]
    tally: str
    remark: str
    changed: bool
    updated_at: datetime | None
    """When the question was made clearer, or corrected, since this answer."""
    due_on: date | None
    next_step: NextStep
    module_open: bool
    """Whether the module is one of this session (a review may reach further)."""
    score: int
    right: int
    is_complete: bool


def show_feedback(
    session: Session, visit: Visit, answer_id: int, *, review_ids: Sequence[str]
) -> FeedbackPage:
    """The feedback of one's own answer in this session. Raises the explained 404 page."""
    answer, question = _find(session, visit, answer_id)
    module = visit.catalog.module(question.module_id)
    lesson = visit.catalog.lesson(question.lesson_id)
    standing = read_standing(session, visit.person_id, [module])
    progress = standing.progress(module)
    changed = not is_markable(answer_key(question), response_from_json(answer.response)) or (
        answer.revision_id != question.revision_id
        and answer_changed_since(session, question.id, answer.revision_id)
    )
    lines = () if changed else _lines(question, answer)
    in_review = answer.occasion == Occasion.REVIEW
    among = review_ids if in_review and question.id in review_ids else lesson.question_ids
    return FeedbackPage(
        answer=answer,
        question=question,
        module=module,
        lesson=lesson,
        number=list(among).index(question.id) + 1,
        total=len(among),
        in_review=in_review,
        lines=tuple(line for line in lines if line.verdict is not Verdict.LEFT_OUT),
        others=tuple(line for line in lines if line.verdict is Verdict.LEFT_OUT),
        tally=tally_of(question, lines),
        remark=_remark(answer, question),
        changed=changed,
        updated_at=question_updated_at(session, question, answer.revision_id),
        due_on=_due_on(visit, standing.cards.get(question.id)),
        next_step=(
            _next_in_review(session, visit, review_ids)
            if in_review
            else _next_in_lesson(module, lesson, question, standing)
        ),
        module_open=visit.has_module(module.id),
        score=completion_rules.score(facts(module), progress),
        right=sum(progress.last_right.values()),
        is_complete=completion_rules.is_complete(facts(module), progress),
    )


def _find(session: Session, visit: Visit, answer_id: int) -> tuple[Answer, Question]:
    answer = answer_of(session, visit.person_id, answer_id)
    if answer is None or answer.course_id != visit.course_id:
        raise RelaisError(NOT_FOUND, status=HTTPStatus.NOT_FOUND, detail="no such answer")
    return answer, visit.question(answer.question_id)


def _lines(question: Question, answer: Answer) -> tuple[Line, ...]:
    marked = mark(question.kind, answer_key(question), response_from_json(answer.response))
    return lines_of(question, marked, answer.idempotency_key)


def _remark(answer: Answer, question: Question) -> str:
    """What the declared confidence changes, said to the person."""
    if answer.confidence == Confidence.SURE and not answer.correct:
        return (
            "Vous aviez répondu avec certitude\N{NO-BREAK SPACE}: c’est le moment où une correction"
            " se retient le mieux. Cette question reviendra en premier."
        )
    if answer.confidence == Confidence.GUESS and answer.correct:
        lucky = question.kind in _ONE_RIGHT and len(question.options) <= FEW_OPTIONS
        return (
            "Trouvée au hasard, elle compte comme juste"
            f"\N{NO-BREAK SPACE}; elle reviendra {'très vite' if lucky else 'plus tôt'}."
        )
    return ""


_ONE_RIGHT = frozenset({QuestionKind.SINGLE, QuestionKind.TRUEFALSE})


def _due_on(visit: Visit, card: Card | None) -> date | None:
    return card.due_on if card and card.due_on > visit.today else None


def _next_in_lesson(
    module: Module, lesson: Lesson, question: Question, standing: Standing
) -> NextStep:
    following = next_unanswered(
        lesson.question_ids, question.id, standing.progress(module).last_right
    )
    if following:
        return NextStep(
            Goal.ANSWER,
            "Question suivante",
            module_id=module.id,
            lesson_id=lesson.id,
            question_id=following,
        )
    return next_in_module(module, standing)


def _next_in_review(session: Session, visit: Visit, review_ids: Sequence[str]) -> NextStep:
    done = {answer.question_id for answer in reviewed_on(session, visit.person_id, visit.today)}
    following = next((id_ for id_ in review_ids if id_ not in done), None)
    if following is None:
        return NextStep(Goal.REVIEW_END, "Voir le bilan de la séance")
    return NextStep(Goal.REVIEW, "Question suivante", question_id=following)
