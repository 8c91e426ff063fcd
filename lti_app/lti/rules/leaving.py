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


def course_url(issuer: str, context_id: str, product_family: str | None) -> str | None:
    """A page of the LMS to begin again from, when the launch's own return URL is not at hand.

    The course itself in Moodle, whose context ids are its course ids; else the LMS's home page.
    None for an issuer that is not a web address.
    """
    parts = urlsplit(issuer)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    is_moodle = (product_family or "").strip().lower().startswith("moodle")
    if is_moodle and re.fullmatch(r"[0-9]{1,18}", context_id):
        return f"{issuer.rstrip('/')}/course/view.php?id={context_id}"
    return issuer
