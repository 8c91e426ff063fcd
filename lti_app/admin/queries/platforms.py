"""Reading platforms, with what went through each."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from lti_app.lti.models import Deployment, Platform, PlatformState
from lti_app.people.models import Course, Enrolment, EnrolmentState, ResourceLink
from lti_app.people.queries import entered_by

MOST_ROLE_LISTS = 2000
"""Distinct lists of roles read for one platform: an LMS gone mad must not fill the memory."""


class PlatformRow(NamedTuple):
    """A platform of the list. `persons`: enrolled now in one of its courses at least."""

    platform: Platform
    courses: int
    persons: int
    last_launch_at: datetime | None


class HeldDeployment(NamedTuple):
    id: int
    deployment_id: str
    first_seen_at: datetime | None
    platform_id: int
    platform_name: str


def list_platforms(session: Session) -> list[PlatformRow]:
    """Every registration with its deployments and figures, by name: four statements."""
    platforms = session.scalars(
        sa.select(Platform).options(selectinload(Platform.deployments)).order_by(Platform.name)
    )
    figures = _figures(session)
    launches = _last_launches(session)
    return [
        PlatformRow(each, *figures.get(each.id, (0, 0)), launches.get(each.id))
        for each in platforms
    ]


def find_platform_with_deployments(session: Session, platform_id: int) -> Platform | None:
    """One registration and its deployments, those that wait first."""
    statement = (
        sa.select(Platform)
        .where(Platform.id == platform_id)
        .options(selectinload(Platform.deployments))
    )
    return session.scalars(statement).one_or_none()


def figures_of_platform(session: Session, platform_id: int) -> tuple[int, int, datetime | None]:
    """Courses, persons enrolled now, and the last launch, of one platform."""
    courses, persons = _figures(session, platform_id).get(platform_id, (0, 0))
    return courses, persons, _last_launches(session, platform_id).get(platform_id)


def find_deployment(session: Session, *, platform_id: int, deployment_id: int) -> Deployment | None:
    """A deployment of that very platform, with it. `deployment_id` is the id of our row."""
    statement = (
        sa.select(Deployment)
        .join(Deployment.platform)
        .options(contains_eager(Deployment.platform))
        .where(Deployment.id == deployment_id, Deployment.platform_id == platform_id)
    )
    return session.scalars(statement).one_or_none()


def platforms_in_state(session: Session, state: PlatformState) -> list[Platform]:
    """Platforms in that state, the latest registered first."""
    statement = (
        sa.select(Platform)
        .where(Platform.state == state)
        .order_by(Platform.created_at.desc(), Platform.id)
    )
    return list(session.scalars(statement))


def held_deployments(session: Session, *, limit: int) -> list[HeldDeployment]:
    """Deployments that wait for an administrator's word, the first seen first."""
    statement = (
        sa.select(
            Deployment.id,
            Deployment.deployment_id,
            Deployment.first_seen_at,
            Platform.id,
            Platform.name,
        )
        .join(Deployment.platform)
        .where(Deployment.state == PlatformState.PENDING)
        .order_by(Deployment.first_seen_at, Deployment.id)
        .limit(limit)
    )
    return [HeldDeployment(*row) for row in session.execute(statement)]


def platform_names(session: Session) -> dict[int, str]:
    """Names by id, in the order of names."""
    statement = sa.select(Platform.id, Platform.name).order_by(Platform.name)
    return {row[0]: row[1] for row in session.execute(statement)}


def role_lists(session: Session, platform_id: int) -> list[tuple[Sequence[str], int]]:
    """The distinct lists of roles received from a platform, with their number of enrolments."""
    statement = (
        sa.select(Enrolment.lms_roles, sa.func.count())
        .join(Enrolment.course)
        .outerjoin(Enrolment.deployment)
        .where(entered_by == platform_id)
        .group_by(Enrolment.lms_roles)
        .order_by(sa.func.count().desc())
        .limit(MOST_ROLE_LISTS)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def _figures(session: Session, platform_id: int | None = None) -> dict[int, tuple[int, int]]:
    statement = (
        sa.select(
            Course.platform_id,
            sa.func.count(Course.id.distinct()),
            sa.func.count(Enrolment.person_id.distinct()),
        )
        .outerjoin(
            Enrolment,
            sa.and_(Enrolment.course_id == Course.id, Enrolment.state == EnrolmentState.ACTIVE),
        )
        .group_by(Course.platform_id)
    )
    if platform_id is not None:
        statement = statement.where(Course.platform_id == platform_id)
    return {row[0]: (row[1], row[2]) for row in session.execute(statement)}


def _last_launches(session: Session, platform_id: int | None = None) -> dict[int, datetime]:
    statement = sa.select(
        ResourceLink.platform_id, sa.func.max(ResourceLink.last_launch_at)
    ).group_by(ResourceLink.platform_id)
    if platform_id is not None:
        statement = statement.where(ResourceLink.platform_id == platform_id)
    return {row[0]: row[1] for row in session.execute(statement)}
