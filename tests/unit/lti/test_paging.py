"""Link headers, as platforms write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.lti.rules.paging import next_page
from tests.unit.lti.moodle import AGS


def test_moodles_own_link_header() -> None:
    """Curly quotes as UTF-8 read as Latin-1, and « &amp; » in the addresses."""
    sample = AGS["lineitems limit=1"]["Link"]
    assert "â" in sample
    assert (
        next_page(sample) == "http://moodle.localhost:8090/mod/lti/services.php/2/lineitems"
        "?type_id=1&limit=1&from=1"
    )


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ('<https://lms.fr/p2>; rel="next"', "https://lms.fr/p2"),
        ("<https://lms.fr/p2>;rel=next", "https://lms.fr/p2"),
        ("<https://lms.fr/p2>; REL='Next'", "https://lms.fr/p2"),
        ("<https://lms.fr/p2>; rel=“next”", "https://lms.fr/p2"),
        (
            '<https://lms.fr/Page?Jeton=Ab>; title="x"; rel="last next"',
            "https://lms.fr/Page?Jeton=Ab",
        ),
        ('<https://lms.fr/1>; rel="first", <https://lms.fr/2,3>; rel="next"', "https://lms.fr/2,3"),
        ('<https://lms.fr/p1>; rel="prev"', None),
        ('<https://lms.fr/p1>; rel="nextish"', None),
        ('<https://lms.fr/p2; rel="next"', None),
        ("", None),
        (None, None),
        ("<a>;rel=next" + " " * 20_000, None),
    ],
)
def test_the_next_page(header: str | None, address: str | None) -> None:
    assert next_page(header) == address


@given(st.text())
def test_no_link_header_raises(header: str) -> None:
    next_page(header)
