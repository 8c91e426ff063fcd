"""Links that serve once, for a while, and are held while they serve."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from lti_app.lti.models import Invitation
from lti_app.lti.queries import open_invitations
from lti_app.lti.rules.registration_errors import RegistrationError
from lti_app.lti.services.invitations import (
    KEPT_FOR,
    LEASE,
    LONGEST_LIFE,
    Claim,
    check_invitation,
    claim_invitation,
    invite,
    release_invitation,
    revoke_invitation,
    use_invitation,
)
from tests import factories
from tests.factories import NOW

SECOND = timedelta(seconds=1)


def code_of(raised: pytest.ExceptionInfo[RegistrationError]) -> str:
    return raised.value.explanation.code


@pytest.fixture
def token(session: Session) -> str:
    _, token = invite(session, name="poitiers", issuer="https://m.example.org", now=NOW)
    session.commit()
    return token


@pytest.fixture
def claim(session: Session, token: str) -> Claim:
    made = claim_invitation(session, token, now=NOW)
    session.commit()
    return made


def test_the_table_does_not_hold_the_link(session: Session, token: str) -> None:
    row = session.query(Invitation).one()
    assert token not in row.token_digest
    assert len(token) == 43
    assert row.expires_at == NOW + timedelta(days=7)


def test_no_invitation_is_for_ever(session: Session) -> None:
    invitation, _ = invite(session, life=timedelta(days=4000), now=NOW)
    assert invitation.expires_at == NOW + LONGEST_LIFE


def test_a_claim_says_who_it_is_for(claim: Claim) -> None:
    assert (claim.name, claim.issuer, claim.approved) == ("poitiers", "https://m.example.org", True)


def test_an_invitation_open_to_all_approves_nothing(session: Session) -> None:
    _, token = invite(session, now=NOW)
    assert not claim_invitation(session, token, now=NOW).approved


def test_a_second_claim_waits_for_the_first(session: Session, token: str, claim: Claim) -> None:
    with pytest.raises(RegistrationError) as raised:
        claim_invitation(session, token, now=NOW + LEASE - SECOND)
    assert code_of(raised) == "INSCRIPTION-EN-COURS"
    assert claim_invitation(session, token, now=NOW + LEASE).until == NOW + 2 * LEASE


def test_a_claim_given_back_is_free_at_once(session: Session, token: str, claim: Claim) -> None:
    release_invitation(session, claim)
    assert claim_invitation(session, token, now=NOW + SECOND).invitation_id == claim.invitation_id


def test_who_lost_the_claim_cannot_spend_it(session: Session, token: str, claim: Claim) -> None:
    """A process that slept through its lease: another has the link now."""
    platform = factories.PlatformFactory()
    later = claim_invitation(session, token, now=NOW + LEASE)
    with pytest.raises(RegistrationError) as raised:
        use_invitation(session, claim, platform_id=platform.id, now=NOW + LEASE)
    assert code_of(raised) == "INSCRIPTION-CONFLIT"
    release_invitation(session, claim)  # and does not free it for a third one
    with pytest.raises(RegistrationError):
        claim_invitation(session, token, now=NOW + LEASE + SECOND)
    use_invitation(session, later, platform_id=platform.id, now=NOW + LEASE)


def test_once_spent_it_is_over(session: Session, token: str, claim: Claim) -> None:
    platform = factories.PlatformFactory()
    use_invitation(session, claim, platform_id=platform.id, now=NOW)
    release_invitation(session, claim)
    for attempt in (check_invitation, claim_invitation):
        with pytest.raises(RegistrationError) as raised:
            attempt(session, token, now=NOW + SECOND)
        assert code_of(raised) == "INSCRIPTION-SERVIE"
    # Even when what it registered is deleted.
    session.delete(platform)
    session.commit()
    session.expire_all()
    with pytest.raises(RegistrationError):
        claim_invitation(session, token, now=NOW + LEASE * 2)


def test_after_its_day_it_is_over(session: Session, token: str) -> None:
    end = NOW + timedelta(days=7)
    assert check_invitation(session, token, now=end - SECOND)
    for attempt in (check_invitation, claim_invitation):
        with pytest.raises(RegistrationError) as raised:
            attempt(session, token, now=end)
        assert code_of(raised) == "INSCRIPTION-EXPIREE"


def test_revoked_it_is_unknown_even_under_way(session: Session, token: str, claim: Claim) -> None:
    assert revoke_invitation(session, invitation_id=claim.invitation_id)
    assert not revoke_invitation(session, invitation_id=claim.invitation_id)
    with pytest.raises(RegistrationError) as raised:
        check_invitation(session, token, now=NOW)
    assert code_of(raised) == "INSCRIPTION-INVITATION"
    with pytest.raises(RegistrationError):
        use_invitation(session, claim, platform_id=factories.PlatformFactory().id, now=NOW)


def test_what_was_used_is_not_revoked(session: Session, claim: Claim) -> None:
    use_invitation(session, claim, platform_id=factories.PlatformFactory().id, now=NOW)
    assert not revoke_invitation(session, invitation_id=claim.invitation_id)


def test_those_that_can_serve_are_listed(session: Session, token: str, claim: Claim) -> None:
    later, _ = invite(session, life=timedelta(days=8), now=NOW)
    assert [each.id for each in open_invitations(session, NOW)] == [claim.invitation_id, later.id]
    use_invitation(session, claim, platform_id=factories.PlatformFactory().id, now=NOW)
    assert [each.id for each in open_invitations(session, NOW)] == [later.id]
    assert open_invitations(session, NOW + timedelta(days=8)) == []


def test_the_forgotten_ones_go_with_the_next_invitation(session: Session, token: str) -> None:
    invite(session, now=NOW + timedelta(days=7) + KEPT_FOR)
    assert session.query(Invitation).count() == 2
    invite(session, now=NOW + timedelta(days=7) + KEPT_FOR + SECOND)
    assert session.query(Invitation).count() == 2
