"""Line items, results and Link headers, however a platform writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.lti.rules.line_items import (
    LineItem,
    Result,
    parse_line_item,
    parse_line_items,
    parse_results,
    sub_address,
    with_label,
    with_query,
)
from tests.unit.lti.moodle import AGS

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
item_like = st.dictionaries(
    st.sampled_from(["id", "label", "scoreMaximum", "resourceId", "tag", "resourceLinkId",
                     "ltiLinkId", "userId", "resultScore", "resultMaximum"]),
    anything,
)  # fmt: skip


def test_the_columns_of_a_real_moodle() -> None:
    first, second = parse_line_items(AGS["lineitems list"]["body"])[:2]
    assert first == LineItem(
        url="http://moodle.localhost:8090/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1",
        label="Module 1 iframe",
        maximum=100,
        resource_id="",
        tag="",
        resource_link_id="1",
        whole=AGS["lineitems list"]["body"][0],
    )
    assert (second.maximum, second.resource_link_id) == (20, "2")


def test_the_results_of_a_real_moodle() -> None:
    results = parse_results(AGS["results all"]["body"])
    assert results[0] == Result("5", 40, 100)
    assert parse_results(AGS["results standalone"]["body"]) == [Result("5", 60, 80)]
    assert parse_results(AGS["results unknown user"]["body"]) == []


def test_an_update_repeats_what_it_does_not_know() -> None:
    item = parse_line_item({"id": "https://lms.fr/1", "label": "a", "endDateTime": "x", "é": [1]})
    assert item is not None
    assert with_label(item, "b") == {
        "id": "https://lms.fr/1",
        "label": "b",
        "endDateTime": "x",
        "é": [1],
    }


@pytest.mark.parametrize(
    "value",
    [None, [], "x", {}, {"id": None}, {"id": ""}, {"id": 5}, {"id": "a\x00"}, {"id": "\ud800"},
     {"id": "h" * 1001}],
)  # fmt: skip
def test_what_has_no_address_is_no_column(value: object) -> None:
    assert parse_line_item(value) is None


@pytest.mark.parametrize(
    ("value", "score", "maximum"),
    [
        ({"userId": "5"}, None, 1.0),
        ({"userId": 5, "resultScore": 0.5}, 0.5, 1.0),
        ({"userId": "5", "resultScore": "12.5", "resultMaximum": "20"}, 12.5, 20.0),
        ({"userId": "5", "resultScore": None, "resultMaximum": 20}, None, 20.0),
        ({"userId": "5", "resultScore": True, "resultMaximum": 0}, None, 0.0),
        ({"userId": "5", "resultScore": "NaN"}, None, 1.0),
        ({"userId": "5", "resultScore": "beaucoup"}, None, 1.0),
        ({"userId": "5", "resultScore": 10**400}, None, 1.0),
    ],
)
def test_scores_however_they_are_written(
    value: object, score: float | None, maximum: float
) -> None:
    assert parse_results([value]) == [Result("5", score, maximum)]


@given(anything | st.lists(item_like))
def test_nothing_raises(value: object) -> None:
    for item in parse_line_items(value):
        assert 0 < len(item.url) <= 1000
        item.label.encode()
    for result in parse_results(value):
        result.user_id.encode()


def test_addresses_keep_their_query() -> None:
    url = "https://lms.fr/item?type_id=1&vide="
    assert sub_address(url, "results") == "https://lms.fr/item/results?type_id=1&vide="
    assert (
        with_query(url, {"tag": "a&b", "type_id": "2"})
        == "https://lms.fr/item?vide=&tag=a%26b&type_id=2"
    )
