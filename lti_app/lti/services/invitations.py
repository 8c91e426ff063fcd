"""One-time links by which an LMS registers Relais by itself."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.core.secrecy import digest
from lti_app.lti.models import Invitation
from lti_app.lti.queries import find_invitation
from lti_app.lti.rules import registration_errors as errors
from lti_app.lti.rules.registration_errors import RegistrationError

DEFAULT_LIFE = timedelta(days=7)
LONGEST_LIFE = timedelta(days=90)
LEASE = timedelta(minutes=3)
"""Longer than the two requests to the LMS can take with their time-outs. A process that dies
meanwhile leaves the invitation usable again after it."""

KEPT_FOR = timedelta(days=30)
"""How long one that nobody used stays after its end."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An invitation held for the registration under way, in plain values."""

    invitation_id: int
    name: str | None
    issuer: str | None
    until: datetime

    @property
    def approved(self) -> bool:
        """Whether an administrator approved this very issuer when inviting it."""
        return self.issuer is not None


def invite(
    session: Session,
    *,
    name: str | None = None,
    issuer: str | None = None,
    life: timedelta = DEFAULT_LIFE,
    now: datetime,
) -> tuple[Invitation, str]:
    """A new invitation, and its token: only the digest of the token is kept."""
    session.execute(
        sa.delete(Invitation).where(
            Invitation.used_at.is_(None), Invitation.expires_at < now - KEPT_FOR
        )
    )
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        token_digest=digest(token),
        name=name or None,
        issuer=issuer or None,
        created_at=now,
        expires_at=now + min(life, LONGEST_LIFE),
    )
    session.add(invitation)
    session.flush()
    return invitation, token


def check_invitation(session: Session, token: str, *, now: datetime) -> Invitation:
    """The invitation of that token, still usable. Writes nothing. Raises RegistrationError."""
    invitation = find_invitation(session, digest(token))
    if invitation is None:
        raise RegistrationError(errors.UNKNOWN_INVITATION)
    if invitation.used_at is not None:
        raise RegistrationError(errors.USED_INVITATION, f"invitation {invitation.id}")
    if invitation.expires_at <= now:
        raise RegistrationError(errors.EXPIRED_INVITATION, f"invitation {invitation.id}")
    return invitation


def claim_invitation(session: Session, token: str, *, now: datetime) -> Claim:
    """Take the invitation for one registration: of several at once, exactly one gets it.

    The caller commits, talks to the LMS, then calls `use_invitation` or `release_invitation`.
    Raises RegistrationError.
    """
    statement = (
        sa.update(Invitation)
        .where(
            Invitation.token_digest == digest(token),
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
            sa.or_(Invitation.claimed_until.is_(None), Invitation.claimed_until <= now),
        )
        .values(claimed_until=now + LEASE)
        .returning(Invitation.id, Invitation.name, Invitation.issuer)
        .execution_options(synchronize_session=False)
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        invitation = check_invitation(session, token, now=now)
        raise RegistrationError(errors.BUSY_INVITATION, f"invitation {invitation.id}")
    return Claim(row.id, row.name, row.issuer, now + LEASE)


def use_invitation(session: Session, claim: Claim, *, platform_id: int, now: datetime) -> None:
    """Spend a claimed invitation, in the transaction that saves what it registered.

    Raises RegistrationError when it was revoked meanwhile, or when the claim ran out and somebody
    else took it.
    """
    statement = _claimed(claim).values(used_at=now, claimed_until=None, platform_id=platform_id)
    if not session.execute(statement).rowcount:  # type: ignore[attr-defined]
        raise RegistrationError(errors.CONFLICT, f"invitation {claim.invitation_id} was lost")


def release_invitation(session: Session, claim: Claim) -> None:
    """Give a claimed invitation back: the registration failed."""
    session.execute(_claimed(claim).values(claimed_until=None))


def _claimed(claim: Claim) -> sa.Update:
    return (
        sa.update(Invitation)
        .where(
            Invitation.id == claim.invitation_id,
            Invitation.used_at.is_(None),
            Invitation.claimed_until == claim.until,
        )
        .execution_options(synchronize_session=False)
    )


def revoke_invitation(session: Session, *, invitation_id: int) -> bool:
    """Delete an invitation that was not used; False when there is none such."""
    statement = sa.delete(Invitation).where(
        Invitation.id == invitation_id, Invitation.used_at.is_(None)
    )
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]
