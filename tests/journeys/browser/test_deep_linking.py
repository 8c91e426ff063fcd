"""Contents chosen inside the LMS, saved there, and opened by a learner."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Playwright, expect

from lti_app.core.settings import PROJECT_ROOT
from lti_app.demo.models import MessageKind
from tests.journeys.browser.inspection import Inspector
from tests.journeys.browser.keyboard import Keyboard
from tests.journeys.browser.visiting import (
    COURSE,
    FRAME,
    Cookies,
    cookie_profile,
    open_in_frame,
    profile,
    scriptless_profile,
    sign_in,
    wait_for_tool,
)
from tests.journeys.stack import Stack
from tests.unit.content.sample import FILES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.xdist_group("deep-linking"),
]

TRAINER, LEARNER = "formatrice", "referent1"
LEARNER_ID, NEVER_CAME_ID = 5, 9
"""Of the LMS."""
CONTINUE, CANCEL = "verifier", "annuler"


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Not shared: it publishes one more module."""
    folder = tmp_path_factory.mktemp("deep-linking")
    courses = folder / "courses"
    shutil.copytree(PROJECT_ROOT / "courses", courses)
    for name, text in FILES.items():
        if name.startswith("petit/"):
            (courses / name).parent.mkdir(exist_ok=True)
            (courses / name).write_text(text, encoding="utf-8")
    stack = Stack(folder, redis=True, extra_learners=0)
    stack.environment["RELAIS_CONTENT_PATH"] = str(courses)
    with stack:
        yield stack


def open_selection(page: Page) -> Frame:
    """« Ajouter une activité », the tool, « Sélectionner le contenu »: Relais in its frame."""
    page.click("#add-activity")
    page.click("#add-tool-1")
    page.click("#select-content")
    return wait_for_tool(page)


def press(frame: Frame, action: str) -> None:
    frame.click(f'button[name="action"][value="{action}"]')


def names(page: Page) -> list[str]:
    """The activities of the course, as the LMS lists them."""
    return page.locator("#activities h3").all_inner_texts()


def last_activity(page: Page, name: str) -> int:
    """The newest activity of that name."""
    card = page.locator("[data-activity]", has=page.get_by_role("heading", name=name)).last
    return int(card.get_attribute("data-activity") or 0)


def test_two_modules_and_the_review_by_keyboard(own_stack: Stack, chromium: Browser) -> None:
    with profile(chromium) as context:
        page = sign_in(context, own_stack.lms_url, TRAINER)
        before = len(names(page))
        choose_by_keyboard(page)
        expect(page.locator("#selected-items li")).to_have_count(3)
        page.click("#save-selection button")
        expect(page.locator("[data-activity]")).to_have_count(before + 3)
        expect_columns(page, own_stack, ["Un petit module"], absent="Séance de révision")
    with profile(chromium) as context:
        page = sign_in(context, own_stack.lms_url, LEARNER)
        frame = open_in_frame(page, last_activity(page, "Un petit module"))
        expect(frame.locator("#contenu h1")).to_have_text("Un petit module")
        page.goto(f"{own_stack.lms_url}/course/{COURSE}")
        frame = open_in_frame(page, last_activity(page, "Séance de révision"))
        expect(frame.locator("#contenu h1")).to_have_text("Réviser")


def choose_by_keyboard(page: Page) -> None:
    """Nothing first, which is explained; then two modules and the review."""
    lms = Keyboard(page, lambda: page.main_frame)
    lms.follow("#add-activity")
    lms.follow("#add-tool-1")
    lms.follow("#select-content")
    frame = wait_for_tool(page)
    lms.reach("#contentframe")
    keyboard = Keyboard(page, lambda: frame)
    keyboard.follow(f'[value="{CONTINUE}"]')
    expect(frame.locator("#erreurs")).to_be_focused()
    for content in ("memoriser", "petit", "review"):
        keyboard.reach(f'[name="choice"][value="{content}"]')
        keyboard.press("Space")
    keyboard.reach("summary", key="Shift+Tab")
    keyboard.press("Space")
    expect(frame.get_by_text("Expliquer une chose")).to_be_visible()
    keyboard.follow(f'[value="{CONTINUE}"]')
    expect(frame.locator("#achevement")).to_be_visible()
    expect(frame.locator(".c-items li")).to_have_count(3)
    keyboard.reach('[value="ajouter"]')
    # It leaves the frame by itself: no page of ours to wait for.
    page.keyboard.press("Enter")


def expect_columns(page: Page, stack: Stack, present: list[str], *, absent: str) -> None:
    page.goto(f"{stack.lms_url}/course/{COURSE}/grades")
    head = page.locator("#grades thead")
    for name in present:
        expect(head.get_by_text(name)).to_have_count(1)
    expect(head.get_by_text(absent)).to_have_count(0)


def test_one_content_fills_the_form(own_stack: Stack, chromium: Browser) -> None:
    with profile(chromium) as context:
        page = sign_in(context, own_stack.lms_url, TRAINER)
        frame = open_selection(page)
        # A click anywhere on the card: its label covers it.
        frame.get_by_text("Pour les essais.").click(force=True)
        expect(frame.locator("#choice-petit")).to_be_checked()
        press(frame, CONTINUE)
        expect(frame.locator("#achevement")).to_contain_text("une chose à faire")
        press(frame, "ajouter")
        expect(page.locator("#name")).to_have_value("Un petit module")
        expect(page.locator("#custom")).to_have_value("module=petit")
        expect(page.locator("#url")).to_have_value("")
        expect(page.locator("#graded")).to_be_checked()


def test_nothing_chosen(own_stack: Stack, chromium: Browser) -> None:
    with profile(chromium) as context:
        page = sign_in(context, own_stack.lms_url, TRAINER)
        press(open_selection(page), CANCEL)
        expect(page.locator("#activity-form")).to_be_visible()
        expect(page.locator("#name")).to_have_value("")


def test_without_scripts(own_stack: Stack, playwright: Playwright, tmp_path: Path) -> None:
    with scriptless_profile(playwright, tmp_path / "profile") as context:
        page = sign_in(context, own_stack.lms_url, TRAINER)
        page.goto(f"{own_stack.lms_url}/course/{COURSE}/contentitem?add=1")
        frame = page.frame_locator("#contentframe")
        frame.locator("#ltiInitiateLoginForm button").click()
        frame.locator("#ltiAuthForm button").click()
        frame.locator("#choice-petit").check()
        frame.locator(f'[value="{CONTINUE}"]').click()
        frame.locator('[value="ajouter"]').click()
        expect(frame.locator("#contenu")).to_contain_text("Votre choix est prêt")
        frame.locator("#contenu form button").click()
        # The LMS lacked its own cookie in what came from us, and posts it again.
        frame.locator("form button, #content-received").first.click()
        expect(frame.locator("body")).not_to_contain_text("Erreur")


def test_in_a_frame_that_keeps_nothing(
    own_stack: Stack, playwright: Playwright, tmp_path: Path
) -> None:
    """No cookie at all: choosing contents needs none."""
    folder = tmp_path / "profile"
    with cookie_profile(playwright, own_stack, folder, Cookies.BLOCKED) as context:
        page = sign_in(context, own_stack.lms_url, TRAINER)
        frame = open_selection(page)
        frame.check("#choice-path")
        press(frame, CONTINUE)
        press(frame, "ajouter")
        expect(page.locator("#name")).to_have_value("Parcours complet")
        assert not [cookie for cookie in context.cookies() if cookie["domain"] == "127.0.0.1"]


def test_a_trainer_looks_at_the_attempt_of_a_learner(own_stack: Stack, chromium: Browser) -> None:
    """Submission review: the LMS asks for one person's work, the card of it opens."""
    with profile(chromium) as context:
        open_in_frame(sign_in(context, own_stack.lms_url, LEARNER), 1)
    with profile(chromium) as context:
        page = sign_in(context, own_stack.lms_url, TRAINER)
        page.goto(f"{own_stack.lms_url}/course/{COURSE}/review/1/{LEARNER_ID}")
        expect(wait_for_tool(page).locator("#contenu h1")).to_contain_text("Guessan")
        page.goto(f"{own_stack.lms_url}/course/{COURSE}/review/1/{NEVER_CAME_ID}")
        expect(wait_for_tool(page).locator("#contenu h1")).to_contain_text("Relais n’a rien")


def test_messages_of_the_site(own_stack: Stack, context: BrowserContext) -> None:
    """Data privacy opens its page; what nobody knows is named."""
    page = sign_in(context, own_stack.lms_url, "admin")
    for kind, words in (
        (MessageKind.DATA_PRIVACY, "Vos données personnelles"),
        (MessageKind.UNKNOWN, "incomplet"),
    ):
        page.goto(f"{own_stack.lms_url}/admin/tools/1/message/{kind}")
        expect(wait_for_tool(page).locator("#contenu h1")).to_contain_text(words)


def test_every_screen(own_stack: Stack, context: BrowserContext) -> None:
    """Axe, targets, focus, 400 % zoom. At top level, where the page may change its size."""
    inspector = Inspector(context, own_stack.tool_url, own_stack.lms_url)
    page = sign_in(context, own_stack.lms_url, TRAINER)
    page.set_viewport_size({"width": FRAME[0], "height": FRAME[1]})
    page.goto(f"{own_stack.lms_url}/mod/lti/contentitem.php?course={COURSE}&id=1")
    page.locator(".c-go").wait_for()
    inspector.look("selection", page)
    press(page.main_frame, CONTINUE)
    page.locator("#erreurs").wait_for()
    page.locator("details summary").first.click()
    inspector.look("nothing chosen, objectives open", page)
    for name, contents in (
        ("one module", ("petit",)),
        ("two and the review", ("memoriser", "petit", "review")),
        ("the review", ("review",)),
    ):
        for box in page.locator('[name="choice"]').all():
            box.set_checked(box.get_attribute("value") in contents)
        press(page.main_frame, CONTINUE)
        page.locator("#achevement").wait_for()
        inspector.look(f"about to add {name}", page)
        press(page.main_frame, "modifier")
        page.locator("#choice-petit").wait_for()
    page.goto(f"{own_stack.tool_url}/lti/donnees-personnelles")
    inspector.look("personal data", page)
    inspector.conclude()
