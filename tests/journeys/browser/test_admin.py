"""An administrator's morning: come in by a link, approve, decide, suspend; and what people see."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.browser.inspection import Inspector
from tests.journeys.browser.visiting import (
    COURSE,
    open_in_frame,
    open_in_window,
    profile,
    sign_in,
)
from tests.journeys.http_browser import Visitor
from tests.journeys.stack import Stack

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.xdist_group("administration"),
]

HELD_DEPLOYMENT, HELD_ACTIVITY = "3", 4
FORGET_DEPLOYMENT = "DELETE FROM deployment WHERE deployment_id = '3'"
PRIMARY = "#contenu .btn-primary"


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Not shared: its platform is closed, its people change roles."""
    with Stack(tmp_path_factory.mktemp("administration"), redis=True, extra_learners=3) as stack:
        yield stack


@pytest.fixture
def desk(chromium: Browser, own_stack: Stack) -> Iterator[Page]:
    """The dashboard, in the browser of an administrator who came in by a one-time link."""
    with profile(chromium) as context:
        page = context.new_page()
        page.goto(new_link(own_stack))
        expect(page.locator("h1")).to_have_text("Entrer dans l’administration")
        page.click(PRIMARY)
        expect(page.locator("h1")).to_have_text("Tableau de bord")
        yield page


def new_link(stack: Stack) -> str:
    """What `relais admin link` prints."""
    done = stack.relais("admin", "link", "--name", "Camille Dupont")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def course_of(stack: Stack, activity_page: Page) -> str:
    """The number of the session that a window of Relais shows."""
    return activity_page.url.removeprefix(stack.tool_url).split("/")[2]


def find_person(desk: Page, stack: Stack, name: str) -> None:
    """Open a person's page by searching for them."""
    desk.goto(f"{stack.tool_url}/admin/personnes/")
    desk.fill('[name="q"]', name)
    desk.click(".a-filters [type=submit]")
    desk.click("table tbody th a")


def expect_done(desk: Page, words: str) -> None:
    expect(desk.locator('[role="status"]')).to_contain_text(words)


def decide_role(desk: Page, stack: Stack, role: str, meaning: str) -> None:
    """Say what a role of the demonstration LMS means."""
    desk.goto(f"{stack.tool_url}/admin/plateformes/")
    desk.click("table tbody th a")
    row = desk.locator("#sens tbody tr").filter(has_text=role)
    row.locator("select").select_option(meaning)
    row.locator("[type=submit]").click()


def test_a_held_deployment_is_approved(own_stack: Stack, chromium: Browser, desk: Page) -> None:
    own_stack.execute(FORGET_DEPLOYMENT)
    with profile(chromium) as context:
        course = sign_in(context, own_stack.lms_url, "referent6")
        with context.expect_page() as opened:
            course.click(f"#open-window-{HELD_ACTIVITY}")
        expect(opened.value.locator("#contenu")).to_contain_text("attend l’accord")
        opened.value.close()
        desk.reload()
        desk.locator("#attente ~ ul a", has_text=HELD_DEPLOYMENT).click()
        expect(desk.locator("h1")).to_contain_text("Ouvrir le déploiement")
        desk.click(PRIMARY)
        expect_done(desk, "Déploiement ouvert")
        window = open_in_window(course, HELD_ACTIVITY)
        expect(window.locator("h1")).not_to_contain_text("reliée")
    desk.goto(f"{own_stack.tool_url}/admin/acces-refuses/")
    expect(desk.locator("#table")).to_contain_text("LTI-DEPLOIEMENT-ATTENTE")


def test_a_role_is_decided_on(own_stack: Stack, chromium: Browser, desk: Page) -> None:
    with profile(chromium) as context:
        window = open_in_window(sign_in(context, own_stack.lms_url, "tuteur"), 1)
        report = f"{own_stack.tool_url}/suivi/{course_of(own_stack, window)}/"
        expect(window.locator("h1")).to_have_text("Suivi des référents")
        decide_role(desk, own_stack, "Instructor", "learner")
        expect_done(desk, "Sens d’un rôle changé")
        answer = window.goto(report)
        assert answer is not None
        assert answer.status == 404
        decide_role(desk, own_stack, "Instructor", "usual")
        window.goto(report)
        expect(window.locator("h1")).to_have_text("Suivi des référents")


def test_who_is_suspended_is_out_at_the_next_click(
    own_stack: Stack, chromium: Browser, desk: Page
) -> None:
    with profile(chromium) as context:
        window = open_in_window(sign_in(context, own_stack.lms_url, "referent3"), 1)
        find_person(desk, own_stack, "boeuf anais")
        desk.click("text=Suspendre l’accès")
        desk.click(PRIMARY)
        expect_done(desk, "Accès suspendu")
        window.reload()
        expect(window.locator("h1")).to_contain_text("terminée")
        desk.click("text=Rétablir l’accès")
        desk.click(PRIMARY)
        window.reload()
        expect(window.locator(".r-bar")).to_be_visible()
        expect(window.locator("h1")).not_to_contain_text("terminée")


def test_an_administrator_comes_in_from_the_frame(
    own_stack: Stack, context: BrowserContext, desk: Page
) -> None:
    course = sign_in(context, own_stack.lms_url, "formatrice")
    frame = open_in_frame(course, 1)
    expect(frame.locator("text=Administration")).to_have_count(0)
    find_person(desk, own_stack, "lefevre")
    desk.click("text=Donner les droits d’administration")
    desk.click(PRIMARY)
    expect_done(desk, "Droits d’administration donnés")
    course.goto(f"{own_stack.lms_url}/course/{COURSE}")
    frame = open_in_frame(course, 1)
    with context.expect_page() as opened:
        frame.click("nav >> text=Administration")
    tab = opened.value
    expect(tab.locator("h1")).to_have_text("Tableau de bord")
    # A sealed token came, not the cookie of the frame: other sites cannot frame these pages.
    answer = tab.goto(f"{own_stack.tool_url}/admin/personnes/")
    assert answer is not None
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    desk.click("text=Retirer les droits d’administration")
    desk.click(PRIMARY)
    answer = tab.reload()
    assert answer is not None
    assert answer.status == 404


def test_every_screen_is_accessible(own_stack: Stack, desk: Page) -> None:
    Visitor(own_stack, "referent1").launch()
    own_stack.execute(FORGET_DEPLOYMENT)
    inspector = Inspector(desk.context, own_stack.tool_url)
    for section in ("", "plateformes/", "personnes/", "acces-refuses/", "notes/", "journal/"):
        desk.goto(f"{own_stack.tool_url}/admin/{section}")
        inspector.look(f"admin/{section}", desk)
    desk.goto(f"{own_stack.tool_url}/admin/plateformes/")
    desk.click("table tbody th a")
    inspector.look("a platform", desk)
    desk.click("text=Fermer l’accès")
    inspector.look("asking before a change", desk)
    desk.goto(f"{own_stack.tool_url}/admin/personnes/?q=guessan")
    desk.click("table tbody th a")
    inspector.look("a person", desk)
    page = desk.context.new_page()
    page.goto(new_link(own_stack))
    inspector.look("a one-time link", page)
    page.goto(f"{own_stack.tool_url}/admin/lien/used")
    inspector.look("a link that is over", page)
    inspector.conclude()
