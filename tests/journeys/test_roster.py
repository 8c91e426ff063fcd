"""The roster of a session, from the LMS to the trainer's page, with a worker that dies."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.http_browser import FIRST_COURSE, Form, Page, Visitor
from tests.journeys.stack import BROKER, LMS, WORKER, Stack, new_postgresql_database

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("stack-roster")]

LEARNERS = 2_400
"""Three pages of a thousand, with the people of every demonstration LMS."""
MEMBERS = LEARNERS + 8
FIRST_COURSE_ACTIVITY, SECOND_COURSE_ACTIVITY = 1, 5
OTHER_COURSE = 3
FRANCOIS, ANAIS = 6, 7
"""Two learners of the demonstration LMS: the first of both courses, the other of the larger."""


@pytest.fixture(scope="module")
def stack(postgresql_url: str) -> Iterator[Stack]:
    """A whole Relais beside an LMS with a course of 2,408 people, and one of four.

    On PostgreSQL, where a launch and a roster do write at once: statements and locks of SQLite are
    for tests/unit/roster.
    """
    url = new_postgresql_database(postgresql_url)
    folder = Path(tempfile.mkdtemp(prefix="relais-roster-"))
    with Stack(folder, database_url=url, redis=True, extra_learners=LEARNERS) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _all_running(stack: Stack) -> None:
    stack.ensure_running()


def standing(stack: Stack, course: int) -> dict[str, Any]:
    """What the command line says of the roster of a course of Relais."""
    rows = stack.relais_json("roster", "list")
    found: dict[str, Any] = next(row for row in rows if row["course"] == course)
    return found


def course_of(trainer: Visitor) -> int:
    return int(trainer.course_url.rsplit("/", 1)[1])


def report(trainer: Visitor, query: str = "") -> Page:
    return trainer.get(f"{trainer.course_url}/?{query}")


def press(stack: Stack, trainer: Visitor, page: Page) -> Page:
    """« Mettre à jour la liste », as if nobody had for a while."""
    stack.execute("UPDATE roster_sync SET attempted_at = '2026-01-01 00:00:00.000000'")
    return trainer.submit(page, page.form("/liste/"))


def change(trainer: Visitor, course: int, person: int, what: str) -> None:
    """« suspend » or « activate » somebody, as a teacher does in the LMS."""
    page = trainer.get(f"{trainer.site.lms_url}/course/{course}/participants")
    address = f"/course/{course}/participants/{person}/{what}"
    assert f'formaction="{address}"' in page.text
    # The button of a row says where its form goes; the key of the visit is in every form.
    sesskey = page.form("/participants/enrol").fields["sesskey"]
    done = trainer.submit(page, Form(address, "post", {"sesskey": sesskey}))
    assert done.status == 200, done.words


def open_report(stack: Stack, username: str, activity: int) -> Visitor:
    trainer = Visitor(stack, username)
    page = trainer.launch(activity)
    assert "/suivi/" in page.path, page.url
    return trainer


def wait_for(stack: Stack, trainer: Visitor, words: str, query: str = "") -> Page:
    """Reload the trainer's page until it says so."""

    def seen() -> Page | None:
        page = report(trainer, query)
        return page if words in page.words else None

    page = stack.wait_until(seen, what=f"« {words} » on the report")
    assert page is not None
    return page


def test_from_nobody_to_everybody_and_back(stack: Stack) -> None:
    trainer = open_report(stack, "formateur2", SECOND_COURSE_ACTIVITY)
    # As before any roster, whatever the other tests had read.
    stack.execute(f"DELETE FROM enrolment WHERE course_id = {course_of(trainer)}")  # noqa: S608
    trainer = open_report(stack, "formateur2", SECOND_COURSE_ACTIVITY)
    page = report(trainer)
    assert "Aucun référent pour l’instant" in page.words
    asked = press(stack, trainer, page)
    assert "La mise à jour est demandée" in asked.words
    # Nobody has ever come, and their names are known.
    wait_for(stack, trainer, "Zoé N’Guessan")
    page = wait_for(stack, trainer, "(4 personnes")  # said at the end of the reading
    assert "jamais" in page.words
    change(trainer, OTHER_COURSE, FRANCOIS, "suspend")
    press(stack, trainer, page)
    wait_for(stack, trainer, "François Le Goff a quitté la session", "inscription=partis")
    assert "François Le Goff" not in report(trainer).words
    change(trainer, OTHER_COURSE, FRANCOIS, "activate")
    press(stack, trainer, report(trainer))
    wait_for(stack, trainer, "François Le Goff")
    # The tutor is a learner here, and a non-editing teacher elsewhere: a trainer there.
    tutor = Visitor(stack, "tuteur")
    assert "/session/" in tutor.launch(SECOND_COURSE_ACTIVITY).path
    assert "/suivi/" in tutor.launch(FIRST_COURSE_ACTIVITY).path


def test_a_trainer_whom_the_roster_lists_as_a_learner_stays_one(stack: Stack) -> None:
    trainer = open_report(stack, "tuteur", FIRST_COURSE_ACTIVITY)
    administrator = open_report(stack, "admin", FIRST_COURSE_ACTIVITY)
    done = stack.relais("roster", "sync", "--course", str(course_of(trainer)))
    assert done.returncode == 0, done.stdout + done.stderr
    # Neither the one whom Moodle's roster lowers, nor the one whom it does not name.
    assert report(trainer).status == 200
    assert report(administrator).status == 200


def test_a_course_whose_service_fails_stops_no_other(stack: Stack) -> None:
    trainer = open_report(stack, "formateur2", SECOND_COURSE_ACTIVITY)
    other = open_report(stack, "formatrice", FIRST_COURSE_ACTIVITY)
    first, second = sorted([course_of(trainer), course_of(other)])
    with stack.faulty("nrps", "error", status=503, times=1):
        done = stack.relais("roster", "sync")
    assert done.returncode == 1
    assert standing(stack, first)["problem"] == "unavailable"
    assert standing(stack, second)["problem"] is None
    failed = trainer if course_of(trainer) == first else other
    assert "la plateforme est momentanément indisponible" in report(failed).words


def test_link_headers_however_they_are_broken(stack: Stack) -> None:
    trainer = open_report(stack, "formatrice", FIRST_COURSE_ACTIVITY)
    course = course_of(trainer)
    expected = {
        # Those that only another spelling tells apart are for tests/unit/lti.
        "curly": None,
        "relative": None,
        "loop": "endless",
        "elsewhere": "forbidden_url",
    }
    found = {}
    for variant in expected:
        with stack.faulty("nrps", "link", variant=variant):
            stack.relais("roster", "sync", "--course", str(course))
        found[variant] = standing(stack, course)["problem"]
    assert found == expected
    assert "n’est pas celle de la plateforme" in report(trainer).words


def test_a_dead_lms_and_a_dead_broker_are_explained(stack: Stack) -> None:
    trainer = open_report(stack, "formateur2", SECOND_COURSE_ACTIVITY)
    page = report(trainer)
    stack.kill(LMS)
    press(stack, trainer, page)
    page = wait_for(stack, trainer, "la plateforme ne répond pas")
    stack.kill(BROKER)
    assert "ne répond pas. Réessayez" in press(stack, trainer, page).words


def test_a_worker_killed_in_the_middle_and_the_night_after(stack: Stack) -> None:
    trainer = open_report(stack, "formatrice", FIRST_COURSE_ACTIVITY)
    course = course_of(trainer)
    stack.execute("UPDATE roster_sync SET succeeded_at = NULL")
    Visitor(stack, "referent3").launch(FIRST_COURSE_ACTIVITY)
    change(trainer, FIRST_COURSE, ANAIS, "suspend")
    with stack.faulty("nrps", "hang", seconds=5):
        press(stack, trainer, report(trainer))
        # The second page is asked for once the first was stored.
        stack.wait_until(
            lambda: stack.lms_state()["faults_struck"] >= 2, what="the second page is asked for"
        )
        stack.kill(WORKER)
    assert standing(stack, course)["succeeded_at"] is None
    stack.move_clock(until_the_end_of_the_night(stack))
    stack.wait_until(
        lambda: standing(stack, course)["succeeded_at"], what="the roster is read", timeout=120
    )
    assert standing(stack, course)["members"] == MEMBERS - 1
    trainer = open_report(stack, "formatrice", FIRST_COURSE_ACTIVITY)
    gone = report(trainer, "inscription=partis").words
    assert "Anaïs Bœuf-Hélène a quitté la session" in gone
    stack.move_clock(timedelta(hours=5))  # to the day: the other tests read rosters themselves


def until_the_end_of_the_night(stack: Stack) -> timedelta:
    """From now to 4:35 in Paris, when every course has had its turn and the night is not over."""
    now = stack.now().astimezone(ZoneInfo("Europe/Paris"))
    wanted = now.replace(hour=4, minute=35, second=0, microsecond=0)
    if wanted < now + timedelta(minutes=10):
        wanted += timedelta(days=1)
    return wanted.astimezone(UTC) - now.astimezone(UTC)
