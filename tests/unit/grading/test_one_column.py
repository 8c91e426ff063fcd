"""However workers, time-outs and clocks interleave, a module gets one column.

Each worker runs in a greenlet that stops at every request to the LMS; hypothesis says who goes on,
what becomes of the request, and how much time passes.
"""

from datetime import datetime, timedelta

import greenlet  # type: ignore[import-untyped]
import pytest
import time_machine
from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lti_app.core import clock
from lti_app.core.database import db
from lti_app.core.outbound import MAX_BODY_SECONDS, TIMEOUT_SECONDS
from lti_app.grading import tasks
from lti_app.grading.models import LineItemSearch, OwedGrade
from lti_app.grading.services.line_items import CREATION_SETTLES
from lti_app.lti.rules.line_items import LineItem
from lti_app.lti.services import ags_gradebook
from lti_app.lti.services.ags import TIMEOUT
from lti_app.lti.services.tokens import IssuedToken
from tests.factories import NOW
from tests.unit.grading.columns import take_column_away
from tests.unit.grading.conftest import Situation

AT_WORK = CREATION_SETTLES - timedelta(minutes=1)
"""How long a request may be at work in the LMS, its sender gone or not."""

FATES = ("done", "answer lost", "refused", "not done", "done later", "done later", "done later")


class Lms:
    """Columns of one course, that appear when hypothesis says so."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.made: list[datetime] = []
        self.later: list[datetime] = []

    def see(self) -> list[LineItem]:
        now = clock.now()
        self.made += [when for when in self.later if when <= now]
        self.later = [when for when in self.later if when > now]
        url = f"{self.origin}/lineitems"
        return [
            LineItem(f"{url}/{number}", "x", 100, "memoriser", "relais", "")
            for number, _ in enumerate(self.made)
        ]


def stop() -> object:
    """Let the scheduler choose who goes on; what it says on coming back."""
    return greenlet.getcurrent().parent.switch()


class _Stopping(ags_gradebook.Gradebook):
    """A client that stops before and after each request."""

    lms: Lms

    def line_items(self, *_: object, **__: object) -> list[LineItem]:
        found = self.lms.see()
        if stop() == "refused":
            raise ags_gradebook.GradebookError(ags_gradebook.UNAVAILABLE, 503)
        return found

    def create(self, *_: object, **__: object) -> LineItem:
        begun = clock.now()
        fate = stop()
        if clock.now() > begun + AT_WORK or fate == "not done":
            raise ags_gradebook.GradebookError(TIMEOUT)
        if fate == "refused":
            raise ags_gradebook.GradebookError(ags_gradebook.NOT_ALLOWED, 403)
        if fate == "done later":
            self.lms.later.append(begun + AT_WORK)
            raise ags_gradebook.GradebookError(TIMEOUT)
        self.lms.made.append(clock.now())
        made = self.lms.see()[-1]
        stop()
        if fate == "answer lost":
            raise ags_gradebook.GradebookError(TIMEOUT)
        return made


def begin_again(situation: Situation, owed_grade_id: int) -> None:
    """No column, nor any search for one; a grade that waits."""
    session = situation.session
    session.rollback()
    session.query(LineItemSearch).delete()
    session.expire_all()
    take_column_away(situation.link)
    grade = session.get_one(OwedGrade, owed_grade_id)
    grade.next_attempt_at, grade.leased_until = NOW, None
    session.commit()


@pytest.mark.parametrize("database", ["sqlite"])
def test_never_two_columns(
    app: Flask,
    situation: Situation,
    traveller: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lms = Lms(situation.platform.issuer)
    _Stopping.lms = lms
    monkeypatch.setattr("lti_app.lti.services.service_access.Gradebook", _Stopping)
    monkeypatch.setattr(
        "lti_app.lti.services.service_access.request_token",
        lambda *_, **__: IssuedToken("t", NOW + timedelta(days=99)),
    )
    monkeypatch.setattr(tasks, "load_catalog", lambda _session: situation.catalog)
    monkeypatch.setattr(tasks, "enqueue", lambda *_: True)
    take_column_away(situation.link)
    owed_grade_id = situation.owe_score()

    def worker() -> None:
        with app.app_context():
            tasks.send_grade.run(owed_grade_id)
            for search in db.session.query(LineItemSearch).all():
                number = search.id
                db.session.rollback()
                tasks.find_line_item.run(number)
            db.session.rollback()

    # No shrinking: each example is read as it is, and shrinking takes minutes.
    @settings(max_examples=15, phases=(Phase.explicit, Phase.generate))
    @given(st.data())
    def run(data: st.DataObject) -> None:
        lms.made, lms.later = [], []
        traveller.move_to(NOW, tick=False)
        begin_again(situation, owed_grade_id)
        workers: list[greenlet.greenlet] = []
        for _ in range(data.draw(st.integers(15, 25))):
            workers = [each for each in workers if not each.dead]
            if not workers or (len(workers) < 3 and data.draw(st.integers(0, 5)) == 0):
                workers.append(greenlet.greenlet(lambda _fate: worker()))
            chosen = data.draw(st.integers(0, len(workers) - 1))
            workers[chosen].switch(data.draw(st.sampled_from(FATES)))
            minutes = data.draw(st.sampled_from([0, 0, 0, 0, 1, 1, 2, 12]))
            traveller.move_to(clock.now() + timedelta(minutes=minutes), tick=False)
            lms.see()
            assert len(lms.made) + len(lms.later) <= 1
            made.append(len(lms.made))
        for each in workers:
            each.throw()

    made: list[int] = []
    run()
    assert 1 in made, "the property would hold of a worker that makes nothing"


def test_the_assumption_is_the_one_of_the_code() -> None:
    waits = timedelta(seconds=sum(TIMEOUT_SECONDS) + MAX_BODY_SECONDS)
    assert waits < AT_WORK
