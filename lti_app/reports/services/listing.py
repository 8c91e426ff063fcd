"""The trainer's list, built once for the screen and for the export."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lti_app.completion.rules import CompletionState
from lti_app.content.queries import load_catalog
from lti_app.grading.rules import reason
from lti_app.people.models import EnrolmentState
from lti_app.people.rules import course_module_ids
from lti_app.reports import queries
from lti_app.reports.rules import rows as rules
from lti_app.reports.rules.days import local_day, numeric_day
from lti_app.reports.rules.rows import Column, GradeStatus, ReferentRow, Standing
from lti_app.reports.rules.selection import (
    Filters,
    Sorting,
    is_present,
    select_rows,
    sort_rows,
)
from lti_app.reports.rules.spreadsheet import Cell
from lti_app.reports.rules.totals import Totals, add_up
from lti_app.reports.rules.wording import (
    ENROLLED_LABEL,
    GRADE_LABELS,
    LEFT_LABEL,
    STATE_LABELS,
)


@dataclass(frozen=True, slots=True)
class Roll:
    """Everybody who learns, or learnt, in a session; `columns` in the order of the standings."""

    columns: tuple[Column, ...]
    rows: tuple[ReferentRow, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What the screen and the export show: the same rows, in the same order.

    `indexes`: where each shown column is in the standings. `enrolled`: how many there are before
    the filters (those who left count only when they are asked for).
    """

    columns: tuple[Column, ...]
    indexes: tuple[int, ...]
    rows: tuple[ReferentRow, ...]
    enrolled: int
    nameless: int
    totals: Totals


class ScreenLine(NamedTuple):
    """A row as the table's loop unpacks it: an attribute look-up costs Jinja more than a cell.

    `cells`: (state, score or None) for each column. `day` is « 07/11/2026 », None for never.
    """

    person_id: int
    name: str
    left: bool
    cells: list[tuple[CompletionState, int | None]]
    day: str | None
    grade: GradeStatus
    grades_sent: int
    grades_due: int
    reasons: tuple[str, ...]


def read_roll(session: Session, *, course_id: int, zone: ZoneInfo) -> Roll:
    """The whole session, in four statements whatever its size."""
    catalog = load_catalog(session)
    grades = queries.grades_in_course(session, course_id)
    module_ids = course_module_ids([grade.target for grade in grades], catalog.module_ids)
    completions = queries.completions_in_course(session, course_id, module_ids)
    learners = queries.learners_of_course(session, course_id)
    columns = tuple(Column(id_, catalog.module(id_).title) for id_ in module_ids)
    return Roll(columns, tuple(_build_rows(learners, module_ids, completions, grades, zone)))


def make_report(roll: Roll, *, filters: Filters, sorting: Sorting, now: datetime) -> Report:
    """The rows the trainer asked for, with their totals."""
    positions = {column.module_id: index for index, column in enumerate(roll.columns)}
    filtered = None if filters.module_id is None else positions[filters.module_id]
    indexes = tuple(range(len(roll.columns))) if filtered is None else (filtered,)
    chosen = select_rows(roll.rows, filters, module_index=filtered, now=now)
    sorted_by = None if sorting.module_id is None else positions[sorting.module_id]
    rows = tuple(sort_rows(chosen, sorting, module_index=sorted_by))
    columns = tuple(roll.columns[index] for index in indexes)
    return Report(
        columns=columns,
        indexes=indexes,
        rows=rows,
        enrolled=sum(is_present(row, filters.presence) for row in roll.rows),
        nameless=sum(row.nameless for row in rows),
        totals=add_up(rows, columns, indexes=indexes, now=now),
    )


def screen_lines(report: Report) -> Iterator[ScreenLine]:
    """The report as lines of the table."""
    for row in report.rows:
        standings = [row.standings[index] for index in report.indexes]
        yield ScreenLine(
            row.person_id,
            row.name,
            row.left,
            [(standing.state, standing.score) for standing in standings],
            None if row.last_day is None else numeric_day(row.last_day),
            row.grade,
            row.grades_sent,
            row.grades_due,
            row.grade_reasons,
        )


def export_lines(report: Report) -> Iterator[Sequence[Cell]]:
    """The report as lines of a spreadsheet, headings first. Scores are numbers, days are dates."""
    heading: list[Cell] = ["Référent", "Numéro", "Inscription"]
    for column in report.columns:
        heading += [f"{column.title} – état", f"{column.title} – score sur 100"]
        heading += [f"{column.title} – terminé le"]
    yield [*heading, "Dernière activité", "Note", "Explication"]
    for row in report.rows:
        line: list[Cell] = [row.name, row.person_id, LEFT_LABEL if row.left else ENROLLED_LABEL]
        for index in report.indexes:
            standing = row.standings[index]
            line += [STATE_LABELS[standing.state], standing.score, standing.completed_on]
        yield [*line, row.last_day, GRADE_LABELS[row.grade], " ".join(row.grade_reasons)]


def _build_rows(
    learners: Iterable[queries.Learner],
    module_ids: Sequence[str],
    completions: Iterable[queries.Completion],
    grades: Iterable[queries.LinkGrade],
    zone: ZoneInfo,
) -> Iterator[ReferentRow]:
    done: dict[int, dict[str, queries.Completion]] = defaultdict(dict)
    for completion in completions:
        done[completion.person_id][completion.module_id] = completion
    owed: dict[int, list[queries.LinkGrade]] = defaultdict(list)
    for grade in grades:
        if grade.person_id is not None:
            owed[grade.person_id].append(grade)
    for learner in learners:
        row = _row(learner, done.get(learner.person_id, {}), module_ids, zone)
        if learner.person_id in owed:
            _add_grades(row, owed[learner.person_id])
        yield row


def _row(
    learner: queries.Learner,
    done: Mapping[str, queries.Completion],
    module_ids: Sequence[str],
    zone: ZoneInfo,
) -> ReferentRow:
    name = rules.tidy_name(learner.name)
    last = learner.last_launch_at
    for completion in done.values():
        last = rules.later(last, completion.last_activity_at)
    return ReferentRow(
        person_id=learner.person_id,
        name=name or rules.stand_in_name(learner.person_id),
        nameless=not name,
        sort_name=learner.sort_name,
        left=learner.state == EnrolmentState.LEFT,
        standings=tuple([_standing(done.get(id_), zone) for id_ in module_ids]),
        last_activity=last,
        last_day=local_day(last, zone),
    )


def _standing(completion: queries.Completion | None, zone: ZoneInfo) -> Standing:
    if completion is None or completion.state == CompletionState.NOT_STARTED:
        return rules.NOT_STARTED
    return Standing(
        CompletionState(completion.state),
        completion.best_score,
        local_day(completion.completed_at, zone),
    )


def _add_grades(row: ReferentRow, grades: Sequence[queries.LinkGrade]) -> None:
    statuses = [GradeStatus(grade.state or GradeStatus.NONE) for grade in grades]
    row.grade = rules.most_urgent(statuses)
    row.grades_due = len(grades)
    row.grades_sent = statuses.count(GradeStatus.SENT)
    # Several activities of one person often fail for one and the same reason.
    reasons = dict.fromkeys(reason(grade.state or "", grade.problem) for grade in grades)
    row.grade_reasons = tuple(filter(None, reasons))
