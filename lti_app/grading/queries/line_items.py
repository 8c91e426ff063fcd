"""Reading which activities lack a column, and which columns of ours to rename."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from lti_app.grading.models import LineItemSearch, OwedGrade
from lti_app.grading.rules import GradeState
from lti_app.lti.models import Platform, PlatformState
from lti_app.people.models import LineItemOrigin, ResourceLink


def links_of_module(session: Session, *, course_id: int, target: str) -> list[ResourceLink]:
    """The activities of a course that open that module, the first known first."""
    statement = (
        sa.select(ResourceLink)
        .join(ResourceLink.platform)
        .outerjoin(ResourceLink.deployment)
        .options(
            contains_eager(ResourceLink.platform),
            contains_eager(ResourceLink.deployment),
        )
        .where(ResourceLink.course_id == course_id, ResourceLink.target == target)
        .order_by(ResourceLink.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(statement))


def find_search(session: Session, *, course_id: int, target: str) -> LineItemSearch | None:
    """The search under way for that module's column, as it is in the database now."""
    statement = (
        sa.select(LineItemSearch)
        .where(LineItemSearch.course_id == course_id, LineItemSearch.target == target)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).one_or_none()


def due_search_ids(
    session: Session, *, now: datetime, limit: int, owed_grade_id: int | None = None
) -> list[int]:
    """Searches to go on with now, the longest due first; only that of a grade, if one is named.

    A search that no grade waits for any more is left alone.
    """
    awaited = (
        sa.select(ResourceLink.id)
        .join(OwedGrade, OwedGrade.resource_link_id == ResourceLink.id)
        .where(
            ResourceLink.course_id == LineItemSearch.course_id,
            ResourceLink.target == LineItemSearch.target,
            ResourceLink.line_item_url.is_(None),
            OwedGrade.state == GradeState.OWED,
        )
    )
    if owed_grade_id is not None:
        awaited = awaited.where(OwedGrade.id == owed_grade_id)
    statement = (
        sa.select(LineItemSearch.id)
        .where(
            LineItemSearch.next_attempt_at <= now,
            sa.or_(LineItemSearch.leased_until.is_(None), LineItemSearch.leased_until <= now),
            awaited.exists(),
        )
        .order_by(LineItemSearch.next_attempt_at, LineItemSearch.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def made_columns(session: Session) -> Sequence[tuple[int, str, str | None]]:
    """(link id, target, label given) of each activity whose column Relais made."""
    statement = (
        sa.select(ResourceLink.id, ResourceLink.target, ResourceLink.line_item_label)
        .join(ResourceLink.platform)
        .where(
            ResourceLink.line_item_origin == LineItemOrigin.CREATED,
            ResourceLink.line_item_url.is_not(None),
            Platform.state == PlatformState.ACTIVE,
        )
        .order_by(ResourceLink.id)
    )
    return [(link_id, target, label) for link_id, target, label in session.execute(statement)]
