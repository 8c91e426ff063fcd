"""Several readings and launches at once, of the same people, on both databases."""

import json
import threading
from collections.abc import Callable
from typing import Any

import responses
import sqlalchemy as sa
from flask import Flask

from lti_app.core.database import db
from lti_app.lti.rules.claims import Launch
from lti_app.people.models import Course, Enrolment, Identity, Person
from lti_app.people.services import remember_launch
from lti_app.roster import tasks
from lti_app.roster.models import RosterSync
from tests import factories
from tests.factories import NOW
from tests.unit.grading.conftest import add_key
from tests.unit.roster.conftest import member

PEOPLE = 120


def in_threads(app: Flask, *calls: Callable[[], object]) -> None:
    """Each call in a thread and a context of its own, all begun together."""
    barrier = threading.Barrier(len(calls))
    errors: list[BaseException] = []

    def run(call: Callable[[], object]) -> None:
        try:
            with app.app_context():
                barrier.wait(20)
                call()
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


def serve(mock: responses.RequestsMock, url: str, members: list[Any]) -> None:
    """Pages of forty, in this order."""

    def page(request: Any) -> tuple[int, dict[str, str], str]:
        start = int(request.params.get("from", 0))
        link = f'<{url}?from={start + 40}>; rel="next"'
        headers = {"Link": link} if start + 40 < len(members) else {}
        return 200, headers, json.dumps({"members": members[start : start + 40]})

    mock.add_callback(responses.GET, url, page)


def test_courses_that_share_their_people(app: Flask, session: Any) -> None:
    add_key(session)
    platform = factories.PlatformFactory.create()
    courses: list[Course] = factories.CourseFactory.create_batch(3, platform=platform)
    people = [member(str(number)) for number in range(PEOPLE)]
    with responses.RequestsMock() as mock:
        mock.post(platform.token_url, json={"access_token": "token", "expires_in": 3600})
        for course, step in zip(courses, (1, -1, 7), strict=True):
            course.memberships_url = f"{platform.issuer}/members/{course.id}"
            # 7 and the number of people have no divisor in common: everybody, in another order.
            order = [people[index * step % PEOPLE] for index in range(PEOPLE)]
            serve(mock, course.memberships_url, order)
        session.commit()
        ids, contexts = [each.id for each in courses], [each.context_id for each in courses]
        origin = {"platform_id": platform.id, "issuer": platform.issuer}
        session.rollback()
        in_threads(
            app,
            *[lambda id_=id_: tasks.sync_roster.run(id_) for id_ in ids],
            *[lambda context=context: launch_all(context, **origin) for context in contexts[:2]],
        )
    session.rollback()
    problems = session.scalars(sa.select(RosterSync.problem)).all()
    assert problems == [None] * 3
    for model, expected in ((Person, PEOPLE), (Identity, PEOPLE), (Enrolment, 3 * PEOPLE)):
        assert session.scalar(sa.select(sa.func.count()).select_from(model)) == expected
    active = sa.select(sa.func.count()).where(Enrolment.state == "active")
    assert session.scalar(active) == 3 * PEOPLE


def launch_all(context_id: str, *, platform_id: int, issuer: str) -> None:
    """Everybody opens an activity of the course, one after the other."""
    for number in range(0, PEOPLE, 3):
        launch = Launch(
            issuer=issuer,
            client_id="1",
            deployment_id="1",
            sub=str(number),
            roles=("Learner",),
            target_link_uri="",
            link_id="1",
            link_title="",
            context_id=context_id,
            context_title="Parcours",
            name=f"Launched {number}",
        )
        remember_launch(
            db.session, launch, platform_id=platform_id, deployment_id=None, target="path", now=NOW
        )
        db.session.commit()


def test_one_course_read_by_one_worker(app: Flask, session: Any) -> None:
    add_key(session)
    course = factories.CourseFactory.create()
    course.memberships_url = f"{course.issuer}/members"
    with responses.RequestsMock() as mock:
        mock.post(course.platform.token_url, json={"access_token": "token", "expires_in": 3600})
        serve(mock, course.memberships_url, [member(str(number)) for number in range(50)])
        session.commit()
        id_ = course.id
        session.rollback()
        in_threads(app, *[lambda: tasks.sync_roster.run(id_)] * 6)
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Enrolment)) == 50
    assert session.get_one(RosterSync, id_).problem is None
