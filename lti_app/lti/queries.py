"""Reading registrations and login states."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from lti_app.lti.models import Invitation, LoginState, Platform, PlatformKeySet, ToolKey

# Statements of every launch are built once: building one takes as long as running it.
_PLATFORM = (
    sa.select(Platform)
    .options(joinedload(Platform.deployments))
    .where(
        Platform.issuer == sa.bindparam("issuer"),
        Platform.client_id == sa.bindparam("client_id"),
    )
)
_CONSUME_LOGIN_STATE = (
    sa.update(LoginState)
    .where(
        LoginState.state_digest == sa.bindparam("of_state"),
        LoginState.consumed_at.is_(None),
        LoginState.expires_at > sa.bindparam("now"),
    )
    .values(consumed_at=sa.bindparam("now"))
    .execution_options(synchronize_session=False)
)


def platforms_of_issuer(session: Session, issuer: str) -> list[Platform]:
    """Registrations of an issuer, whatever their state."""
    statement = (
        sa.select(Platform)
        .options(joinedload(Platform.deployments))
        .where(Platform.issuer == issuer)
        .order_by(Platform.id)
    )
    return list(session.scalars(statement).unique())


def find_platform(session: Session, *, issuer: str, client_id: str) -> Platform | None:
    """The registration of that client at that issuer, whatever its state."""
    values = {"issuer": issuer, "client_id": client_id}
    return session.scalars(_PLATFORM, values).unique().one_or_none()


def platform_named(session: Session, name: str) -> Platform | None:
    """The registration called `name` on our side."""
    return session.scalars(sa.select(Platform).where(Platform.name == name)).one_or_none()


def all_platforms(session: Session) -> list[Platform]:
    """Every registration with its deployments, by name."""
    statement = (
        sa.select(Platform).options(selectinload(Platform.deployments)).order_by(Platform.name)
    )
    return list(session.scalars(statement))


def find_login_state(session: Session, state_digest: str) -> LoginState | None:
    """The login under way of that state, consumed and expired ones included."""
    return session.get(LoginState, state_digest)


def consume_login_state(session: Session, state_digest: str, now: datetime) -> bool:
    """Use a login up. True for exactly one caller, however many try at once."""
    result = session.execute(_CONSUME_LOGIN_STATE, {"of_state": state_digest, "now": now})
    return bool(result.rowcount)  # type: ignore[attr-defined]


def remember_product_family(session: Session, platform_id: int, family: str) -> None:
    """Keep what a platform says it is."""
    session.execute(
        sa.update(Platform)
        .where(Platform.id == platform_id)
        .values(product_family=family)
        .execution_options(synchronize_session=False)
    )


def find_key_set(session: Session, platform_id: int) -> PlatformKeySet | None:
    """The last good JWKS of a platform, if it was ever fetched."""
    return session.get(PlatformKeySet, platform_id)


def all_keys(session: Session) -> list[ToolKey]:
    """Our keys, the newest first."""
    return list(session.scalars(sa.select(ToolKey).order_by(ToolKey.created_at.desc())))


def find_invitation(session: Session, token_digest: str) -> Invitation | None:
    """The invitation of that token, used and expired ones included."""
    statement = sa.select(Invitation).where(Invitation.token_digest == token_digest)
    return session.scalars(statement).one_or_none()


def open_invitations(session: Session, now: datetime) -> list[Invitation]:
    """Those that can still be used, the first to expire first."""
    statement = (
        sa.select(Invitation)
        .where(Invitation.used_at.is_(None), Invitation.expires_at > now)
        .order_by(Invitation.expires_at, Invitation.id)
    )
    return list(session.scalars(statement))
