"""A column for the activities whose launch names none: found, or made once."""

from datetime import datetime, timedelta
from unittest.mock import Mock

import pytest
import requests
import time_machine
from sqlalchemy.orm import Session

from lti_app.core import clock
from lti_app.core.database import db
from lti_app.grading import tasks
from lti_app.grading.models import LineItemSearch, OwedGrade
from lti_app.grading.rules import GradeState, Problem
from lti_app.grading.services import lease_search
from lti_app.grading.services.line_items import (
    CREATION_SETTLES,
    FRUITLESS_PAUSE,
    LEASE,
    forget_made_column,
)
from lti_app.lti.models import PlatformState
from lti_app.people.models import LineItemOrigin, ResourceLink, Role
from lti_app.people.rules import TARGET_PATH, TARGET_REVIEW
from tests import factories
from tests.conftest import SECRET_KEY
from tests.factories import NOW
from tests.unit.grading.columns import AGS, Columns, take_column_away
from tests.unit.grading.conftest import Situation

pytestmark = pytest.mark.usefixtures("traveller")


@pytest.fixture(autouse=True)
def queue(situation: Situation, monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, int]]:
    """What was queued, in order, for `work` to do."""
    monkeypatch.setattr(tasks, "load_catalog", lambda _session: situation.catalog)
    queued: list[tuple[object, int]] = []

    def enqueue(task: object, id_: int) -> bool:
        queued.append((task, id_))
        return True

    monkeypatch.setattr(tasks, "enqueue", enqueue)
    return queued


@pytest.fixture
def work(queue: list[tuple[object, int]]) -> Mock:
    """A worker: does what is queued until nothing is."""

    def run() -> None:
        while queue:
            task, id_ = queue.pop(0)
            task.run(id_)  # type: ignore[attr-defined]

    return Mock(side_effect=run)


def settle(work: Mock, traveller: time_machine.Traveller, *, hours: int = 1) -> None:
    """Let beat and worker go on for that long."""
    end = clock.now() + timedelta(hours=hours)
    while clock.now() < end:
        tasks.resend_owed.run()
        work()
        traveller.move_to(clock.now() + timedelta(minutes=5), tick=False)


def link_of(situation: Situation) -> ResourceLink:
    situation.session.rollback()
    situation.session.expire_all()
    return situation.link


def searches(session: Session) -> list[LineItemSearch]:
    session.rollback()
    session.expire_all()
    return session.query(LineItemSearch).all()


def test_nothing_is_made_before_there_is_a_score_to_send(
    situation: Situation, columns: Columns, work: Mock
) -> None:
    take_column_away(situation.link)
    situation.stand(100, completed=False)
    assert situation.owe() == []
    tasks.resend_owed.run()
    work()
    assert columns.asked == []


def test_a_column_is_made_and_gets_the_score(
    situation: Situation, columns: Columns, work: Mock
) -> None:
    take_column_away(situation.link)
    tasks.queue_grades([situation.owe_score(92)])
    work()
    assert columns.asked == ["list", "create", "POST scores"]
    [made] = columns.items
    assert {name: made[name] for name in ("label", "scoreMaximum", "resourceId", "tag")} == {
        "label": situation.catalog.module("memoriser").title,
        "scoreMaximum": 100,
        "resourceId": "memoriser",
        "tag": "relais",
    }
    assert "resourceLinkId" not in made, "coupled, it would be taken for the activity's own"
    link = link_of(situation)
    assert (link.line_item_url, link.line_item_origin) == (made["id"], LineItemOrigin.CREATED)
    assert link.line_item_label == made["label"]
    assert situation.grade().state == GradeState.SENT
    assert [score["scoreGiven"] for score in columns.scores] == [92]
    assert searches(situation.session) == []
    assert columns.scopes == [f"{AGS}lineitem", f"{AGS}score"]


def test_the_path_has_its_own(situation: Situation, columns: Columns, work: Mock) -> None:
    take_column_away(situation.link)
    situation.link.target = TARGET_PATH
    situation.stand(90)
    situation.stand(90, module_id="esprit-critique")
    tasks.queue_grades(situation.owe())
    work()
    assert [item["resourceId"] for item in columns.made] == [TARGET_PATH]
    assert columns.made[0]["label"] == "Parcours complet"


def test_a_column_of_the_activity_is_found_first(
    situation: Situation, columns: Columns, work: Mock
) -> None:
    take_column_away(situation.link)
    columns.add("ours, uncoupled", tag="relais", resource_id="memoriser")
    columns.add("another activity's", link="77", tag="relais", resource_id="memoriser")
    coupled = columns.add("its own", link=situation.link.link_id)
    tasks.queue_grades([situation.owe_score()])
    work()
    link = link_of(situation)
    assert (link.line_item_url, link.line_item_origin) == (coupled, LineItemOrigin.FOUND)
    assert link.line_item_label is None
    assert columns.asked == ["list", "POST scores"]


def test_a_column_made_before_is_taken_again(
    situation: Situation, columns: Columns, work: Mock
) -> None:
    take_column_away(situation.link)
    columns.add("somebody's", tag="relais", resource_id="esprit-critique")
    columns.add("somebody else's", tag="autre", resource_id="memoriser")
    ours = columns.add("renamed by hand", tag="relais", resource_id="memoriser")
    tasks.queue_grades([situation.owe_score()])
    work()
    assert link_of(situation).line_item_url == ours
    assert "create" not in columns.asked


def test_several_activities_of_one_module_share_one_column(
    situation: Situation, columns: Columns, work: Mock, traveller: time_machine.Traveller
) -> None:
    """And each score goes to it once."""
    take_column_away(situation.link)
    other = factories.ResourceLinkFactory.create(course=situation.enrolment.course)
    take_column_away(other)
    situation.stand(92)
    assert len(situation.owe()) == 1
    settle(work, traveller)
    assert len(columns.made) == 1
    assert [score["scoreGiven"] for score in columns.scores] == [92]
    situation.stand(97)
    situation.owe(now=clock.now())
    settle(work, traveller)
    assert [score["scoreGiven"] for score in columns.scores] == [92, 97]


def test_a_module_whose_grade_is_in_the_gradebook_gets_no_second_column(
    situation: Situation, columns: Columns, work: Mock, traveller: time_machine.Traveller
) -> None:
    ungraded = factories.ResourceLinkFactory.create(course=situation.enrolment.course)
    take_column_away(ungraded)
    situation.link.line_item_url = columns.add("its own", link=situation.link.link_id)
    situation.owe_score()
    settle(work, traveller)
    assert columns.made == []
    assert len(columns.scores) == 1


@pytest.mark.parametrize(
    "custom", [{"grades": "none"}, {"grades": " NONE "}, {"grades": "none", "module": "x"}]
)
def test_an_activity_may_ask_for_none(
    situation: Situation, columns: Columns, custom: dict[str, str]
) -> None:
    take_column_away(situation.link)
    situation.link.custom = custom
    situation.stand(100)
    assert situation.owe() == []


@pytest.mark.parametrize(
    "scopes", [[], [f"{AGS}score"], [f"{AGS}lineitem"], [f"{AGS}result.readonly", f"{AGS}score"]]
)
def test_nothing_is_owed_without_the_rights(situation: Situation, scopes: list[str]) -> None:
    take_column_away(situation.link, scopes=scopes)
    situation.stand(100)
    assert situation.owe() == []


def test_reviews_and_trainers_make_no_column(situation: Situation) -> None:
    take_column_away(situation.link)
    situation.stand(100)
    situation.link.target = TARGET_REVIEW
    situation.session.flush()
    assert situation.owe() == []
    situation.link.target = "memoriser"
    situation.enrolment.role = Role.TRAINER
    situation.session.flush()
    assert situation.owe() == []


def test_who_may_only_look_makes_none_and_says_nothing(
    situation: Situation, columns: Columns, work: Mock, traveller: time_machine.Traveller
) -> None:
    """An activity left ungraded on purpose: its learners are told of no grade."""
    take_column_away(situation.link, scopes=[f"{AGS}lineitem.readonly", f"{AGS}score"])
    tasks.queue_grades([situation.owe_score()])
    settle(work, traveller)
    assert columns.asked == ["list"]
    assert columns.scopes == [f"{AGS}lineitem.readonly"]
    assert situation.session.query(OwedGrade).count() == 0
    situation.owe(now=clock.now())
    settle(work, traveller)
    assert columns.asked == ["list"], "not before tomorrow"
    traveller.move_to(NOW + FRUITLESS_PAUSE, tick=False)
    columns.add("since", link=situation.link.link_id)
    situation.owe(now=clock.now())
    settle(work, traveller)
    assert situation.grade().state == GradeState.SENT


def test_a_column_that_was_withdrawn_is_not_made_again(
    situation: Situation, columns: Columns, work: Mock, traveller: time_machine.Traveller
) -> None:
    """Somebody decided that the activity is graded no more."""
    take_column_away(situation.link)
    situation.link.line_item_origin = LineItemOrigin.LAUNCH
    tasks.queue_grades([situation.owe_score()])
    settle(work, traveller)
    assert columns.asked == ["list"]
    grade = situation.grade()
    assert (grade.state, grade.problem) == (GradeState.REFUSED, Problem.NO_LINE_ITEM)


def test_an_answer_lost_is_looked_for_before_anything_else(
    situation: Situation, columns: Columns, work: Mock
) -> None:
    take_column_away(situation.link)
    columns.lose = 1
    tasks.queue_grades([situation.owe_score()])
    work()
    assert columns.asked == ["list", "create", "list", "POST scores"]
    assert len(columns.made) == 1


def test_after_a_lost_answer_no_column_is_asked_for_until_it_would_have_appeared(
    situation: Situation, columns: Columns, work: Mock, traveller: time_machine.Traveller
) -> None:
    take_column_away(situation.link)
    columns.refuse = {"POST": [requests.ReadTimeout("slow"), requests.ReadTimeout("slow")]}
    tasks.queue_grades([situation.owe_score()])
    work()
    assert columns.asked.count("create") == 1
    assert situation.grade().problem == Problem.TIMEOUT
    while clock.now() < NOW + CREATION_SETTLES - timedelta(minutes=1):
        traveller.move_to(clock.now() + timedelta(minutes=1), tick=False)
        tasks.resend_owed.run()
        work()
    assert columns.asked.count("create") == 1
    assert columns.asked.count("list") > 2
    settle(work, traveller)
    assert columns.asked.count("create") == 3
    assert situation.grade().state == GradeState.SENT


def test_a_refusal_is_told_and_tried_again(
    situation: Situation, columns: Columns, work: Mock, traveller: time_machine.Traveller
) -> None:
    take_column_away(situation.link)
    columns.refuse = {"POST": [403]}
    tasks.queue_grades([situation.owe_score()])
    work()
    assert situation.grade().problem == Problem.NOT_ALLOWED
    assert situation.grade().state == GradeState.OWED
    settle(work, traveller)
    assert situation.grade().state == GradeState.SENT


def test_a_column_elsewhere_is_never_used_nor_doubled(
    situation: Situation, columns: Columns, work: Mock, traveller: time_machine.Traveller
) -> None:
    take_column_away(situation.link)
    columns.add("elsewhere", tag="relais", resource_id="memoriser")
    columns.items[0]["id"] = "https://evil.example.org/lineitem"
    columns.items.append({**columns.items[0], "tag": "", "resourceLinkId": situation.link.link_id})
    tasks.queue_grades([situation.owe_score()])
    settle(work, traveller)
    assert set(columns.asked) == {"list"}
    assert situation.grade().problem == Problem.FORBIDDEN_URL
    assert link_of(situation).line_item_url is None


def test_two_workers_make_one_column(situation: Situation, columns: Columns, work: Mock) -> None:
    take_column_away(situation.link)
    tasks.send_grade.run(situation.owe_score())
    [search] = searches(situation.session)
    number = search.id
    situation.session.rollback()
    columns.before_creating = lambda: tasks.find_line_item.run(number)
    tasks.find_line_item.run(number)
    assert columns.asked == ["list", "create"]


def test_a_worker_killed_while_creating_leaves_one_column(
    situation: Situation, columns: Columns, work: Mock, traveller: time_machine.Traveller
) -> None:
    take_column_away(situation.link)
    columns.before_creating = Mock(side_effect=SystemExit)
    tasks.queue_grades([situation.owe_score()])
    with pytest.raises(SystemExit):
        work()
    columns.before_creating = None
    columns.add("appeared", tag="relais", resource_id="memoriser")
    traveller.move_to(NOW + LEASE, tick=False)
    settle(work, traveller)
    assert columns.asked.count("create") == 1
    assert situation.grade().state == GradeState.SENT


def test_a_launch_that_brings_the_column_meanwhile_wins(
    situation: Situation, columns: Columns, work: Mock, traveller: time_machine.Traveller
) -> None:
    take_column_away(situation.link)
    named = columns.add("named", link=situation.link.link_id)

    def launch() -> None:
        columns.before_creating = None
        situation.session.rollback()
        situation.link.line_item_url = named
        situation.link.line_item_origin = LineItemOrigin.LAUNCH
        situation.session.commit()

    columns.before_creating = launch
    del columns.items[0]["resourceLinkId"]
    del columns.items[0]["ltiLinkId"]
    tasks.queue_grades([situation.owe_score()])
    settle(work, traveller)
    assert link_of(situation).line_item_url == named
    assert [score["column"] for score in columns.scores] == [1]


def test_a_closed_platform_or_deployment_is_not_asked(
    situation: Situation, columns: Columns, work: Mock, traveller: time_machine.Traveller
) -> None:
    take_column_away(situation.link)
    situation.link.deployment = factories.DeploymentFactory.create(platform=situation.platform)
    tasks.send_grade.run(situation.owe_score())
    situation.link.deployment.state = PlatformState.INACTIVE
    situation.session.commit()
    settle(work, traveller)
    assert columns.asked == []
    assert situation.grade().problem == Problem.DEPLOYMENT_INACTIVE


def test_a_search_that_nobody_waits_for_is_left_alone(
    situation: Situation, columns: Columns
) -> None:
    situation.session.add(
        LineItemSearch(course_id=situation.link.course_id, target="memoriser", next_attempt_at=NOW)
    )
    situation.session.commit()
    tasks.resend_owed.run()
    assert columns.asked == []


def test_a_column_of_ours_that_was_deleted_can_be_made_again(
    situation: Situation, columns: Columns, work: Mock, traveller: time_machine.Traveller
) -> None:
    take_column_away(situation.link)
    tasks.queue_grades([situation.owe_score()])
    work()
    columns.items[0]["tag"] = "gone"
    ids = forget_made_column(situation.session, link=link_of(situation), now=clock.now())
    situation.session.commit()
    tasks.queue_grades(ids)
    settle(work, traveller)
    assert columns.asked.count("create") == 2
    assert [score["column"] for score in columns.scores] == [1, 2]
    link = link_of(situation)
    link.line_item_origin = LineItemOrigin.LAUNCH
    assert forget_made_column(situation.session, link=link, now=clock.now()) == []


def test_a_lease_outlasts_its_task_and_is_one_workers(
    situation: Situation, columns: Columns
) -> None:
    assert timedelta(seconds=tasks.TIME_LIMIT_SECONDS) < LEASE
    take_column_away(situation.link)
    tasks.send_grade.run(situation.owe_score())
    [search] = searches(situation.session)

    def lease(now: datetime) -> object:
        taken = lease_search(
            db.session,
            search_id=search.id,
            catalog=situation.catalog,
            secret_key=SECRET_KEY,
            now=now,
        )
        db.session.commit()
        return taken

    assert lease(NOW) is not None
    assert lease(NOW + LEASE - timedelta(seconds=1)) is None
    assert lease(NOW + LEASE) is not None
