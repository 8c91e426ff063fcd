"""One LMS replaces another: an administrator says who is whom, and learners find their past."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser.inspection import Inspector
from tests.journeys.browser.visiting import open_in_window, profile, sign_in
from tests.journeys.http_browser import Visitor
from tests.journeys.stack import Stack

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.xdist_group("migration"),
]

FORMER_LMS = "https://ancien.magistere.example"
LEARNER, RENAMED, OTHER, *MIXED_UP = (f"referent{n}" for n in range(1, 6))
PRIMARY = "#contenu form .btn-primary"
COMPLETED = "Module terminé"


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Not shared: everybody in it moves to another LMS."""
    with Stack(tmp_path_factory.mktemp("migration"), redis=True, extra_learners=0) as stack:
        yield stack


def make_a_past(stack: Stack) -> None:
    """What people did so far, they did in a former LMS, under other numbers; then they come here.

    One has another name there; of two, the e-mail and the number of the school disagree.
    """
    learner = Visitor(stack, LEARNER)
    learner.do_module(learner.launch())
    for username in (RENAMED, OTHER, *MIXED_UP):
        Visitor(stack, username).launch()
    one, two = (f"'UID-{username}'" for username in MIXED_UP)
    swapped = f"CASE sourcedid WHEN {one} THEN {two} WHEN {two} THEN {one} ELSE sourcedid END"
    for table, values in (
        ("course", f"issuer = '{FORMER_LMS}', memberships_url = NULL"),
        ("identity", f"issuer = '{FORMER_LMS}', sub = 'f' || id, sourcedid = {swapped}"),
    ):
        stack.execute(f"UPDATE {table} SET {values}")  # noqa: S608 - our own words
    stack.execute(
        "UPDATE person SET name = 'François Martin', sort_name = 'martin francois'"  # noqa: S608
        f" WHERE email LIKE '{RENAMED}@%'"
    )
    for username in (LEARNER, RENAMED, OTHER, *MIXED_UP):
        assert COMPLETED not in Visitor(stack, username).launch().text


def link_the_two(desk: Page, stack: Stack, inspector: Inspector) -> None:
    desk.goto(f"{stack.tool_url}/admin/migrations/")
    inspector.look("linking", desk)
    desk.select_option("#former_issuer", stack.lms_url)
    desk.select_option("#issuer", stack.lms_url)
    desk.click(PRIMARY)
    expect(desk.locator('[role="alert"]')).to_contain_text("deux plateformes différentes")
    inspector.look("linking to itself", desk)
    desk.select_option("#former_issuer", FORMER_LMS)
    desk.select_option("#issuer", stack.lms_url)
    desk.click(PRIMARY)
    expect(desk.locator("h1")).to_have_text("Qui est qui")
    expect(desk.locator("#contenu")).to_contain_text("2 correspondances sûres")
    inspector.look("who is whom", desk)


def merge_one(desk: Page, inspector: Inspector) -> None:
    """The one whose name differs, after a look at both."""
    row = desk.locator("#correspondances tbody tr").filter(has_text="François Martin")
    expect(row).to_contain_text("à vérifier")
    row.get_by_role("link", name="Comparer").click()
    expect(desk.locator("#comparaison")).to_contain_text("Le Goff")
    inspector.look("two persons", desk)
    desk.click(PRIMARY)
    expect(desk.locator('[role="status"]')).to_contain_text("Personnes réunies")


def merge_all(desk: Page, stack: Stack, inspector: Inspector) -> None:
    """By the worker: the page is loaded again until it has."""
    desk.click("text=Réunir toutes les correspondances sûres")
    expect(desk.locator("h1")).to_contain_text("2 paires de personnes")
    inspector.look("asking before merging all", desk)
    desk.click(PRIMARY)
    expect(desk.locator('[role="status"]')).to_contain_text("en cours")
    stack.wait_until(lambda: is_done(desk), what="the worker's merges")
    inspector.look("merged", desk)


def is_done(desk: Page) -> bool:
    desk.reload()
    return "3 déjà réunies" in desk.inner_text("#contenu").replace("\N{NO-BREAK SPACE}", " ")


def part(desk: Page, name: str, inspector: Inspector) -> None:
    row = desk.locator("#reunions tbody tr").filter(has_text=name)
    row.get_by_role("link", name="Séparer").click()
    inspector.look("asking before parting", desk)
    desk.click(PRIMARY)
    expect(desk.locator("#reunions tbody tr").filter(has_text=name)).to_contain_text("Séparées")
    inspector.look("parted", desk)


def test_learners_find_their_past_again(own_stack: Stack, chromium: Browser) -> None:
    make_a_past(own_stack)
    link = own_stack.relais("admin", "link", "--name", "Camille Dupont")
    with profile(chromium) as desks, profile(chromium) as context:
        desk = desks.new_page()
        inspector = Inspector(desks, own_stack.tool_url)
        desk.goto(link.stdout.strip())
        desk.click(PRIMARY)
        link_the_two(desk, own_stack, inspector)
        merge_one(desk, inspector)
        merge_all(desk, own_stack, inspector)

        page = sign_in(context, own_stack.lms_url, LEARNER)
        window = open_in_window(page, 1)
        expect(window.locator("#contenu")).to_contain_text(COMPLETED)

        part(desk, "Guessan", inspector)
        window.reload()
        # The session is the new account’s: this visit, begun as the kept person, is over.
        expect(window.locator("#contenu")).to_contain_text("Rouvrez l’activité")
        expect(window.locator("#contenu")).not_to_contain_text(COMPLETED)
        window.close()
        window = open_in_window(page, 1)
        expect(window.locator(".p-missing")).to_be_visible()

        desk.goto(f"{own_stack.tool_url}/admin/personnes/?q=le+goff")
        desk.get_by_role("link", name="François Le Goff").click()
        expect(desk.locator("#contenu")).to_contain_text("Réunie avec la personne")
        inspector.look("somebody who became another", desk)
        desk.goto(f"{own_stack.tool_url}/admin/migrations/")
        inspector.look("the LMS that are linked", desk)
        inspector.conclude()
