"""The way back to the platform, from any window."""

import pytest

from lti_app.lti.rules.leaving import course_url, url_for_whole_window

MOODLE = "https://moodle.example.org/mod/lti/return.php"


@pytest.mark.parametrize("container", ["2", "3"])
def test_a_moodle_frame_is_left_as_a_window_would(container: str) -> None:
    url = f"{MOODLE}?course=2&launch_container={container}&instanceid=1&sesskey=a"
    expected = f"{MOODLE}?course=2&launch_container=4&instanceid=1&sesskey=a"
    assert url_for_whole_window(url) == expected
    last = f"{MOODLE}?course=2&launch_container={container}"
    assert url_for_whole_window(last) == f"{MOODLE}?course=2&launch_container=4"


@pytest.mark.parametrize(
    "url",
    [
        None,
        f"{MOODLE}?course=2&launch_container=4&instanceid=1",
        f"{MOODLE}?course=2&launch_container=5&instanceid=1",
        f"{MOODLE}?course=2&launch_container=31",
        f"{MOODLE}?course=2&my_launch_container=3",
        "https://lms.example.org/return?launch_container=3",
        "https://lms.example.org/?next=/mod/lti/return.php&launch_container=3",
    ],
)
def test_anything_else_stays_as_it_is(url: str | None) -> None:
    assert url_for_whole_window(url) == url


@pytest.mark.parametrize(
    ("issuer", "context_id", "family", "expected"),
    [
        ("https://m.example.org", "17", "moodle", "https://m.example.org/course/view.php?id=17"),
        (
            "https://m.example.org/a/",
            "17",
            "Moodle",
            "https://m.example.org/a/course/view.php?id=17",
        ),
        ("https://m.example.org", "link:5", "moodle", "https://m.example.org"),
        ("https://m.example.org", "17&x=1", "moodle", "https://m.example.org"),
        ("https://m.example.org", "١٧", "moodle", "https://m.example.org"),
        ("https://canvas.example.org", "17", "canvas", "https://canvas.example.org"),
        ("https://lms.example.org", "17", None, "https://lms.example.org"),
        ("javascript:alert(1)", "17", "moodle", None),
        ("urn:lms", "17", "moodle", None),
        ("", "17", "moodle", None),
    ],
)
def test_the_course_to_begin_again_from(
    issuer: str, context_id: str, family: str | None, expected: str | None
) -> None:
    assert course_url(issuer, context_id, family) == expected
