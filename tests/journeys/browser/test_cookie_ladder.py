"""Cookie, the LMS's storage, a tab: every browser reaches its grade, by the first rung that holds.

The LMS is on « localhost » and Relais on 127.0.0.1: two sites. The browser's choices are those of
Chromium's own settings (see `cookie_profile`).
"""

from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, Playwright, expect

from tests.journeys.answer_book import right_answer, the_module
from tests.journeys.browser.visiting import (
    Cookies,
    cookie_profile,
    fill,
    open_in_frame,
    sign_in,
    wait_for_tool,
    wait_for_window,
)
from tests.journeys.http_browser import Visitor
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.xdist_group("browser")]

MODULE, REVIEW = 1, 3
TITLE = the_module().title
TAB = "Ouvrir dans un nouvel onglet"

# Browser's cookies, LMS's storage, scripts → where the visit takes place.
LADDER = [
    (Cookies.ALLOWED, False, True, "frame, by a cookie"),
    (Cookies.ALLOWED, True, True, "frame, by a cookie"),
    (Cookies.ALLOWED, True, False, "frame, by a cookie"),
    (Cookies.PARTITIONED, False, True, "frame, by a cookie"),
    (Cookies.PARTITIONED, True, True, "frame, by a cookie"),
    (Cookies.PARTITIONED, True, False, "frame, by a cookie"),
    (Cookies.BLOCKED, True, True, "frame, by its address"),
    (Cookies.BLOCKED, False, True, "tab"),
    (Cookies.BLOCKED, True, False, "tab"),
    (Cookies.BLOCKED, False, False, "tab"),
]


def name_of(case: tuple[Cookies, bool, bool, str]) -> str:
    cookies, storage, scripts, _ = case
    return f"{cookies}-{'storage' if storage else 'moodle'}-{'js' if scripts else 'nojs'}"


@pytest.mark.parametrize("case", LADDER, ids=name_of)
def test_from_launch_to_grade(
    playwright: Playwright,
    request: pytest.FixtureRequest,
    new_learner: object,
    learner: str,
    tmp_path: Path,
    case: tuple[Cookies, bool, bool, str],
) -> None:
    cookies, storage, scripts, rung = case
    stack: Stack = request.getfixturevalue("storage_stack" if storage else "stack")
    # All but the answer that completes the module, which is given in the browser.
    visitor = Visitor(stack, learner)
    visitor.session.headers["Sec-Fetch-Dest"] = "document"
    last = visitor.do_module_but_last().question_id
    with cookie_profile(
        playwright, stack, tmp_path / "profile", cookies, javascript=scripts
    ) as context:
        place = enter(sign_in(context, stack.lms_url, learner), scripts, storage)
        assert where(place) == rung
        read_a_part(place)
        answer_question(place, last)
        kept = [cookie["name"] for cookie in context.cookies() if is_relais(cookie["domain"])]
        assert kept == ([] if cookies is Cookies.BLOCKED and rung != "tab" else ["__Host-relais"])
    stack.wait_until(
        lambda: Visitor(stack, "formatrice").grade(learner)[0], what=f"the grade of {learner}"
    )


def enter(page: Page, scripts: bool = True, storage: bool = True) -> Page | Frame:
    """Open the module, by whatever way Relais offers this browser."""
    if scripts:
        frame = open_in_frame(page, MODULE)
    else:
        page.click(f"#open-frame-{MODULE}")
        inside = page.frame_locator("#contentframe")
        inside.locator("#ltiInitiateLoginForm button").click()
        if storage:
            # A page of ours came between: the LMS lacks its own cookie, and posts to itself again.
            inside.locator("#repostform button").click()
        inside.locator("#ltiAuthForm button").click()
        frame = wait_for_tool(page)
    if frame.locator("h1").inner_text() == TITLE:
        return frame
    with page.context.expect_page() as opened:
        frame.get_by_role("button", name=TAB).click()
    return wait_for_window(opened.value)


def where(place: Page | Frame) -> str:
    expect(place.locator("h1")).to_have_text(TITLE)
    if isinstance(place, Page):
        return "tab"
    return "frame, by its address" if "/v/" in place.url else "frame, by a cookie"


def is_relais(domain: str) -> bool:
    return domain == "127.0.0.1"


def read_a_part(place: Page | Frame) -> None:
    place.locator("#contenu a[href*='/etape/']").first.click()
    expect(place.locator(".r-above")).to_contain_text("partie 1")
    place.click("#contenu form .btn-primary")
    expect(place.locator(".r-above")).to_contain_text("partie 2")


def answer_question(place: Page | Frame, question_id: str) -> None:
    question = next(each for each in the_module().questions if each.id == question_id)
    # By the links of the pages: in a frame there is no address bar.
    place.get_by_role("link", name="Parcours", exact=True).click()
    expect(place.locator("#contenu h1")).to_contain_text("Parcours")
    place.locator("#contenu .btn-primary").first.click()
    place.wait_for_url(f"**/question/{question_id}/")
    fill(place, question, right_answer(question))
    place.click("#contenu form .btn-primary")
    expect(place.locator("#retour")).to_contain_text("C’est juste")
