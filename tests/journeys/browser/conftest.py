"""Chromium, and a whole Relais to drive it through."""

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.browser import launch_chromium
from tests.journeys.browser.visiting import Cookies, cookie_profile, profile
from tests.journeys.stack import Stack

PATIENCE_SECONDS = 300.0


@pytest.fixture(autouse=True)
def watchdog() -> Iterator[None]:
    """End a browser that answers no more: its test then fails, instead of hanging the whole run.

    Playwright's own time-outs do not cover keys and scripts.
    """
    timer = threading.Timer(PATIENCE_SECONDS, _end_browsers)
    timer.daemon = True
    timer.start()
    yield
    timer.cancel()


def _end_browsers() -> None:
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "chrom" in process.name():
                process.kill()


@pytest.fixture(scope="session")
def running_stack() -> Iterator[Stack]:
    """One for all the browser tests of a process: each of them has its own people in it."""
    folder = Path(tempfile.mkdtemp(prefix="relais-browser-"))
    try:
        with Stack(folder, redis=True) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def running_storage_stack() -> Iterator[Stack]:
    """Another, whose LMS keeps values for frames without cookies."""
    folder = Path(tempfile.mkdtemp(prefix="relais-storage-"))
    try:
        with Stack(folder, redis=True, storage=True) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def storage_stack(running_storage_stack: Stack) -> Stack:
    """The same, all parts running."""
    running_storage_stack.ensure_running()
    return running_storage_stack


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
def shut_context(playwright: Playwright, stack: Stack, tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser that keeps nothing of Relais in the frames of the LMS."""
    folder = tmp_path / "profile"
    with cookie_profile(playwright, stack, folder, Cookies.BLOCKED) as context:
        yield context
