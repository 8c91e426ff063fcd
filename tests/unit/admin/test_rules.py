"""Pages, hours, roles and refusals: the arithmetic behind the screens."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.admin.rules.journal import detail_words, read_subject
from lti_app.admin.rules.listing import Paging, page_number
from lti_app.admin.rules.refusals import HourOfRefusals, by_day
from lti_app.admin.rules.roles import count_roles, short_role
from lti_app.admin.rules.sessions import CLOCK_SLACK, IDLE, is_over

NOW = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


@given(st.text() | st.none())
def test_any_page_of_an_address_is_a_page(text: str | None) -> None:
    assert 1 <= page_number(text) <= 100_000


@pytest.mark.parametrize(("text", "page"), [("3", 3), ("0", 1), ("-2", 1), ("٣", 1), ("1e3", 1)])
def test_pages_are_plain_numbers(text: str, page: int) -> None:
    assert page_number(text) == page


@given(st.integers(0, 10_000), st.integers(1, 300))
def test_every_row_is_on_one_page(total: int, size: int) -> None:
    shown = [
        row
        for page in range(1, Paging(1, total, size).pages + 1)
        for row in range(total)[Paging(page, total, size).offset :][:size]
    ]
    assert shown == list(range(total))


@given(st.integers(1, 100_000), st.integers(0, 1000))
def test_previous_and_next_exist(page: int, total: int) -> None:
    paging = Paging(page, total)
    for other in (paging.previous, paging.next):
        assert other is None or 1 <= other <= paging.pages
    assert (paging.next is None) == (page >= paging.pages)


def test_a_session_ends_after_two_hours() -> None:
    seen = int(NOW.timestamp())
    assert not is_over(seen, NOW)
    assert not is_over(seen, NOW + IDLE)
    assert is_over(seen, NOW + IDLE + timedelta(seconds=1))
    assert is_over(seen, NOW - CLOCK_SLACK - timedelta(seconds=1))


def test_a_replica_whose_clock_is_late_signs_nobody_out() -> None:
    """The very page that follows the sign-in may be served by another machine."""
    assert not is_over(int(NOW.timestamp()), NOW - timedelta(seconds=2))


@given(st.none() | st.text() | st.floats() | st.booleans() | st.lists(st.integers()))
def test_a_time_that_is_no_number_is_over(seen: object) -> None:
    assert is_over(seen, NOW)


def hour(at: datetime, launches: int, code: str = "A", platform_id: int = 1) -> HourOfRefusals:
    return HourOfRefusals(at, code, platform_id, launches, at, f"{code}-{at:%d%H}", "detail")


def test_hours_are_added_up_by_school_day() -> None:
    """23 h UTC is the day after in Paris."""
    late = NOW.replace(hour=23)
    rows = by_day([hour(NOW, 2), hour(late, 3), hour(NOW.replace(hour=12), 4)], PARIS)
    assert [(row.day.day, row.launches, row.last_quote) for row in rows] == [
        (10, 3, "A-0923"),
        (9, 6, "A-0912"),
    ]


@given(
    st.lists(
        st.builds(
            hour,
            st.integers(0, 200).map(lambda hours: NOW + timedelta(hours=hours)),
            st.integers(1, 50),
            st.sampled_from("AB"),
            st.integers(0, 2),
        )
    )
)
def test_no_refusal_is_lost(hours: list[HourOfRefusals]) -> None:
    rows = by_day(hours, PARIS)
    assert sum(row.launches for row in rows) == sum(each.launches for each in hours)
    keys = [(row.day, row.code, row.platform_id) for row in rows]
    assert len(set(keys)) == len(keys)
    assert [row.day for row in rows] == sorted((row.day for row in rows), reverse=True)


def test_roles_are_counted_once_for_each_enrolment() -> None:
    rows = count_roles([(["T", "L"], 3), (["L"], 5), (["L", "L"], 1), ([], 9)])
    assert rows == [("L", 9), ("T", 3)]


@pytest.mark.parametrize(
    ("role", "short"),
    [
        ("http://purl.imsglobal.org/vocab/lis/v2/membership#Learner", "Learner"),
        ("Instructor", "Instructor"),
        ("x#", "x#"),
    ],
)
def test_roles_have_short_names(role: str, short: str) -> None:
    assert short_role(role) == short


@pytest.mark.parametrize(
    ("subject", "words", "kind", "number"),
    [
        ("person 3", "Personne n°\N{NO-BREAK SPACE}3", "person", 3),
        ("grades", "Notes", "", None),
        ("other 4", "other n°\N{NO-BREAK SPACE}4", "other", 4),
        ("<script>", "<script>", "", None),
    ],
)
def test_subjects_are_read(subject: str, words: str, kind: str, number: int | None) -> None:
    assert read_subject(subject) == (words, kind, number)


def test_details_are_one_line() -> None:
    assert detail_words({"a": 1, "b": "c"}) == "a\N{NO-BREAK SPACE}: 1, b\N{NO-BREAK SPACE}: c"
