"""Rosters as they are read: members, pages, pauses."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.lti.rules.membership import (
    Member,
    UnreadableMembersError,
    first_address,
    next_address,
    pause_asked,
    read_member,
    read_members,
)
from tests.factories import NOW

URL = "https://moodle.example.org/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
NEXT = f"{URL}?limit=1000&from=1000"

json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
fields = st.sampled_from(
    ["user_id", "roles", "status", "name", "given_name", "family_name", "email",
     "lis_person_sourcedid"]
)  # fmt: skip


def test_a_member_as_moodle_says_it() -> None:
    said = {
        "status": "Active",
        "roles": ["Learner"],
        "user_id": "7",
        "lis_person_sourcedid": "UID-referent3",
        "name": "Anaïs Bœuf-Hélène",
        "given_name": "Anaïs",
        "family_name": "Bœuf-Hélène",
        "email": "anais@ac-exemple.fr",
        "ext_user_username": "referent3",
    }
    assert read_member(said) == Member(
        user_id="7",
        roles=("Learner",),
        active=True,
        name="Anaïs Bœuf-Hélène",
        given_name="Anaïs",
        family_name="Bœuf-Hélène",
        email="anais@ac-exemple.fr",
        sourcedid="UID-referent3",
    )


@pytest.mark.parametrize(
    ("status", "active"),
    [
        ("Active", True),
        (None, True),
        ("Inactive", False),
        ("Deleted", False),
        ("liss:Inactive", False),
        ("http://purl.imsglobal.org/vocab/lis/v2/status#Deleted", False),
        ("Unheard of", True),
    ],
)
def test_only_what_is_said_gone_is(status: str | None, active: bool) -> None:
    member = read_member({"user_id": "7", "status": status})
    assert member is not None
    assert member.active == active


def test_a_name_is_made_of_its_parts() -> None:
    assert Member("7", given_name="Zoé", family_name="Allard").full_name == "Zoé Allard"
    assert Member("7", family_name="Allard").full_name == "Allard"
    assert Member("7").full_name is None


@given(st.lists(st.dictionaries(fields | st.text(), json_values, max_size=6) | json_values))
def test_whatever_is_listed_is_kept_or_counted(entries: list[Any]) -> None:
    found = read_members(json.dumps({"members": entries}).encode())
    assert len(found.members) + found.dropped == len(entries)
    for member in found.members:
        texts = [member.user_id, *member.roles, *filter(None, (member.name, member.email))]
        assert member.user_id.strip()
        for text in texts:
            assert "\x00" not in text
            assert len(text.encode()) > 0
            assert len(text) <= 500


@given(json_values)
def test_what_is_no_container_is_an_error_and_not_nobody(value: Any) -> None:
    if isinstance(value, dict) and isinstance(value.get("members"), list):
        return
    with pytest.raises(UnreadableMembersError):
        read_members(json.dumps(value).encode())


@pytest.mark.parametrize("body", [b"", b"\xff", b"<html>", b"[" * 100_000, b'{"members": {}}'])
def test_a_body_that_is_no_roster(body: bytes) -> None:
    with pytest.raises(UnreadableMembersError):
        read_members(body)


# ---- Pages


def test_a_limit_is_asked_where_none_is() -> None:
    assert first_address(URL, limit=1000) == f"{URL}?limit=1000"
    assert first_address(f"{URL}?rlid=3#x", limit=1000) == f"{URL}?rlid=3&limit=1000"
    assert first_address(f"{URL}?limit=10", limit=1000) == f"{URL}?limit=10"


@pytest.mark.parametrize(
    "header",
    [
        f'<{NEXT}>; rel="next"',
        f"<{NEXT}>; rel=next",
        f"<{NEXT}>;REL=NEXT",
        f"<{NEXT}>; rel='next'",
        f"<{NEXT}>; rel=“next”",
        f"<{NEXT}>; rel=“next”".encode().decode("latin-1"),
        f'<{NEXT.replace("&", "&amp;")}>; rel="next"',
        f'<{urlsplit(NEXT).path}?{urlsplit(NEXT).query}>; rel="next"',
        f'<{URL}?from=2>; rel="differences", <{NEXT}>; title="a, b"; rel="last next"',
    ],
)
def test_links_are_read_however_they_are_written(header: str) -> None:
    first = first_address(URL, limit=1000)
    assert next_address(header, first, first=first) == NEXT


@pytest.mark.parametrize(
    "header", [None, "", "next", f'<{NEXT}>; rel="prev"', f'{NEXT}; rel="next"', '<>; rel="next"']
)
def test_no_next_page(header: str | None) -> None:
    assert next_address(header, URL, first=URL) is None


def test_what_the_platform_forgets_is_asked_again() -> None:
    first = f"{URL}?role=Learner&limit=5&rlid=3"
    found = next_address(f'<{URL}?from=5>; rel="next"', first, first=first)
    query = parse_qs(urlsplit(found or "").query)
    assert query == {"from": ["5"], "role": ["Learner"], "limit": ["5"], "rlid": ["3"]}


@given(st.text(max_size=200))
def test_no_header_raises(text: str) -> None:
    for header in (text, f'<{text}>; rel="next"', f'<http://[{text}>; rel="next"'):
        next_address(header, URL, first=first_address(URL, limit=10))


# ---- Pauses


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        (" 0 ", 0),
        ("Mon, 09 Nov 2026 10:00:45 GMT", 45),
        ("Mon, 09 Nov 2026 09:00:00 GMT", 0),
        ("999999999999999999999", 6 * 3600),
        ("Mon, 09 Nov 2036 09:00:00 GMT", 6 * 3600),
    ],
)
def test_a_pause_is_a_number_or_a_date(header: str, seconds: int) -> None:
    assert pause_asked(header, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "²", "x" * 200])
def test_no_pause(header: str | None) -> None:
    assert pause_asked(header, NOW) is None


@given(st.text(max_size=120))
def test_no_pause_raises(header: str) -> None:
    pause = pause_asked(header, NOW)
    assert pause is None or timedelta() <= pause <= timedelta(hours=6)
