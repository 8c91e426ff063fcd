"""Chromium, and a whole Relais to drive it through."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.browser import LAUNCH_ARGUMENTS, find_chromium
from tests.journeys.browser.visiting import WAIT_MS, launch_chromium, profile
from tests.journeys.stack import Stack


@pytest.fixture(scope="session")
def running_stack() -> Iterator[Stack]:
    """One for all the browser tests of a process: each of them has its own people in it."""
    folder = Path(tempfile.mkdtemp(prefix="relais-browser-"))
    try:
        with Stack(folder, redis=True) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Of one module: Playwright refuses to run twice in a process, and other tests use it too."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The machine's Chromium, with the third-party cookies it ships with."""
    browser = launch_chromium(playwright)
    yield browser
    browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser profile of this test only."""
    with profile(chromium) as context:
        yield context


@pytest.fixture
def shut_profile(playwright: Playwright, stack: Stack, tmp_path: Path) -> Iterator[BrowserContext]:
    """A profile whose owner keeps Relais from storing anything in the frames of the LMS.

    As the site settings of Chromium write it: (embedded site, top site) → blocked. Unlike « block
    third-party cookies », it stops partitioned cookies too.
    """
    exceptions = {f"{stack.tool_url},{stack.lms_url}": {"setting": 2}}
    preferences = {"profile": {"content_settings": {"exceptions": {"cookies": exceptions}}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(preferences))
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=find_chromium(), args=list(LAUNCH_ARGUMENTS), locale="fr-FR"
    )
    context.set_default_timeout(WAIT_MS)
    yield context
    context.close()
