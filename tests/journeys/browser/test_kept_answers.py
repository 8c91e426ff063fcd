"""A visit that ends in the middle of a question: nothing typed is lost, nor shown to another."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, Playwright, expect

from lti_app.content.rules.catalog import Question, QuestionKind
from tests.journeys.answer_book import Fields, one_of_each_kind, right_answer
from tests.journeys.browser.inspection import Inspector
from tests.journeys.browser.visiting import (
    Cookies,
    cookie_profile,
    fill,
    open_in_frame,
    sign_in,
)
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.xdist_group("browser")]

MODULE = 1
SUBMIT = "#contenu form .btn-primary"
KEPT = "Votre saisie est gardée"
FOUND = "Nous avons retrouvé votre saisie du"


def go_to(place: Page | Frame, question: Question) -> None:
    """The page of a question, within the visit (whose address may have a prefix)."""
    found = re.match(r".*/session/\d+/", place.url)
    assert found, place.url
    with place.expect_navigation():
        place.evaluate("url => location.assign(url)", f"{found[0]}question/{question.id}/")
    expect(place.locator("#enonce")).to_be_visible()


def expect_filled(place: Page | Frame, fields: Fields) -> None:
    for name, values in fields.items():
        for value in values:
            if name in {"choice", "confidence"}:
                expect(place.locator(f'[name="{name}"][value="{value}"]')).to_be_checked()
            else:
                expect(place.locator(f'[name="{name}"]')).to_have_value(value)


def forget_relais(context: BrowserContext) -> None:
    """As the browser does of a cookie too old, or a person of all of them."""
    context.clear_cookies(domain="127.0.0.1")


def test_every_kind_of_question(context: BrowserContext, stack: Stack, learner: str) -> None:
    inspector = Inspector(context, stack.tool_url, stack.lms_url)
    page = sign_in(context, stack.lms_url, learner)
    for question in one_of_each_kind().values():
        frame = open_in_frame(page, MODULE)
        go_to(frame, question)
        fill(frame, question, right_answer(question))
        frame.check('[name="confidence"][value="hesitant"]')
        forget_relais(context)
        frame.click(SUBMIT)
        expect(frame.locator("h1")).to_have_text(KEPT)
        inspector.look_in_frame(f"kept, {question.kind}", frame)

        page.goto(f"{stack.lms_url}/course/2")
        frame = open_in_frame(page, MODULE)
        go_to(frame, question)
        found = frame.locator("[role=status]")
        expect(found).to_contain_text(FOUND)
        expect(found).to_be_focused()
        expect_filled(frame, right_answer(question) | {"confidence": ["hesitant"]})
        inspector.look_in_frame(f"found again, {question.kind}", frame)
        frame.click(SUBMIT)
        expect(frame.locator("#retour")).to_contain_text("C’est juste")
        go_to(frame, question)
        expect(frame.locator("#contenu")).not_to_contain_text(FOUND)
        page.goto(f"{stack.lms_url}/course/2")
    inspector.conclude()


def test_a_pause_longer_than_a_visit(context: BrowserContext, stack: Stack, learner: str) -> None:
    question = one_of_each_kind()[QuestionKind.SHORT]
    page = sign_in(context, stack.lms_url, learner)
    frame = open_in_frame(page, MODULE)
    go_to(frame, question)
    frame.fill('[name="text"]', "Une réponse commencée hier")
    stack.move_clock(timedelta(hours=13))

    frame.click(SUBMIT)

    expect(frame.locator("h1")).to_have_text(KEPT)
    back = frame.get_by_role("link", name="Retourner sur")
    expect(back).to_have_attribute("target", "_top")
    assert (back.get_attribute("href") or "").startswith(stack.lms_url)
    page = sign_in(context, stack.lms_url, learner)
    frame = open_in_frame(page, MODULE)
    go_to(frame, question)
    expect_filled(frame, {"text": ["Une réponse commencée hier"]})


def test_a_visit_by_its_address_ends_too(
    playwright: Playwright, storage_stack: Stack, learner: str, tmp_path: Path
) -> None:
    question = one_of_each_kind()[QuestionKind.SHORT]
    folder = tmp_path / "profile"
    with cookie_profile(playwright, storage_stack, folder, Cookies.BLOCKED) as context:
        page = sign_in(context, storage_stack.lms_url, learner)
        frame = open_in_frame(page, MODULE)
        go_to(frame, question)
        frame.fill('[name="text"]', "Sans aucun cookie")
        storage_stack.execute("DELETE FROM frame_session")

        frame.click(SUBMIT)

        expect(frame.locator("h1")).to_have_text(KEPT)
        page.goto(f"{storage_stack.lms_url}/course/2")
        frame = open_in_frame(page, MODULE)
        go_to(frame, question)
        expect_filled(frame, {"text": ["Sans aucun cookie"]})


def test_two_people_on_one_computer(
    context: BrowserContext, stack: Stack, new_learner: Callable[[], str]
) -> None:
    first, second = new_learner(), new_learner()
    question = one_of_each_kind()[QuestionKind.SHORT]
    left_open = sign_in(context, stack.lms_url, first)
    of_first = open_in_frame(left_open, MODULE)
    go_to(of_first, question)
    who = of_first.locator(".r-bar-person").inner_text()
    of_first.fill('[name="text"]', "Ce que la première pense")
    page = sign_in(context, stack.lms_url, second)
    of_second = open_in_frame(page, MODULE)
    assert of_second.locator(".r-bar-person").inner_text() != who

    left_open.bring_to_front()
    of_first.click(SUBMIT)

    expect(of_first.locator("h1")).to_have_text("Ce formulaire a été ouvert par une autre personne")
    expect(of_first.locator("#contenu")).not_to_contain_text("pense")
    page.bring_to_front()
    go_to(of_second, question)
    expect(of_second.locator('[name="text"]')).to_have_value("")
    page = sign_in(context, stack.lms_url, first)
    again = open_in_frame(page, MODULE)
    go_to(again, question)
    expect(again.locator('[name="text"]')).to_have_value("Ce que la première pense")
