"""A browser without JavaScript: pages, forms, links, cookies. And what people do with it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar, get_cookie_header

from tests.journeys.answer_book import Fields, courses, right_answer, the_module, wrong_answer

TIMEOUT = 40

FIRST_COURSE = 2
MODULE_ACTIVITY, PATH_ACTIVITY, REVIEW_ACTIVITY = 1, 2, 3
MODULE_COLUMN = 11
"""Line item of the first activity in the gradebook of the LMS."""

_GO = re.compile(r'class="(?:r-actions|p-go)[^"]*">.*?<a[^>]* href="([^"]+)"', re.DOTALL)


@dataclass
class Form:
    """A form as it stands: `fields` by name, in the order of the page."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Collects forms, their hidden and text inputs and what is checked."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""), values.get("method", "get").lower())
            self.forms.append(self._open)
        elif tag == "input" and self._open is not None and values.get("name"):
            if values.get("type") in {"radio", "checkbox"} and "checked" not in values:
                return
            self._open.fields.setdefault(values["name"], []).append(values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


class Page:
    """A page that was received."""

    def __init__(self, response: requests.Response) -> None:
        self.url = response.url
        self.status = response.status_code
        self.text = response.text
        self.bytes = response.content

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def question_id(self) -> str:
        """The question that the page asks, « » when it asks none."""
        _, _, rest = self.path.partition("/question/")
        return rest.rstrip("/")

    @property
    def words(self) -> str:
        """What is read, tags and odd spaces apart."""
        text = re.sub(r"<[^>]+>", " ", self.text).replace("&#39;", "'")
        return " ".join(text.replace("\u202f", " ").replace("\u00a0", " ").split())

    @property
    def go(self) -> str:
        """Where the main button leads, when it is a link."""
        found = _GO.search(self.text)
        assert found, f"nowhere to go from {self.url}"
        return found[1].replace("&amp;", "&")

    def form(self, action: str = "") -> Form:
        """The first form whose action holds these words."""
        forms = _Forms(self.text).forms
        found = next((each for each in forms if action in each.action), None)
        assert found is not None, f"no form {action!r} in {self.url} ({self.status}): {self.words}"
        return found


class Site(Protocol):
    """Where Relais and the demonstration LMS answer, as a Stack."""

    tool_url: str
    lms_url: str


class _LoopbackAdapter(HTTPAdapter):
    """Sends Secure cookies by plain http, as browsers do to loopback addresses.

    requests copies the jar for each request, and forgets its policy: the header is made here.
    """

    def __init__(self, jar: RequestsCookieJar) -> None:
        super().__init__()
        jar.set_policy(DefaultCookiePolicy(secure_protocols=("http", "https")))
        self._jar = jar

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        request.headers.pop("Cookie", None)
        cookies = get_cookie_header(self._jar, request)  # type: ignore[no-untyped-call]
        if cookies:
            request.headers["Cookie"] = cookies
        return super().send(request, *args, **kwargs)


class HttpBrowser:
    """A profile: its cookies, kept from page to page."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.session = requests.Session()
        self.session.mount("http://", _LoopbackAdapter(self.session.cookies))

    def get(self, url: str) -> Page:
        """Follow an address; redirects are followed too."""
        return Page(self.session.get(url, timeout=TIMEOUT))

    def follow(self, page: Page, link: str) -> Page:
        """A link of the page, absolute or not."""
        return self.get(urljoin(page.url, link))

    def submit(self, page: Page, form: Form, values: Mapping[str, list[str]] | None = None) -> Page:
        """Send a form, filled with `values`, and follow where it leads."""
        return Page(self.post(page, form, values, follow=True))

    def post(
        self,
        page: Page,
        form: Form,
        values: Mapping[str, list[str]] | None = None,
        *,
        follow: bool = False,
    ) -> requests.Response:
        """Send a form; the answer itself."""
        return self.session.post(
            urljoin(page.url, form.action),
            data={**form.fields, **(values or {})},
            timeout=TIMEOUT,
            allow_redirects=follow,
        )

    def copy_cookies(self, other: "HttpBrowser") -> None:
        """Become another tab of the other's profile."""
        self.session.cookies.update(other.session.cookies)


class Visitor(HttpBrowser):
    """Somebody of the demonstration LMS."""

    def __init__(self, site: Site, username: str) -> None:
        super().__init__(site)
        self.username = username
        self.course_url = ""
        """Of Relais, once an activity was opened."""
        door = f"{site.lms_url}/login"
        answer = self.session.post(door, data={"person": username}, timeout=TIMEOUT)
        assert answer.ok, f"{username} cannot sign in: {answer.status_code}"

    def tab(self) -> "Visitor":
        """Another tab, for requests at the same time (a requests session is not for threads)."""
        other = Visitor(self.site, self.username)
        other.copy_cookies(self)
        other.course_url = self.course_url
        return other

    # Launching

    def begin_launch(self, activity: int = MODULE_ACTIVITY) -> Page:
        """Open an activity, up to the page that carries the signed launch to Relais."""
        # The LMS numbers course modules apart from activities.
        start = self.get(f"{self.site.lms_url}/mod/lti/launch.php?id={activity + 20}")
        return self.submit(start, start.form("/lti/login"))

    def finish_launch(self, page: Page) -> Page:
        """Send the signed launch; the page it leads to."""
        return self.submit(page, page.form("/lti/launch"))

    def launch(self, activity: int = MODULE_ACTIVITY) -> Page:
        """Open an activity of the LMS, to the page of Relais."""
        page = self.finish_launch(self.begin_launch(activity))
        assert page.status == 200, page.words
        assert page.url.startswith(self.site.tool_url), page.url
        self.course_url = "/".join(page.url.split("/")[:5])
        return page

    # Learning

    def work(
        self,
        page: Page,
        *,
        until: Callable[[Page], bool],
        wrong: frozenset[str] = frozenset(),
    ) -> Page:
        """Go where each page leads, reading and answering, until that page.

        Questions of `wrong` are answered wrong the first time.
        """
        for _ in range(400):
            if until(page):
                return page
            asked = page.question_id
            page = self.step(page, wrong=wrong)
            wrong -= {asked}
            assert page.status == 200, f"{page.url}: {page.status}: {page.words}"
        raise AssertionError(f"no end to the module: at {page.url}")

    def step(self, page: Page, *, wrong: frozenset[str] = frozenset()) -> Page:
        """What the page invites to do: read on, answer, or go where its button leads."""
        if "/etape/" in page.path:
            return self.submit(page, page.form("/etape/"))
        if is_question(page):
            return self.submit(page, page.form("/question/"), fields_for(page, wrong=wrong))
        return self.follow(page, page.go)

    def do_module(self, page: Page, *, wrong: frozenset[str] = frozenset()) -> Page:
        """From the page of a module, all of it, to the same page with nothing left to do."""
        return self.work(page, until=_says_all_is_done, wrong=wrong)

    def do_module_but_last(self) -> Page:
        """From the LMS, as far as the form whose right answer completes the module."""
        questions = len(the_module().questions)
        needed = -(-questions * the_module().pass_mark // 100)
        self.launch()
        page = self.read_everything()
        for _ in range(needed - 1):
            page = self.step(self.work(page, until=is_question))
        return self.work(page, until=is_question)

    def read_everything(self) -> Page:
        """Read every lesson; gives back the page of the module."""
        for lesson in the_module().lessons:
            part = self.get(f"{self.course_url}/etape/{lesson.id}/?partie=1")
            while "/etape/" in part.path:
                part = self.submit(part, part.form("/etape/"))
        return self.module_page()

    def module_page(self) -> Page:
        """Where the person stands in the module, and its grade."""
        return self.get(f"{self.course_url}/module/{the_module().id}/")

    # Looking

    def grade(
        self, username: str, line_item: int = MODULE_COLUMN, course: int = FIRST_COURSE
    ) -> tuple[str, str]:
        """Score and completion of a person in the gradebook of the LMS, « » for none."""
        text = self.get(f"{self.site.lms_url}/course/{course}/grades").text
        row = re.search(rf'<tr data-person="{username}".*?</tr>', text, re.DOTALL)
        assert row, f"{username} is not in the gradebook"
        cell = re.search(
            rf'data-line-item="{line_item}"\s+data-score="([^"]*)"\s+data-completion="([^"]*)"',
            row[0],
        )
        assert cell, f"no column {line_item}"
        return cell[1], cell[2]


def _says_all_is_done(page: Page) -> bool:
    return "/module/" in page.path and "Toutes les questions sont justes" in page.text


def is_question(page: Page) -> bool:
    """Whether the page asks a question."""
    return bool(page.question_id)


def fields_for(page: Page, *, wrong: frozenset[str] = frozenset()) -> Fields:
    """What to fill in the form of this question."""
    question = courses().question(page.question_id)
    return wrong_answer(question) if question.id in wrong else right_answer(question)
