"""The pictures of the LMS administrator's guide: linking, administering."""

from collections.abc import Callable
from typing import Protocol

from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.browser.visiting import profile, sign_in
from tests.journeys.stack import Stack

_DIALOG = (1000, 900)
_DESK = (1100, 820)
FORMER_LMS = "https://ancien.magistere.example"


class Camera(Protocol):
    """What takes the pictures (tests.screenshots.Camera)."""

    def of_page(self, name: str, page: Page, size: tuple[int, int] = ...) -> None: ...


def take_administration(
    stack: Stack, chromium: Browser, camera_of: Callable[[BrowserContext], Camera]
) -> None:
    """An invitation, a registration, then the desk of Relais."""
    with profile(chromium, size=_DIALOG) as context:
        linking(stack, camera_of(context), sign_in(context, stack.lms_url, "admin"))
    with profile(chromium, size=_DESK) as context:
        page = context.new_page()
        page.goto(_ask(stack, "admin", "link", "--name", "Camille Dupont"))
        page.click("#contenu .btn-primary")
        the_desk(stack, camera_of(context), page)


def linking(stack: Stack, camera: Camera, page: Page) -> None:
    """An LMS opens the link of its invitation, in its own frame."""
    page.goto(f"{stack.lms_url}/admin/tools")
    invitation = stack.relais_json("platform", "invite", "--issuer", stack.lms_url)
    page.fill("#tool-url", invitation["link"])
    page.click("#add-lti-advantage")
    page.click("#register-new")
    frame = page.frame_locator("#external-registration-page")
    frame.locator("h1").wait_for()
    camera.of_page("register", page, _DIALOG)
    frame.locator("[type=submit]").click()
    frame.get_by_text("Ce qu’il vous reste à faire").wait_for()
    camera.of_page("registered", page, _DIALOG)


def the_desk(stack: Stack, camera: Camera, page: Page) -> None:
    """Administration, with a deployment that waits and an LMS that replaces another."""
    stack.execute(
        "INSERT INTO deployment (platform_id, deployment_id, state, first_seen_at)"
        " VALUES (1, '7', 'pending', '2027-11-16 07:12:00')"
    )
    admin = f"{stack.tool_url}/admin"
    page.goto(f"{admin}/")
    camera.of_page("admin-home", page, _DESK)
    page.goto(f"{admin}/plateformes/")
    page.click("table tbody th a")
    camera.of_page("admin-platform", page, _DESK)
    page.goto(page.url.rstrip("/") + "/verifier")
    with page.expect_navigation(timeout=60_000):  # it calls the LMS
        page.click("#contenu form [type=submit]")
    camera.of_page("admin-check", page, _DESK)
    page.goto(f"{admin}/plateformes/")
    page.get_by_role("link", name="Relier une plateforme").first.click()
    camera.of_page("admin-register", page, _DESK)
    page.goto(f"{admin}/acces-refuses/")
    camera.of_page("admin-refusals", page, _DESK)
    an_older_lms(stack)
    page.goto(f"{admin}/migrations/")
    page.select_option("#former_issuer", FORMER_LMS)
    page.select_option("#issuer", stack.lms_url)
    page.click("#contenu form [type=submit]")
    camera.of_page("admin-migration", page, _DESK)


def an_older_lms(stack: Stack) -> None:
    """The same people, a year ago, in the LMS that this one replaces."""
    columns = "name, sort_name, email, created_at"
    stack.execute(
        f"INSERT INTO person ({columns}) SELECT {columns} FROM person"  # noqa: S608 - our own words
        " WHERE id IN (SELECT person_id FROM identity WHERE issuer LIKE 'http://localhost%')"
        " AND email IS NOT NULL ORDER BY id LIMIT 4"
    )
    stack.execute(
        "INSERT INTO identity (person_id, issuer, sub, created_at)"  # noqa: S608
        f" SELECT id, '{FORMER_LMS}', 'f' || id, created_at FROM person"
        " WHERE id NOT IN (SELECT person_id FROM identity) AND email IS NOT NULL"
    )


def _ask(stack: Stack, *arguments: str) -> str:
    done = stack.relais(*arguments)
    assert done.returncode == 0, done.stderr
    return str(done.stdout.strip())
