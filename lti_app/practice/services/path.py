"""The path page: the modules of the session, where to go on, what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lti_app.answers.queries import cards_of
from lti_app.completion import rules
from lti_app.completion.models import ModuleCompletion
from lti_app.completion.queries import completions_of, readings_of
from lti_app.completion.rules import CompletionState
from lti_app.completion.services import facts
from lti_app.content.rules.catalog import Module
from lti_app.people.rules import TARGET_PATH
from lti_app.practice.queries import Standing
from lti_app.practice.rules import NextStep, review_minutes
from lti_app.practice.services.grades import GradeView, grade_view, read_grades
from lti_app.practice.services.steps import next_in_module
from lti_app.practice.services.visit import Visit
from lti_app.scheduling.session import SESSION_LIMIT, next_due_days

HORIZON_DAYS = 60
DAYS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ModuleCard:
    """One module of the session. `score`: 0…100; minutes are those still needed to complete it."""

    module: Module
    state: CompletionState
    score: int
    lessons_read: int
    questions_right: int
    questions_answered: int
    minutes_left: int
    next_step: NextStep
    grades: GradeView

    @property
    def lessons(self) -> int:
        return len(self.module.lessons)

    @property
    def questions(self) -> int:
        return len(self.module.questions)

    @property
    def shown_state(self) -> CompletionState:
        """« Besoin d’aide » is for trainers: here, advice stands beside the questions missed."""
        asks_help = self.state is CompletionState.NEEDS_HELP
        return CompletionState.STARTED if asks_help else self.state

    @property
    def is_complete(self) -> bool:
        return self.state is CompletionState.COMPLETED


@dataclass(frozen=True, slots=True)
class Due:
    """What is to review: `now` (a dozen at most), `later_today` beyond it, then the next days."""

    now: int
    waiting: int
    minutes: int
    upcoming: tuple[tuple[date, int], ...]
    met: int
    """Questions met so far: none means that nothing can be due yet."""


@dataclass(frozen=True, slots=True)
class PathPage:
    """`resume`: the module to go on with, when one is not complete."""

    cards: tuple[ModuleCard, ...]
    resume: ModuleCard | None
    due: Due
    grades: GradeView


def show_path(session: Session, visit: Visit) -> PathPage:
    """The modules of the session, in four statements beside those of the visit."""
    cards = cards_of(session, visit.person_id)
    lessons = [lesson.id for module in visit.modules for lesson in module.lessons]
    standing = Standing(cards, readings_of(session, visit.person_id, lessons))
    completions = completions_of(session, visit.person_id, [m.id for m in visit.modules])
    grades = read_grades(session, visit)
    shown = tuple(
        module_card(
            module, standing, completions.get(module.id), grade_view(visit, grades, module.id)
        )
        for module in visit.modules
    )
    dates = [card.due_on for card in cards.values() if visit.has_question(card.question_id)]
    return PathPage(
        cards=shown,
        resume=_to_resume(shown, completions),
        due=summarise_due(dates, visit.today),
        grades=grade_view(visit, grades, TARGET_PATH),
    )


def module_card(
    module: Module,
    standing: Standing,
    completion: ModuleCompletion | None,
    grades: GradeView,
) -> ModuleCard:
    """Where the person stands in one module."""
    wanted, progress = facts(module), standing.progress(module)
    done = completion is not None and completion.completed_at is not None
    return ModuleCard(
        module=module,
        state=_state(rules.state(wanted, progress, done), completion),
        score=rules.score(wanted, progress),
        lessons_read=len(progress.read_lessons),
        questions_right=sum(progress.last_right.values()),
        questions_answered=len(progress.last_right),
        minutes_left=0 if done else rules.remaining_minutes(wanted, progress),
        next_step=next_in_module(module, standing),
        grades=grades,
    )


def _state(state: CompletionState, completion: ModuleCompletion | None) -> CompletionState:
    """A first part read begins a module, before any lesson is read to its end."""
    if state is CompletionState.NOT_STARTED and completion is not None:
        return CompletionState.STARTED
    return state


def summarise_due(due_dates: Sequence[date], today: date) -> Due:
    """What is due today and the next days, from the due days of the person's cards."""
    due = sum(day <= today for day in due_dates)
    offered = min(due, SESSION_LIMIT)
    return Due(
        now=offered,
        waiting=due - offered,
        minutes=review_minutes(offered),
        upcoming=tuple(next_due_days(due_dates, today, HORIZON_DAYS)[:DAYS_SHOWN]),
        met=len(due_dates),
    )


def _to_resume(
    cards: Sequence[ModuleCard], completions: dict[str, ModuleCompletion]
) -> ModuleCard | None:
    """The unfinished module last worked on; else the first of the path not yet begun."""
    unfinished = [card for card in cards if not card.is_complete]
    begun = [card for card in unfinished if card.module.id in completions]
    if begun:
        return max(begun, key=lambda card: completions[card.module.id].last_activity_at)
    return unfinished[0] if unfinished else None
