"""Reading how rosters stand, and which are due."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.lti.models import Deployment, Platform, PlatformState
from lti_app.people.models import Course, ResourceLink
from lti_app.roster.models import RosterSync

FORGOTTEN_AFTER = timedelta(days=400)
"""A course nobody opened for more than a school year is not asked for any more."""

RETRIED_AFTER = timedelta(minutes=30)
"""A reading that a dead worker left unfinished is begun again in the same night after that."""


def find_sync(session: Session, course_id: int) -> RosterSync | None:
    """How the roster of the course stands, as the database has it now; None before the first."""
    return session.get(RosterSync, course_id, populate_existing=True)


def is_being_read(sync: RosterSync, now: datetime) -> bool:
    """Whether a worker reads it at this moment, or the platform asked to be left alone."""
    return sync.leased_until is not None and sync.leased_until > now


def readable_course_ids(session: Session, *, now: datetime) -> list[int]:
    """Courses whose roster may be asked for, by id.

    Only contexts that were launched and give an address: the same token would read all the others
    of the platform, the whole site included.
    """
    statement = sa.select(Course.id).where(*_readable(now)).order_by(Course.id)
    return list(session.scalars(statement))


def due_course_ids(session: Session, *, night: datetime, now: datetime) -> list[int]:
    """Readable courses not yet read since `night` began, or left half read by a dead worker."""
    unfinished = sa.and_(
        RosterSync.problem.is_(None),
        sa.or_(
            RosterSync.succeeded_at.is_(None), RosterSync.succeeded_at < RosterSync.attempted_at
        ),
        RosterSync.attempted_at < now - RETRIED_AFTER,
    )
    free = sa.or_(RosterSync.leased_until.is_(None), RosterSync.leased_until <= now)
    statement = (
        sa.select(Course.id)
        .outerjoin(RosterSync, RosterSync.course_id == Course.id)
        .where(
            *_readable(now),
            sa.or_(
                RosterSync.course_id.is_(None),
                sa.and_(free, sa.or_(RosterSync.attempted_at < night, unfinished)),
            ),
        )
        .order_by(Course.id)
    )
    return list(session.scalars(statement))


def list_syncs(session: Session) -> list[tuple[Course, Platform, RosterSync | None]]:
    """Every course that gives the address of its roster, or was asked for it, by id."""
    statement = (
        sa.select(Course, Platform, RosterSync)
        .join(Course.platform)
        .outerjoin(RosterSync, RosterSync.course_id == Course.id)
        .where(sa.or_(Course.memberships_url.is_not(None), RosterSync.course_id.is_not(None)))
        .order_by(Course.id)
    )
    return [(course, platform, sync) for course, platform, sync in session.execute(statement)]


def course_exists(session: Session, course_id: int) -> bool:
    """Whether there is such a course."""
    return session.scalar(sa.select(Course.id).where(Course.id == course_id)) is not None


def _readable(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    opened = (
        sa.select(ResourceLink.id)
        .outerjoin(Deployment, Deployment.id == ResourceLink.deployment_id)
        .where(
            ResourceLink.course_id == Course.id,
            ResourceLink.last_launch_at > now - FORGOTTEN_AFTER,
            sa.or_(Deployment.id.is_(None), Deployment.state == PlatformState.ACTIVE),
        )
        .exists()
    )
    registered = (
        sa.select(Platform.id)
        .where(Platform.id == Course.platform_id, Platform.state == PlatformState.ACTIVE)
        .exists()
    )
    return (Course.memberships_url.is_not(None), registered, opened)
