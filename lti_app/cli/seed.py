"""Synthetic referents, for benchmarks and screenshots: invented names, plausible progress.

Everything is drawn from one seeded generator and inserted in bulk. The rows are consistent with
each other: cards say which questions were answered, readings which lessons were read, and the
completion is what the rules make of both. Answers themselves are not invented.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.answers.models import Card
from lti_app.cli.seed_progress import Work, draw_work
from lti_app.cli.synthetic_names import draw_name
from lti_app.completion.models import LessonReading, ModuleCompletion
from lti_app.completion.rules import CompletionState
from lti_app.content.rules.catalog import Catalog
from lti_app.core.database import Base
from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradeState, Problem
from lti_app.lti.models import Deployment, Platform, PlatformState
from lti_app.people.models import (
    Course,
    Enrolment,
    EnrolmentState,
    Identity,
    Person,
    ResourceLink,
    Role,
)
from lti_app.people.rules import sort_name

PLATFORM_NAME = "synthetique"
ISSUER = "https://lms.synthetique.invalid"  # RFC 2606: resolves nowhere, so nothing is ever sent
TITLE = "Référents numériques – session de démonstration"
NAMES_WITHHELD = 0.03
LEFT = 0.04
_SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
_ROLES = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
_ROWS_PER_STATEMENT = 1000


def seed_referents(
    session: Session, *, referents: int, schools: int, seed: int, now: datetime, catalog: Catalog
) -> Course:
    """A course of `referents` learners and one trainer, with work in every module of the catalog.

    The same arguments give the same people. `schools` waits for the School table: it is accepted so
    that benchmarks need not change, and has no effect yet. Does not commit.
    """
    del schools
    random = Random(seed)  # noqa: S311 - repeatable on purpose; nothing secret is drawn
    platform = _platform(session, now)
    course = _course(session, platform, seed, now)
    links = _links(session, course, platform, catalog, now)
    people = _people(random, referents, now)
    ids = list(_insert_returning(session, Person, Person.id, people))
    identities = list(
        _insert_returning(session, Identity, Identity.id, _identities(course, ids, now))
    )
    works = [list(_draw_works(random, catalog, now)) for _ in ids]
    # The last person drawn is the trainer, who has no work to show.
    works[-1] = []
    enrolments = _enrolments(random, course, ids, identities, works, now)
    _insert(session, Enrolment, enrolments)
    for model, rows in _work_rows(ids, works):
        _insert(session, model, rows)
    _insert(session, OwedGrade, list(_grades(random, ids, identities, works, links, now)))
    session.flush()
    return course


def _platform(session: Session, now: datetime) -> Platform:
    found = session.scalars(sa.select(Platform).where(Platform.name == PLATFORM_NAME)).one_or_none()
    if found is not None:
        return found
    platform = Platform(
        name=PLATFORM_NAME,
        issuer=ISSUER,
        client_id="synthetique",
        auth_url=f"{ISSUER}/auth",
        token_url=f"{ISSUER}/token",
        jwks_url=f"{ISSUER}/jwks",
        state=PlatformState.ACTIVE,
        created_at=now,
        deployments=[Deployment(deployment_id="1", state=PlatformState.ACTIVE)],
    )
    session.add(platform)
    session.flush()
    return platform


def _course(session: Session, platform: Platform, seed: int, now: datetime) -> Course:
    count = session.scalar(sa.select(sa.func.count(Course.id)).where(Course.issuer == ISSUER))
    course = Course(
        platform=platform,
        issuer=ISSUER,
        context_id=f"graine-{seed}-{count}",
        title=TITLE,
        created_at=now - timedelta(days=240),
    )
    session.add(course)
    session.flush()
    return course


def _links(
    session: Session, course: Course, platform: Platform, catalog: Catalog, now: datetime
) -> dict[str, int]:
    """One graded activity per module: ids by module id."""
    links = {
        module.id: ResourceLink(
            course=course,
            platform=platform,
            link_id=module.id,
            title=module.title,
            target=module.id,
            line_item_url=f"{ISSUER}/lineitems/{course.context_id}/{module.id}",
            ags_scopes=[_SCORE_SCOPE],
            last_launch_at=now,
        )
        for module in catalog.modules
    }
    session.add_all(links.values())
    session.flush()
    return {module_id: link.id for module_id, link in links.items()}


def _people(random: Random, referents: int, now: datetime) -> list[dict[str, Any]]:
    """The learners, then the trainer, whose name is never withheld."""
    people = []
    for number in range(referents + 1):
        given, family = draw_name(random)
        withheld = random.random() < NAMES_WITHHELD and number < referents
        name = None if withheld else f"{given} {family}"
        people.append(
            {
                "name": name,
                "sort_name": sort_name(family, given, name) if name else None,
                "created_at": now - timedelta(days=240),
            }
        )
    return people


def _identities(course: Course, ids: Sequence[int], now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "person_id": person_id,
            "issuer": ISSUER,
            "sub": f"{course.context_id}-{number}",
            "created_at": now - timedelta(days=240),
        }
        for number, person_id in enumerate(ids, start=1)
    ]


def _draw_works(random: Random, catalog: Catalog, now: datetime) -> Iterator[Work]:
    for module in catalog.modules:
        work = draw_work(random, module, now)
        if work is not None:
            yield work


def _enrolments(
    random: Random,
    course: Course,
    ids: Sequence[int],
    identities: Sequence[int],
    works: Sequence[Sequence[Work]],
    now: datetime,
) -> list[dict[str, Any]]:
    rows = []
    for person_id, identity_id, done in zip(ids, identities, works, strict=True):
        trainer = person_id == ids[-1]
        left = random.random() < LEFT and not trainer
        idle = timedelta(days=random.uniform(1, 200))
        rows.append(
            {
                "course_id": course.id,
                "person_id": person_id,
                "identity_id": identity_id,
                "role": Role.TRAINER if trainer else Role.LEARNER,
                "state": EnrolmentState.LEFT if left else EnrolmentState.ACTIVE,
                "lms_roles": [_ROLES + ("Instructor" if trainer else "Learner")],
                "first_launch_at": min((work.started_at for work in done), default=now - idle),
                "last_launch_at": max((work.last_at for work in done), default=now - idle),
            }
        )
    return rows


def _work_rows(
    ids: Sequence[int], works: Sequence[Sequence[Work]]
) -> Iterator[tuple[type[Base], list[dict[str, Any]]]]:
    owned = [(person_id, work) for person_id, done in zip(ids, works, strict=True) for work in done]
    yield ModuleCompletion, [{"person_id": id_, **work.completion} for id_, work in owned]
    yield LessonReading, [{"person_id": id_, **r} for id_, work in owned for r in work.readings]
    yield Card, [{"person_id": id_, **card} for id_, work in owned for card in work.cards]


def _grades(
    random: Random,
    ids: Sequence[int],
    identities: Sequence[int],
    works: Sequence[Sequence[Work]],
    links: dict[str, int],
    now: datetime,
) -> Iterator[dict[str, Any]]:
    states = (GradeState.SENT, GradeState.OWED, GradeState.REFUSED, GradeState.SUPERSEDED)
    for person_id, identity_id, done in zip(ids, identities, works, strict=True):
        for work in done:
            if work.state is not CompletionState.COMPLETED:
                continue
            state = random.choices(states, weights=(86, 8, 4, 2))[0]
            sent = state is GradeState.SENT
            yield {
                "resource_link_id": links[work.module_id],
                "person_id": person_id,
                "identity_id": identity_id,
                "score": work.completion["best_score"],
                "completed": True,
                "sent_score": work.completion["best_score"] if sent else None,
                "state": state,
                "attempts": 1,
                # Nobody answers at this issuer: the periodic task must leave these grades alone.
                "next_attempt_at": now + timedelta(days=3650),
                "last_timestamp": work.last_at.replace(microsecond=0),
                "problem": Problem.NOT_GRADABLE if state is GradeState.REFUSED else None,
                "owed_at": work.last_at,
                "sent_at": work.last_at if sent else None,
            }


def _insert(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        session.execute(sa.insert(model), rows[start : start + _ROWS_PER_STATEMENT])


def _insert_returning(
    session: Session, model: type[Base], column: Any, rows: Sequence[dict[str, Any]]
) -> Iterator[int]:
    """Insert, and give the new ids in the order of the rows."""
    statement = sa.insert(model).returning(column, sort_by_parameter_order=True)
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        yield from session.scalars(statement, rows[start : start + _ROWS_PER_STATEMENT])
