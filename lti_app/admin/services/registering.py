"""Linking an LMS from the screens: invitations and registrations by hand, written down."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_app.lti.rules.registration import registration_link
from lti_app.lti.services.invitations import invite, revoke_invitation
from lti_app.lti.services.registrations import NewPlatform, add_platform
from lti_app.people.administration import record_audit
from lti_app.people.models import AuditEntry


def invite_platform(
    session: Session,
    *,
    name: str | None,
    issuer: str | None,
    life: timedelta,
    base_url: str,
    actor_id: int,
    now: datetime,
) -> str:
    """A new one-time link, to be shown now and never again."""
    invitation, token = invite(session, name=name, issuer=issuer, life=life, now=now)
    record_audit(
        session,
        actor_id=actor_id,
        action="invitation.create",
        subject=f"invitation {invitation.id}",
        detail={"issuer": issuer} if issuer else {},
        now=now,
    )
    return registration_link(base_url, token)


def cancel_invitation(
    session: Session, *, invitation_id: int, actor_id: int, now: datetime
) -> AuditEntry | None:
    """Cancel a link. None: it was used or cancelled already."""
    if not revoke_invitation(session, invitation_id=invitation_id):
        return None
    return record_audit(
        session,
        actor_id=actor_id,
        action="invitation.revoke",
        subject=f"invitation {invitation_id}",
        now=now,
    )


def link_by_hand(
    session: Session, new: NewPlatform, *, actor_id: int, now: datetime
) -> tuple[int, AuditEntry]:
    """Create or update a registration from what the LMS shows: its id, and what was written down.

    Raises DuplicateRegistrationError.
    """
    platform = add_platform(session, new, now=now)
    entry = record_audit(
        session,
        actor_id=actor_id,
        action="platform.add",
        subject=f"platform {platform.id}",
        detail={"déploiement": ", ".join(new.deployments)},
        now=now,
    )
    return platform.id, entry
