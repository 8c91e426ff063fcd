"""Several workers and several answers at once, on both databases."""

import threading
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from lti_app.completion.models import ModuleCompletion
from lti_app.core.database import db
from lti_app.grading.models import OwedGrade
from lti_app.grading.services import lease_grade, owe_grades, spare_platform
from lti_app.people.rules import TARGET_PATH
from tests.conftest import SECRET_KEY
from tests.factories import NOW
from tests.unit.grading.conftest import Situation


def in_threads(app: Flask, *calls: Callable[[Session], object]) -> list[object]:
    """Each call in a thread and a transaction of its own, all begun together; their results."""
    barrier = threading.Barrier(len(calls))
    results: list[object] = []
    errors: list[BaseException] = []

    def run(call: Callable[[Session], object]) -> None:
        try:
            with app.app_context():
                barrier.wait(10)
                result = call(db.session)
                db.session.commit()
                results.append(result)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    return results


def test_twenty_workers_one_lease(app: Flask, situation: Situation) -> None:
    owed_grade_id = situation.owe_score()

    def lease(session: Session) -> object:
        return lease_grade(session, owed_grade_id=owed_grade_id, secret_key=SECRET_KEY, now=NOW)

    leases = in_threads(app, *[lease] * 12)
    assert sum(taken is not None for taken in leases) == 1
    assert situation.grade().attempts == 1


def test_one_grade_per_activity_and_person_and_it_is_the_best(
    app: Flask, situation: Situation
) -> None:
    """Modules of one path answered in several tabs: a late lower mean must not win."""
    situation.link.target = TARGET_PATH
    situation.link.custom = {"grades": "progress"}
    situation.stand(10, completed=False)
    person_id, catalog = situation.person_id, situation.catalog
    situation.session.commit()

    def reach(best_score: int) -> Callable[[Session], object]:
        def act(session: Session) -> object:
            key = {"person_id": person_id, "module_id": "memoriser"}
            completion = session.get_one(ModuleCompletion, key)
            completion.best_score = max(completion.best_score, best_score)
            session.flush()
            return owe_grades(
                session, person_id=person_id, catalog=catalog, module_id="memoriser", now=NOW
            )

        return act

    in_threads(app, *[reach(score) for score in (20, 100, 40, 80, 60)])
    grades = situation.session.query(OwedGrade).all()
    assert [grade.score for grade in grades] == [50]


def test_sparing_a_platform_from_several_workers_blocks_nobody(
    app: Flask, situation: Situation
) -> None:
    situation.owe_score()
    platform_id = situation.platform.id
    situation.session.rollback()

    def spare(session: Session) -> object:
        return spare_platform(session, platform_id=platform_id, now=NOW)

    in_threads(app, *[spare] * 6)
    assert situation.grade().next_attempt_at > NOW + timedelta(seconds=30)
