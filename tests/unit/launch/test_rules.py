import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.launch.rules import resolve_target

MODULES = ("memoriser", "evaluer")


@pytest.mark.parametrize(
    ("custom", "uri", "expected"),
    [
        ({"module": "memoriser"}, "https://r/lti/launch", "memoriser"),
        ({"module": " evaluer "}, "https://r/lti/launch", "evaluer"),
        ({"module": "m1"}, "https://r/lti/launch", "path"),
        ({"target": "review"}, "https://r/lti/launch", "review"),
        ({"target": "path"}, "https://r/lti/launch?module=evaluer", "path"),
        ({}, "https://r/lti/launch?module=evaluer", "evaluer"),
        ({}, "https://r/lti/launch?target=review", "review"),
        ({}, "https://r/lti/launch", "path"),
    ],
)
def test_targets(custom: dict[str, str], uri: str, expected: str) -> None:
    assert resolve_target(custom, uri, MODULES) == expected


@given(st.dictionaries(st.sampled_from(["module", "target", "x"]), st.text()), st.text())
def test_always_leads_somewhere(custom: dict[str, str], query: str) -> None:
    target = resolve_target(custom, "https://r/lti/launch?" + query, MODULES)
    assert target in {*MODULES, "path", "review"}
