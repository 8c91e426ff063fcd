"""Someone who has a keyboard and nothing else."""

from collections.abc import Callable

from playwright.sync_api import Frame, Page

from lti_app.content.rules.catalog import Question, QuestionKind
from tests.journeys.answer_book import Fields

_FAR = 120
"""Tabs after which nobody would still be looking."""

Document = Callable[[], Frame]


class Keyboard:
    """Keys typed in `page`; `document` gives the frame whose focus is followed."""

    def __init__(self, page: Page, document: Document) -> None:
        self._page = page
        self.document = document

    def press(self, key: str, times: int = 1) -> None:
        """Any key, as many times."""
        for _ in range(times):
            self._page.keyboard.press(key)

    def is_on(self, selector: str, words: str = "") -> bool:
        """Whether the focus is on an element that matches, and says these words."""
        script = """([selector, words]) => {
            const focused = document.activeElement;
            return focused.matches(selector) && focused.innerText.includes(words);
        }"""
        return bool(self.document().evaluate(script, [selector, words]))

    def reach(self, selector: str, words: str = "", *, key: str = "Tab") -> None:
        """Tab (or Shift+Tab) until the focus is there. Raises AssertionError when it never is."""
        for _ in range(_FAR):
            if self.is_on(selector, words):
                return
            self.press(key)
        sought = f"{selector} {words}".strip()
        raise AssertionError(f"{key} never reaches {sought} on {self.document().url}")

    def follow(self, selector: str, words: str = "") -> None:
        """Reach a link or button, press it, wait for the page it leads to."""
        self.reach(selector, words)
        self.enter()

    def enter(self) -> None:
        """Press Enter where it leads to another page, and let it go once there.

        Chromium may never acknowledge a key let go while the frame under it is being replaced,
        and Playwright then waits for ever.
        """
        with self.document().expect_navigation():
            self._page.keyboard.down("Enter")
        self._page.keyboard.up("Enter")

    def fill(self, question: Question, fields: Fields) -> None:
        """Fill in the form of a question."""
        match question.kind:
            case QuestionKind.SINGLE | QuestionKind.TRUEFALSE:
                self.choose("choice", fields["choice"][0])
            case QuestionKind.MULTIPLE:
                for value in self._in_page_order("choice", fields["choice"]):
                    self.reach(f'[name="choice"][value="{value}"]')
                    self.press("Space")
            case QuestionKind.SHORT:
                self.reach('[name="text"]')
                self.press("Control+A")
                self._page.keyboard.type(fields["text"][0])
            case _:
                for name in self._select_names():
                    self.select(name, fields[name][0])

    def choose(self, name: str, value: str) -> None:
        """One radio button: Tab enters the group, arrows move in it, Space takes the first."""
        self.reach(f'[name="{name}"]')
        self.press("Space")
        for _ in range(_FAR):
            if self.is_on(f'[value="{value}"]'):
                return
            self.press("ArrowDown")
        raise AssertionError(f"no {value} among {name}")

    def select(self, name: str, value: str) -> None:
        """One option of a list: Home, then down to it."""
        self.reach(f'select[name="{name}"]')
        script = "value => [...document.activeElement.options].findIndex(o => o.value === value)"
        place = self.document().evaluate(script, value)
        assert place >= 0, f"no {value} in {name}"
        self.press("Home")
        self.press("ArrowDown", place)
        chosen = self.document().evaluate("() => document.activeElement.value")
        assert chosen == value, f"{name}: the arrows lead to {chosen}, not to {value}"

    def _in_page_order(self, name: str, values: list[str]) -> list[str]:
        script = "name => [...document.getElementsByName(name)].map(box => box.value)"
        shown: list[str] = self.document().evaluate(script, name)
        assert set(values) <= set(shown)
        return [value for value in shown if value in values]

    def _select_names(self) -> list[str]:
        script = "() => [...document.querySelectorAll('main select')].map(list => list.name)"
        names: list[str] = self.document().evaluate(script)
        return names
