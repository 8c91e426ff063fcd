"""Every screen and state, looked at by `Inspector`."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.answer_book import (
    courses,
    one_of_each_kind,
    right_answer,
    the_module,
    wrong_answer,
)
from tests.journeys.browser.inspection import Inspector
from tests.journeys.browser.visiting import (
    COURSE,
    FRAME,
    fill,
    open_in_frame,
    open_in_window,
    profile,
    sign_in,
)
from tests.journeys.http_browser import Visitor
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.xdist_group("browser")]

SUBMIT = "#contenu form .btn-primary"


def enter(
    context: BrowserContext, stack: Stack, username: str, activity: int = 1
) -> tuple[Page, str]:
    """A window on the module (or the report, for a trainer), and the address of the course."""
    window = open_in_window(sign_in(context, stack.lms_url, username), activity)
    window.set_viewport_size({"width": FRAME[0], "height": FRAME[1]})
    course_id = window.url.split("/")[4]
    return window, f"{stack.tool_url}/session/{course_id}"


def test_the_module_and_its_lessons(context: BrowserContext, stack: Stack, learner: str) -> None:
    page, course = enter(context, stack, learner)
    inspector = Inspector(context, stack.tool_url, stack.lms_url)
    lesson = the_module().lessons[0]
    screens = {
        "module, not started": "/module/memoriser/",
        "path, not started": "/",
        "nothing to review": "/reviser/",
        "first part": f"/etape/{lesson.id}/?partie=1",
        "last part": f"/etape/{lesson.id}/?partie={len(lesson.parts)}",
    }
    for name, address in screens.items():
        page.goto(course + address)
        inspector.look(name, page)
    for lesson in the_module().lessons:
        page.goto(f"{course}/etape/{lesson.id}/?tout=1")
        inspector.run_axe(f"whole {lesson.id}", page)
    inspector.look("whole lesson", page)
    inspector.conclude()


def test_questions_and_feedback(context: BrowserContext, stack: Stack, learner: str) -> None:
    page, course = enter(context, stack, learner)
    inspector = Inspector(context, stack.tool_url, stack.lms_url)
    for kind, question in one_of_each_kind().items():
        address = f"{course}/question/{question.id}/"
        page.goto(address)
        inspector.look(f"question {kind}", page)
        page.click(SUBMIT)
        expect(page.locator("#erreurs")).to_be_focused()
        inspector.look(f"incomplete {kind}", page)
        for fields, verdict in (
            (wrong_answer(question), "wrong"),
            (right_answer(question), "right"),
        ):
            page.goto(address)
            fill(page, question, fields)
            page.click(SUBMIT)
            expect(page.locator("#retour")).to_be_focused()
            inspector.look(f"{verdict} {kind}", page)
    inspector.conclude()


def test_what_goes_with_lessons(context: BrowserContext, stack: Stack, learner: str) -> None:
    page, course = enter(context, stack, learner, activity=2)
    inspector = Inspector(context, stack.tool_url, stack.lms_url)
    module = next(each for each in courses().modules if each.kit and each.figures)
    screens = {
        "glossary": "/glossaire/",
        "module with a kit": f"/module/{module.id}/",
        "kit": f"/module/{module.id}/atelier/",
        "drawing": part_holding("<figure"),
        "dated box": part_holding("encadre-relire"),
    }
    for name, address in screens.items():
        page.goto(course + address)
        inspector.look(name, page)
    page.goto(course + screens["drawing"])
    page.locator("figure summary").first.press("Enter")
    assert page.locator("figure img").first.evaluate("image => image.naturalWidth") > 0
    inspector.look("drawing, described", page)
    dated = next(q for each in courses().modules for q in each.questions if q.dated)
    page.goto(f"{course}/question/{dated.id}/")
    fill(page, dated, right_answer(dated))
    page.click(SUBMIT)
    expect(page.locator(".p-dated")).to_be_visible()
    inspector.look("dated answer", page)
    inspector.conclude()


def part_holding(markup: str) -> str:
    """The address, in a session, of the first part of a lesson that holds it."""
    return next(
        f"/etape/{lesson.id}/?partie={number}"
        for module in courses().modules
        for lesson in module.lessons
        for number, part in enumerate(lesson.parts, 1)
        if markup in part.html
    )


def test_what_comes_after(context: BrowserContext, stack: Stack, learner: str) -> None:
    visitor = Visitor(stack, learner)
    questions = list(the_module().questions)[:14]
    home = visitor.launch()
    course = home.url.split("/module/")[0]
    for number, question in enumerate(questions):
        asked = visitor.get(f"{course}/question/{question.id}/")
        fields = wrong_answer(question) if number % 4 == 0 else right_answer(question)
        visitor.submit(asked, asked.form("/question/"), fields)
    stack.move_clock(timedelta(days=7))
    page, course = enter(context, stack, learner)
    inspector = Inspector(context, stack.tool_url, stack.lms_url)
    inspector.look("module, started", page)
    page.goto(f"{course}/")
    inspector.look("path, questions due", page)
    page.goto(f"{course}/reviser/")
    inspector.look("review", page)
    page.click("#contenu .btn-primary")
    inspector.look("question of the review", page)
    while "/question/" in page.url:
        question_id = page.url.split("/question/")[1].split("/")[0]
        question = next(each for each in questions if each.id == question_id)
        fill(page, question, right_answer(question))
        page.click(SUBMIT)
        page.click("#contenu .btn-primary")
    inspector.look("end of the review", page)
    visitor = Visitor(stack, learner)
    visitor.do_module(visitor.launch())
    page.goto(f"{course}/module/memoriser/?termine=1")
    inspector.look("module, completed", page)
    page.goto(f"{course}/")
    inspector.look("path, completed", page)
    inspector.conclude()


def test_the_trainer(context: BrowserContext, stack: Stack, learner: str) -> None:
    Visitor(stack, learner).launch()
    # Without a name: the report says so.
    Visitor(stack, "referent6").launch(activity=4)
    page, course = enter(context, stack, "formatrice")
    report = course.replace("/session/", "/suivi/")
    inspector = Inspector(context, stack.tool_url, stack.lms_url)
    inspector.look("report", page)
    page.goto(f"{report}/?nom=personne+de+ce+nom")
    inspector.look("report, nobody", page)
    page.goto(f"{report}/?tri=score.memoriser&sens=desc&module=nimporte")
    inspector.look("report, sorted, refused filter", page)
    page.goto(f"{report}/")
    page.click("table.s-table tbody th a")
    page.wait_for_url("**/referent/**")
    inspector.look("card of a referent", page)
    page.goto(f"{report}/notes/")
    inspector.look("grades in the LMS", page)
    page.goto(f"{course}/module/memoriser/")
    inspector.look("module, to a trainer", page)
    inspector.conclude()


def test_what_goes_wrong(chromium: Browser, stack: Stack, learner: str) -> None:
    with profile(chromium, size=FRAME) as context:
        page = context.new_page()
        inspector = Inspector(context, stack.tool_url, stack.lms_url)
        screens = {
            "not signed in": "/session/1/",
            "login without a platform": "/lti/login",
            "launch by GET": "/lti/launch",
            "no such page": "/rien",
        }
        for name, address in screens.items():
            page.goto(stack.tool_url + address)
            inspector.look(name, page)
        page.goto(f"{stack.lms_url}/")
        page.set_content(
            f'<form method="post" action="{stack.tool_url}/lti/launch">'
            '<input name="state" value="x"><input name="id_token" value="y"></form>'
        )
        page.evaluate("document.forms[0].submit()")
        page.wait_for_url("**/lti/launch")
        inspector.look("refused launch", page)
        page, course = enter(context, stack, learner)
        page.goto(f"{course}/module/nimporte/")
        inspector.look("no such module", page)
        page.goto(course.replace("/session/", "/suivi/"))
        inspector.look("not a trainer", page)
        inspector.conclude()


def test_in_the_frame(context: BrowserContext, stack: Stack, learner: str) -> None:
    page = sign_in(context, stack.lms_url, learner)
    inspector = Inspector(context, stack.tool_url, stack.lms_url)
    frame = open_in_frame(page, 1)
    inspector.look_in_frame("module in its frame", frame)
    frame.click("#contenu .btn-primary")
    frame.wait_for_url("**/etape/**")
    inspector.look_in_frame("lesson in its frame", frame)
    inspector.run_axe("activity of the LMS", page)
    inspector.conclude()


def test_the_page_that_offers_a_tab(
    shut_context: BrowserContext, stack: Stack, learner: str
) -> None:
    page = sign_in(shut_context, stack.lms_url, learner)
    inspector = Inspector(shut_context, stack.tool_url, stack.lms_url)
    frame = open_in_frame(page, 1)
    expect(frame.locator("h1")).to_contain_text("nouvel onglet")
    inspector.look_in_frame("tab offered", frame)
    inspector.conclude()


def test_the_lms(context: BrowserContext, stack: Stack) -> None:
    page = context.new_page()
    inspector = Inspector(context, stack.tool_url, stack.lms_url)
    page.goto(stack.lms_url)
    inspector.look("people of the LMS", page)
    page.click("#sign-in-formatrice")
    inspector.look("courses", page)
    for name in ("", "/grades", "/participants"):
        page.goto(f"{stack.lms_url}/course/{COURSE}{name}")
        inspector.look(f"course{name}", page)
    page.goto(f"{stack.lms_url}/mod/lti/return.php?course={COURSE}&lti_msg=Fini")
    inspector.look("return", page)
    inspector.conclude()
