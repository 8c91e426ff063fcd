"""The way back to the platform, whatever window it is followed from."""

import re
from urllib.parse import urlsplit

_MOODLE = "/mod/lti/return.php"
_IN_FRAME = re.compile(r"(?<=[?&])launch_container=[23](?=&|$)")
_IN_WINDOW = "launch_container=4"


def url_for_whole_window(return_url: str | None) -> str | None:
    """The return URL of a launch, fit to be followed by the whole window.

    For an activity in a frame, Moodle's return page holds one script that leaves the frame: in the
    whole window, or in a tab of its own, it is blank for ever. From inside the frame it would often
    lack Moodle's cookie, our link being cross-site. The value it gives for an activity in a
    window redirects to the course in both cases (Moodle 4.5, mod/lti/return.php; values of
    LTI_LAUNCH_CONTAINER_… in mod/lti/locallib.php).
    """
    if return_url is None or not urlsplit(return_url).path.endswith(_MOODLE):
        return return_url
    return _IN_FRAME.sub(_IN_WINDOW, return_url)
