"""What Moodle keeps of a content item, against the samples of answers it accepted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.demo.content_items import Draft, custom_lines, draft, read_items
from tests.unit.demo import bench

ITEMS = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["type", "title", "text", "url", "custom", "icon", "lineItem"]


def test_one_item_fills_the_form_with_what_moodle_honours() -> None:
    items = bench.read_sample("dl_response__dl_single")[ITEMS]
    assert read_items(items, tool_name="Outil") == [
        Draft(
            name="Se situer : auto-évaluation",
            text="Texte de <b>présentation</b> du module",
            url=f"{bench.TOOL_URL}/lti/launch/deep/m7?x=1",
            custom="module=m7\ndebut=$Context.timeFrame.begin",
            icon_url=f"{bench.TOOL_URL}/ic.png",
            maximum=42.0,
            resource_id="R-42",
            tag="T-42",
        )
    ]


def test_links_and_html_become_broken_activities_rather_than_be_refused() -> None:
    items = bench.read_sample("dl_response__dl_multiple")[ITEMS]
    drafts = read_items(items, tool_name="Outil")
    assert [each.name for each in drafts] == [
        "Module A", "Module B", "Lien externe", "Fragment", "Module C",
    ]  # fmt: skip
    assert [each.maximum for each in drafts] == [10.0, None, None, None, 100.0]
    assert drafts[2].url == "https://www.education.gouv.fr/"
    assert drafts[3] == Draft(name="Fragment")


def test_an_item_without_title_takes_the_name_of_the_tool() -> None:
    assert draft({}, tool_name="Outil") == Draft(name="Outil")


@pytest.mark.parametrize(
    ("custom", "lines"),
    [
        ({"a": "1", "b": None, "c": True, "d": False}, "a=1\nb=\nc=1\nd="),
        ({"a": {"b": 1}, "n": 3}, "a=Array\nn=3"),
        ("a=1", ""),
        (None, ""),
    ],
)
def test_custom_values_are_written_as_php_writes_them(custom: Any, lines: str) -> None:
    assert custom_lines(custom) == lines


@pytest.mark.parametrize("maximum", ["x", -1, "NaN", None, 1e12])
def test_an_impossible_maximum_is_a_hundred(maximum: Any) -> None:
    assert draft({"lineItem": {"scoreMaximum": maximum}}, tool_name="T").maximum == 100.0


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, json_values)))
def test_no_item_breaks_the_reading(item: dict[str, Any]) -> None:
    read = draft(item, tool_name="Outil")
    assert read.name
    assert Draft(**read.as_json()) == read


@pytest.mark.parametrize("items", ["x", {"a": 1}, [1], ["x"]])
def test_what_is_no_list_of_objects_is_refused(items: Any) -> None:
    with pytest.raises(ValueError, match="list"):
        read_items(items, tool_name="T")
