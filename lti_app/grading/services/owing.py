"""Which scores are owed, to which activities."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.completion.queries import completions_of
from lti_app.content.rules.catalog import Catalog
from lti_app.core.database import JsonDict, insert_or_none
from lti_app.grading.models import OwedGrade
from lti_app.grading.queries import GradableLink, gradable_links
from lti_app.grading.rules import GradeState, Problem, parse_policy, score_to_send
from lti_app.grading.services.holding import choose_links, holders_for
from lti_app.people.models import ResourceLink
from lti_app.people.rules import TARGET_PATH


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a person's work is worth to an activity. `score`: 0…100."""

    score: int
    completed: bool


_NOTHING = _Standing(0, completed=False)

_OF_THE_LINE_ITEM = (
    Problem.NO_LINE_ITEM,
    Problem.LINE_ITEM_GONE,
    Problem.FORBIDDEN_URL,
    Problem.AWAITING_LINE_ITEM,
)
"""Obstacles that another column of the gradebook may lift."""


def owe_grades(
    session: Session, *, person_id: int, catalog: Catalog, module_id: str, now: datetime
) -> list[int]:
    """Owe the score of a module wherever it counts; ids of the grades to queue after the commit.

    Wherever: each graded activity of the person's sessions that opens the module, or the whole
    path, whose score is the mean of its modules and which is complete when they all are.
    """
    targets = ResourceLink.target.in_((module_id, TARGET_PATH))
    return _owe(session, person_id, gradable_links(session, person_id, targets), catalog, now)


def owe_grades_for_link(
    session: Session, *, person_id: int, link_id: int, catalog: Catalog, now: datetime
) -> list[int]:
    """Owe one activity what its person earned, here or elsewhere; ids to queue after the commit.

    Called at each launch. A grade refused earlier is owed again: this launch shows that the person
    is enrolled, and may have brought the address or the right that was missing. Where another
    activity of the course holds the grade of this one's module, it is owed to that one.
    """
    of_link = sa.select(ResourceLink.course_id).where(ResourceLink.id == link_id)
    in_course = ResourceLink.course_id == of_link.scalar_subquery()
    links = holders_for(link_id, gradable_links(session, person_id, in_course))
    refused = [
        link.owed_grade_id
        for link in links
        if link.owed_grade_id is not None and link.owed_state == GradeState.REFUSED
    ]
    better = _owe(session, person_id, links, catalog, now)
    left = [id_ for id_ in refused if id_ not in better]
    return better + resend(session, ids=left, now=now) if left else better


def owe_to_new_line_item(session: Session, *, link: ResourceLink, now: datetime) -> int:
    """Owe everybody's grade again where the activity got another column; how many.

    The column is empty: without this, grades would be « transmises » that the LMS no longer has.
    The periodic task queues them.
    """
    elsewhere = sa.and_(
        OwedGrade.state.in_((GradeState.SENT, GradeState.SUPERSEDED)),
        OwedGrade.line_item_url != link.line_item_url,
        # What was sent for another module than the link's is not this column's business.
        sa.or_(OwedGrade.target.is_(None), OwedGrade.target == link.target),
    )
    stopped = sa.and_(
        OwedGrade.state.in_((GradeState.OWED, GradeState.REFUSED)),
        OwedGrade.problem.in_(_OF_THE_LINE_ITEM),
    )
    statement = (
        sa.update(OwedGrade)
        .where(OwedGrade.resource_link_id == link.id, sa.or_(elsewhere, stopped))
        .values(_owed_now(now))
        .returning(OwedGrade.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.scalars(statement).all())


def withdraw(session: Session, grade: OwedGrade) -> None:
    """Owe the LMS nothing more than it has: what was not sent is forgotten.

    For the holder of the grade's lease.
    """
    if grade.sent_score is None:
        session.delete(grade)
    else:
        grade.score, grade.state = grade.sent_score, GradeState.SENT
        grade.problem, grade.leased_until = None, None
    session.flush()


def resend(
    session: Session,
    *,
    ids: Iterable[int] | None = None,
    platform_id: int | None = None,
    course_id: int | None = None,
    now: datetime,
) -> list[int]:
    """Owe again, at once, what waits or was refused; ids to queue after the commit.

    Narrowed by each filter given. What was sent, or left to a newer grade, stays so.
    """
    statement = (
        sa.update(OwedGrade)
        .where(OwedGrade.state.in_((GradeState.OWED, GradeState.REFUSED)))
        .values(_owed_now(now))
        .returning(OwedGrade.id)
        .execution_options(synchronize_session=False)
    )
    if ids is not None:
        wanted = list(ids)
        if not wanted:
            return []
        statement = statement.where(OwedGrade.id.in_(wanted))
    links = sa.select(ResourceLink.id)
    if platform_id is not None:
        links = links.where(ResourceLink.platform_id == platform_id)
    if course_id is not None:
        links = links.where(ResourceLink.course_id == course_id)
    statement = statement.where(OwedGrade.resource_link_id.in_(links))
    return sorted(session.scalars(statement))


def _owe(
    session: Session,
    person_id: int,
    links: list[GradableLink],
    catalog: Catalog,
    now: datetime,
) -> list[int]:
    whole_path = _NOTHING
    if any(link.target == TARGET_PATH for link in links):
        whole_path = _path_standing(session, person_id, catalog)
    owed = []
    for link in choose_links(links):
        standing = whole_path if link.target == TARGET_PATH else _module_standing(link)
        score = score_to_send(
            _previous(link),
            standing.score,
            standing.completed,
            parse_policy(link.custom),
            announced=_is_announced(link),
        )
        if score is None:
            continue
        owed_grade_id = _owe_one(session, person_id, link, score, standing.completed, now)
        if owed_grade_id is not None:
            owed.append(owed_grade_id)
    return owed


def _is_of_another_target(link: GradableLink) -> bool:
    return link.owed_target not in {None, link.target}


def _previous(link: GradableLink) -> int | None:
    """The score that a new one must beat.

    What was owed for the module that the link opened before is not sent any more; but what a
    column took for it is never lowered.
    """
    if not _is_of_another_target(link):
        return link.owed_score
    took_it = link.owed_line_item_url in {None, link.line_item_url}
    return link.owed_sent_score if took_it else None


def _is_announced(link: GradableLink) -> bool:
    """Whether saying « completed » again would tell the LMS nothing, or undo a newer grade."""
    return (
        link.owed_completed is not False
        or link.owed_state == GradeState.SUPERSEDED
        or _is_of_another_target(link)
    )


def _module_standing(link: GradableLink) -> _Standing:
    if link.best_score is None:
        return _NOTHING
    return _Standing(link.best_score, link.completed_at is not None)


def _path_standing(session: Session, person_id: int, catalog: Catalog) -> _Standing:
    """The mean of all the modules, rounded down: 100 means all of them at 100."""
    modules = catalog.module_ids
    if not modules:
        return _NOTHING
    completions = completions_of(session, person_id, modules)
    total = sum(completion.best_score for completion in completions.values())
    done = [c for c in completions.values() if c.completed_at is not None]
    return _Standing(total // len(modules), completed=len(done) == len(modules))


def _owe_one(
    session: Session,
    person_id: int,
    link: GradableLink,
    score: int,
    completed: bool,
    now: datetime,
) -> int | None:
    """Owe `score`, unless another transaction came first with one as good."""
    values = {
        "identity_id": link.identity_id,
        "target": link.target,
        "score": score,
        "completed": completed,
        "owed_at": now,
        **_owed_now(now),
    }
    key = {"resource_link_id": link.link_id, "person_id": person_id}
    if link.owed_grade_id is None:
        created = insert_or_none(session, OwedGrade, key | values)
        if created is not None:
            return created.id
    updated = _update_owed(session, key, values)
    if updated is None and link.owed_grade_id is not None:
        # Withdrawn a moment ago by who was about to send it; no news to them, hence an insert.
        created = insert_or_none(session, OwedGrade, key | values)
        return None if created is None else created.id
    return updated


def _update_owed(session: Session, key: JsonDict, values: JsonDict) -> int | None:
    """Owe a better score, the first « completed », or the score of another target."""
    elsewhere = OwedGrade.target != values["target"]
    better = sa.or_(OwedGrade.score < values["score"], elsewhere)
    completing = sa.and_(OwedGrade.completed.is_(False), sa.literal(values["completed"]))
    # The lease is left alone: whoever is sending the former score sees, when recording the
    # answer, that a better one is owed.
    statement = (
        sa.update(OwedGrade)
        .where(
            OwedGrade.resource_link_id == key["resource_link_id"],
            OwedGrade.person_id == key["person_id"],
            sa.or_(better, completing),
        )
        .values(
            {
                **values,
                "score": sa.case((better, values["score"]), else_=OwedGrade.score),
                "completed": sa.case(
                    (elsewhere, values["completed"]),
                    else_=sa.or_(OwedGrade.completed, sa.literal(values["completed"])),
                ),
            }
        )
        .returning(OwedGrade.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(statement).one_or_none()


def _owed_now(now: datetime) -> JsonDict:
    return {"state": GradeState.OWED, "attempts": 0, "next_attempt_at": now, "problem": None}
