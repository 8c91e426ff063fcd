"""Launches made from what a real Moodle 4.5 sent (tests/fixtures/moodle), signed with our key."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.lti.rules import claims as claim
from lti_app.people.models import Course, Enrolment, Identity, Person, ResourceLink, Role
from tests.platform_double import Begun, Json, PlatformDouble

SAMPLES = Path(__file__).parents[1] / "fixtures" / "moodle"
RESOURCE_LAUNCHES = sorted(
    path.stem for path in SAMPLES.glob("launch__*.json") if not path.stem.startswith("launch__dl_")
)
LOGINS = sorted(path.stem for path in SAMPLES.glob("login_initiation__*.json"))
TOOL_OF_THE_SAMPLES = "http://127.0.0.1:9001"


def read(name: str) -> Json:
    """A sample, with our address in place of the tool's that captured it."""
    text = (SAMPLES / f"{name}.json").read_text(encoding="utf-8")
    sample: Json = json.loads(text.replace(TOOL_OF_THE_SAMPLES, "https://relais.example.org"))
    return sample


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def platform_of(claims: Json, session: Session, mock: responses.RequestsMock) -> PlatformDouble:
    platform = PlatformDouble.register(
        session,
        issuer=claims["iss"],
        client_id=claims["aud"],
        # The captured Moodle spoke http; a production Relais fetches keys over https only.
        jwks_url=f"https://moodle.example.org/{claims['aud']}/certs.php",
    )
    platform.deployment.deployment_id = claims[claim.DEPLOYMENT_ID]
    session.commit()
    platform.publish(mock)
    return platform


def fresh(claims: Json, begun: Begun) -> Json:
    """The same claims as if sent now, in answer to this login. Moodle's tokens live 60 s."""
    moment = int(time.time())
    return {**claims, "nonce": begun.nonce, "iat": moment, "exp": moment + 60}


@pytest.mark.parametrize("name", RESOURCE_LAUNCHES)
def test_every_captured_launch_opens(
    name: str, session: Session, client: FlaskClient, mock: responses.RequestsMock
) -> None:
    claims = read(name)["claims"]
    platform = platform_of(claims, session, mock)
    begun = platform.begin(client)
    response = platform.answer(begun, fresh(claims, begun))
    assert response.status_code == 303, response.text
    assert client.get(response.location).status_code == 200

    person = session.scalars(sa.select(Person)).one()
    assert person.name == claims.get("name")
    assert person.email == claims.get("email")
    identity = session.scalars(sa.select(Identity)).one()
    assert (identity.issuer, identity.sub) == (claims["iss"], claims["sub"])
    enrolment = session.scalars(sa.select(Enrolment)).one()
    trainer = any(role.endswith("membership#Instructor") for role in claims[claim.ROLES])
    assert enrolment.role == (Role.TRAINER if trainer else Role.LEARNER)
    course = session.scalars(sa.select(Course)).one()
    assert course.context_id == claims[claim.CONTEXT]["id"]
    assert course.memberships_url == claims[claim.NRPS]["context_memberships_url"]
    link = session.scalars(sa.select(ResourceLink)).one()
    assert link.line_item_url == claims[claim.AGS].get("lineitem")
    assert link.line_items_url == claims[claim.AGS]["lineitems"]
    assert link.ags_scopes == claims[claim.AGS]["scope"]


@pytest.mark.parametrize("name", RESOURCE_LAUNCHES)
def test_personal_custom_values_are_not_kept(
    name: str, session: Session, client: FlaskClient, mock: responses.RequestsMock
) -> None:
    """Moodle's custom parameters leak a login, a town, a telephone: none of them is stored."""
    claims = read(name)["claims"]
    platform = platform_of(claims, session, mock)
    begun = platform.begin(client)
    platform.answer(begun, fresh(claims, begun))
    link = session.scalars(sa.select(ResourceLink)).one()
    assert link.custom.keys() <= {"module", "target", "grades"}


@pytest.mark.parametrize("name", LOGINS)
def test_every_captured_login_initiation_is_answered(
    name: str, session: Session, client: FlaskClient
) -> None:
    params = read(name)["params"]
    PlatformDouble.register(session, issuer=params["iss"], client_id=params["client_id"])
    response = client.post("/lti/login", data=params)
    assert response.status_code == 302
    query = parse_qs(urlsplit(response.location).query)
    assert query["login_hint"] == [params["login_hint"]]
    assert query["lti_message_hint"] == [params["lti_message_hint"]]
    assert query["redirect_uri"] == ["https://relais.example.org/lti/launch"]


def test_withheld_names_do_not_erase_known_ones(
    session: Session, client: FlaskClient, mock: responses.RequestsMock
) -> None:
    """One activity of the site sends names, another withholds them: same person all the same."""
    named, withheld = read("launch__student_iframe"), read("launch__student_noprivacy")
    for sample in (named, withheld):
        claims = sample["claims"]
        platform = platform_of(claims, session, mock)
        begun = platform.begin(client)
        assert platform.answer(begun, fresh(claims, begun)).status_code == 303
    person = session.scalars(sa.select(Person)).one()
    assert person.name == named["claims"]["name"]
