"""Registering an LMS."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.lti.models import (
    AccessToken,
    Deployment,
    Platform,
    PlatformKeySet,
    PlatformState,
)
from lti_app.lti.queries import find_platform, platform_named

NAME_LENGTH = 80
"""Characters of a platform's name."""


class DuplicateRegistrationError(Exception):
    """The name belongs to another registration; the message says which."""


@dataclass(frozen=True)
class NewPlatform:
    """What an administrator copies from the LMS."""

    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    deployments: tuple[str, ...]
    name: str | None = None
    token_audience: str | None = None
    approved: bool = True
    """Whether an administrator vouches for it; else what is new waits for one."""


def add_platform(session: Session, new: NewPlatform, *, now: datetime) -> Platform:
    """Create the registration, or update the one of this issuer and client.

    Deployments are added, never removed: an activity may still use them. What was closed stays
    closed; what waited opens when an administrator vouches for it.
    Raises DuplicateRegistrationError.
    """
    platform = find_platform(session, issuer=new.issuer, client_id=new.client_id)
    name = new.name or (platform.name if platform else _free_name(session, new))
    holder = platform_named(session, name)
    if holder is not None and holder is not platform:
        raise DuplicateRegistrationError(
            f"« {name} » is already the name of {holder.issuer} (client {holder.client_id})"
        )
    if platform is None:
        platform = Platform(
            issuer=new.issuer,
            client_id=new.client_id,
            state=PlatformState.ACTIVE if new.approved else PlatformState.PENDING,
            created_at=now,
        )
        session.add(platform)
    else:
        _forget_former(session, platform, new)
        if new.approved and platform.state == PlatformState.PENDING:
            platform.state = PlatformState.ACTIVE
    platform.name = name
    platform.token_audience = _audience(platform, new)
    platform.auth_url = new.auth_url
    platform.token_url = new.token_url
    platform.jwks_url = new.jwks_url
    _add_deployments(platform, new)
    session.flush()
    return platform


def _audience(platform: Platform, new: NewPlatform) -> str | None:
    """Whom our client assertions are made for.

    Kept where nothing is said and the tokens still come from the same address. Nobody changes it
    unseen on a platform in use: under another name, every token would be refused.
    """
    if not new.approved and platform.state != PlatformState.PENDING:
        return platform.token_audience
    said_before = platform.token_audience if platform.token_url == new.token_url else None
    return new.token_audience or said_before


def _add_deployments(platform: Platform, new: NewPlatform) -> None:
    # Those of a platform that waits are approved with it; one that is open lets none in unseen.
    waits = not new.approved and platform.state != PlatformState.PENDING
    known = {deployment.deployment_id: deployment for deployment in platform.deployments}
    for deployment_id in dict.fromkeys(new.deployments):
        deployment = known.get(deployment_id)
        if deployment is None:
            state = PlatformState.PENDING if waits else PlatformState.ACTIVE
            platform.deployments.append(Deployment(deployment_id=deployment_id, state=state))
        elif new.approved and deployment.state == PlatformState.PENDING:
            deployment.state = PlatformState.ACTIVE


def set_platform_state(session: Session, *, platform: Platform, state: PlatformState) -> None:
    """Open, close or hold a whole registration; its deployments keep their own states.

    Whoever opens one queues what its gradebook is owed: `grading.services.resend`.
    """
    if state is not PlatformState.ACTIVE:
        session.execute(sa.delete(AccessToken).where(AccessToken.platform_id == platform.id))
    platform.state = state
    session.flush()


def set_deployment_state(session: Session, *, deployment: Deployment, state: PlatformState) -> None:
    """Open, close or hold one deployment of a registration."""
    deployment.state = state
    session.flush()


def _forget_former(session: Session, platform: Platform, new: NewPlatform) -> None:
    """Drop what was fetched from an address that the registration gives up."""
    if platform.jwks_url != new.jwks_url:
        session.execute(sa.delete(PlatformKeySet).where(PlatformKeySet.platform_id == platform.id))
    if platform.token_url != new.token_url:
        session.execute(sa.delete(AccessToken).where(AccessToken.platform_id == platform.id))


def _free_name(session: Session, new: NewPlatform) -> str:
    """The issuer's host; with the client id, or a number, where that name is taken."""
    host = urlsplit(new.issuer).netloc
    numbered = (f"{host[:70]}-{number}" for number in count(2))
    names = (name[:NAME_LENGTH] for name in chain([host, f"{host}-{new.client_id}"], numbered))
    return next(name for name in names if platform_named(session, name) is None)
