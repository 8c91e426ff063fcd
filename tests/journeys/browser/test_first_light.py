"""The whole mission, by keyboard: a module, its grade, a week, a review, the trainer's page."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.journeys.answer_book import courses, right_answer, the_module, wrong_answer
from tests.journeys.browser.keyboard import Keyboard
from tests.journeys.browser.visiting import COURSE, profile, wait_for_tool
from tests.journeys.stack import Stack

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.xdist_group("first-light"),
]

ACTIVITY, LINE_ITEM = 1, 11
REVIEW_ACTIVITY = 3
COMPLETE_PASS = "2"  # Moodle's COMPLETION_COMPLETE_PASS
GO = "#contenu .btn-primary"
MISSED_FIRST = frozenset({"memoriser-q02", "memoriser-q05", "memoriser-q07", "memoriser-q40"})


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Not shared: its clock moves."""
    with Stack(tmp_path_factory.mktemp("first-light"), redis=True) as stack:
        yield stack


def test_first_light(own_stack: Stack, chromium: Browser) -> None:
    with profile(chromium) as context:
        page = context.new_page()
        enter_course(page, own_stack, "referent1")
        do_the_module(page)
        leave(page)
        expect_grade(page, own_stack, "100.0")
        own_stack.move_clock(timedelta(days=7))
        enter_course(page, own_stack, "referent1", signed_in=True)
        review(page)
    with profile(chromium) as context:
        page = context.new_page()
        enter_course(page, own_stack, "formatrice")
        read_the_report(page)


def enter_course(page: Page, stack: Stack, username: str, *, signed_in: bool = False) -> None:
    """From the LMS's door to the page of the course."""
    page.goto(stack.lms_url)
    keyboard = Keyboard(page, lambda: page.main_frame)
    if not signed_in:
        keyboard.follow(f"#sign-in-{username}")
    keyboard.follow(f"#course-{COURSE}")


def open_activity(page: Page, activity: int) -> Keyboard:
    """Tab as far as the frame of the activity; whoever types is then inside."""
    keyboard = Keyboard(page, lambda: page.main_frame)
    keyboard.follow(f"#open-frame-{activity}")
    frame = wait_for_tool(page)
    keyboard.reach("#contentframe")
    return Keyboard(page, lambda: frame)


def do_the_module(page: Page) -> None:
    """Every lesson, every question; four missed, two of them twice over, then all right."""
    keyboard = open_activity(page, ACTIVITY)
    frame = keyboard.document()
    asked: list[str] = []
    parts = 0
    while True:
        question_id = question_of(frame)
        if question_id:
            asked.append(question_id)
            answer(keyboard, question_id, right=not misses(question_id, asked))
        elif "/etape/" in frame.url:
            parts += 1
            keyboard.follow(GO)
        elif frame.locator(GO).count():
            keyboard.follow(GO)
        else:
            break
    module = the_module()
    assert set(asked) == {question.id for question in module.questions}
    assert len(asked) == len(module.questions) + len(MISSED_FIRST)
    assert parts == sum(len(lesson.parts) for lesson in module.lessons)
    expect(frame.locator("#contenu")).to_contain_text("Votre score est de 100")
    expect(frame.locator("#contenu")).to_contain_text("42 réponses justes sur 42")


def misses(question_id: str, asked: list[str]) -> bool:
    return question_id in MISSED_FIRST and asked.count(question_id) == 1


def question_of(frame: Frame) -> str | None:
    """The question that the frame asks, by its address."""
    found = re.search(r"/question/([^/]+)/", frame.url)
    return found[1] if found else None


def answer(keyboard: Keyboard, question_id: str, *, right: bool) -> None:
    """Fill in, say how sure one is now and then, send, read the verdict, go on."""
    question = courses().question(question_id)
    keyboard.fill(question, right_answer(question) if right else wrong_answer(question))
    if question.position % 5 == 0:
        keyboard.choose("confidence", "sure")
        keyboard.reach(f"form {GO.split()[1]}", key="Shift+Tab")
    keyboard.follow("#contenu form .btn-primary")
    frame = keyboard.document()
    assert "/reponse/" in frame.url, f"{question_id} was not taken"
    # The verdict has the focus: a screen reader says it, and the next Tab goes on from it.
    assert keyboard.is_on("#retour")
    verdict = "C’est juste" if right else "Ce n’est pas la bonne réponse"
    expect(frame.locator("#retour .r-alert-title")).to_have_text(verdict)
    keyboard.follow(GO)


def leave(page: Page) -> None:
    """« Quitter » leads out of the frame, back to the course."""
    frame = wait_for_tool(page)
    keyboard = Keyboard(page, lambda: frame)
    keyboard.reach("#contenu a")
    keyboard.reach("nav a", "Quitter", key="Shift+Tab")
    page.keyboard.down("Enter")
    page.wait_for_selector("#activities")
    page.keyboard.up("Enter")
    expect(page.locator(f'[data-activity="{ACTIVITY}"] [data-completion]')).to_be_visible()


def expect_grade(page: Page, stack: Stack, score: str) -> None:
    """The worker sends the grade by itself; the gradebook has it soon after."""
    cell = page.locator(f'#grades tr[data-person="referent1"] td[data-line-item="{LINE_ITEM}"]')

    def arrived() -> bool:
        page.goto(f"{stack.lms_url}/course/{COURSE}/grades")
        return cell.get_attribute("data-score") == score

    stack.wait_until(arrived, what=f"{score} in the gradebook", timeout=60)
    assert cell.get_attribute("data-completion") == COMPLETE_PASS


def review(page: Page) -> None:
    """What is due a week later, a dozen at most, one of them missed."""
    keyboard = open_activity(page, REVIEW_ACTIVITY)
    frame = keyboard.document()
    expect(frame.locator("h1")).to_have_text("Réviser")
    keyboard.follow(GO)
    asked: list[str] = []
    while question_id := question_of(frame):
        asked.append(question_id)
        answer(keyboard, question_id, right=len(asked) != 2)
    assert 6 <= len(asked) <= 12
    assert len(set(asked)) == len(asked)
    expect(frame.locator("h1")).to_have_text("Séance terminée")
    expect(frame.locator("#contenu")).to_contain_text(
        f"{len(asked) - 1} réponses justes sur {len(asked)}"
    )


def read_the_report(page: Page) -> None:
    """The trainer's page: the referent is there; filters, sorting and export work."""
    keyboard = open_activity(page, ACTIVITY)
    frame = keyboard.document()
    expect(frame.locator("h1")).to_have_text("Suivi des référents")
    row = frame.locator("table.s-table tbody tr").filter(has_text="N’Guessan")
    expect(row).to_contain_text("Terminé")
    expect(row).to_contain_text("100")
    expect(row).to_contain_text("Transmise")

    keyboard.reach('input[name="nom"]')
    page.keyboard.type("personne de ce nom")
    keyboard.enter()
    expect(row).to_have_count(0)
    keyboard.follow("#contenu a", "Effacer les filtres")
    keyboard.select("etat", "completed")
    keyboard.follow(".s-filters [type=submit]")
    expect(row).to_have_count(1)
    keyboard.follow('.s-table thead a[href*="tri=score.memoriser"]')
    heading = frame.locator("th[aria-sort]")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect(heading).to_contain_text("Score")

    keyboard.reach('a[href*="export.csv"]', key="Shift+Tab")
    with page.expect_download() as download:
        keyboard.press("Enter")
    check_export(Path(download.value.path()), download.value.suggested_filename)


def check_export(path: Path, name: str) -> None:
    """A spreadsheet that French spreadsheets open by a double click."""
    assert re.fullmatch(r"suivi-[a-z0-9-]+-\d{4}-\d\d-\d\d\.csv", name)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    heading, *lines = csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";")
    assert [len(line) for line in lines] == [len(heading)]
    values = dict(zip(heading, lines[0], strict=True))
    assert "Zoé N’Guessan" in " ".join(values.values()) or "N’Guessan" in values.values()
    assert "100" in values.values()
