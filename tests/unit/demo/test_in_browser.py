"""Launches in a real Chromium, the LMS and the tool on different sites."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import jwt
import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import escape
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Frame,
    FrameLocator,
    Page,
    Playwright,
    sync_playwright,
)
from werkzeug.serving import make_server

from lti_app.demo.serve import DemoServer
from lti_app.demo.settings import DemoSettings
from tests.browser import SCRIPTLESS, launch_chromium, open_profile
from tests.unit.demo.tool_double import DEEP, deep_linking_response, jwks

pytestmark = pytest.mark.browser


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def small_tool(auth_url: str, launch_url: str) -> Flask:
    """A tool that only shows what it was told.

    `?hop=1` answers the login by a page of its own: then the LMS's Lax cookie does not follow.
    """
    app = Flask("small_tool")
    app.config.update(hop=False, items=[{"title": "Un module", "lineItem": {"scoreMaximum": 50}}])

    @app.post("/lti/login")
    def login() -> ResponseReturnValue:
        query = urlencode(
            {
                "scope": "openid", "response_type": "id_token", "response_mode": "form_post",
                "prompt": "none", "client_id": request.form["client_id"],
                "redirect_uri": launch_url, "login_hint": request.form["login_hint"],
                "lti_message_hint": request.form["lti_message_hint"], "state": "s", "nonce": "n",
            }
        )  # fmt: skip
        url = f"{auth_url}?{query}"
        if app.config["hop"]:
            return f'<a id="hop" href="{escape(url)}">continuer</a>'
        return redirect(url)

    @app.get("/lti/jwks")
    def keys() -> ResponseReturnValue:
        return jwks()

    @app.get("/register")
    def register() -> ResponseReturnValue:
        # A page of the tool, in the frame: it registers, then says that it is over.
        token = request.args["registration_token"]
        tool_url = request.url_root.rstrip("/")
        answer = requests.post(
            request.args["openid_configuration"].replace("configuration", "registration"),
            headers={"Authorization": f"Bearer {token}"},
            json={
                "response_types": ["id_token"],
                "initiate_login_uri": f"{tool_url}/lti/login",
                "redirect_uris": [f"{tool_url}/lti/launch"],
                "client_name": "Outil inscrit",
                "jwks_uri": f"{tool_url}/lti/jwks",
                "token_endpoint_auth_method": "private_key_jwt",
                "https://purl.imsglobal.org/spec/lti-tool-configuration": {
                    "domain": request.host,
                    "target_link_uri": f"{tool_url}/lti/launch",
                },
            },
            timeout=10,
        )
        close = "parent.postMessage({subject: 'org.imsglobal.lti.close'}, '*')"
        return f'<button id="close" onclick="{close}">{answer.status_code}</button>'

    @app.post("/lti/launch")
    def launch() -> ResponseReturnValue:
        if "error" in request.form:
            return f'<p id="refused">{escape(request.form["error"])}</p>'
        claims = jwt.decode(request.form["id_token"], options={"verify_signature": False})
        settings = claims.get(f"{DEEP}/deep_linking_settings")
        if settings is not None:
            answer = deep_linking_response(
                app.config["items"], iss=claims["aud"], aud=claims["iss"]
            )
            url = escape(settings["deep_link_return_url"])
            return (
                f'<form method="post" action="{url}"><input type="hidden" name="JWT"'
                f' value="{answer}"><button id="choose">choisir</button></form>'
            )
        target = claims["https://purl.imsglobal.org/spec/lti/claim/launch_presentation"]
        back = target["return_url"]
        return (
            f'<p id="who">{escape(claims["name"])}</p><p id="where">{target["document_target"]}</p>'
            f'<a id="back" href="{escape(back)}">retour</a>'
            f'<a id="said" href="{escape(back)}&amp;lti_msg=%3Cb%3Efini">fini</a>'
        )

    return app


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoServer, Flask]]:
    """LMS on localhost, tool on 127.0.0.1: two sites for a browser, no name to resolve."""
    lms_port, tool_port = free_port(), free_port()
    settings = DemoSettings(
        database_path=Path(tmp_path_factory.mktemp("demo")) / "browser.sqlite",
        base_url=f"http://localhost:{lms_port}",
        tool_base_url=f"http://127.0.0.1:{tool_port}",
        platform_storage=True,
    )
    tool = small_tool(settings.auth_url, settings.tool_launch_url)
    server = make_server("127.0.0.1", tool_port, tool, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with DemoServer(settings) as lms:
        yield lms, tool
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The machine's Chromium, or Playwright's own."""
    browser = launch_chromium(playwright)
    yield browser
    browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile, of the size of a small laptop."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    yield context
    context.close()


def sign_in(context: BrowserContext, base_url: str, username: str) -> Page:
    page = context.new_page()
    page.goto(base_url)
    page.click(f"#sign-in-{username}")
    page.wait_for_selector("#signed-in-as")
    return page


def open_in_page(page: Page) -> FrameLocator:
    page.click("#course-2")
    page.click("#open-frame-1")
    return page.frame_locator("#contentframe")


def test_a_launch_in_the_page(stage: tuple[DemoServer, Flask], context: BrowserContext) -> None:
    lms, _ = stage
    page = sign_in(context, lms.settings.base_url, "referent1")
    frame = open_in_page(page)
    frame.locator("#who").wait_for()
    assert frame.locator("#who").inner_text() == "Zoé N’Guessan"
    assert frame.locator("#where").inner_text() == "iframe"
    box = page.locator("#contentframe").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (880, 510)


def test_a_launch_whose_tool_adds_a_page_goes_through_the_repost(
    stage: tuple[DemoServer, Flask], context: BrowserContext
) -> None:
    lms, tool = stage
    tool.config["hop"] = True
    try:
        page = sign_in(context, lms.settings.base_url, "referent1")
        posted: list[str] = []
        page.on(
            "request",
            lambda sent: posted.append(sent.post_data or "") if "auth.php" in sent.url else None,
        )
        frame = open_in_page(page)
        frame.locator("#hop").click()
        frame.locator("#who").wait_for()
    finally:
        tool.config["hop"] = False
    assert any("repost=true" in body for body in posted)


def test_a_launch_in_a_new_window(stage: tuple[DemoServer, Flask], context: BrowserContext) -> None:
    lms, _ = stage
    page = sign_in(context, lms.settings.base_url, "formatrice")
    page.click("#course-2")
    with context.expect_page() as opened:
        page.click("#open-window-1")
    window = opened.value
    window.wait_for_selector("#who")
    assert window.inner_text("#who") == "Élodie Lefèvre"
    assert window.inner_text("#where") == "window"
    window.click("#back")
    window.wait_for_selector("#activities")


def test_coming_back_from_the_frame(
    stage: tuple[DemoServer, Flask], context: BrowserContext
) -> None:
    lms, _ = stage
    page = sign_in(context, lms.settings.base_url, "referent1")
    frame = open_in_page(page)
    frame.locator("#said").click()
    assert frame.locator("#lti-message").inner_text() == "<b>fini"
    page.reload()
    # Without a message the course takes the whole window, not the frame.
    page.frame_locator("#contentframe").locator("#back").click()
    page.wait_for_selector("#activities")
    assert page.url == f"{lms.settings.base_url}/course/2"


def test_the_whole_journey_needs_no_javascript(
    stage: tuple[DemoServer, Flask], playwright: Playwright, tmp_path: Path
) -> None:
    lms, _ = stage
    context = open_profile(playwright, tmp_path / "profile", SCRIPTLESS)
    page = context.new_page()
    page.goto(lms.settings.base_url)
    page.click("#sign-in-referent1")
    frame = open_in_page(page)
    frame.locator("#ltiInitiateLoginForm button").click()
    frame.locator("#ltiAuthForm button").click()
    frame.locator("#who").wait_for()
    context.close()


def test_a_tool_registers_itself_in_a_frame_and_closes_it(
    stage: tuple[DemoServer, Flask], context: BrowserContext
) -> None:
    lms, _ = stage
    page = sign_in(context, lms.settings.base_url, "admin")
    page.click("#manage-tools")
    page.fill("#tool-url", f"{lms.settings.tool_base_url}/register")
    page.click("#add-lti-advantage")
    page.click("#register-new")
    frame = page.frame_locator("#external-registration-page")
    assert frame.locator("#close").inner_text() == "200"
    frame.locator("#close").click()
    page.wait_for_url("**/admin/tools")
    card = page.locator('[data-state="pending"]')
    assert card.locator("h3").inner_text() == "Outil inscrit"
    card.get_by_role("button", name="Activer").click()
    page.wait_for_url("**/admin/tools")
    assert page.locator('[data-state="pending"]').count() == 0


@pytest.mark.parametrize("path", ["/admin/tools", "/admin/tools/new", "/admin/tools/1"])
def test_administration_has_no_accessibility_violation(
    stage: tuple[DemoServer, Flask], context: BrowserContext, path: str
) -> None:
    lms, _ = stage
    page = sign_in(context, lms.settings.base_url, "admin")
    page.goto(lms.settings.base_url + path)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("javascript", [True, False])
def test_content_is_selected_in_a_frame(
    stage: tuple[DemoServer, Flask], playwright: Playwright, tmp_path: Path, javascript: bool
) -> None:
    lms, _ = stage
    context = open_profile(playwright, tmp_path / "profile", {} if javascript else SCRIPTLESS)
    page = sign_in(context, lms.settings.base_url, "formatrice")
    page.click("#course-2")
    page.click("#add-activity")
    page.click("#add-tool-1")
    page.click("#select-content")
    frame = page.frame_locator("#contentframe")
    if not javascript:
        frame.locator("#ltiInitiateLoginForm button").click()
        frame.locator("#ltiAuthForm button").click()
    frame.locator("#choose").click()
    if not javascript:
        frame.locator("#repostform button").click()
        frame.locator("#content-received").click()
    page.wait_for_selector("#activity-form")
    assert page.input_value("#name") == "Un module"
    assert page.input_value("#maximum") == "50,00"
    page.check("#completion-grade")
    page.click("#activity-form button[type=submit]")
    page.wait_for_selector("#activities")
    assert page.locator("h3", has_text="Un module").count() >= 1
    context.close()


@pytest.mark.parametrize(
    "path",
    [
        "/course/2",
        "/course/2/grades",
        "/course/2/participants",
        "/course/2/add",
        "/course/2/modedit?add=1",
        "/course/2/activity/1/edit",
        "/course/2/copy",
    ],
)
def test_pages_have_no_accessibility_violation(
    stage: tuple[DemoServer, Flask], context: BrowserContext, path: str
) -> None:
    lms, _ = stage
    page = context.new_page()
    page.goto(lms.settings.base_url)
    doors = Axe().run(page)
    assert doors.violations_count == 0, doors.generate_report()
    page.click("#sign-in-formatrice")
    page.goto(lms.settings.base_url + path)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


ASK = """
([message, target]) => new Promise((resolve) => {
  const timer = setTimeout(() => resolve(null), 1500);
  window.addEventListener("message", (event) => {
    clearTimeout(timer);
    resolve({...event.data, origin: event.origin});
  }, {once: true});
  window.parent.postMessage(message, target);
})
"""
CAPABILITIES = [
    {"subject": "lti.capabilities"},
    {"subject": "lti.put_data", "frame": "_parent"},
    {"subject": "lti.get_data", "frame": "_parent"},
]


def frame_in(page: Page, selector: str) -> Frame:
    handle = page.wait_for_selector(selector)
    frame = handle.content_frame() if handle else None
    assert frame is not None
    return frame


def test_the_storage_of_the_lms_keeps_values_of_one_origin(
    stage: tuple[DemoServer, Flask], context: BrowserContext
) -> None:
    lms, _ = stage
    lms_url = lms.settings.base_url
    page = sign_in(context, lms_url, "referent1")
    open_in_page(page).locator("#who").wait_for()
    asking = frame_in(page, "#contentframe")

    def ask(subject: str, target: str = lms_url, **more: object) -> dict[str, object] | None:
        message = {"subject": subject, "message_id": "m1", **more}
        answer: dict[str, object] | None = asking.evaluate(ASK, [message, target])
        return answer

    def say(subject: str, **more: object) -> dict[str, object]:
        return {"subject": f"{subject}.response", "message_id": "m1", "origin": lms_url, **more}

    supported = say("lti.capabilities", supported_messages=CAPABILITIES)
    assert ask("lti.capabilities") == supported
    put = say("lti.put_data", key="state", value="v")
    assert ask("lti.put_data", key="state", value="v") == put
    assert ask("lti.get_data", key="state") == say("lti.get_data", key="state", value="v")
    assert ask("lti.get_data", key="other") == say("lti.get_data", key="other", value=None)
    ask("lti.put_data", key="state", value=None)
    assert ask("lti.get_data", key="state") == say("lti.get_data", key="state", value=None)
    for code, subject, more in (
        ("bad_request", "lti.put_data", {"value": "v"}),
        ("bad_request", "lti.put_data", {"key": "k"}),
        ("bad_request", "lti.get_data", {"key": "k", "message_id": ""}),
        ("storage_exhaustion", "lti.put_data", {"key": "k", "value": "v" * 5000}),
        ("unsupported_subject", "lti.frameResize", {}),
    ):
        answer = ask(subject, **more)
        assert answer is not None
        assert answer["error"]["code"] == code  # type: ignore[index]
    # Sent to another origin than the LMS's, the browser delivers nothing.
    assert ask("lti.get_data", target="http://ailleurs.localhost", key="state") is None
    # Another origin than a tool's, here a page of the LMS in a frame, has no storage.
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('iframe'),"
        " {id: 'stranger', src: '/healthz'}))"
    )
    asking = frame_in(page, "#stranger")
    asking.wait_for_url("**/healthz")
    answer = ask("lti.get_data", key="state")
    assert answer is not None
    assert answer["error"]["code"] == "wrong_origin"  # type: ignore[index]
