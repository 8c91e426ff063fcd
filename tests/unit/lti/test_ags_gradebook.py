"""A platform's columns and results: what is asked, and what is made of the answers of a Moodle."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses
from responses import matchers

from lti_app.core.outbound import OutboundSession
from lti_app.lti.rules.line_items import LineItem, Result
from lti_app.lti.services import ags_gradebook
from lti_app.lti.services.ags_gradebook import (
    LINE_ITEM_MEDIA_TYPE,
    LINE_ITEM_READ_SCOPE,
    LINE_ITEM_SCOPE,
    LINE_ITEMS_MEDIA_TYPE,
    RESULTS_MEDIA_TYPE,
    Gradebook,
    GradebookError,
    reading_scope,
)
from tests.unit.lti.moodle import AGS

ROOT = "https://moodle.example.org/mod/lti/services.php/2"
LINE_ITEMS = f"{ROOT}/lineitems?type_id=1"
ITEM = f"{ROOT}/lineitems/5/lineitem?type_id=1"
RESULTS = f"{ROOT}/lineitems/5/lineitem/results?type_id=1"
HOSTS = frozenset({"moodle.example.org:443"})


def gradebook() -> Gradebook:
    return Gradebook(hosts=HOSTS, http=OutboundSession(allow_loopback=False), token="secret")


def replay(case: str, url: str) -> None:
    """Answer as the captured Moodle did, at this address."""
    sample = AGS[case]
    body = sample["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    text = text.replace("http://moodle.localhost:8090", "https://moodle.example.org")
    headers = {"Link": sample["Link"]} if "Link" in sample else {}
    responses.add(
        sample["method"],
        url,
        body=text,
        status=sample["status"],
        content_type=sample["content_type"],
        headers=headers,
    )


@responses.activate
def test_columns_are_listed_whole_and_never_by_page() -> None:
    replay("lineitems list", LINE_ITEMS)
    items = gradebook().line_items(LINE_ITEMS)
    assert [item.label for item in items[:2]] == ["Module 1 iframe", "Module 2 nouvelle fenêtre"]
    request = responses.calls[0].request
    assert request.url == LINE_ITEMS
    assert request.headers["Accept"] == LINE_ITEMS_MEDIA_TYPE
    assert request.headers["Authorization"] == "Bearer secret"


@responses.activate
def test_filters_are_asked_for_and_applied() -> None:
    """A platform that ignores them changes nothing."""
    replay("lineitems list", f"{ROOT}/lineitems")
    found = gradebook().line_items(LINE_ITEMS, resource_link_id="2")
    assert [item.label for item in found] == ["Module 2 nouvelle fenêtre"]
    assert responses.calls[0].request.url == f"{LINE_ITEMS}&resource_link_id=2"


@responses.activate
def test_a_column_is_asked_for_as_moodle_wants_it() -> None:
    replay("create lineitem (no link)", LINE_ITEMS)
    made = gradebook().create(
        LINE_ITEMS, label="Auto-évaluation finale", maximum=100, resource_id="m1", tag="relais"
    )
    assert made.url.startswith("https://moodle.example.org/mod/lti/services.php/2/lineitems/")
    request = responses.calls[0].request
    assert request.headers["Content-Type"] == LINE_ITEM_MEDIA_TYPE
    assert json.loads(request.body or "") == {
        "label": "Auto-évaluation finale",
        "scoreMaximum": 100,
        "resourceId": "m1",
        "tag": "relais",
    }


@responses.activate
def test_a_column_is_renamed_whole() -> None:
    replay("GET one lineitem", ITEM)
    replay("PUT lineitem", ITEM)
    book = gradebook()
    item = book.line_item(ITEM)
    assert item.url == ITEM
    book.rename(item, "Nouveau titre")
    sent = json.loads(responses.calls[1].request.body or "")
    assert sent == {**item.whole, "label": "Nouveau titre"}
    assert sent["scoreMaximum"] == 80
    assert responses.calls[1].request.headers["Content-Type"] == LINE_ITEM_MEDIA_TYPE


@responses.activate
def test_results_are_read_whole_and_never_by_page() -> None:
    replay("results all", RESULTS)
    results = gradebook().results(ITEM)
    assert results[0] == Result("5", 40, 100)
    request = responses.calls[0].request
    assert request.url == RESULTS
    assert request.headers["Accept"] == RESULTS_MEDIA_TYPE


@responses.activate
def test_the_page_that_moodle_answers_to_a_limit_is_an_error() -> None:
    replay("results limit=1", RESULTS)
    with pytest.raises(GradebookError) as caught:
        gradebook().results(ITEM)
    assert (caught.value.reason, caught.value.status) == ("line_item_gone", 404)


def page(number: int, following: str | None) -> None:
    headers = {"Link": following} if following else {}
    responses.get(
        f"{ROOT}/lineitems",
        json=[{"id": f"{ROOT}/{number}", "label": str(number)}],
        headers=headers,
        match=[matchers.query_param_matcher({"page": str(number)})],
    )


@responses.activate
def test_pages_of_other_platforms_are_followed_to_the_end() -> None:
    page(1, f'<{ROOT}/lineitems?page=2>; rel="next"')
    page(2, f"<{ROOT}/lineitems?page=3>; rel=“next”".encode().decode("latin-1"))
    page(3, f'<{ROOT}/lineitems?page=1>; rel="first"')
    items = gradebook().line_items(f"{ROOT}/lineitems?page=1")
    assert [item.label for item in items] == ["1", "2", "3"]


@responses.activate
def test_pages_that_turn_in_circles_end() -> None:
    page(1, f'<{ROOT}/lineitems?page=2>; rel="next"')
    page(2, f'<{ROOT}/lineitems?page=1>; rel="next"')
    assert len(gradebook().line_items(f"{ROOT}/lineitems?page=1")) == 2


@responses.activate
def test_pages_without_end_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ags_gradebook, "MAX_PAGES", 3)
    for number in range(1, 9):
        page(number, f'<{ROOT}/lineitems?page={number + 1}>; rel="next"')
    with pytest.raises(GradebookError, match="answer_unreadable"):
        gradebook().line_items(f"{ROOT}/lineitems?page=1")
    assert len(responses.calls) == 3


@responses.activate
def test_a_next_page_elsewhere_does_not_receive_the_token() -> None:
    page(1, '<https://evil.example.org/p2>; rel="next"')
    with pytest.raises(GradebookError, match="forbidden_url"):
        gradebook().line_items(f"{ROOT}/lineitems?page=1")
    assert len(responses.calls) == 1


Ask = Callable[[Gradebook, str], object]
ASKS: list[Ask] = [
    lambda book, url: book.line_items(url),
    lambda book, url: book.line_items(url, tag="x"),
    lambda book, url: book.line_item(url),
    lambda book, url: book.results(url),
    lambda book, url: book.create(url, label="a", maximum=100, resource_id="m", tag="t"),
    lambda book, url: book.rename(LineItem(url, "a", 1, "", "", ""), "b"),
]


@pytest.mark.parametrize("ask", ASKS)
@responses.activate
def test_another_host_hears_nothing(ask: Ask) -> None:
    for url in ("https://evil.example.org/x", "http://moodle.example.org/x", "/x", "https:///x"):
        with pytest.raises(GradebookError, match="forbidden_url"):
            ask(gradebook(), url)
    assert len(responses.calls) == 0


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("lineitems Accept */*", "rejected"),
        ("lineitems bad token", "unauthorized"),
        ("lineitems unknown course", "line_item_gone"),
        ("lineitems with score-only token", "unauthorized"),
    ],
)
@responses.activate
def test_refusals_of_a_real_moodle(case: str, reason: str) -> None:
    replay(case, LINE_ITEMS)
    with pytest.raises(GradebookError) as caught:
        gradebook().line_items(LINE_ITEMS)
    assert (caught.value.reason, caught.value.is_uncertain) == (reason, False)


@responses.activate
def test_a_link_that_is_not_ours_may_not_be_coupled() -> None:
    replay("create lineitem unknown resourceLinkId", LINE_ITEMS)
    with pytest.raises(GradebookError) as caught:
        gradebook().create(LINE_ITEMS, label="a", maximum=1, resource_id="m", tag="t")
    assert (caught.value.reason, caught.value.is_uncertain) == ("not_allowed", False)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"status": 503}, "unavailable"),
        ({"status": 500}, "unavailable"),
        ({"status": 429}, "unavailable"),
        ({"status": 302, "headers": {"Location": "https://evil.example.org/"}}, "unavailable"),
        ({"body": requests.ReadTimeout("slow")}, "timeout"),
        ({"body": requests.ConnectionError("cut")}, "unreachable"),
        ({"body": "<html>"}, "answer_unreadable"),
        ({"body": "[" * 100_000}, "answer_unreadable"),
        ({"json": {}}, "answer_unreadable"),
        ({"json": {"id": 5}}, "answer_unreadable"),
        ({"json": []}, "answer_unreadable"),
        ({"status": 204}, "answer_unreadable"),
    ],
)
@responses.activate
def test_after_a_lost_answer_a_column_may_be_there(answer: dict[str, Any], reason: str) -> None:
    responses.post(LINE_ITEMS, **answer)
    with pytest.raises(GradebookError) as caught:
        gradebook().create(LINE_ITEMS, label="a", maximum=1, resource_id="m", tag="t")
    assert (caught.value.reason, caught.value.is_uncertain) == (reason, True)
    assert len(responses.calls) == 1, "never asked twice"


@pytest.mark.parametrize("body", ["", "null", "{}", '"x"', "<html>", "{[", "\udcff"])
@responses.activate
def test_junk_is_no_list(body: str) -> None:
    responses.get(LINE_ITEMS, body=body.encode(errors="surrogatepass"))
    with pytest.raises(GradebookError, match="answer_unreadable"):
        gradebook().line_items(LINE_ITEMS)


@responses.activate
def test_junk_among_the_entries_is_left_out() -> None:
    responses.get(LINE_ITEMS, json=[None, 5, {"label": "x"}, {"id": ITEM, "label": ["y"]}])
    [item] = gradebook().line_items(LINE_ITEMS)
    assert (item.url, item.label) == (ITEM, "")


def test_no_more_is_asked_than_what_was_granted() -> None:
    assert reading_scope([LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE]) == LINE_ITEM_SCOPE
    assert reading_scope([LINE_ITEM_READ_SCOPE]) == LINE_ITEM_READ_SCOPE
    assert reading_scope(["https://purl.imsglobal.org/spec/lti-ags/scope/score"]) is None
