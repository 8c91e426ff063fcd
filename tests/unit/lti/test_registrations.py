"""Registering an LMS, and registering it again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from lti_app.lti.models import AccessToken, Platform, PlatformKeySet, PlatformState
from lti_app.lti.services.registrations import (
    NewPlatform,
    add_platform,
    set_deployment_state,
    set_platform_state,
)
from tests.factories import NOW

MOODLE = NewPlatform(
    issuer="https://moodle.example.org",
    client_id="client",
    auth_url="https://moodle.example.org/mod/lti/auth.php",
    token_url="https://moodle.example.org/mod/lti/token.php",
    jwks_url="https://moodle.example.org/mod/lti/certs.php",
    deployments=("1",),
)


@pytest.fixture
def platform(session: Session) -> Platform:
    """Registered, its keys fetched and a token kept."""
    added = add_platform(session, MOODLE, now=NOW)
    session.add(
        PlatformKeySet(
            platform_id=added.id, keys=[{"kid": "old"}], fetched_at=NOW, attempted_at=NOW
        )
    )
    session.add(
        AccessToken(
            platform_id=added.id, scope="s", sealed_token="t", expires_at=NOW + timedelta(hours=1)
        )
    )
    session.commit()
    return added


def kept(session: Session) -> tuple[int, int]:
    """Key sets and tokens."""
    session.commit()
    return session.query(PlatformKeySet).count(), session.query(AccessToken).count()


def test_again_with_nothing_new_keeps_all(session: Session, platform: Platform) -> None:
    again = add_platform(session, replace(MOODLE, deployments=("1", "2")), now=NOW)
    assert again.id == platform.id
    assert [each.deployment_id for each in again.deployments] == ["1", "2"]
    assert kept(session) == (1, 1)


def test_whom_our_tokens_name_is_kept_and_changed_by_an_approval_only(session: Session) -> None:
    """A form that says nothing of it erases nothing; an open link, which anybody on the LMS's host
    may hold, could otherwise have every token refused."""
    named = replace(MOODLE, token_audience="https://moodle.example.org")
    platform = add_platform(session, named, now=NOW)
    other = "https://moodle.example.org/tokens"
    for again, audience in (
        (MOODLE, named.token_audience),
        (replace(MOODLE, token_audience=other, approved=False), named.token_audience),
        (replace(MOODLE, token_audience=other), other),
        (replace(MOODLE, token_url="https://moodle.example.org/new"), None),
    ):
        add_platform(session, again, now=NOW)
        assert platform.token_audience == audience


def test_keys_of_the_former_address_are_believed_no_more(
    session: Session, platform: Platform
) -> None:
    """Perhaps the address was changed because somebody else held it."""
    add_platform(session, replace(MOODLE, jwks_url="https://moodle.example.org/jwks"), now=NOW)
    assert kept(session) == (0, 1)


def test_tokens_of_the_former_address_are_used_no_more(
    session: Session, platform: Platform
) -> None:
    add_platform(session, replace(MOODLE, token_url="https://moodle.example.org/t"), now=NOW)
    assert kept(session) == (1, 0)


def test_a_closed_platform_leaves_no_token_behind(session: Session, platform: Platform) -> None:
    set_platform_state(session, platform=platform, state=PlatformState.INACTIVE)
    assert kept(session) == (1, 0)
    session.refresh(platform)
    assert platform.state == PlatformState.INACTIVE


def test_an_open_platform_keeps_its_tokens(session: Session, platform: Platform) -> None:
    set_platform_state(session, platform=platform, state=PlatformState.ACTIVE)
    assert kept(session) == (1, 1)


def test_one_deployment_is_closed_and_the_other_stays(session: Session, platform: Platform) -> None:
    add_platform(session, replace(MOODLE, deployments=("1", "2")), now=NOW)
    set_deployment_state(session, deployment=platform.deployments[0], state=PlatformState.INACTIVE)
    session.commit()
    session.expire_all()
    assert [each.state for each in platform.deployments] == ["inactive", "active"]
