"""Submission review, data privacy, unknown messages; and what a platform says it is."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.lti.models import Platform
from lti_app.lti.rules import claims as claim
from lti_app.people.models import Enrolment, Identity, Person
from tests import factories
from tests.conftest import make_client
from tests.platform_double import PlatformDouble
from tests.unit.launch.conftest import INSTRUCTOR, LEARNER
from tests.unit.practice.page import Page, read

pytestmark = pytest.mark.usefixtures("courses")


def review(sub: str, role: str, for_user: object, **custom: str) -> dict[str, object]:
    return {
        "sub": sub,
        "name": f"Personne {sub}",
        claim.MESSAGE_TYPE: claim.SUBMISSION_REVIEW_REQUEST,
        claim.ROLES: [role],
        claim.FOR_USER: for_user,
        claim.CUSTOM: custom or {"module": "petit"},
    }


def code(page: Page) -> str:
    return read(page.one("code")).rsplit("-", 1)[0]


# Submission review


def test_a_trainer_is_led_to_the_card_of_that_person(
    app: Flask, client: FlaskClient, session: Session, platform: PlatformDouble
) -> None:
    platform.launch(make_client(app), sub="5", name="Zoé", **{claim.CUSTOM: {"module": "petit"}})
    response = platform.launch(client, **review("9", INSTRUCTOR, {"user_id": "5"}))

    person_id = session.scalar(sa.select(Identity.person_id).where(Identity.sub == "5"))
    assert response.status_code == 303
    assert response.location.endswith(f"/referent/{person_id}/")
    card = Page(client.get(response.location))
    assert card.status == 200
    assert "Zoé" in card.main


@pytest.mark.parametrize("who", ["77", "9"])
def test_a_trainer_is_told_when_there_is_nobody(
    client: FlaskClient, platform: PlatformDouble, who: str
) -> None:
    """Somebody who never came, or the trainer themself, who learns nothing here."""
    page = Page(platform.launch(client, **review("9", INSTRUCTOR, {"user_id": who})))
    assert (page.status, code(page)) == (404, "LTI-TRAVAIL-INCONNU")


def test_people_of_another_course_or_platform_are_nobody_here(
    app: Flask, client: FlaskClient, session: Session, platform: PlatformDouble
) -> None:
    elsewhere = {claim.CONTEXT: {"id": "3", "title": "Autre session"}}
    platform.launch(make_client(app), sub="5", **elsewhere)
    stranger = factories.EnrolmentFactory.create()
    stranger.identity.sub = "6"
    session.commit()
    for who in ("5", "6"):
        page = Page(platform.launch(client, **review("9", INSTRUCTOR, {"user_id": who})))
        assert (page.status, code(page)) == (404, "LTI-TRAVAIL-INCONNU")


@pytest.mark.parametrize(
    ("custom", "path"),
    [
        ({"module": "petit"}, "/module/petit/"),
        ({"target": "review"}, "/reviser/"),
        ({"module": "gone"}, "/"),
    ],
)
def test_a_learner_is_led_to_their_own_work(
    client: FlaskClient, platform: PlatformDouble, custom: dict[str, str], path: str
) -> None:
    """Resolved as a launch: a module that is no more leads to the path."""
    response = platform.launch(client, **review("5", LEARNER, {"user_id": "5"}, **custom))
    assert response.status_code == 303
    assert response.location.endswith(path)
    assert client.get(response.location).status_code == 200


def test_a_learner_does_not_see_the_work_of_somebody_else(
    app: Flask, client: FlaskClient, session: Session, platform: PlatformDouble
) -> None:
    platform.launch(make_client(app), sub="5", name="Zoé")
    for who in ("5", "77"):
        page = Page(platform.launch(client, **review("6", LEARNER, {"user_id": who})))
        assert (page.status, code(page)) == (403, "LTI-TRAVAIL-AUTRUI")
        assert "Zoé" not in page.text
    # Refused, hence not remembered.
    assert session.scalars(sa.select(Enrolment)).one().identity.sub == "5"


@pytest.mark.parametrize("for_user", [None, {}, {"user_id": ""}, {"user_id": 5}, "5", {"id": "5"}])
def test_a_review_of_nobody_is_refused(
    client: FlaskClient, platform: PlatformDouble, for_user: object
) -> None:
    page = Page(platform.launch(client, **review("9", INSTRUCTOR, for_user)))
    assert (page.status, code(page)) == (400, "LTI-TRAVAIL")


# Data privacy


def test_the_page_on_personal_data_opens_from_the_lms(
    client: FlaskClient, session: Session, platform: PlatformDouble
) -> None:
    asked = {
        claim.MESSAGE_TYPE: claim.DATA_PRIVACY_REQUEST,
        claim.RESOURCE_LINK: None,
        claim.FOR_USER: {"user_id": "5"},
    }
    page = Page(platform.launch(client, **asked))

    assert page.status == 200
    assert "Vos données personnelles" in page.title
    assert session.scalars(sa.select(Person)).all() == []
    assert client.get_cookie("__Host-relais") is None


def test_the_page_on_personal_data_is_open_to_all(client: FlaskClient) -> None:
    page = Page(client.get("/lti/donnees-personnelles"))
    assert page.status == 200
    assert "jamais la réponse que vous avez choisie" in page.main
    assert "CNIL" in page.main


# Unknown messages


@pytest.mark.parametrize("asked", ["LtiStartProctoring", "LtiAssetProcessorSettingsRequest", "X"])
def test_an_unknown_message_is_named(
    client: FlaskClient, platform: PlatformDouble, asked: str
) -> None:
    page = Page(platform.launch(client, **{claim.MESSAGE_TYPE: asked}))
    assert (page.status, code(page)) == (400, "LTI-MESSAGE")
    assert f"« {asked} »" in page.main
    assert "LtiDeepLinkingRequest" in page.main


@pytest.mark.parametrize("asked", ["<script>", "Lti\nX", "A" * 61, "", 7, None, ["X"], "École"])
def test_a_name_unfit_for_a_page_is_not_shown(
    client: FlaskClient, platform: PlatformDouble, asked: object
) -> None:
    page = Page(platform.launch(client, **{claim.MESSAGE_TYPE: asked}))
    assert (page.status, code(page)) == (400, "LTI-MESSAGE")
    assert "demande une action que Relais ne connaît pas" in page.main


# What the platform says it is


def family(session: Session) -> str | None:
    session.expire_all()
    return session.scalars(sa.select(Platform.product_family)).one()


def test_what_the_platform_says_it_is_is_kept(
    client: FlaskClient, session: Session, platform: PlatformDouble
) -> None:
    platform.launch(client, **{claim.TOOL_PLATFORM: {"product_family_code": "moodle"}})
    assert family(session) == "moodle"
    platform.launch(client, **{claim.TOOL_PLATFORM: None})
    assert family(session) == "moodle"
    platform.launch(client, **{claim.TOOL_PLATFORM: {"product_family_code": "canvas"}})
    assert family(session) == "canvas"


def test_an_unchanged_platform_is_not_written(
    app: Flask, client: FlaskClient, session: Session, platform: PlatformDouble
) -> None:
    known = {claim.TOOL_PLATFORM: {"product_family_code": "moodle"}}
    platform.launch(client, **known)
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE platform"):
            written.append(statement)

    engine = session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        platform.launch(client, **known)
        assert written == []
        platform.launch(client, **{claim.TOOL_PLATFORM: {"product_family_code": "sakai"}})
        assert len(written) == 1
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
