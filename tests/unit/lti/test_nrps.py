"""Reading a roster from its platform: pages, tokens, hosts, bounds."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import responses

from lti_app.core.outbound import OutboundSession
from lti_app.lti.services import nrps
from lti_app.lti.services.nrps import MEMBERSHIP_MEDIA_TYPE, RosterError, RosterReader
from tests.factories import NOW

HOST = "https://moodle.example.org"
URL = f"{HOST}/mod/lti/services.php/CourseSection/2/bindings/1/memberships"


class Clock:
    """Moved by what sleeps."""

    def __init__(self) -> None:
        self.now = NOW
        self.pauses: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reader(clock: Clock) -> Iterator[RosterReader]:
    with OutboundSession(allow_loopback=False) as http:
        yield RosterReader(
            URL,
            hosts=frozenset({"moodle.example.org:443"}),
            http=http,
            token="secret-token",
            token_request=None,
            clock=clock,
            sleep=clock.sleep,
        )


def page(*user_ids: str) -> str:
    return json.dumps({"members": [{"user_id": user_id} for user_id in user_ids]})


def read(reader: RosterReader) -> list[str]:
    return [member.user_id for part in reader.read() for member in part.members]


def refusal(reader: RosterReader) -> str:
    with pytest.raises(RosterError) as raised:
        read(reader)
    return raised.value.reason


@responses.activate
def test_what_is_asked(reader: RosterReader) -> None:
    call = responses.get(URL, page("7"))
    assert read(reader) == ["7"]
    [request] = [each.request for each in call.calls]
    assert request.url == f"{URL}?limit=1000"
    assert request.headers["Authorization"] == "Bearer secret-token"
    assert request.headers["Accept"] == MEMBERSHIP_MEDIA_TYPE


@responses.activate
@pytest.mark.parametrize(
    "address",
    ["https://evil.example.org/members", "http://moodle.example.org/members", "//evil.example.org",
     "https://moodle.example.org:8443/members", "https://moodle.example.org@evil.example.org/"],
)  # fmt: skip
def test_the_token_never_leaves_the_platform(reader: RosterReader, address: str) -> None:
    responses.get(URL, page("7"), headers={"Link": f'<{address}>; rel="next"'})
    assert refusal(reader) == nrps.FORBIDDEN_URL
    assert len(responses.calls) == 1


@responses.activate
def test_a_loop_ends(reader: RosterReader) -> None:
    second = f"{URL}?limit=1000&from=1"
    headers = {"Link": f'<{second}>; rel="next"'}
    responses.get(URL, page("7"), headers=headers)
    assert refusal(reader) == nrps.ENDLESS
    assert len(responses.calls) == 2


@responses.activate
@pytest.mark.parametrize(("bound", "value"), [("MAX_PAGES", 4), ("MAX_MEMBERS", 4)])
def test_a_roster_without_end_ends(
    reader: RosterReader, monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    monkeypatch.setattr(nrps, bound, value)

    def another(_request: Any) -> tuple[int, dict[str, str], str]:
        number = len(responses.calls)
        return 200, {"Link": f'<{URL}?from={number}>; rel="next"'}, page(str(number))

    responses.add_callback(responses.GET, URL, another)
    assert refusal(reader) == nrps.TOO_MANY
    assert len(responses.calls) <= 5


@responses.activate
def test_a_slow_platform_is_given_up(reader: RosterReader, clock: Clock) -> None:
    def slowly(_request: Any) -> tuple[int, dict[str, str], str]:
        clock.now += timedelta(minutes=7)
        return 200, {"Link": f'<{URL}?from={len(responses.calls)}>; rel="next"'}, page("7")

    responses.add_callback(responses.GET, URL, slowly)
    assert refusal(reader) == nrps.TOO_SLOW
    assert len(responses.calls) == 3


@responses.activate
@pytest.mark.parametrize("status", [429, 503])
def test_a_short_pause_is_waited_for(reader: RosterReader, clock: Clock, status: int) -> None:
    responses.get(URL, status=status, headers={"Retry-After": "4"})
    responses.get(URL, page("7"))
    assert read(reader) == ["7"]
    assert clock.pauses == [4]


@responses.activate
def test_pauses_end(reader: RosterReader, clock: Clock) -> None:
    responses.get(URL, status=503, headers={"Retry-After": "0"})
    assert refusal(reader) == nrps.UNAVAILABLE
    assert len(clock.pauses) == 5


@responses.activate
def test_a_long_pause_is_handed_on(reader: RosterReader, clock: Clock) -> None:
    responses.get(URL, status=503, headers={"Retry-After": "600"})
    with pytest.raises(RosterError) as raised:
        read(reader)
    assert (raised.value.pause, clock.pauses) == (timedelta(minutes=10), [])


@responses.activate
def test_an_answer_too_large(reader: RosterReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lti_app.core.outbound.MAX_BODY_BYTES", 20)
    responses.get(URL, page("7", "8", "9"))
    assert refusal(reader) == nrps.TOO_LARGE


@responses.activate
def test_without_a_key_a_refused_token_is_the_end(reader: RosterReader) -> None:
    responses.get(URL, status=401)
    assert refusal(reader) == "tool_key_missing"


@responses.activate
def test_slices_never_exceed_a_page(reader: RosterReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nrps, "PAGE_SIZE", 2)
    responses.get(URL, page("1", "2", "3", "4", "5"))
    parts = list(reader.read())
    assert [len(part.members) for part in parts] == [2, 2, 1]
    assert {part.answer for part in parts} == {1}
