"""Going through the demonstration LMS into Relais, in Chromium."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Frame, Page, Playwright

from lti_app.content.rules.catalog import Question, QuestionKind
from tests.browser import SCRIPTLESS, open_profile
from tests.journeys.answer_book import Fields
from tests.journeys.stack import Stack

COURSE = 2
"""Of the LMS: its first course."""
SMALL_LAPTOP = (1366, 768)
FRAME = (880, 510)
"""What an embedded activity gets in Moodle's Boost, and in the demonstration LMS."""
WAIT_MS = 30_000
"""Two test processes, their stacks and two browsers share two cores."""


@contextmanager
def profile(chromium: Browser, *, size: tuple[int, int] = SMALL_LAPTOP) -> Iterator[BrowserContext]:
    """A new browser profile, empty."""
    width, height = size
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        locale="fr-FR",
        timezone_id="Europe/Paris",
        accept_downloads=True,
    )
    context.set_default_timeout(WAIT_MS)
    try:
        yield context
    finally:
        context.close()


class Cookies(StrEnum):
    """What a browser keeps of Relais in the frames of the LMS."""

    ALLOWED = "allowed"
    """Every third-party cookie, as browsers did for long."""
    PARTITIONED = "partitioned"
    """Only those that belong to the pair LMS + Relais: Chromium's « block third-party cookies »."""
    BLOCKED = "blocked"
    """None at all, partitioned ones included, as in Safari."""


@contextmanager
def cookie_profile(
    playwright: Playwright,
    stack: Stack,
    folder: Path,
    cookies: Cookies,
    *,
    javascript: bool = True,
) -> Iterator[BrowserContext]:
    """A profile, kept in `folder`, whose owner chose what frames of other sites may keep.

    As the settings of Chromium write it, nothing is simulated. BLOCKED is its setting for one
    site: (embedded site, top site) → blocked, which stops partitioned cookies and storage too.
    """
    choices: Mapping[Cookies, dict[str, object]] = {
        Cookies.ALLOWED: {"cookie_controls_mode": 0, "block_third_party_cookies": False},
        Cookies.PARTITIONED: {"cookie_controls_mode": 1, "block_third_party_cookies": True},
        Cookies.BLOCKED: {
            "content_settings": {
                "exceptions": {"cookies": {f"{stack.tool_url},{stack.lms_url}": {"setting": 2}}}
            }
        },
    }
    with _kept_profile(
        playwright, folder, {**choices[cookies], **({} if javascript else SCRIPTLESS)}
    ) as context:
        yield context


@contextmanager
def scriptless_profile(playwright: Playwright, folder: Path) -> Iterator[BrowserContext]:
    """A profile, kept in `folder`, whose owner switched scripts off."""
    with _kept_profile(playwright, folder, SCRIPTLESS) as context:
        yield context


@contextmanager
def _kept_profile(
    playwright: Playwright, folder: Path, choices: Mapping[str, object]
) -> Iterator[BrowserContext]:
    width, height = SMALL_LAPTOP
    context = open_profile(
        playwright,
        folder,
        choices,
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": width, "height": height},
    )
    context.set_default_timeout(WAIT_MS)
    try:
        yield context
    finally:
        context.close()


def sign_in(context: BrowserContext, lms_url: str, username: str) -> Page:
    """A page of the LMS on its course, signed in."""
    page = context.new_page()
    # By the form's address: the people that tests are given have no button.
    page.goto(lms_url)
    answer = context.request.post(f"{lms_url}/login", form={"person": username})
    assert answer.ok, f"{username} cannot sign in"
    page.goto(f"{lms_url}/course/{COURSE}")
    return page


def open_in_frame(page: Page, activity: int) -> Frame:
    """Open an activity in the page; the frame, once the launch is over."""
    page.click(f"#open-frame-{activity}")
    return wait_for_tool(page)


def wait_for_tool(page: Page) -> Frame:
    """The frame of the activity, once a page of Relais is in it."""
    # Not the page that leaves a secret in the LMS’s storage: the launch is not over.
    heading = "#contenu:not(:has([data-storage=put])) h1"
    page.frame_locator("#contentframe").locator(heading).wait_for()
    handle = page.query_selector("#contentframe")
    frame = handle.content_frame() if handle else None
    assert frame is not None
    return frame


def open_in_window(page: Page, activity: int) -> Page:
    """Open an activity in a new window; that window, once the launch is over."""
    with page.context.expect_page() as opened:
        page.click(f"#open-window-{activity}")
    return wait_for_window(opened.value)


def wait_for_window(window: Page) -> Page:
    """The same window, once a page of Relais is in it."""
    window.wait_for_selector(".r-bar")
    window.wait_for_selector("#contenu h1")
    return window


def fill(page: Page | Frame, question: Question, fields: Fields) -> None:
    """Fill in the form of a question, with the mouse."""
    for name, values in fields.items():
        for value in values:
            if question.kind is QuestionKind.SHORT:
                page.fill(f'[name="{name}"]', value)
            elif question.kind in {QuestionKind.ORDERING, QuestionKind.MATCHING}:
                page.select_option(f'[name="{name}"]', value)
            else:
                page.check(f'[name="{name}"][value="{value}"]')
