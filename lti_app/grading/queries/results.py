"""Reading what the LMS was seen to hold, beside what was sent to it."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.grading.models import LmsResult, OwedGrade, ResultReading
from lti_app.lti.models import Platform, PlatformState
from lti_app.people.models import Enrolment, Identity, Person, ResourceLink


class SentAndShown(NamedTuple):
    """A grade that the LMS acknowledged, and what it showed when last read since.

    `score` and `maximum` are None where it showed nothing.
    """

    resource_link_id: int
    person_id: int
    name: str | None
    sent_score: int
    sent_at: datetime
    score: float | None
    maximum: float | None
    read_at: datetime


def graded_link_ids(session: Session, course_id: int) -> list[int]:
    """The activities of a course that have a column."""
    statement = (
        sa.select(ResourceLink.id)
        .where(ResourceLink.course_id == course_id, ResourceLink.line_item_url.is_not(None))
        .order_by(ResourceLink.id)
    )
    return list(session.scalars(statement))


def stale_link_ids(
    session: Session, *, sent_since: datetime, tried_before: datetime, limit: int
) -> list[int]:
    """Activities with a grade sent lately whose results were not asked for lately."""
    sent = (
        sa.select(OwedGrade.id)
        .where(OwedGrade.resource_link_id == ResourceLink.id, OwedGrade.sent_at >= sent_since)
        .exists()
    )
    statement = (
        sa.select(ResourceLink.id)
        .join(Platform, Platform.id == ResourceLink.platform_id)
        .outerjoin(ResultReading, ResultReading.resource_link_id == ResourceLink.id)
        .where(
            ResourceLink.line_item_url.is_not(None),
            Platform.state == PlatformState.ACTIVE,
            sa.or_(ResultReading.attempted_at.is_(None), ResultReading.attempted_at < tried_before),
            sent,
        )
        .order_by(ResultReading.attempted_at.is_not(None), ResultReading.attempted_at)
        .limit(limit)
    )
    return list(session.scalars(statement))


def people_by_sub(session: Session, *, course_id: int, issuer: str) -> dict[str, int]:
    """Person ids of a course, present and gone, by what the issuer calls them."""
    statement = (
        sa.select(Identity.sub, Identity.person_id)
        .join(Enrolment, Enrolment.person_id == Identity.person_id)
        .where(Enrolment.course_id == course_id, Identity.issuer == issuer)
    )
    return {row.sub: row.person_id for row in session.execute(statement)}


def readings_of_course(session: Session, course_id: int) -> dict[int, ResultReading]:
    """By link id; none where results were never asked for."""
    statement = (
        sa.select(ResultReading)
        .join(ResourceLink, ResourceLink.id == ResultReading.resource_link_id)
        .where(ResourceLink.course_id == course_id)
    )
    return {reading.resource_link_id: reading for reading in session.scalars(statement)}


def sent_and_shown(
    session: Session, course_id: int, *, person_id: int | None = None
) -> list[SentAndShown]:
    """The grades of a course that were read after they were sent, in the order of names.

    A grade sent to another column since, or never read, is not there.
    """
    statement = (
        sa.select(
            OwedGrade.resource_link_id,
            OwedGrade.person_id,
            Person.name,
            OwedGrade.sent_score,
            OwedGrade.sent_at,
            LmsResult.score,
            LmsResult.maximum,
            ResultReading.read_at,
        )
        .join(ResourceLink, ResourceLink.id == OwedGrade.resource_link_id)
        .join(Person, Person.id == OwedGrade.person_id)
        .join(ResultReading, ResultReading.resource_link_id == OwedGrade.resource_link_id)
        .outerjoin(
            LmsResult,
            sa.and_(
                LmsResult.resource_link_id == OwedGrade.resource_link_id,
                LmsResult.person_id == OwedGrade.person_id,
            ),
        )
        .where(
            ResourceLink.course_id == course_id,
            OwedGrade.sent_score.is_not(None),
            OwedGrade.line_item_url == ResourceLink.line_item_url,
            ResultReading.read_at > OwedGrade.sent_at,
        )
        .order_by(Person.sort_name, OwedGrade.person_id, OwedGrade.resource_link_id)
    )
    if person_id is not None:
        statement = statement.where(OwedGrade.person_id == person_id)
    return [SentAndShown._make(row) for row in session.execute(statement)]
