"""The answer to a content selection, whatever is chosen and whatever its words are."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.demo.content_items import read_items
from lti_app.lti.rules.claims import DEPLOYMENT_ID, MESSAGE_TYPE, VERSION, DeepLinkingRequest
from lti_app.lti.rules.deep_linking import (
    CONTENT_ITEMS,
    DATA,
    DATED_BEFORE,
    LIFE,
    ContentItem,
    LineItem,
    is_moodle,
    one_line,
    response_claims,
    takes_resource_links,
)
from tests.factories import NOW

LAUNCH_URL = "https://relais.example.org/lti/launch"
REQUEST = DeepLinkingRequest(
    issuer="https://moodle.example.org",
    client_id="client",
    deployment_id="1",
    roles=("Instructor",),
    context_id="2",
    return_url="https://moodle.example.org/mod/lti/contentitem_return.php?course=2&sesskey=x",
    data=None,
    accept_types=("ltiResourceLink",),
    accept_multiple=True,
    accept_line_item=True,
    title="Relais",
    text="",
    product_family="moodle",
)
MODULE = ContentItem(
    "Mémoriser", "Sept étapes.", {"module": "memoriser"}, LineItem("Mémoriser", "relais", "m")
)
REVIEW = ContentItem("Réviser", "Sans note.", {"target": "review"})


def claims(request: DeepLinkingRequest, *items: ContentItem) -> dict[str, object]:
    return response_claims(request, items, launch_url=LAUNCH_URL, nonce="n", now=NOW)


def test_the_claims_that_the_guide_requires() -> None:
    found = claims(REQUEST, MODULE)

    assert found == {
        "iss": "client",
        "aud": "https://moodle.example.org",
        "iat": int((NOW - DATED_BEFORE).timestamp()),
        "exp": int((NOW - DATED_BEFORE + LIFE).timestamp()),
        "nonce": "n",
        MESSAGE_TYPE: "LtiDeepLinkingResponse",
        VERSION: "1.3.0",
        DEPLOYMENT_ID: "1",
        CONTENT_ITEMS: [
            {
                "type": "ltiResourceLink",
                "title": "Mémoriser",
                "text": "Sept étapes.",
                "custom": {"module": "memoriser"},
                "lineItem": {
                    "scoreMaximum": 100,
                    "label": "Mémoriser",
                    "tag": "relais",
                    "resourceId": "m",
                },
            }
        ],
    }
    assert timedelta(0) < LIFE <= timedelta(minutes=5)


@pytest.mark.parametrize("data", ["csrftoken:c7fbba78", "", " d ", "<é>"])
def test_data_comes_back_as_it_was_sent(data: str) -> None:
    assert claims(replace(REQUEST, data=data), REVIEW)[DATA] == data


def test_no_data_without_data() -> None:
    """Not even null, which PyLTI1p3 sends and some platforms refuse."""
    assert DATA not in claims(REQUEST, REVIEW)


def item(request: DeepLinkingRequest, sent: ContentItem) -> dict[str, object]:
    found = claims(request, sent)[CONTENT_ITEMS]
    assert isinstance(found, list)
    only: dict[str, object] = found[0]
    return only


@pytest.mark.parametrize("family", ["moodle", "Moodle", " moodle ", "moodleworkplace"])
def test_moodle_is_given_no_url(family: str) -> None:
    assert is_moodle(family)
    assert "url" not in item(replace(REQUEST, product_family=family), MODULE)


@pytest.mark.parametrize("family", [None, "", "canvas", "ims-ri"])
def test_others_are_given_our_launch_url(family: str | None) -> None:
    assert item(replace(REQUEST, product_family=family), MODULE)["url"] == LAUNCH_URL


def test_no_column_for_what_earns_no_score_or_where_none_is_taken() -> None:
    assert "lineItem" not in item(REQUEST, REVIEW)
    assert "lineItem" not in item(replace(REQUEST, accept_line_item=False), MODULE)


def test_no_item_at_all_says_that_nothing_was_chosen() -> None:
    assert claims(REQUEST)[CONTENT_ITEMS] == []


def test_one_item_where_one_is_taken() -> None:
    with pytest.raises(ValueError, match="one item"):
        claims(replace(REQUEST, accept_multiple=False), MODULE, REVIEW)


@pytest.mark.parametrize(
    ("types", "taken"),
    [
        (("ltiResourceLink",), True),
        (("link", "file", "ltiResourceLink"), True),
        (("link", "html"), False),
        ((), False),
        (("LTIRESOURCELINK",), False),
    ],
)
def test_only_resource_links_are_offered(types: tuple[str, ...], taken: bool) -> None:
    assert takes_resource_links(replace(REQUEST, accept_types=types)) is taken


@pytest.mark.parametrize(
    "custom",
    [
        {"Module": "a"},
        {"module id": "a"},
        {"module.id": "a"},
        {"": "a"},
        {"module": ""},
        {"module": "a\nmodule=b"},
        {"module": "a\n"},
        {"module": "$User.username"},
        {"module": "a=b"},
    ],
)
def test_a_parameter_that_would_not_come_back_is_refused(custom: dict[str, str]) -> None:
    """Moodle keeps `key=value` lines, sends odd keys twice, and replaces `$…`."""
    with pytest.raises(ValueError, match="custom"):
        ContentItem("t", "", custom)


IDS = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True).filter(lambda id_: len(id_) <= 80)
ITEMS = st.builds(
    lambda title, text, id_, graded: ContentItem(
        title, text, {"module": id_}, LineItem(title, "relais", id_) if graded else None
    ),
    st.text(),
    st.text(max_size=3000),
    IDS,
    st.booleans(),
)


@given(st.lists(ITEMS, max_size=5))
def test_any_selection_gives_items_that_moodle_honours(items: list[ContentItem]) -> None:
    """Read back by what stands for Moodle's `content_item_to_form`."""
    sent = json.loads(json.dumps(claims(REQUEST, *items)))[CONTENT_ITEMS]

    drafts = read_items(sent, tool_name="Relais")
    assert [draft.custom for draft in drafts] == [f"module={i.custom['module']}" for i in items]
    assert [draft.url for draft in drafts] == [""] * len(items)
    assert [draft.maximum for draft in drafts] == [100 if i.line_item else None for i in items]
    for draft, chosen in zip(drafts, items, strict=True):
        assert draft.resource_id == (chosen.line_item.resource_id if chosen.line_item else "")
        assert len(draft.name) <= 255
        assert len(draft.text) <= 2000
        assert draft.name == (one_line(chosen.title, 255) or "Relais")


@given(st.text(), st.integers(min_value=1, max_value=300))
def test_a_line_is_one_line(text: str, length: int) -> None:
    line = one_line(text, length)
    assert len(line) <= length
    assert line.splitlines() in ([], [line])
    assert line == line.strip()
    line.encode()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Un\r\n  titre", "Un titre"),
        ("Un\x00 ti\x07tre", "Un titre"),
        ("\ud800é", "é"),
        ("<b>Un & deux</b>", "<b>Un & deux</b>"),
        ("abcdefghij", "abcdefg…"),
        ("abcdef  hij", "abcdef…"),
    ],
)
def test_words_are_kept_and_the_rest_is_dropped(text: str, line: str) -> None:
    assert one_line(text, 8 if text.startswith("abc") else 255) == line
