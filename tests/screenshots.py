"""The pictures of docs/, from a Relais at work: `python -m tests.screenshots [FOLDER]`.

Real launches, real answers, the real worker; invented people. The clock is set, so that the same
pages give the same pictures.
"""

import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Frame, Page, Playwright, sync_playwright

from lti_app.content.rules.catalog import Module, Question
from lti_app.core.settings import PROJECT_ROOT
from lti_app.printing.rules.wording import DocumentKind
from lti_app.printing.services import make_document
from lti_app.printing.services.pdf import lay_out
from tests.browser import launch_chromium
from tests.journeys.answer_book import Fields, courses, one_of_each_kind, right_answer, wrong_answer
from tests.journeys.browser.visiting import (
    COURSE,
    FRAME,
    SMALL_LAPTOP,
    Cookies,
    cookie_profile,
    fill,
    open_in_frame,
    open_in_window,
    profile,
    sign_in,
    wait_for_tool,
)
from tests.journeys.http_browser import Visitor
from tests.journeys.stack import Stack
from tests.screenshots_administration import take_administration

FOLDER = PROJECT_ROOT / "docs" / "images"
BEGINS = datetime(2027, 11, 9, 8, 30, tzinfo=UTC)
"""A Tuesday of a school year to come: browsers drop cookies that end before their own clock."""
MODULE, PATH, REVIEW, NAMELESS = 1, 2, 3, 4
WHOLE_LMS = (1000, 800)
NARROW = (320, 640)
"""A telephone, or 1280 pixels at 400 %."""


class Camera:
    """Takes pictures into a folder, under the names given."""

    def __init__(self, folder: Path, context: BrowserContext) -> None:
        self._folder = folder
        self._context = context
        context.set_default_timeout(60_000)

    def of_page(self, name: str, page: Page, size: tuple[int, int] = SMALL_LAPTOP) -> None:
        """What the window shows at this size."""
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.screenshot(path=self._folder / f"{name}.png", animations="disabled")

    def of_frame(self, name: str, page: Page) -> None:
        """What the activity's frame shows: 880 × 510, as in Moodle."""
        wait_for_tool(page)
        page.set_viewport_size({"width": WHOLE_LMS[0], "height": WHOLE_LMS[1]})
        frame = page.locator("#contentframe")
        frame.screenshot(path=self._folder / f"{name}.png", animations="disabled")


def main() -> None:
    """Take every picture again."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="relais-pictures-") as place:
        stack = Stack(Path(place), redis=True, extra_learners=0)
        stack.ahead = BEGINS - datetime.now(UTC)
        with stack, sync_playwright() as playwright:
            chromium = launch_chromium(playwright)
            take_all(stack, chromium, folder)
            chromium.close()
            no_cookie(stack, playwright, folder, Path(place) / "profile")
    for picture in sorted(folder.glob("*.png")):
        print(f"{picture.stat().st_size // 1024:5} kB  {picture.name}")


def take_all(stack: Stack, chromium: Browser, folder: Path) -> None:
    """The learner's first day, a week later, then the trainer."""
    others_work(stack)
    with profile(chromium, size=WHOLE_LMS) as context:
        context.set_default_timeout(60_000)
        camera = Camera(folder, context)
        first_day(stack, camera, context)
        a_week_later(stack, camera, context)
    with profile(chromium, size=WHOLE_LMS) as context:
        the_trainer(stack, Camera(folder, context), context)
    with profile(chromium, size=SMALL_LAPTOP) as context:
        what_goes_wrong(stack, Camera(folder, context), context)
    take_administration(stack, chromium, partial(Camera, folder))
    # Last: it opens the whole path, which the other pictures do not show.
    with profile(chromium, size=WHOLE_LMS) as context:
        context.set_default_timeout(60_000)
        what_goes_with_lessons(stack, Camera(folder, context), context)
    handout(folder / "handout.png")


def others_work(stack: Stack) -> None:
    """The five other referents of the session, at different points."""
    missed = frozenset(question.id for question in questions()[::9])
    visitor = Visitor(stack, "referent2")
    visitor.work(visitor.launch(), until=lambda page: "Refaire une" in page.text, wrong=missed)
    visitor = Visitor(stack, "referent3")
    visitor.do_module(visitor.launch())
    visitor = Visitor(stack, "referent4")
    visitor.work(visitor.launch(), until=lambda page: "memoriser-charge" in page.url)
    Visitor(stack, "referent5").launch()


def questions() -> list[Question]:
    """Those of the module."""
    return list(courses().modules[0].questions)


def first_day(stack: Stack, camera: Camera, context: BrowserContext) -> None:
    """Zoé opens the module for the first time."""
    page = context.new_page()
    page.goto(stack.lms_url)
    camera.of_page("lms-sign-in", page)
    page.close()
    page = sign_in(context, stack.lms_url, "referent1")
    camera.of_page("lms-course", page)
    frame = open_in_frame(page, MODULE)
    camera.of_page("lms-activity", page, WHOLE_LMS)
    camera.of_frame("module-new", page)
    course = frame.url.split("/module/")[0]
    frame.goto(f"{course}/")
    camera.of_frame("path-new", page)
    frame.goto(f"{course}/etape/memoriser-piliers/?partie=2")
    camera.of_frame("lesson", page)
    for kind, question in one_of_each_kind().items():
        frame.goto(f"{course}/question/{question.id}/")
        camera.of_frame(f"question-{kind}", page)
        if kind == "single":
            frame.click("#contenu form [type=submit]")
            camera.of_frame("question-incomplete", page)
    show_feedback(frame, page, camera, course)
    narrow(stack, camera, context, course)


def show_feedback(frame: Frame, page: Page, camera: Camera, course: str) -> None:
    """Right, wrong, and wrong in part."""
    kinds = one_of_each_kind()
    single, multiple = kinds["single"], kinds["multiple"]  # type: ignore[index]
    half: Fields = {"choice": [*right_answer(multiple)["choice"][:2], "a"]}
    for name, question, fields in (
        ("feedback-wrong", single, wrong_answer(single)),
        ("feedback-partial", multiple, half),
        ("feedback-right", single, right_answer(single)),
        *(
            (f"feedback-{kind}", kinds[kind], wrong_answer(kinds[kind]))  # type: ignore[index]
            for kind in ("truefalse", "short", "ordering", "matching")
        ),
    ):
        frame.goto(f"{course}/question/{question.id}/")
        fill(frame, question, fields)
        frame.click("#contenu form [type=submit]")
        frame.wait_for_url("**/reponse/**")
        camera.of_frame(name, page)


def what_goes_with_lessons(stack: Stack, camera: Camera, context: BrowserContext) -> None:
    """A drawing, a dated fact, the glossary, a workshop kit."""
    page = sign_in(context, stack.lms_url, "referent6")
    frame = open_in_frame(page, PATH)
    course = frame.url.rstrip("/")
    module = module_with_kit()
    for name, address, place in (
        ("lesson-figure", part_holding(module, "<figure"), "figure"),
        ("lesson-dated", part_holding(module, "encadre-relire"), ".encadre-relire"),
        ("lesson-words", part_holding(module, 'href="#mot-'), ".p-terms"),
        ("glossary", "/glossaire/", "h1"),
        ("kit", f"/module/{module.id}/atelier/", "h1"),
        ("kit-handout", f"/module/{module.id}/atelier/", "#fiche"),
        ("kit-message", f"/module/{module.id}/atelier/", "#message"),
        ("kit-indexing", f"/module/{module.id}/atelier/", "#indexation"),
    ):
        frame.goto(course + address)
        frame.locator(place).first.evaluate("place => place.scrollIntoView()")
        camera.of_frame(name, page)


def module_with_kit() -> Module:
    """The first that has drawings, dated facts and a kit."""
    return next(
        module
        for module in courses().modules
        if module.kit and module.figures and any(q.dated for q in module.questions)
    )


def part_holding(module: Module, markup: str) -> str:
    """The address, in a session, of the first part of a lesson that holds it."""
    return next(
        f"/etape/{lesson.id}/?partie={number}"
        for lesson in module.lessons
        for number, part in enumerate(lesson.parts, 1)
        if markup in part.html
    )


def handout(path: Path) -> None:
    """The page that is given to colleagues, as it is printed."""
    document = make_document(DocumentKind.HANDOUT, module_with_kit(), BEGINS.date())
    picture = lay_out(document).compile(format="png", ppi=90)
    assert isinstance(picture, bytes)
    path.write_bytes(picture)


def narrow(stack: Stack, camera: Camera, context: BrowserContext, course: str) -> None:
    """The same pages 320 pixels wide."""
    page = context.new_page()
    page.goto(f"{stack.lms_url}/course/{COURSE}")
    window = open_in_window(page, MODULE)
    for name, address in {
        "narrow-module": "/module/memoriser/",
        "narrow-lesson": "/etape/memoriser-piliers/?partie=1",
        "narrow-question": "/question/memoriser-q02/",
    }.items():
        window.goto(course + address)
        camera.of_page(name, window, NARROW)
    window.close()
    page.close()


def a_week_later(stack: Stack, camera: Camera, context: BrowserContext) -> None:
    """Half of the module done, questions come back; then the other half."""
    visitor = Visitor(stack, "referent1")
    missed = frozenset({"memoriser-q05", "memoriser-q09", "memoriser-q13"})
    visitor.work(visitor.launch(), until=lambda at: "memoriser-charge" in at.url, wrong=missed)
    stack.move_clock(timedelta(days=7))
    page = context.new_page()
    page.goto(f"{stack.lms_url}/course/{COURSE}")
    frame = open_in_frame(page, MODULE)
    camera.of_frame("module-started", page)
    course = frame.url.split("/module/")[0]
    frame.goto(f"{course}/")
    camera.of_frame("path-due", page)
    frame.goto(f"{course}/reviser/")
    camera.of_frame("review", page)
    frame.click("#contenu .btn-primary")
    frame.wait_for_url("**/question/**")
    camera.of_frame("review-question", page)
    review(frame)
    camera.of_frame("review-end", page)
    visitor = Visitor(stack, "referent1")
    visitor.do_module(visitor.launch())
    stack.wait_until(
        lambda: visitor.grade("referent1")[0] == "100.0", what="the grade in the gradebook"
    )
    frame.goto(f"{course}/module/memoriser/?termine=1")
    camera.of_frame("module-completed", page)


def review(frame: Frame) -> None:
    """Answer what is due; the second and the fifth, wrong."""
    asked = 0
    while "/question/" in frame.url:
        asked += 1
        question = courses().question(frame.url.split("/question/")[1].split("/")[0])
        fill(frame, question, (wrong_answer if asked in {2, 5} else right_answer)(question))
        frame.click("#contenu form [type=submit]")
        frame.wait_for_url("**/reponse/**")
        with frame.expect_navigation():
            frame.click("#contenu .btn-primary")


def the_trainer(stack: Stack, camera: Camera, context: BrowserContext) -> None:
    """The report of this session, then of a large one; the gradebook."""
    Visitor(stack, "referent6").launch(activity=NAMELESS)
    page = sign_in(context, stack.lms_url, "formatrice")
    frame = open_in_frame(page, MODULE)
    camera.of_frame("report-in-frame", page)
    page.goto(f"{stack.lms_url}/course/{COURSE}/grades")
    camera.of_page("lms-gradebook", page)
    choose_contents(stack, camera, page)
    page.goto(f"{stack.lms_url}/course/{COURSE}")
    window = open_in_window(page, MODULE)
    camera.of_page("narrow-report", window, NARROW)
    course_id = large_course(stack)
    window.goto(f"{stack.tool_url}/suivi/{course_id}/")
    camera.of_page("report", window)
    window.goto(f"{window.url}?note=refused")
    camera.of_page("report-refused-grades", window)
    window.goto(f"{stack.tool_url}/suivi/{course_id}/?etat=needs_help&tri=activite&sens=desc")
    window.click("table.s-table tbody th a")
    window.wait_for_url("**/referent/**")
    camera.of_page("report-referent", window)
    assert frame.is_detached()


def large_course(stack: Stack) -> int:
    """A course of 120 invented referents, opened to the trainer of the demonstration; its id."""
    done = stack.relais("demo", "seed", "--referents", "120", "--schools", "60", "--seed", "7")
    assert done.returncode == 0, done.stderr
    course_id = int(done.stdout.split("/suivi/")[1].split("/")[0])
    path = next((stack.folder / "instance").glob("relais*.sqlite3"))
    columns = "person_id, identity_id, role, state, lms_roles, first_launch_at, last_launch_at"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            f"INSERT INTO enrolment (course_id, {columns})"  # noqa: S608 - our own words
            f" SELECT ?, {columns} FROM enrolment WHERE role = 'trainer' AND course_id = 1",
            [course_id],
        )
    return course_id


def choose_contents(stack: Stack, camera: Camera, page: Page) -> None:
    """« Sélectionner le contenu », up to what is left to do."""
    page.goto(f"{stack.lms_url}/course/{COURSE}/contentitem?add=1")
    frame = wait_for_tool(page)
    frame.check("#choice-memoriser")
    camera.of_frame("contents", page)
    frame.click('[name="action"][value="verifier"]')
    frame.locator("#achevement").wait_for()
    camera.of_frame("contents-left-to-do", page)


def what_goes_wrong(stack: Stack, camera: Camera, context: BrowserContext) -> None:
    """A launch that is refused, and a visit that is over."""
    page = context.new_page()
    page.goto(f"{stack.lms_url}/")
    page.set_content(
        f'<form method="post" action="{stack.tool_url}/lti/launch">'
        '<input name="state" value="old"><input name="id_token" value="x.y.z"></form>'
    )
    page.evaluate("document.forms[0].submit()")
    page.wait_for_url("**/lti/launch")
    camera.of_page("refused-launch", page, FRAME)
    page.goto(f"{stack.tool_url}/session/1/")
    camera.of_page("visit-over", page, FRAME)


def no_cookie(stack: Stack, playwright: Playwright, folder: Path, place: Path) -> None:
    """What a frame shows where the browser lets it keep nothing."""
    with cookie_profile(playwright, stack, place, Cookies.BLOCKED) as context:
        page = sign_in(context, stack.lms_url, "referent5")
        open_in_frame(page, MODULE)
        Camera(folder, context).of_frame("frame-without-cookies", page)


if __name__ == "__main__":
    main()
