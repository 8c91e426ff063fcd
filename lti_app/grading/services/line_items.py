"""A column for the activities whose launch names none: found in the gradebook, or made there.

Moodle makes two columns of two requests, so one is made under a lease (one worker at a time for a
module of a course), after a look at what is there; a request whose answer was lost may still be at
work in the LMS, and no other is sent before CREATION_SETTLES.
"""

from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.content.rules.catalog import Catalog
from lti_app.core.database import JsonDict, insert_ignoring
from lti_app.grading.models import LineItemSearch, OwedGrade
from lti_app.grading.queries import find_search, links_of_module
from lti_app.grading.rules import (
    ColumnPlan,
    GradeState,
    Problem,
    backoff,
)
from lti_app.grading.services.finding import Finding, Search
from lti_app.grading.services.holding import plan_of, waiting_holder
from lti_app.lti.models import PlatformState
from lti_app.lti.services.ags_gradebook import LINE_ITEM_SCOPE, reading_scope
from lti_app.lti.services.service_access import keep_token, prepare_access
from lti_app.people.models import LineItemOrigin, ResourceLink
from lti_app.people.rules import TARGET_PATH

LEASE = timedelta(seconds=90)
"""Longer than the task may run."""

CREATION_SETTLES = timedelta(minutes=10)
"""How long an unanswered creation may still make a column appear: no PHP request lives longer."""

FRUITLESS_PAUSE = timedelta(days=1)
"""Before looking again where nothing was found and nothing may be made."""

PATH_LABEL = "Parcours complet"


def earns_a_score(target: str, catalog: Catalog) -> bool:
    """Whether work behind that link is worth a score: a module, or the whole path."""
    return target == TARGET_PATH or target in catalog.module_ids


def column_label(target: str, catalog: Catalog) -> str:
    """What the column of a module, or of the path, is called. Raises KeyError for another."""
    return PATH_LABEL if target == TARGET_PATH else catalog.module(target).title[:255]


def await_line_item(session: Session, link: ResourceLink, *, now: datetime) -> Problem:
    """Have a column looked for; what keeps the grade meanwhile, or for good."""
    if plan_of(link) is ColumnPlan.NOTHING:
        return Problem.NO_LINE_ITEM
    key: JsonDict = {"course_id": link.course_id, "target": link.target}
    insert_ignoring(session, LineItemSearch, {**key, "attempts": 0, "next_attempt_at": now})
    search = find_search(session, **key)
    if search is None:
        return Problem.AWAITING_LINE_ITEM  # found a moment ago
    if search.problem == Problem.NO_LINE_ITEM and search.next_attempt_at > now:
        return Problem.NO_LINE_ITEM
    return Problem.AWAITING_LINE_ITEM


def lease_search(
    session: Session, *, search_id: int, catalog: Catalog, secret_key: str, now: datetime
) -> Search | None:
    """Take a search. Commit before going on. None when there is nothing to look for now."""
    leased_until = now + LEASE
    if not _take_lease(session, search_id, now, leased_until):
        return None
    search = session.get_one(LineItemSearch, search_id, populate_existing=True)
    search.next_attempt_at = now + backoff(search.attempts, f"search-{search.id}")
    links = links_of_module(session, course_id=search.course_id, target=search.target)
    holder = waiting_holder(links)
    if holder is None or not earns_a_score(search.target, catalog):
        # A launch brought a column, or nothing more is to be graded.
        session.delete(search)
        session.flush()
        for link in links:
            _owe_again(session, link.id, now, sa.false())
        return None
    if not _is_open(holder):
        search.leased_until = None
        session.flush()
        return None
    may_make = plan_of(holder) is ColumnPlan.MAKE
    scope = LINE_ITEM_SCOPE if may_make else reading_scope(holder.ags_scopes)
    access = prepare_access(
        session,
        platform=holder.platform,
        scope=scope or LINE_ITEM_SCOPE,
        secret_key=secret_key,
        now=now,
    )
    session.flush()
    since = search.creating_since
    settling = since is not None and now < since + CREATION_SETTLES
    return Search(
        search_id=search.id,
        course_id=search.course_id,
        target=search.target,
        holder_id=holder.id,
        link_ids={
            link.link_id: link.id
            for link in links
            if link.line_item_url is None and link.platform_id == holder.platform_id
        },
        line_items_url=holder.line_items_url or "",
        label=column_label(search.target, catalog),
        may_make=may_make,
        settling=settling,
        attempts=search.attempts,
        leased_until=leased_until,
        access=access,
    )


def announce_creation(session: Session, *, search: Search, now: datetime) -> bool:
    """Write down that a column is about to be asked for. Commit before asking.

    False when the lease is no more ours, or the activity got a column meanwhile: nothing is asked.
    """
    holder = session.get(ResourceLink, search.holder_id, populate_existing=True)
    if holder is None or holder.line_item_url is not None or now >= search.leased_until:
        return False
    return _update_leased(session, search, {"creating_since": now})


def record_finding(
    session: Session, *, search: Search, finding: Finding, secret_key: str, now: datetime
) -> list[int]:
    """Write down what was found or made; ids of the grades to queue after the commit."""
    keep_token(session, access=search.access, caller=finding.caller, secret_key=secret_key)
    if finding.coupled or finding.own is not None:
        return _attach_all(session, search, finding, now)
    problem = finding.problem or Problem.NO_LINE_ITEM
    wait = backoff(search.attempts, f"search-{search.search_id}")
    values: JsonDict = {"leased_until": None, "problem": problem, "next_attempt_at": now + wait}
    if finding.was_refused:
        values["creating_since"] = None  # it said no: nothing will appear
    if problem is Problem.NO_LINE_ITEM:
        values["next_attempt_at"] = now + FRUITLESS_PAUSE
    if _update_leased(session, search, values):
        _tell_waiting(session, search, problem, now)
    return []


def forget_made_column(session: Session, *, link: ResourceLink, now: datetime) -> list[int]:
    """Let go of a column of ours that somebody deleted, so that another is made; grades to queue.

    Nothing for a column that is not ours.
    """
    if link.line_item_origin != LineItemOrigin.CREATED:
        return []
    link.line_item_url = link.line_item_origin = link.line_item_label = None
    session.flush()
    return _owe_again(session, link.id, now, OwedGrade.sent_score.is_not(None))


def _is_open(link: ResourceLink) -> bool:
    return link.platform.state == PlatformState.ACTIVE and (
        link.deployment is None or link.deployment.state == PlatformState.ACTIVE
    )


def _attach_all(session: Session, search: Search, finding: Finding, now: datetime) -> list[int]:
    """Give each link its column; grades to queue."""
    found = {search.link_ids[link_id]: item for link_id, item in finding.coupled.items()}
    owed: set[int] = set()
    for link_id, item in found.items():
        owed.update(_attach(session, link_id, item.url, LineItemOrigin.FOUND, None, now))
    if search.holder_id not in found and finding.own is not None:
        made = LineItemOrigin.CREATED
        owed.update(_attach(session, search.holder_id, finding.own.url, made, search.label, now))
    # Where the column is another activity's, the grades that waited are owed to that one.
    owed.update(_owe_again(session, search.holder_id, now, sa.false()))
    session.execute(
        sa.delete(LineItemSearch)
        .where(LineItemSearch.id == search.search_id)
        .execution_options(synchronize_session=False)
    )
    return sorted(owed)


def _attach(
    session: Session,
    link_id: int,
    url: str,
    origin: LineItemOrigin,
    label: str | None,
    now: datetime,
) -> list[int]:
    """Give the link its column, unless a launch came first; grades to queue."""
    values = {"line_item_url": url, "line_item_origin": origin, "line_item_label": label}
    statement = (
        sa.update(ResourceLink)
        .where(ResourceLink.id == link_id, ResourceLink.line_item_url.is_(None))
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if not _rows(session, statement):
        return []
    return _owe_again(session, link_id, now, OwedGrade.line_item_url != url)


def _owe_again(
    session: Session, link_id: int, now: datetime, elsewhere: sa.ColumnElement[bool]
) -> list[int]:
    """Owe at once what waits at this link, what was refused for want of a column, and what went
    `elsewhere`."""
    sent = OwedGrade.state.in_((GradeState.SENT, GradeState.SUPERSEDED))
    wanting = sa.and_(
        OwedGrade.state == GradeState.REFUSED,
        OwedGrade.problem.in_((Problem.NO_LINE_ITEM, Problem.LINE_ITEM_GONE)),
    )
    statement = (
        sa.update(OwedGrade)
        .where(
            OwedGrade.resource_link_id == link_id,
            sa.or_(OwedGrade.state == GradeState.OWED, wanting, sa.and_(sent, elsewhere)),
        )
        .values(state=GradeState.OWED, attempts=0, next_attempt_at=now, problem=None)
        .returning(OwedGrade.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(statement))


def _tell_waiting(session: Session, search: Search, problem: Problem, now: datetime) -> None:
    """Show on the grades that wait why there is no column; due now where there will be none."""
    values: JsonDict = {"problem": problem}
    if problem is Problem.NO_LINE_ITEM:
        values["next_attempt_at"] = now
    session.execute(
        sa.update(OwedGrade)
        .where(
            OwedGrade.resource_link_id == search.holder_id,
            OwedGrade.state == GradeState.OWED,
            OwedGrade.leased_until.is_(None),
        )
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _take_lease(session: Session, search_id: int, now: datetime, leased_until: datetime) -> bool:
    statement = (
        sa.update(LineItemSearch)
        .where(
            LineItemSearch.id == search_id,
            LineItemSearch.next_attempt_at <= now,
            sa.or_(LineItemSearch.leased_until.is_(None), LineItemSearch.leased_until <= now),
        )
        .values(leased_until=leased_until, attempts=LineItemSearch.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    return bool(_rows(session, statement))


def _update_leased(session: Session, search: Search, values: JsonDict) -> bool:
    """Write only if the lease is still this search's own."""
    statement = (
        sa.update(LineItemSearch)
        .where(
            LineItemSearch.id == search.search_id,
            LineItemSearch.leased_until == search.leased_until,
        )
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return bool(_rows(session, statement))


def _rows(session: Session, statement: sa.Update) -> int:
    return cast(sa.CursorResult[Any], session.execute(statement)).rowcount
