"""The trainer's page on the LMS's columns, and what the LMS shows."""

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import Mock

import pytest
import time_machine
from flask.testing import FlaskClient

from lti_app.grading import tasks
from lti_app.grading.models import LmsResult, OwedGrade, ResultReading
from lti_app.grading.rules import GradeState
from lti_app.people.models import Enrolment, LineItemOrigin
from lti_app.people.rules import TARGET_REVIEW
from lti_app.reports.rules.gradebook import shown_grade
from tests import factories
from tests.factories import NOW
from tests.unit.grading.columns import ALL_SCOPES, take_column_away
from tests.unit.reports.conftest import Training
from tests.unit.reports.pages import Page, parse


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def enqueued(monkeypatch: pytest.MonkeyPatch) -> Mock:
    enqueue = Mock(return_value=True)
    monkeypatch.setattr(tasks, "enqueue", enqueue)
    return enqueue


def page_of(client: FlaskClient, training: Training) -> Page:
    return parse(client.get(f"{training.address}notes/"))


def show(training: Training, enrolment: Enrolment, score: float | None) -> None:
    """Have the LMS read, a minute after the grade was sent."""
    link = training.links["memoriser"]
    for grade in training.session.query(OwedGrade).filter_by(resource_link_id=link.id):
        grade.line_item_url = link.line_item_url
    read_at = NOW + timedelta(minutes=1)
    training.session.add(
        ResultReading(resource_link_id=link.id, attempted_at=read_at, read_at=read_at)
    )
    if score is not None:
        training.session.add(
            LmsResult(
                resource_link_id=link.id,
                person_id=enrolment.person_id,
                score=score,
                maximum=100,
                read_at=read_at,
            )
        )
    training.session.flush()


@pytest.mark.parametrize(("score", "words"), [(60, "60 sur 100"), (None, "aucune note")])
def test_a_grade_changed_in_the_lms_is_shown(
    training: Training, trainer_client: FlaskClient, score: float | None, words: str
) -> None:
    referent = training.add("Zoé Étienne")
    training.owe(referent)
    show(training, referent, score)
    [row] = page_of(trainer_client, training).differences
    assert row[:4] == ["Zoé Étienne", "Activité memoriser", "90 sur 100", words]
    card = parse(trainer_client.get(f"{training.address}referent/{referent.person_id}/"))
    assert f"Modifiée dans la plateforme : {words}" in card.text


def test_a_grade_as_it_was_sent_is_not_shown(
    training: Training, trainer_client: FlaskClient
) -> None:
    referent = training.add("Zoé Étienne")
    training.owe(referent)
    show(training, referent, 90)
    page = page_of(trainer_client, training)
    assert page.differences == []
    assert "Aucune différence" in page.text
    card = parse(trainer_client.get(f"{training.address}referent/{referent.person_id}/"))
    assert "Modifiée" not in card.text


def test_before_the_first_reading_nothing_is_claimed(
    training: Training, trainer_client: FlaskClient
) -> None:
    training.owe(training.add("Zoé Étienne"))
    page = page_of(trainer_client, training)
    assert "pas encore lu les notes" in page.text
    assert "Aucune différence" not in page.text


def test_a_reading_older_than_the_grade_says_nothing(
    training: Training, trainer_client: FlaskClient
) -> None:
    referent = training.add("Zoé Étienne")
    training.owe(referent)
    show(training, referent, 60)
    training.session.query(OwedGrade).update({"sent_at": NOW + timedelta(minutes=2)})
    assert page_of(trainer_client, training).differences == []


def test_whose_column_each_activity_has(training: Training, trainer_client: FlaskClient) -> None:
    made = training.links["memoriser"]
    made.line_item_origin, made.line_item_label = LineItemOrigin.CREATED, "Mémoriser"
    made.line_items_url, made.ags_scopes = "https://moodle.example.org/items", ALL_SCOPES
    shared = factories.ResourceLinkFactory.create(course=training.course, title="Deux fois")
    take_column_away(shared)
    take_column_away(training.links["proteger"])
    review = factories.ResourceLinkFactory.create(course=training.course, target=TARGET_REVIEW)
    take_column_away(review)
    training.session.flush()
    panels = page_of(trainer_client, training).texts(".//li[@class='r-panel']")
    assert "Relais a créé « Mémoriser »" in panels[0]
    assert "ne déclenche pas l’achèvement" in panels[0]
    assert "Relais en créera une" in panels[1]
    assert "autre activité de la session" in panels[2]
    assert "n’est pas notée" in panels[3]


def press(client: FlaskClient, training: Training, address: str) -> str:
    """Post as the page's own button would; where it leads."""
    text = client.get(f"{training.address}notes/").text
    token = text.split('name="csrf_token" value="')[1].split('"')[0]
    response = client.post(
        address, data={"csrf_token": token}, headers={"Referer": "https://relais.example.org/"}
    )
    assert response.status_code == 303, response.text
    return str(response.location)


def test_the_trainer_has_the_grades_read(
    training: Training, trainer_client: FlaskClient, enqueued: Mock
) -> None:
    location = press(trainer_client, training, f"{training.address}notes/")
    assert "demandée" in parse(trainer_client.get(location)).text
    assert [call.args for call in enqueued.call_args_list] == [
        (tasks.read_link_results, link.id) for link in training.links.values()
    ]
    enqueued.return_value = False
    location = press(trainer_client, training, f"{training.address}notes/")
    assert "n’a pas pu partir" in parse(trainer_client.get(location)).text


def test_a_column_of_ours_that_was_deleted_is_made_again_when_asked(
    training: Training, trainer_client: FlaskClient, enqueued: Mock
) -> None:
    link = training.links["memoriser"]
    link.line_item_origin = LineItemOrigin.CREATED
    referent = training.add("Zoé Étienne")
    training.owe(referent)
    training.session.add(
        ResultReading(resource_link_id=link.id, attempted_at=NOW, problem="line_item_gone")
    )
    training.session.flush()
    assert "Créer de nouveau la colonne" in page_of(trainer_client, training).text
    press(trainer_client, training, f"{training.address}notes/{link.id}/")
    training.session.expire_all()
    assert link.line_item_url is None
    grade = training.session.query(OwedGrade).one()
    assert grade.state == GradeState.OWED
    enqueued.assert_called_once_with(tasks.send_grade, grade.id)


def test_only_the_trainer_of_the_course_may(training: Training, client: FlaskClient) -> None:
    elsewhere = factories.ResourceLinkFactory.create()
    learner = training.add("Ada Martin")
    factories.sign_in(client, learner.person)
    assert client.get(f"{training.address}notes/").status_code == 404
    factories.sign_in(client, training.trainer.person)
    assert client.post(f"{training.address}notes/").status_code == 400
    text = client.get(f"{training.address}notes/").text
    token = text.split('name="csrf_token" value="')[1].split('"')[0]
    for link_id in (elsewhere.id, 2_000_000_000):
        answer = client.post(
            f"{training.address}notes/{link_id}/",
            data={"csrf_token": token},
            headers={"Referer": "https://relais.example.org/"},
        )
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("score", "maximum", "words"),
    [(60, 100, "60 sur 100"), (12.5, 20, "12,5 sur 20"), (0.333333, 1, "0,33 sur 1"),
     (0, 100, "0 sur 100"), (100, 100, "100 sur 100"), (None, 20, "aucune note"),
     (5, None, "aucune note")],
)  # fmt: skip
def test_grades_in_words(score: float | None, maximum: float | None, words: str) -> None:
    assert shown_grade(score, maximum).replace("\N{NO-BREAK SPACE}", " ") == words
