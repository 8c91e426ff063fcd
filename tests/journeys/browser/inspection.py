"""What every screen owes to everyone: axe, focus, targets, 400 % zoom, silence of the console."""

from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Frame, Page, Request

from tests.journeys.browser.visiting import FRAME

ZOOMED = (320, 256)
"""1280 × 1024 at 400 % (WCAG 1.4.10)."""

_SCRIPT = Path(__file__).with_name("inspection.js").read_text("utf-8")
_AXE_OPTIONS = {
    "resultTypes": ["violations"],
    # WCAG 2.2; axe leaves it out by default.
    "rules": {"target-size": {"enabled": True}},
}
_SIZES = {"880 × 510": FRAME, "zoomed at 400 %": ZOOMED}


class Inspector:
    """Looks at screens, and remembers what is wrong with each."""

    def __init__(self, context: BrowserContext, *own_origins: str) -> None:
        """`own_origins`: the only ones that a page may ask anything of."""
        self.problems: list[str] = []
        self._own = {urlsplit(origin).netloc for origin in own_origins}
        context.on("request", self._hear_request)
        context.on("console", self._hear_console)
        context.on("weberror", lambda error: self._note("script", str(error.error)))

    def look(self, name: str, page: Page) -> None:
        """Every check, at the size of a frame and at 400 %."""
        # Else the page glides towards what has the focus, and is not there yet when looked at.
        page.emulate_media(reduced_motion="reduce")
        for words, size in _SIZES.items():
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.keyboard.press("Tab")
            for check in ("overflow", "smallTargets", "focus"):
                self._ask(f"{name}, {words}", page, check)
        page.set_viewport_size({"width": FRAME[0], "height": FRAME[1]})
        self._ask(name, page, "structure")
        self.run_axe(name, page)

    def look_in_frame(self, name: str, frame: Frame) -> None:
        """What can be said of a frame without changing its size."""
        for check in ("overflow", "smallTargets", "structure"):
            self._ask(name, frame, check)
        self.run_axe(name, frame)

    def run_axe(self, name: str, page: Page | Frame) -> None:
        """axe-core, its rules for WCAG 2.2 included."""
        found = Axe().run(page, options=_AXE_OPTIONS)
        for violation in found.response["violations"]:
            targets = ", ".join(str(node["target"]) for node in violation["nodes"][:3])
            self._note(name, f"axe {violation['id']}: {violation['help']}: {targets}")

    def _ask(self, name: str, page: Page | Frame, check: str) -> None:
        for problem in page.evaluate(f"{_SCRIPT}.{check}()"):
            self._note(name, problem)

    def _hear_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc not in self._own:
            self._note(request.frame.url, f"asks {parts.netloc} for {parts.path}")

    def _hear_console(self, message: ConsoleMessage) -> None:
        # Chromium says so of every page that is answered by 4xx, on purpose here.
        if message.type in {"error", "warning"} and "the server responded with" not in message.text:
            self._note(str(message.location), f"console {message.type}: {message.text}")

    def _note(self, name: str, problem: str) -> None:
        self.problems.append(f"{name}: {problem}")

    def conclude(self) -> None:
        """Fail with everything that was found, each problem once."""
        assert not self.problems, "\n".join(dict.fromkeys(self.problems))
