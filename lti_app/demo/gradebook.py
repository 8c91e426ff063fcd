"""Rows for the pages: who may be played, what a course offers, what the gradebook holds."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_app.demo import queries
from lti_app.demo.grades import CompletionState, completion_state
from lti_app.demo.models import (
    Activity,
    CompletionRule,
    Course,
    Enrolment,
    Grade,
    LineItem,
    Person,
    Role,
    SiteRole,
)

ROLE_NAMES = {
    Role.STUDENT: "Référent·e",
    Role.EDITING_TEACHER: "Formateur·rice",
    Role.TEACHER: "Tuteur·rice (sans droit d’édition)",
    Role.MANAGER: "Gestionnaire",
}

_STATE_NAMES = {
    (CompletionRule.GRADE, CompletionState.INCOMPLETE): "note attendue",
    (CompletionRule.GRADE, CompletionState.COMPLETE): "note reçue",
    (CompletionRule.PASS_GRADE, CompletionState.INCOMPLETE): "note attendue",
    (CompletionRule.PASS_GRADE, CompletionState.PASSED): "note de passage obtenue",
    (CompletionRule.PASS_GRADE, CompletionState.FAILED): "note de passage non atteinte",
}


MOST_BUTTONS = 60
MOST_ROWS = 500
"""What a page shows of a course of thousands; Moodle pages too."""


@dataclass(frozen=True, slots=True)
class SignInCard:
    """One person who may be played; `places` says what they are, where."""

    person: Person
    places: list[str]


@dataclass(frozen=True, slots=True)
class ActivityCard:
    """One activity of a course page; `state` is the learner's completion, in words."""

    activity: Activity
    graded: bool
    state: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One grade; `score` and `maximum` are numbers for tests, `text` is what people read."""

    line_item_id: int
    activity_id: int | None
    score: float | None
    maximum: float
    text: str
    feedback: str
    state: CompletionState | None
    state_text: str
    when: str


@dataclass(frozen=True, slots=True)
class Row:
    """One learner of the gradebook."""

    person: Person
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Gradebook:
    """Columns, then one row a learner."""

    columns: list[LineItem]
    rows: list[Row]


def sign_in_cards(session: Session) -> list[SignInCard]:
    """The first people, with their roles in words."""
    courses = {course.id: course.shortname for course in session.scalars(select(Course))}
    people = select(Person).order_by(Person.site_role, Person.id).limit(MOST_BUTTONS)
    everyone = session.scalars(people).all()
    shown = [person.id for person in everyone]
    roles: dict[int, list[str]] = {}
    for row in session.scalars(
        select(Enrolment)
        .where(Enrolment.person_id.in_(shown), Enrolment.suspended.is_(False))
        .order_by(Enrolment.course_id)
    ):
        name = f"{ROLE_NAMES[Role(row.role)]}, {courses[row.course_id]}"
        roles.setdefault(row.person_id, []).append(name)
    cards = []
    for person in everyone:
        places = roles.get(person.id, [])
        if person.site_role == SiteRole.ADMIN:
            places = ["Administration du site", *places]
        cards.append(SignInCard(person, places))
    return cards


def activity_cards(
    session: Session, *, course_id: int, person_id: int, is_learner: bool
) -> list[ActivityCard]:
    """The activities of a course, with the completion of a learner."""
    cards = []
    for activity in queries.activities(session, course_id=course_id):
        item = queries.coupled_line_item(session, activity_id=activity.id)
        state = None
        if item is not None and is_learner:
            grade = queries.grade(session, line_item_id=item.id, person_id=person_id)
            state = _state_text(activity, _state(item, grade)) or None
        cards.append(ActivityCard(activity, item is not None, state))
    return cards


def read_gradebook(
    session: Session, *, course_id: int, only_person_id: int | None, time_zone: str
) -> Gradebook:
    """The gradebook of a course, or one person's line of it."""
    columns = queries.line_items(session, course_id=course_id)
    grades = queries.grades_of_course(session, course_id=course_id)
    zone = ZoneInfo(time_zone)
    if only_person_id is None:
        enrolled = queries.enrolments(session, course_id=course_id, most=MOST_ROWS)
    else:
        own = queries.enrolment(session, person_id=only_person_id, course_id=course_id)
        enrolled = [] if own is None else [own]
    rows = [
        Row(
            enrolment.person,
            [_cell(item, grades.get((enrolment.person_id, item.id)), zone) for item in columns],
        )
        for enrolment in enrolled
        if enrolment.role == Role.STUDENT and not enrolment.suspended
    ]
    return Gradebook(columns, rows)


def french_number(value: float) -> str:
    """Two decimals and a comma, as Moodle in French."""
    return f"{value:.2f}".replace(".", ",")


def _state(item: LineItem, grade: Grade | None) -> CompletionState | None:
    if not item.coupled or item.activity is None:
        return None
    final = None if grade is None else grade.final_score
    return completion_state(final, rule=item.activity.completion_rule, pass_score=item.pass_score)


def _state_text(activity: Activity | None, state: CompletionState | None) -> str:
    if activity is None or state is None:
        return ""
    return _STATE_NAMES[CompletionRule(activity.completion_rule), state]


def _cell(item: LineItem, grade: Grade | None, zone: ZoneInfo) -> Cell:
    state = _state(item, grade)
    score = None if grade is None else grade.final_score
    when = ""
    if grade is not None and grade.scored_at is not None:
        when = f"{datetime.fromtimestamp(grade.scored_at, zone):%d/%m/%Y %H:%M:%S}"
    return Cell(
        line_item_id=item.id,
        activity_id=item.activity_id,
        score=score,
        maximum=item.score_maximum,
        text="–" if score is None else f"{french_number(score)}",
        feedback=(grade.feedback or "") if grade is not None else "",
        state=state,
        state_text=_state_text(item.activity, state),
        when=when,
    )
