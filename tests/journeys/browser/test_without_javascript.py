"""The same pages where scripts do not run: everything is a link or a form."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Playwright, expect

from lti_app.content.rules.catalog import Question
from tests.journeys.answer_book import one_of_each_kind, right_answer, wrong_answer
from tests.journeys.browser.visiting import fill, scriptless_profile, sign_in
from tests.journeys.http_browser import Visitor
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.xdist_group("browser")]


@pytest.fixture
def plain_context(playwright: Playwright, tmp_path: Path) -> Iterator[BrowserContext]:
    """A profile whose owner switched scripts off."""
    with scriptless_profile(playwright, tmp_path / "profile") as context:
        yield context


def launch(context: BrowserContext, stack: Stack, username: str, activity: int = 1) -> Page:
    """Into Relais in a window, pressing « Continuer » where the LMS would post by script."""
    page = sign_in(context, stack.lms_url, username)
    with context.expect_page() as opened:
        page.click(f"#open-window-{activity}")
    window = opened.value
    window.click("#ltiInitiateLoginForm button")
    window.click("#ltiAuthForm button")
    window.wait_for_selector(".r-bar")
    return window


def go(page: Page) -> Locator:
    return page.locator("#contenu .btn-primary")


def test_launch_and_lesson_in_the_frame(
    plain_context: BrowserContext, stack: Stack, learner: str
) -> None:
    page = sign_in(plain_context, stack.lms_url, learner)
    page.click("#open-frame-1")
    frame = page.frame_locator("#contentframe")
    frame.locator("#ltiInitiateLoginForm button").click()
    frame.locator("#ltiAuthForm button").click()
    expect(frame.locator("#contenu h1")).to_contain_text("Mémoriser")
    frame.locator("#contenu .btn-primary").click()
    expect(frame.locator(".r-above")).to_contain_text("partie 1")
    frame.locator("#contenu form .btn-primary").click()
    expect(frame.locator(".r-above")).to_contain_text("partie 2")
    frame.get_by_role("link", name="Tout afficher").click()
    expect(frame.locator("#contenu h2.p-part-title")).not_to_have_count(1)


def test_a_question_of_each_kind(plain_context: BrowserContext, stack: Stack, learner: str) -> None:
    page = launch(plain_context, stack, learner)
    course = page.url.split("/module/")[0]
    for question in one_of_each_kind().values():
        address = f"{course}/question/{question.id}/"
        page.goto(address)
        page.click("#contenu form .btn-primary")
        expect(page.locator("#erreurs")).to_contain_text("À corriger")
        page.click("#erreurs a")
        fill(page, question, wrong_answer(question))
        page.click("#contenu form .btn-primary")
        expect(page.locator("#retour")).to_contain_text("Ce n’est pas la bonne réponse")
        page.goto(address)
        fill(page, question, right_answer(question))
        page.check('[name="confidence"][value="sure"]')
        page.click("#contenu form .btn-primary")
        expect(page.locator("#retour")).to_contain_text("C’est juste")
        page.locator("#contenu details > summary").first.click()
        expect(page.locator("#contenu details .r-prose").first).to_be_visible()
    go(page).click()
    expect(page.locator("#contenu h1")).to_be_visible()


def test_a_review(plain_context: BrowserContext, stack: Stack, learner: str) -> None:
    visitor = Visitor(stack, learner)
    home = visitor.launch()
    course = home.url.split("/module/")[0]
    for question in list(one_of_each_kind().values())[:2]:
        page = visitor.get(f"{course}/question/{question.id}/")
        visitor.submit(page, page.form("/question/"), right_answer(question))
    stack.move_clock(timedelta(days=7))

    window = launch(plain_context, stack, learner, activity=3)

    expect(window.locator("h1")).to_have_text("Réviser")
    go(window).click()
    for _ in range(2):
        asked = one_of_each_kind_by_id(window)
        fill(window, asked, right_answer(asked))
        window.click("#contenu form .btn-primary")
        expect(window.locator("#retour")).to_contain_text("C’est juste")
        go(window).click()
    expect(window.locator("h1")).to_have_text("Séance terminée")


def one_of_each_kind_by_id(page: Page) -> Question:
    """The question that the page asks."""
    question_id = page.url.split("/question/")[1].split("/")[0]
    return next(each for each in one_of_each_kind().values() if each.id == question_id)


def test_the_trainer_filters_and_sorts(plain_context: BrowserContext, stack: Stack) -> None:
    Visitor(stack, "referent2").launch()
    page = launch(plain_context, stack, "formatrice")
    rows = page.locator("table.s-table tbody tr")
    page.fill('[name="nom"]', "le goff")
    page.click(".s-filters [type=submit]")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Le Goff")
    page.click("table.s-table thead a >> nth=0")
    expect(page.locator("th[aria-sort]")).to_have_count(1)
    page.click("table.s-table tbody th a")
    expect(page.locator("h1")).to_contain_text("Le Goff")
