"""Chromium for the browser journeys: found, else installed; `python -m tests.browser`."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

LAUNCH_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""No background traffic, so that nothing leaves the machine; no sandbox, since CI runs as root."""

SCRIPTLESS: Mapping[str, object] = {"default_content_setting_values": {"javascript": 2}}
"""The choice of somebody who switched scripts off.

Not Playwright's `java_script_enabled=False`, which reaches the process of a new window or frame
once its page is being read, now and then: neither its scripts nor its <noscript> then go on.
"""


def launch_chromium(playwright: "Playwright") -> "Browser":
    """Chromium as its makers ship it: third-party cookies as by default."""
    return playwright.chromium.launch(executable_path=find_chromium(), args=list(LAUNCH_ARGUMENTS))


def open_profile(
    playwright: "Playwright", folder: Path, choices: Mapping[str, object], **options: Any
) -> "BrowserContext":
    """A profile kept in `folder` (a new one), whose owner made these choices in the settings."""
    (folder / "Default").mkdir(parents=True)
    preferences = json.dumps({"profile": choices})
    (folder / "Default" / "Preferences").write_text(preferences, "utf-8")
    return playwright.chromium.launch_persistent_context(
        folder, executable_path=find_chromium(), args=list(LAUNCH_ARGUMENTS), **options
    )


def find_chromium() -> str | None:
    """Path of a Chromium on this machine, Playwright's own included."""
    for name in _NAMES:
        path = shutil.which(name)
        if path:
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install_chromium() -> str | None:
    """Install one: by apt when root, else by Playwright. Its path, or None when neither can."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempts.insert(0, ["apt-get", "install", "--yes", "--quiet", "chromium"])
        subprocess.run(["apt-get", "update", "--quiet"], check=False, stdout=subprocess.DEVNULL)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in attempts:
        subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)
        path = find_chromium()
        if path:
            return path
    return None


def main() -> None:
    """Make sure there is a browser, or fail and say so."""
    if not (find_chromium() or install_chromium()):
        sys.exit(
            "relais: no Chromium, and none could be installed (apt-get as root, or"
            " « playwright install chromium »): the browser journeys cannot run"
        )


if __name__ == "__main__":
    main()
