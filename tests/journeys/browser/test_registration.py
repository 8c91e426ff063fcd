"""The administrator of an LMS links it to Relais by a link and a click, in a frame of Chromium."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, Playwright, expect

from tests.journeys.browser.inspection import Inspector
from tests.journeys.browser.visiting import (
    COURSE,
    open_in_frame,
    open_in_window,
    profile,
    scriptless_profile,
    sign_in,
)
from tests.journeys.stack import Stack

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.xdist_group("registration"),
]

REGISTER = "Inscrire Relais dans cette plateforme"


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Not shared: the tools of its LMS change, and its first platform is closed."""
    with Stack(tmp_path_factory.mktemp("registration")) as stack:
        # So that no active platform lets the LMS frame Relais: the link alone must.
        assert stack.relais("platform", "disable", "demo").returncode == 0
        yield stack


def invitation(stack: Stack, *options: str) -> str:
    link: str = stack.relais_json("platform", "invite", *options)["link"]
    return link


def platforms(stack: Stack) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in stack.relais_json("platform", "list")}


def clients(rows: dict[str, dict[str, Any]]) -> dict[str, tuple[str, Any]]:
    return {name: (row["client_id"], row["deployments"]) for name, row in rows.items()}


def paste(page: Page, stack: Stack, link: str, choice: str) -> FrameLocator:
    """Paste the link into « Gérer les outils »; the frame in which Relais answers."""
    page.goto(f"{stack.lms_url}/admin/tools")
    page.fill("#tool-url", link)
    page.click("#add-lti-advantage")
    page.click(choice)
    return page.frame_locator("#external-registration-page")


def inspect(context: BrowserContext, stack: Stack, page: Page, name: str) -> None:
    """What the frame owes to everyone."""
    inspector = Inspector(context, stack.tool_url, stack.lms_url)
    handle = page.query_selector("#external-registration-page")
    frame = handle.content_frame() if handle else None
    assert frame is not None
    inspector.look_in_frame(name, frame)
    inspector.conclude()


def test_a_link_is_all_it_takes(own_stack: Stack, chromium: Browser) -> None:
    with profile(chromium) as context:
        page = sign_in(context, own_stack.lms_url, "admin")
        frame = paste(page, own_stack, invitation(own_stack, "--name", "lms"), "#register-new")
        host = own_stack.lms_url.removeprefix("http://")
        expect(frame.locator("h1")).to_have_text(f"Relier {host} à Relais")
        inspect(context, own_stack, page, "register")
        frame.get_by_role("button", name=REGISTER).click()
        expect(frame.locator("h1")).to_have_text(f"Relais est inscrit dans {host}")
        expect(frame.locator("#contenu")).to_contain_text("relais platform activate lms")
        inspect(context, own_stack, page, "registered")
        assert [c for c in context.cookies() if c["domain"] == "127.0.0.1"] == []

        # « Fermer » speaks to the LMS, which shows its tools again.
        frame.get_by_role("button", name="Fermer cette fenêtre").click()
        page.wait_for_url("**/admin/tools")
        card = page.locator("[data-tool]", has_text="En attente").last
        type_id, client_id = (card.get_attribute(f"data-{name}") for name in ("tool", "client-id"))
        row = platforms(own_stack)["lms"]
        assert (row["client_id"], row["state"]) == (client_id, "pending")
        assert row["deployments"] == [type_id]

        # What the last page told to do.
        page.click(f"#activate-{type_id}")
        page.click(f"#edit-{type_id}")
        page.select_option("#lti_coursevisible", "2")
        page.click("#tool-form [type=submit]")
    with profile(chromium) as context:
        page = sign_in(context, own_stack.lms_url, "formatrice")
        activity = add_activity(page, own_stack, str(type_id))
        # In a window: no platform but an active one may frame what is not a registration.
        window = open_in_window(page, activity)
        expect(window.locator("#contenu")).to_contain_text("LTI-PLATEFORME-ATTENTE")
        window.close()
        assert own_stack.relais("platform", "activate", "lms").returncode == 0
        # Each process of the web keeps for five seconds the list of who may frame it.
        page.wait_for_timeout(6_000)
        expect(open_in_frame(page, activity).locator("h1")).to_contain_text("Suivi")


def add_activity(page: Page, stack: Stack, type_id: str) -> int:
    """A new activity of this tool in the course; its number there."""
    page.goto(f"{stack.lms_url}/course/{COURSE}")
    page.click("#add-activity")
    page.click(f"#add-tool-{type_id}")
    page.fill("#name", "Module par invitation")
    page.fill("#custom", "module=memoriser")
    page.click("#activity-form [type=submit] >> nth=0")
    page.goto(f"{stack.lms_url}/course/{COURSE}")
    return int((page.locator("[id^=open-frame-]").last.get_attribute("id") or "").split("-")[-1])


def test_registering_again_updates(own_stack: Stack, chromium: Browser) -> None:
    before = platforms(own_stack)
    with profile(chromium) as context:
        page = sign_in(context, own_stack.lms_url, "admin")
        link = invitation(own_stack, "--issuer", own_stack.lms_url)
        frame = paste(page, own_stack, link, "[id^=update-] >> nth=-1")
        frame.get_by_role("button", name=REGISTER).click()
        expect(frame.locator("h1")).to_contain_text("L’inscription est à jour")
        expect(frame.locator("#contenu")).to_contain_text("valeur de départ")
        # The same link serves no second time.
        again = paste(page, own_stack, link, "[id^=update-] >> nth=-1")
        expect(again.locator("h1")).to_have_text("Ce lien d’invitation a déjà servi")
        inspect(context, own_stack, page, "used")
    # Nothing doubles; the link that names the LMS may have opened what another left pending.
    assert clients(platforms(own_stack)) == clients(before)


def test_without_javascript(own_stack: Stack, playwright: Playwright, tmp_path: Path) -> None:
    with scriptless_profile(playwright, tmp_path / "profile") as context:
        page = sign_in(context, own_stack.lms_url, "admin")
        frame = paste(page, own_stack, invitation(own_stack), "#register-new")
        frame.get_by_role("button", name=REGISTER).click()
        expect(frame.locator("h1")).to_contain_text("Relais est inscrit")
        expect(frame.get_by_text("Vous pouvez fermer cette fenêtre.")).to_be_visible()
        expect(frame.get_by_role("button", name="Fermer cette fenêtre")).to_be_hidden()


@pytest.fixture
def other_site() -> Iterator[str]:
    """Somebody else's web server; its origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_another_site_cannot_frame_the_page(
    own_stack: Stack, chromium: Browser, other_site: str
) -> None:
    """It names itself in the address, but has no invitation."""
    with profile(chromium) as context:
        page = context.new_page()
        page.goto(f"{other_site}/")
        address = f"{own_stack.tool_url}/lti/register?invitation=none&openid_configuration="
        with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            page.evaluate(
                """address => {
                    const frame = document.createElement("iframe");
                    frame.src = address + encodeURIComponent(location.origin + "/c");
                    document.body.append(frame);
                }""",
                address,
            )
