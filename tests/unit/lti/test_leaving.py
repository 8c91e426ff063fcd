"""The way back to the platform, from any window."""

import pytest

from lti_app.lti.rules.leaving import url_for_whole_window

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
