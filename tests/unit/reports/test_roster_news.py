"""What the trainer reads of the session's list, and the button that has it read."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from flask.testing import FlaskClient

from lti_app.people.models import Role
from lti_app.roster import tasks
from lti_app.roster.models import RosterSync
from lti_app.roster.rules.explanations import Problem
from tests import factories
from tests.factories import NOW
from tests.unit.reports.conftest import Training
from tests.unit.reports.pages import Page, parse, text_of

MINUTE = timedelta(minutes=1)
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> Mock:
    enqueue = Mock(return_value=True)
    monkeypatch.setattr(tasks, "enqueue", enqueue)
    return enqueue


@pytest.fixture
def listed(training: Training) -> Training:
    """The session of a platform that gives its list."""
    training.course.memberships_url = f"{training.course.issuer}/members"
    return training


def standing(training: Training, **values: Any) -> RosterSync:
    sync = RosterSync(
        **{"course_id": training.course.id, "attempted_at": NOW, "members": 0, "joined": 0,
           "departed": 0, **values}
    )  # fmt: skip
    training.session.add(sync)
    training.session.flush()
    return sync


def show(client: FlaskClient, training: Training, query: str = "") -> Page:
    return parse(client.get(f"{training.address}?{query}"))


def news(page: Page) -> str:
    return text_of(page.one(".//section[@id='liste']"))


def buttons(page: Page) -> list[str]:
    return page.texts(".//section[@id='liste']//button")


def press(client: FlaskClient, training: Training, query: str = "", **fields: str) -> Any:
    """As the form of the page does."""
    text = client.get(training.address).text
    token = text.split('name="csrf_token" value="')[1].split('"')[0]
    return client.post(
        f"{training.address}liste/?{query}",
        data={"csrf_token": token, **fields},
        headers={"Referer": "https://relais.example.org/"},
    )


# ---- What is read


def test_a_list_never_read(listed: Training, trainer_client: FlaskClient) -> None:
    page = show(trainer_client, listed)
    assert "n’a pas encore été lue" in news(page)
    assert buttons(page) == ["Mettre à jour la liste"]


def test_a_list_read_last_night(listed: Training, trainer_client: FlaskClient) -> None:
    at_night = NOW - timedelta(hours=7, minutes=55)
    standing(listed, attempted_at=at_night, succeeded_at=at_night, members=45, joined=2, departed=1)
    said = news(show(trainer_client, listed))
    assert "mise à jour le 9 novembre à 3 h 05 (45 personnes, dont 2 nouvelles" in said
    assert "1 départ" in said


def test_a_platform_without_lists_is_said_discreetly(
    training: Training, trainer_client: FlaskClient
) -> None:
    page = show(trainer_client, training)
    assert "ne donne pas à Relais la liste" in news(page)
    assert "administrateur" in news(page)
    assert buttons(page) == []


def test_a_failure_says_who_must_change_what(listed: Training, trainer_client: FlaskClient) -> None:
    earlier = NOW - timedelta(days=2)
    standing(listed, succeeded_at=earlier, members=45, problem=Problem.SCOPE_REFUSED)
    said = news(show(trainer_client, listed))
    assert "mise à jour le 7 novembre" in said
    assert "Essai du 9 novembre à 11 h 00" in said
    assert "ne permet pas à Relais de lire la liste" in said
    assert "L’administrateur de la plateforme doit" in said


def test_what_the_platform_said_is_for_the_administrator(
    listed: Training, trainer_client: FlaskClient
) -> None:
    standing(listed, problem=Problem.REJECTED, detail="HTTP 418 secret")
    assert "418" not in trainer_client.get(listed.address).text


def test_a_reading_under_way_and_one_that_died(
    listed: Training, trainer_client: FlaskClient
) -> None:
    sync = standing(listed, leased_until=NOW + MINUTE)
    assert "Lecture en cours" in news(show(trainer_client, listed))
    sync.attempted_at, sync.leased_until = NOW - 9 * MINUTE, NOW - 4 * MINUTE
    said = news(show(trainer_client, listed))
    assert "Lecture en cours" not in said
    assert "a été interrompue" in said


@pytest.mark.parametrize("value", ["demandee", "nonsense", "<script>", "%00", "demandee" * 99])
def test_the_address_may_say_anything(
    listed: Training, trainer_client: FlaskClient, value: str
) -> None:
    said = news(show(trainer_client, listed, f"liste={value}"))
    assert ("est demandée" in said) == (value == "demandee")


def test_a_request_that_was_served_is_said_no_more(
    listed: Training, trainer_client: FlaskClient
) -> None:
    standing(listed, succeeded_at=NOW)
    assert "est demandée" not in news(show(trainer_client, listed, "liste=demandee"))


# ---- The button


def test_the_button_has_the_list_read(
    listed: Training, trainer_client: FlaskClient, enqueued: Mock
) -> None:
    answer = press(trainer_client, listed, "nom=ada&etat=started&x=1")
    assert answer.status_code == 303
    assert answer.location == f"{listed.address}?nom=ada&etat=started&liste=demandee#liste"
    enqueued.assert_called_once_with(tasks.sync_roster, listed.course.id, False)
    assert "est demandée" in news(parse(trainer_client.get(answer.location)))


def test_not_twice_in_a_row(listed: Training, trainer_client: FlaskClient, enqueued: Mock) -> None:
    press(trainer_client, listed)
    answer = press(trainer_client, listed)
    assert answer.location.endswith("?liste=trop-tot#liste")
    assert "vient d’être demandée" in news(parse(trainer_client.get(answer.location)))
    assert enqueued.call_count == 1


def test_a_dead_broker_is_explained(
    listed: Training, trainer_client: FlaskClient, enqueued: Mock
) -> None:
    enqueued.return_value = False
    answer = press(trainer_client, listed)
    said = news(parse(trainer_client.get(answer.location)))
    assert "ne répond pas" in said
    assert "nuit prochaine" in said


def test_doubted_departures_are_confirmed_by_the_trainer(
    listed: Training, trainer_client: FlaskClient, enqueued: Mock
) -> None:
    standing(listed, problem=Problem.TOO_MANY_MISSING)
    page = show(trainer_client, listed)
    assert buttons(page) == ["Mettre à jour la liste", "Confirmer les départs"]
    assert "personne n’est marqué comme parti" in news(page)
    press(trainer_client, listed, departs="confirmes")
    enqueued.assert_called_once_with(tasks.sync_roster, listed.course.id, True)


def test_a_forged_confirmation_is_an_ordinary_request(
    listed: Training, trainer_client: FlaskClient, enqueued: Mock
) -> None:
    press(trainer_client, listed, departs="confirmes")
    enqueued.assert_called_once_with(tasks.sync_roster, listed.course.id, False)


def test_without_a_token_nothing_is_read(
    listed: Training, trainer_client: FlaskClient, enqueued: Mock
) -> None:
    assert trainer_client.post(f"{listed.address}liste/").status_code == 400
    enqueued.assert_not_called()


@pytest.mark.parametrize("who", ["learner", "elsewhere"])
def test_trainers_of_that_session_only(
    listed: Training, client: FlaskClient, enqueued: Mock, who: str
) -> None:
    if who == "learner":
        enrolment, own = listed.add("Ada Martin"), f"/session/{listed.course.id}/"
    else:
        enrolment = factories.EnrolmentFactory.create(role=Role.TRAINER)
        own = f"/suivi/{enrolment.course_id}/"
    enrolment.course.memberships_url = "https://moodle.example.org/members"
    factories.sign_in(client, enrolment.person)
    client.get(own)
    client.application.config["WTF_CSRF_ENABLED"] = False
    try:
        assert client.post(f"{listed.address}liste/").status_code == 404
    finally:
        client.application.config["WTF_CSRF_ENABLED"] = True
    enqueued.assert_not_called()


# ---- Who has never come


def test_somebody_who_never_came_has_a_row_and_a_card(
    listed: Training, trainer_client: FlaskClient
) -> None:
    enrolment = listed.add("Ada Martin")
    enrolment.first_launch_at = enrolment.last_launch_at = enrolment.launch_role = None
    page = show(trainer_client, listed)
    assert page.referents == [
        ["Ada Martin", "Non commencé", "—", "Non commencé", "—", "jamais", "—"]
    ]
    assert page.totals["Module memoriser"] == ["0/1", "0/1", "0/1", "1/1"]
    assert show(trainer_client, listed, "activite=inactifs").names == ["Ada Martin"]
    for query in ("tri=activite", "tri=activite&sens=desc"):
        assert show(trainer_client, listed, query).names == ["Ada Martin"]
    card = parse(trainer_client.get(f"{listed.address}referent/{enrolment.person_id}/"))
    assert "Première ouverturepas encore" in card.text
    assert "Dernière activitéjamais" in card.text
    assert trainer_client.get(f"{listed.address}export.csv").status_code == 200
