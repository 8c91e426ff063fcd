"""Reading a roster, from the LMS to the database."""

import json
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
import requests
import sqlalchemy as sa
import time_machine

from lti_app.core.database import db
from lti_app.lti.models import PlatformState
from lti_app.lti.services import nrps
from lti_app.people.models import Enrolment, Identity, Person, Role, RoleOverride
from lti_app.roster import tasks
from lti_app.roster.models import RosterSync
from lti_app.roster.rules.explanations import Problem
from lti_app.roster.services.leasing import LEASE
from tests import factories
from tests.factories import NOW
from tests.unit.roster.conftest import Class, later, member

HOUR = timedelta(hours=1)


def people(*numbers: int) -> list[dict[str, object]]:
    return [member(str(number)) for number in numbers]


# ---- A whole roster


def test_everybody_is_enrolled_before_ever_coming(classroom: Class) -> None:
    classroom.lms.members = [member("7"), member("4", "Instructor")]
    sync = classroom.sync()
    assert (sync.members, sync.joined, sync.departed) == (2, 2, 0)
    assert (sync.succeeded_at, sync.leased_until, sync.problem) == (NOW, None, None)
    learner, trainer = classroom.enrolments()["7"], classroom.enrolments()["4"]
    assert (learner.role, learner.state, learner.first_launch_at) == ("learner", "active", None)
    assert (learner.launch_role, learner.lms_roles) == (None, ["Learner"])
    assert learner.roster_seen_at == NOW
    assert (trainer.role, trainer.lms_roles) == ("trainer", ["Instructor"])
    person = learner.person
    assert (person.name, person.email) == ("Zoé Allard7", "7@ac-exemple.fr")
    assert person.sort_name == "allard7 zoe"
    assert learner.identity.sourcedid == "UID-7"


def test_a_second_reading_changes_nothing_but_its_date(
    classroom: Class, at: time_machine.Traveller
) -> None:
    classroom.lms.members = people(1, 2, 3)
    classroom.sync()
    counts = [classroom.count(model) for model in (Person, Identity, Enrolment)]
    later(at, NOW + HOUR)
    sync = classroom.sync()
    assert (sync.members, sync.joined, sync.departed) == (3, 0, 0)
    assert [classroom.count(model) for model in (Person, Identity, Enrolment)] == counts


def test_pages_are_followed_and_people_named_twice_are_one(classroom: Class) -> None:
    classroom.lms.members = [*people(*range(7)), member("0"), *people(7, 8)]
    classroom.lms.page_size = 3
    sync = classroom.sync()
    assert len(classroom.lms.requests) == 4
    assert (sync.members, sync.joined) == (9, 9)
    assert classroom.count(Person) == 9


def test_an_answer_that_holds_everybody_is_stored_in_slices(
    classroom: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nrps, "PAGE_SIZE", 2)
    body = json.dumps({"members": [{"user_id": str(number)} for number in range(5)]})
    classroom.lms.answers[1] = (200, {}, body)
    assert classroom.sync().members == 5


def test_statements_do_not_grow_with_the_people(
    classroom: Class, at: time_machine.Traveller
) -> None:
    counts = []
    for day, size in enumerate((1, 10, 500, 500)):
        classroom.lms.members = people(*range(size))
        later(at, NOW + day * 24 * HOUR)
        counts.append(_statements(classroom))
    assert counts[1] == counts[2] < 30
    assert counts[3] < counts[2]


def _statements(classroom: Class) -> int:
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    classroom.session.commit()
    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        tasks.sync_roster.run(classroom.course.id)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    return len(statements)


def test_no_transaction_is_open_while_the_lms_answers(classroom: Class) -> None:
    seen: list[bool] = []
    classroom.lms.members = people(*range(6))
    classroom.lms.page_size = 2
    classroom.lms.before_answering = lambda _: seen.append(db.session.in_transaction())
    classroom.sync()
    assert seen == [False] * 3


# ---- The same people as by a launch


def test_a_known_person_is_enrolled_and_not_doubled(classroom: Class) -> None:
    identity = factories.IdentityFactory.create(issuer=classroom.course.issuer, sub="7")
    factories.IdentityFactory.create(issuer="https://other.example.org", sub="7")
    classroom.lms.members = people(7)
    classroom.sync()
    assert classroom.enrolments()["7"].person_id == identity.person_id
    assert classroom.count(Identity) == 2


def test_names_fill_what_the_launch_withheld(classroom: Class) -> None:
    enrolment = classroom.enrol("7")
    classroom.lms.members = people(7)
    classroom.sync()
    person = classroom.enrolments()["7"].person
    assert person.id == enrolment.person_id
    assert (person.name, person.sort_name) == ("Zoé Allard7", "allard7 zoe")


def test_what_the_roster_withholds_erases_nothing(
    classroom: Class, at: time_machine.Traveller
) -> None:
    classroom.lms.members = people(7)
    classroom.sync()
    later(at, NOW + HOUR)
    nothing: dict[str, Any] = {"name": None, "given_name": None, "family_name": None, "email": None}
    classroom.lms.members = [member("7", lis_person_sourcedid=None, **nothing)]
    classroom.sync()
    enrolment = classroom.enrolments()["7"]
    assert (enrolment.person.name, enrolment.person.email) == ("Zoé Allard7", "7@ac-exemple.fr")
    assert enrolment.person.sort_name == "allard7 zoe"
    assert enrolment.identity.sourcedid == "UID-7"


def test_a_name_without_its_parts_keeps_the_order_the_launch_gave(classroom: Class) -> None:
    enrolment = classroom.enrol("7")
    enrolment.person.name, enrolment.person.sort_name = "Zoé Allard", "allard zoe"
    classroom.lms.members = [member("7", name="Zoé Allard", given_name=None, family_name=None)]
    classroom.sync()
    assert classroom.enrolments()["7"].person.sort_name == "allard zoe"


def test_a_new_name_replaces_the_former(classroom: Class, at: time_machine.Traveller) -> None:
    classroom.lms.members = people(7)
    classroom.sync()
    later(at, NOW + HOUR)
    classroom.lms.members = [member("7", name="Zoé Martin", family_name="Martin")]
    classroom.sync()
    person = classroom.enrolments()["7"].person
    assert (person.name, person.sort_name) == ("Zoé Martin", "martin zoe")


def test_two_accounts_of_one_person_are_one_enrolment(classroom: Class) -> None:
    person = factories.PersonFactory.create()
    for sub in ("7", "8"):
        factories.IdentityFactory.create(person=person, issuer=classroom.course.issuer, sub=sub)
    classroom.lms.members = [member("7"), member("8", "Instructor")]
    assert classroom.sync().members == 1
    assert classroom.enrolments()["7"].role == Role.TRAINER


def test_who_is_suspended_here_stays_so(classroom: Class) -> None:
    enrolment = classroom.enrol("7")
    enrolment.person.suspended_at = NOW
    classroom.lms.members = people(7)
    classroom.sync()
    assert classroom.enrolments()["7"].person.suspended_at == NOW


# ---- Roles


@pytest.mark.parametrize(
    ("launch_role", "listed", "expected"),
    [
        (Role.TRAINER, "Learner", "trainer"),  # a non-editing teacher, to Moodle
        (Role.TRAINER, "Instructor", "trainer"),
        (Role.LEARNER, "Learner", "learner"),
        (Role.LEARNER, "Instructor", "trainer"),
    ],
)
def test_the_roster_never_lowers_a_role_of_launch(
    classroom: Class, launch_role: Role, listed: str, expected: str
) -> None:
    classroom.enrol("7", launch_role, lms_roles=["as launched"])
    classroom.lms.members = [member("7", listed)]
    classroom.sync()
    enrolment = classroom.enrolments()["7"]
    assert (enrolment.role, enrolment.launch_role) == (expected, launch_role)
    assert enrolment.lms_roles == ["as launched"]


def test_a_role_known_by_rosters_only_follows_them(
    classroom: Class, at: time_machine.Traveller
) -> None:
    for day, (role, expected) in enumerate(
        [("Learner", "learner"), ("Instructor", "trainer"), ("Learner", "learner")]
    ):
        later(at, NOW + day * 24 * HOUR)
        classroom.lms.members = [member("7", role)]
        classroom.sync()
        assert classroom.enrolments()["7"].role == expected
    assert classroom.enrolments()["7"].lms_roles == ["Learner"]


@pytest.mark.parametrize("roles", [("Learner", "Instructor"), ("Instructor", "Learner")])
@pytest.mark.parametrize("page_size", [1, 10])
def test_somebody_listed_twice_is_a_trainer_if_either_says_so(
    classroom: Class, roles: tuple[str, str], page_size: int
) -> None:
    classroom.lms.page_size = page_size
    classroom.lms.members = [member("7", role) for role in roles]
    classroom.sync()
    assert classroom.enrolments()["7"].role == Role.TRAINER


def test_an_override_of_the_platform_decides(classroom: Class) -> None:
    classroom.session.add(
        RoleOverride(
            platform_id=classroom.course.platform_id,
            lms_role="Tuteur",
            role=Role.TRAINER,
            created_at=NOW,
        )
    )
    classroom.lms.members = [member("7", "Tuteur")]
    classroom.sync()
    assert classroom.enrolments()["7"].role == Role.TRAINER


# ---- Who is gone


def test_who_is_named_no_more_has_left_and_comes_back(
    classroom: Class, at: time_machine.Traveller
) -> None:
    classroom.lms.members = people(1, 2, 3)
    classroom.sync()
    later(at, NOW + HOUR)
    classroom.lms.members = people(1, 3)
    assert classroom.sync().departed == 1
    left = classroom.enrolments()["2"]
    assert (left.state, left.left_at, left.roster_seen_at) == ("left", NOW + HOUR, NOW)
    later(at, NOW + 2 * HOUR)
    classroom.lms.members = people(1, 2, 3)
    sync = classroom.sync()
    assert (sync.joined, sync.departed) == (1, 0)
    back = classroom.enrolments()["2"]
    assert (back.state, back.left_at) == ("active", None)


def test_a_learner_known_by_launches_only_has_left(classroom: Class) -> None:
    classroom.enrol("9")
    classroom.lms.members = people(1, 2)
    classroom.sync()
    assert classroom.gone() == ["9"]


@pytest.mark.parametrize("status", ["Inactive", "Deleted"])
@pytest.mark.parametrize("role", Role)
def test_who_the_roster_calls_inactive_has_left(classroom: Class, status: str, role: Role) -> None:
    classroom.enrol("9", role)
    classroom.lms.members = [*people(1, 2), member("9", status=status), member("8", status=status)]
    sync = classroom.sync()
    assert classroom.gone() == ["9"]
    assert (sync.members, sync.departed) == (2, 1)
    assert "8" not in classroom.enrolments()


def test_a_trainer_whom_no_roster_ever_named_is_kept(
    classroom: Class, at: time_machine.Traveller
) -> None:
    classroom.enrol("2", Role.TRAINER)  # the administrator of the site
    classroom.enrol("3", Role.TRAINER)
    classroom.lms.members = [*people(1, 5), member("3", "Instructor")]
    classroom.sync()
    assert classroom.gone() == []
    later(at, NOW + HOUR)
    classroom.lms.members = people(1, 5)
    classroom.sync()
    assert classroom.gone() == ["3"]


def test_who_launches_meanwhile_is_kept(classroom: Class) -> None:
    enrolment = classroom.enrol("9")
    classroom.enrol("8")
    enrolment_id = enrolment.id

    def launch(_number: int) -> None:
        with db.engine.begin() as connection:
            connection.execute(
                sa.update(Enrolment)
                .where(Enrolment.id == enrolment_id)
                .values(last_launch_at=NOW + timedelta(seconds=1))
            )

    classroom.lms.before_answering = launch
    classroom.lms.members = people(1, 2)
    classroom.sync()
    assert classroom.gone() == ["8"]


def test_people_of_another_course_are_left_alone(classroom: Class) -> None:
    elsewhere = factories.EnrolmentFactory.create()
    classroom.lms.members = people(1)
    classroom.sync()
    classroom.session.refresh(elsewhere)
    assert elsewhere.state == "active"


def test_an_incomplete_roster_marks_nobody(classroom: Class) -> None:
    classroom.enrol("9")
    classroom.lms.members = people(*range(6))
    classroom.lms.page_size = 2
    classroom.lms.answers[3] = (503, {}, "")
    sync = classroom.sync()
    assert (sync.problem, sync.detail) == (Problem.UNAVAILABLE, "HTTP 503")
    assert (sync.succeeded_at, sync.leased_until) == (None, None)
    assert classroom.gone() == []
    assert set(classroom.enrolments()) == {"0", "1", "2", "3", "9"}


def test_an_empty_roster_is_not_believed(classroom: Class) -> None:
    classroom.enrol("9")
    sync = classroom.sync()
    assert (sync.problem, sync.succeeded_at) == (Problem.NOBODY_NAMED, None)
    assert classroom.gone() == []


def test_an_empty_roster_of_an_empty_course_is(classroom: Class) -> None:
    classroom.enrol("2", Role.TRAINER)
    sync = classroom.sync()
    assert (sync.problem, sync.members, sync.succeeded_at) == (None, 0, NOW)


def test_a_roster_without_most_people_is_not_believed_but_by_somebody(
    classroom: Class, at: time_machine.Traveller
) -> None:
    classroom.lms.members = people(*range(20))
    classroom.sync()
    later(at, NOW + HOUR)
    # Eleven of twenty are missing, and thirty newcomers do not hide it.
    classroom.lms.members = people(*range(11, 50))
    sync = classroom.sync()
    assert (sync.problem, sync.detail) == (Problem.TOO_MANY_MISSING, "11 of 20 missing")
    assert sync.succeeded_at == NOW
    assert classroom.gone() == []
    later(at, NOW + 2 * HOUR)
    sync = classroom.sync(accept_departures=True)
    assert (sync.problem, sync.departed, sync.succeeded_at) == (None, 11, NOW + 2 * HOUR)
    assert len(classroom.gone()) == 11


def test_half_of_the_people_may_leave(classroom: Class, at: time_machine.Traveller) -> None:
    classroom.lms.members = people(*range(20))
    classroom.sync()
    later(at, NOW + HOUR)
    classroom.lms.members = people(*range(10))
    assert classroom.sync().departed == 10


def test_a_roster_shuffled_between_pages_needs_a_second_night(
    classroom: Class, at: time_machine.Traveller
) -> None:
    classroom.lms.page_size = 3
    classroom.lms.members = people(1, 2, 3, 4, 5, 6)
    classroom.sync()
    later(at, NOW + HOUR)
    # Number 1 comes again on the second page, in the place of number 6.
    classroom.lms.members = people(1, 2, 3, 4, 5, 1)
    assert classroom.sync().departed == 0
    later(at, NOW + 2 * HOUR)
    assert classroom.sync().departed == 1
    assert classroom.gone() == ["6"]


# ---- Junk


def test_members_that_name_nobody_are_left_out(classroom: Class) -> None:
    classroom.lms.members = [
        None,
        "7",
        [],
        {},
        {"user_id": None},
        {"user_id": 7},
        {"user_id": "   "},
        {"user_id": "a\x00b"},
        {"user_id": "\ud800"},
        {"user_id": "x" * 256},
        {"user_id": "8", "roles": "Instructor"},
        {"user_id": "9", "status": 1},
        {"user_id": "1", "name": "\ud800\x00" + "n" * 9000, "email": 5, "roles": [None, "Learner"]},
    ]
    assert classroom.sync().members == 1
    assert list(classroom.enrolments()) == ["1"]
    assert len(classroom.enrolments()["1"].person.name or "") == 255


# ---- Leases


def test_a_roster_being_read_is_left_to_its_worker(classroom: Class) -> None:
    classroom.lms.members = people(1)
    classroom.lms.before_answering = lambda _: tasks.sync_roster.run(classroom.course.id)
    classroom.sync()
    assert len(classroom.lms.requests) == 1


def test_a_dead_worker_lets_its_lease_go(classroom: Class, at: time_machine.Traveller) -> None:
    class KilledError(BaseException):
        pass

    def kill(number: int) -> None:
        if number == 2:
            raise KilledError

    classroom.enrol("9")
    classroom.lms.members = people(*range(6))
    classroom.lms.page_size = 3
    classroom.lms.before_answering = kill
    with pytest.raises(KilledError):
        classroom.sync()
    assert classroom.gone() == []
    assert classroom.sync().succeeded_at is None
    classroom.lms.before_answering = None
    later(at, NOW + LEASE)
    sync = classroom.sync()
    assert (sync.members, sync.departed, sync.succeeded_at) == (6, 1, NOW + LEASE)


def test_a_worker_that_wakes_up_late_writes_nothing(
    classroom: Class, at: time_machine.Traveller
) -> None:
    classroom.enrol("9")
    classroom.lms.members = people(1, 2)

    def sleep(number: int) -> None:
        if number == 1:
            later(at, NOW + LEASE)
            tasks.sync_roster.run(classroom.course.id)
            classroom.lms.members = people(7)

    classroom.lms.before_answering = sleep
    sync = classroom.sync()
    assert (sync.attempted_at, sync.members) == (NOW + LEASE, 2)
    assert set(classroom.enrolments()) == {"1", "2", "9"}


def test_an_error_of_ours_is_recorded(classroom: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    classroom.lms.members = people(1)
    monkeypatch.setattr(tasks, "store_slice", Mock(side_effect=RuntimeError("a bug")))
    with pytest.raises(RuntimeError):
        classroom.sync()
    sync = classroom.standing()
    assert (sync.problem, sync.leased_until) == (Problem.INTERRUPTED, None)


# ---- Tokens and faults


def test_the_token_is_kept(classroom: Class, at: time_machine.Traveller) -> None:
    classroom.sync()
    classroom.lms.answers[3] = (401, {}, "")
    for _ in range(2):
        classroom.sync()
    assert classroom.lms.tokens == 2  # one kept, one for the 401
    assert classroom.standing().problem is None


def test_the_token_is_for_rosters_only(classroom: Class) -> None:
    classroom.sync()
    assert classroom.lms.scopes == [nrps.MEMBERSHIP_SCOPE]


def test_a_token_refused_twice_is_forgotten(classroom: Class) -> None:
    classroom.lms.answers[1] = (401, {}, "")
    sync = classroom.sync()
    assert sync.problem == Problem.UNAUTHORIZED
    classroom.sync()
    assert classroom.lms.tokens == 2
    assert classroom.standing().problem is None


def test_a_platform_that_asks_for_peace_has_it(
    classroom: Class, at: time_machine.Traveller
) -> None:
    classroom.lms.answers[1] = (429, {"Retry-After": "1200"}, "")
    sync = classroom.sync()
    assert (sync.problem, sync.leased_until) == (Problem.UNAVAILABLE, NOW + timedelta(minutes=20))
    classroom.sync()
    assert len(classroom.lms.requests) == 1
    later(at, NOW + timedelta(minutes=21))
    assert classroom.sync().problem is None


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (requests.ConnectionError(), Problem.UNREACHABLE),
        (requests.ReadTimeout(), Problem.TIMEOUT),
        ((404, {}, ""), Problem.ROSTER_GONE),
        ((403, {}, ""), Problem.NOT_ALLOWED),
        ((302, {"Location": "https://elsewhere.example.org"}, ""), Problem.REJECTED),
        ((200, {}, "<html>"), Problem.UNREADABLE),
        ((200, {}, '{"members": 3}'), Problem.UNREADABLE),
        ((200, {}, "[" * 100_000), Problem.UNREADABLE),
    ],
    ids=lambda value: value.value if isinstance(value, Problem) else "",
)
def test_what_goes_wrong_is_named(classroom: Class, fault: object, problem: Problem) -> None:
    classroom.enrol("9")
    classroom.lms.answers[1] = fault  # type: ignore[assignment]
    assert classroom.sync().problem == problem
    assert classroom.gone() == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"memberships_url": None}, Problem.NO_SERVICE),
        ({"memberships_url": "https://elsewhere.example.org/x"}, Problem.FORBIDDEN_URL),
    ],
)
def test_obstacles_are_found_without_asking(
    classroom: Class, change: dict[str, str | None], problem: Problem
) -> None:
    for name, value in change.items():
        setattr(classroom.course, name, value)
    assert classroom.sync().problem == problem
    assert classroom.lms.tokens == 0


def test_a_closed_platform_is_not_asked(classroom: Class) -> None:
    classroom.course.platform.state = PlatformState.INACTIVE
    sync = classroom.sync()
    assert (sync.problem, sync.leased_until) == (Problem.PLATFORM_INACTIVE, None)
    assert classroom.lms.tokens == 0


def test_a_course_that_is_no_more_is_nothing(classroom: Class) -> None:
    tasks.sync_roster.run(987_654)
    assert classroom.session.scalars(sa.select(RosterSync)).all() == []
