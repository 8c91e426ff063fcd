"""Cookies in frames of another site: let in, shut out, several at once."""

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.journeys.answer_book import right_answer, the_module
from tests.journeys.browser.visiting import (
    COURSE,
    open_in_frame,
    open_in_window,
    sign_in,
    wait_for_tool,
    wait_for_window,
)
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.xdist_group("browser")]

MODULE, PATH, REVIEW = 1, 2, 3
TITLE = "Mémoriser et apprendre avec le numérique"


def answer_one(frame: Frame | Page) -> None:
    """Reach the first question of the module, be right about it."""
    question = the_module().questions[1]
    course = frame.url.split("/module/")[0]
    frame.goto(f"{course}/question/{question.id}/")
    frame.check(f'[name="choice"][value="{right_answer(question)["choice"][0]}"]')
    frame.click("#contenu form [type=submit]")
    expect(frame.locator("#retour")).to_contain_text("C’est juste")


def test_a_frame_keeps_only_partitioned_cookies(
    context: BrowserContext, stack: Stack, learner: str
) -> None:
    page = sign_in(context, stack.lms_url, learner)
    frame = open_in_frame(page, MODULE)
    expect(frame.locator("h1")).to_have_text(TITLE)
    answer_one(frame)
    kept = [cookie for cookie in context.cookies() if cookie["domain"] == "127.0.0.1"]
    assert [cookie["name"] for cookie in kept] == ["__Host-relais"], "the login's cookie is spent"
    for cookie in kept:
        assert cookie["secure"]
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "None"
        # The pair is isolated: another LMS on the same computer sees none of it.
        assert cookie["partitionKey"] == "http://localhost"


def test_where_nothing_can_be_kept_a_tab_is_offered(
    shut_context: BrowserContext, stack: Stack, learner: str
) -> None:
    page = sign_in(shut_context, stack.lms_url, learner)
    frame = open_in_frame(page, MODULE)
    expect(frame.locator("h1")).to_contain_text("nouvel onglet")
    assert not [c for c in shut_context.cookies() if c["domain"] == "127.0.0.1"]
    with shut_context.expect_page() as opened:
        frame.get_by_role("button", name="Ouvrir dans un nouvel onglet").click()
    tab = wait_for_window(opened.value)
    expect(tab.locator("h1")).to_have_text(TITLE)
    answer_one(tab)
    # What the frame offered was for once.
    with shut_context.expect_page() as again:
        frame.get_by_role("button", name="Ouvrir dans un nouvel onglet").click()
    refused = wait_for_window(again.value)
    expect(refused.locator("#contenu")).to_contain_text("donnez ce code")


def test_the_tab_of_agrandir_goes_on_where_the_frame_was(
    context: BrowserContext, stack: Stack, learner: str
) -> None:
    page = sign_in(context, stack.lms_url, learner)
    frame = open_in_frame(page, MODULE)
    frame.locator(".p-lesson-link, #contenu a[href*='/etape/']").first.click()
    frame.wait_for_url("**/etape/**")
    heading = frame.locator("h1").inner_text()
    with context.expect_page() as opened:
        frame.get_by_role("button", name="Agrandir").click()
    tab = wait_for_window(opened.value)
    expect(tab.locator("h1")).to_have_text(heading)
    tab.click("#contenu form [type=submit]")
    tab.wait_for_url("**partie=2")
    # From this tab too, the way back is a page of the LMS and not a blank one.
    tab.get_by_role("link", name="Quitter").click()
    tab.wait_for_selector("#activities")


def test_two_frames_of_one_page(context: BrowserContext, stack: Stack, learner: str) -> None:
    page = sign_in(context, stack.lms_url, learner)
    # Both logins run at the same time: neither may take the state of the other.
    page.evaluate(
        """urls => document.querySelector('main').replaceChildren(...urls.map(url => {
            const frame = document.createElement('iframe');
            frame.width = 600; frame.height = 300; frame.src = url;
            return frame;
        }))""",
        [f"{stack.lms_url}/mod/lti/launch.php?id={activity + 20}" for activity in (MODULE, REVIEW)],
    )
    frames = page.locator("iframe")
    first = frames.nth(0).content_frame
    second = frames.nth(1).content_frame
    expect(first.locator("#contenu h1")).to_have_text(TITLE)
    expect(second.locator("#contenu h1")).to_have_text("Réviser")
    first.get_by_role("link", name="Parcours", exact=True).click()
    expect(first.locator("#contenu h1")).to_contain_text("Parcours")
    second.get_by_role("link", name="Revenir au parcours").click()
    expect(second.locator("#contenu h1")).to_contain_text("Parcours")


def test_two_tabs(context: BrowserContext, stack: Stack, learner: str) -> None:
    tabs = [sign_in(context, stack.lms_url, learner) for _ in range(2)]
    for tab in tabs:
        tab.goto(f"{stack.lms_url}/course/{COURSE}/activity/{MODULE}")
    for tab in tabs:
        tab.bring_to_front()  # as one does: a tab behind another takes no click
        frame = wait_for_tool(tab)
        expect(frame.locator("h1")).to_have_text(TITLE)
        answer_one(frame)


def test_a_new_window(context: BrowserContext, stack: Stack, learner: str) -> None:
    page = sign_in(context, stack.lms_url, learner)
    window = open_in_window(page, MODULE)
    expect(window.locator("h1")).to_have_text(TITLE)
    answer_one(window)
    window.get_by_role("link", name="Quitter").click()
    window.wait_for_selector("#activities")


def test_a_window_and_a_frame_at_once(context: BrowserContext, stack: Stack, learner: str) -> None:
    page = sign_in(context, stack.lms_url, learner)
    window = open_in_window(page, MODULE)
    frame = open_in_frame(page, PATH)
    expect(frame.locator("h1")).to_contain_text("Parcours")
    window.reload()
    expect(window.locator("h1")).to_have_text(TITLE)
    answer_one(window)
