"""Registering at an LMS in steps; what the pages show of it is in tests/unit/launch."""

import threading
from typing import Any

import pytest
import responses
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.core.database import db, transactions
from lti_app.core.outbound import OutboundSession
from lti_app.lti.models import Deployment, Platform, PlatformState
from lti_app.lti.rules.registration import PlatformConfiguration, Registered, read_configuration
from lti_app.lti.rules.registration_errors import RegistrationError
from lti_app.lti.services.dynamic_registration import (
    Saved,
    read_platform,
    register_at,
    save_registration,
)
from lti_app.lti.services.invitations import Claim, claim_invitation, invite
from tests import factories
from tests.factories import NOW
from tests.unit.lti.moodle import CONFIGURATION_URL, ISSUER, REGISTRATION_URL, configuration


def found(**changes: Any) -> PlatformConfiguration:
    document = configuration(**changes)
    return read_configuration(
        document, host="moodle.example.org:443", issuer=None, allow_http=False
    )


def claimed(session: Session, **values: Any) -> Claim:
    _, token = invite(session, now=NOW, **values)
    return claim_invitation(session, token, now=NOW)


def save(
    session: Session, client_id: str = "abc", deployment: str | None = "1", **invitation: Any
) -> Saved:
    claim = claimed(session, **invitation)
    return save_registration(
        session, found(), Registered(client_id, deployment), claim=claim, now=NOW
    )


def states(session: Session) -> dict[str, str]:
    session.flush()
    return {each.deployment_id: str(each.state) for each in session.query(Deployment)}


def test_an_lms_that_redirects_leads_nowhere() -> None:
    with responses.RequestsMock() as mock, OutboundSession(allow_loopback=False) as http:
        mock.get(CONFIGURATION_URL, status=302, headers={"Location": "https://10.0.0.1/"})
        with pytest.raises(RegistrationError) as raised:
            read_platform(CONFIGURATION_URL, issuer=None, http=http, allow_loopback=False)
    assert raised.value.explanation.code == "INSCRIPTION-CONFIGURATION"


def test_a_name_that_resolves_inside_our_network_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unmocked: the guarded connection looks at the very address it is about to open."""
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("169.254.169.254", 443))]
    )
    with OutboundSession(allow_loopback=False) as http, pytest.raises(RegistrationError) as raised:
        read_platform(CONFIGURATION_URL, issuer=None, http=http, allow_loopback=False)
    assert raised.value.explanation.code == "INSCRIPTION-ADRESSE"


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "é", ""])
def test_a_token_that_is_no_header_is_left_out(token: str) -> None:
    with responses.RequestsMock() as mock, OutboundSession(allow_loopback=False) as http:
        mock.post(REGISTRATION_URL, json={"client_id": "abc"})
        register_at(found(), {}, registration_token=token, http=http)
        assert "Authorization" not in mock.calls[0].request.headers
        assert "X-Evil" not in mock.calls[0].request.headers


def test_named_in_the_invitation_it_is_open(session: Session) -> None:
    saved = save(session, issuer=ISSUER, name="poitiers")
    assert (saved.platform.name, saved.platform.state) == ("poitiers", PlatformState.ACTIVE)
    assert saved.is_new
    assert saved.platform.product_family == "moodle"


def test_else_it_waits_and_is_approved_as_a_whole(session: Session) -> None:
    saved = save(session)
    assert saved.platform.state == PlatformState.PENDING
    assert states(session) == {"1": "active"}
    assert save(session, issuer=ISSUER).platform.state == PlatformState.ACTIVE


def test_an_open_link_opens_no_new_deployment_of_a_platform_in_use(session: Session) -> None:
    save(session, issuer=ISSUER)
    save(session, deployment="2")
    assert states(session) == {"1": "active", "2": "pending"}
    save(session, deployment="2", issuer=ISSUER)
    assert states(session) == {"1": "active", "2": "active"}


def test_a_deployment_that_was_closed_stays_so(session: Session) -> None:
    platform = save(session, issuer=ISSUER).platform
    platform.deployments[0].state = PlatformState.INACTIVE
    save(session, issuer=ISSUER)
    assert states(session) == {"1": "inactive"}


def test_another_client_of_the_same_lms_is_another_registration(session: Session) -> None:
    first = save(session, "abc", issuer=ISSUER, name="poitiers").platform
    second = save(session, "xyz", issuer=ISSUER, name="poitiers").platform
    third = save(session, "c" * 255, issuer=ISSUER).platform
    fourth = save(session, "c" * 254 + "d", issuer=ISSUER).platform
    assert [each.name for each in (first, second)] == ["poitiers", "moodle.example.org"]
    assert len({each.name for each in (first, second, third, fourth)}) == 4
    assert all(len(each.name) <= 80 for each in (third, fourth))


def test_the_same_client_is_updated(session: Session) -> None:
    first = save(session, issuer=ISSUER)
    again = save(session, deployment="2", issuer=ISSUER, name="another")
    assert (again.is_new, again.platform.id) == (False, first.platform.id)
    assert again.platform.name == "moodle.example.org"
    assert session.query(Platform).count() == 1


def test_two_at_the_same_instant_make_one(app: Flask, session: Session) -> None:
    """Two invitations, one LMS that answers the same client to both."""
    claims = [claimed(session, issuer=ISSUER) for _ in range(2)]
    session.commit()
    barrier, outcomes = threading.Barrier(2), []

    def run(claim: Claim) -> None:
        with app.app_context(), transactions(read_only=False), db.sessionmaker() as own:
            barrier.wait()
            try:
                save_registration(own, found(), Registered("abc", "1"), claim=claim, now=NOW)
                own.commit()
                outcomes.append("saved")
            except RegistrationError as error:
                own.rollback()
                outcomes.append(error.explanation.code)

    threads = [threading.Thread(target=run, args=(claim,)) for claim in claims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("saved") >= 1
    assert set(outcomes) <= {"saved", "INSCRIPTION-CONFLIT"}
    assert session.query(Platform).count() == 1


def test_keys_elsewhere_need_an_invitation_that_names_the_lms(session: Session) -> None:
    factories.PlatformFactory(issuer=ISSUER, client_id="abc", jwks_url=f"{ISSUER}/old")
    with pytest.raises(RegistrationError) as raised:
        save(session)
    assert raised.value.explanation.code == "INSCRIPTION-CHANGEMENT"
    assert save(session, issuer=ISSUER).platform.jwks_url == f"{ISSUER}/mod/lti/certs.php"
