"""Cookie, the LMS's storage, a tab: every browser reaches its grade, by the first rung that holds.

The LMS is on « localhost » and Relais on 127.0.0.1: two sites. The browser's choices are those of
Chromium's own settings (see `cookie_profile`).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    BrowserContext,
    Frame,
    Page,
    Playwright,
    Route,
    expect,
)

from tests.journeys.answer_book import right_answer, the_module
from tests.journeys.browser.inspection import Inspector
from tests.journeys.browser.visiting import (
    COURSE,
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
    frame = open_in_frame(page, MODULE) if scripts else open_by_hand(page, storage)
    if frame.locator("h1").inner_text() == TITLE:
        return frame
    with page.context.expect_page() as opened:
        frame.get_by_role("button", name=TAB).click()
    return wait_for_window(opened.value)


def open_by_hand(page: Page, storage: bool) -> Frame:
    """Without scripts each page of the way is a form to send; the frame, once in Relais."""
    page.click(f"#open-frame-{MODULE}")
    inside = page.frame_locator("#contentframe")
    inside.locator("#ltiInitiateLoginForm button").click()
    if storage:
        # A page of ours came between: where the LMS lacks its own cookie, it posts to itself.
        form = inside.locator("#repostform, #ltiAuthForm")
        form.wait_for()
        if form.get_attribute("id") == "repostform":
            form.locator("button").click()
    inside.locator("#ltiAuthForm button").click()
    return wait_for_tool(page)


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


@pytest.fixture
def closed_context(
    playwright: Playwright, storage_stack: Stack, tmp_path: Path
) -> Iterator[BrowserContext]:
    """A browser that keeps nothing of Relais in frames; the LMS has its storage."""
    folder = tmp_path / "closed"
    with cookie_profile(playwright, storage_stack, folder, Cookies.BLOCKED) as context:
        yield context


def test_a_visit_by_its_address_belongs_to_its_frame(
    closed_context: BrowserContext, storage_stack: Stack, learner: str
) -> None:
    context, referers = closed_context, set[str]()
    context.on("request", lambda request: referers.add(request.headers.get("referer", "")))
    page = sign_in(context, storage_stack.lms_url, learner)
    frame = open_in_frame(page, MODULE)
    read_a_part(frame)
    second_part = frame.url
    token = second_part.split("/v/")[1].split("/")[0]

    # Back, and again: the page was asked for by ours, and is served.
    frame.evaluate("history.back()")
    expect(frame.locator(".r-above")).to_contain_text("partie 1")
    frame.evaluate("location.reload()")
    expect(frame.locator(".r-above")).to_contain_text("partie 1")

    # Its address opens nothing elsewhere: not at top level, not in a frame filled by another.
    tab = context.new_page()
    tab.goto(second_part)
    expect(tab.locator("h1")).to_have_text("Cette page ne s’ouvre que dans sa plateforme")
    tab.goto(storage_stack.lms_url)
    tab.evaluate(
        """url => {
            const frame = document.createElement('iframe');
            frame.src = url;
            document.querySelector('main').replaceChildren(frame);
        }""",
        second_part,
    )
    inside = tab.frame_locator("iframe").locator("h1")
    expect(inside).to_have_text("Cette page ne s’ouvre que dans sa plateforme")

    # « Agrandir » goes on in a tab, where cookies work.
    with context.expect_page() as opened:
        frame.get_by_role("button", name="Agrandir").click()
    larger = wait_for_window(opened.value)
    expect(larger.locator(".r-above")).to_contain_text("partie 1")
    assert "/v/" not in larger.url

    assert not [referer for referer in referers if token in referer]
    assert token not in storage_stack.log("web")


def test_two_frames_without_cookies(
    closed_context: BrowserContext, storage_stack: Stack, learner: str
) -> None:
    page = sign_in(closed_context, storage_stack.lms_url, learner)
    page.goto(f"{storage_stack.lms_url}/course/{COURSE}/activity/{MODULE}")
    # Beside the first: both logins leave their secret with the same LMS.
    page.evaluate(
        """url => {
            const frame = document.createElement('iframe');
            frame.id = 'second'; frame.width = 600; frame.height = 300; frame.src = url;
            document.querySelector('main').append(frame);
        }""",
        f"{storage_stack.lms_url}/mod/lti/launch.php?id={REVIEW + 20}",
    )
    first = page.frame_locator("#contentframe")
    second = page.frame_locator("#second")
    expect(first.locator("#contenu h1")).to_have_text(TITLE)
    expect(second.locator("#contenu h1")).to_have_text("Réviser")
    first.get_by_role("link", name="Parcours", exact=True).click()
    expect(first.locator("#contenu h1")).to_contain_text("Parcours")
    second.get_by_role("link", name="Revenir au parcours").click()
    expect(second.locator("#contenu h1")).to_contain_text("Parcours")


ANSWERS = {
    "mute": "",
    "empty": "answer({key: asked.key, value: null})",
    "refusing": "answer({error: {code: 'storage_exhaustion', message: 'no'}})",
    "of another message": "answer({key: asked.key, value: 'x', message_id: 'another'})",
}


@pytest.mark.parametrize("script", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_storage_that_does_not_answer_leaves_the_tab(
    closed_context: BrowserContext, storage_stack: Stack, learner: str, script: str
) -> None:
    listener = """addEventListener('message', event => {
        const asked = event.data;
        const answer = more => event.source.postMessage(
            {subject: asked.subject + '.response', message_id: asked.message_id, ...more},
            event.origin);
        %s;
    });"""

    def replace(route: Route) -> None:
        route.fulfill(body=listener % script, content_type="text/javascript")

    closed_context.route("**/platform_storage.js", replace)
    inspector = Inspector(closed_context, storage_stack.tool_url, storage_stack.lms_url)
    page = sign_in(closed_context, storage_stack.lms_url, learner)

    frame = open_in_frame(page, MODULE)

    heading = frame.locator("h1")
    expect(heading).to_have_text("Ouvrez Relais dans un nouvel onglet")
    expect(heading).to_be_focused()
    expect(frame.locator("[data-waiting]")).to_be_hidden()
    inspector.look_in_frame("the tab that is left", frame)
    with closed_context.expect_page() as opened:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    expect(wait_for_window(opened.value).locator("h1")).to_have_text(TITLE)
    inspector.conclude()


def test_without_the_script_there_is_a_link_then_the_tab(
    closed_context: BrowserContext, storage_stack: Stack, learner: str
) -> None:
    """A school's filter may keep one file away: scripts run, and this one never comes."""
    closed_context.route("**/ui/storage.js*", lambda route: route.fulfill(body=""))
    inspector = Inspector(closed_context, storage_stack.tool_url, storage_stack.lms_url)
    page = sign_in(closed_context, storage_stack.lms_url, learner)
    page.click(f"#open-frame-{MODULE}")
    inside = page.frame_locator("#contentframe")
    link = inside.get_by_role("link", name="Continuer")
    link.wait_for()
    handle = page.query_selector("#contentframe")
    frame = handle.content_frame() if handle else None
    assert frame is not None
    inspector.look_in_frame("on the way to the LMS", frame)
    link.click()
    with closed_context.expect_page() as opened:
        inside.get_by_role("button", name=TAB).click()
    tab = wait_for_window(opened.value)
    expect(tab.locator("h1")).to_have_text(TITLE)
    tab.goto(f"{storage_stack.tool_url}/v/{'A' * 43}/session/1/")
    inspector.look("a visit out of its frame", tab)
    inspector.conclude()
