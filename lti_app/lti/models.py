"""What the protocol must remember: registrations, login states, keys, tokens."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_app.core.database import JSON, Base


class PlatformState(StrEnum):
    """Of a platform, and of each of its deployments. Only an active one opens a session."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    PENDING = "pending"
    """Registered or first seen without an administrator's word: held until approved."""


class Platform(Base):
    """One registration of Relais in an LMS: an issuer and the client_id it gave us."""

    __tablename__ = "platform"
    __table_args__ = (
        sa.UniqueConstraint("issuer", "client_id"),
        sa.CheckConstraint("state IN ('active', 'inactive', 'pending')", name="known_state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    """Short name for the command line and the screens, e.g. « poitiers »."""
    issuer: Mapped[str] = mapped_column(sa.String(500))
    client_id: Mapped[str] = mapped_column(sa.String(255))
    auth_url: Mapped[str] = mapped_column(sa.String(1000))
    token_url: Mapped[str] = mapped_column(sa.String(1000))
    jwks_url: Mapped[str] = mapped_column(sa.String(1000))
    token_audience: Mapped[str | None] = mapped_column(sa.String(1000))
    """`aud` of our client assertions, where it is not the token URL."""
    state: Mapped[PlatformState] = mapped_column(sa.String(20), default=PlatformState.ACTIVE)
    product_family: Mapped[str | None] = mapped_column(sa.String(80))
    """`product_family_code` of the last launch, e.g. « moodle »."""
    created_at: Mapped[datetime]

    deployments: Mapped[list["Deployment"]] = relationship(
        back_populates="platform", cascade="all, delete-orphan", order_by="Deployment.id"
    )


class Deployment(Base):
    """A deployment of a registration. One first seen at a launch is pending: refused, and shown
    to the administrators."""

    __tablename__ = "deployment"
    __table_args__ = (
        sa.UniqueConstraint("platform_id", "deployment_id"),
        sa.CheckConstraint("state IN ('active', 'inactive', 'pending')", name="known_state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(sa.ForeignKey("platform.id", ondelete="CASCADE"))
    deployment_id: Mapped[str] = mapped_column(sa.String(255))
    state: Mapped[PlatformState] = mapped_column(sa.String(20), default=PlatformState.ACTIVE)
    first_seen_at: Mapped[datetime | None]
    """First launch that named it, for those that no administrator declared."""

    platform: Mapped[Platform] = relationship(back_populates="deployments")


class Invitation(Base):
    """A one-time link by which an LMS registers Relais by itself (Dynamic Registration).

    An invitation that names the issuer is an approval in advance; without it, what it registers
    stays pending.
    """

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str | None] = mapped_column(sa.String(80))
    """Name that the platform will have; its host by default."""
    issuer: Mapped[str | None] = mapped_column(sa.String(500))
    """The only issuer that may use it, approved in advance."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    claimed_until: Mapped[datetime | None]
    """A registration is under way with it until then: no other may begin meanwhile."""
    used_at: Mapped[datetime | None]
    platform_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("platform.id", ondelete="SET NULL")
    )
    """What it registered or updated."""


class RefusedLaunch(Base):
    """How many launches were refused in one hour, for one reason: no personal data, bounded."""

    __tablename__ = "refused_launch"
    __table_args__ = (sa.UniqueConstraint("hour", "code", "platform_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(index=True)
    code: Mapped[str] = mapped_column(sa.String(40))
    platform_id: Mapped[int] = mapped_column(default=0)
    """0 when the platform is not known; no foreign key, so that counts outlive a platform."""
    count: Mapped[int]
    last_at: Mapped[datetime]
    last_quote: Mapped[str] = mapped_column(sa.String(80))
    """The code that the last person refused could quote."""
    last_detail: Mapped[str] = mapped_column(sa.String(200))
    """The log's words for the last one: a claim or an issuer, never a person."""


class LoginState(Base):
    """One OIDC login under way: state, nonce and browser bound together, used once.

    Only digests are kept, so that a leaked table opens no session.
    """

    __tablename__ = "login_state"

    state_digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    nonce_digest: Mapped[str] = mapped_column(sa.String(64))
    browser_digest: Mapped[str] = mapped_column(sa.String(64))
    """Digest of the secret in the browser's state cookie."""
    platform_id: Mapped[int] = mapped_column(sa.ForeignKey("platform.id", ondelete="CASCADE"))
    storage_target: Mapped[str | None] = mapped_column(sa.String(255))
    """`lti_storage_target`: the LMS's frame that keeps values for tools without cookies."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    consumed_at: Mapped[datetime | None]


class HeldLaunch(Base):
    """A validated launch whose frame keeps no cookie, waiting for another proof of the browser:
    the LMS's storage, or a tab of its own."""

    __tablename__ = "held_launch"

    token_digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    sealed_launch: Mapped[str] = mapped_column(sa.Text)
    """The launch as encrypted JSON: it holds a name and an e-mail, for ten minutes at most."""
    browser_digest: Mapped[str | None] = mapped_column(sa.String(64))
    """Digest of the secret that the LMS's storage must give back; None for a tab of its own."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    consumed_at: Mapped[datetime | None]


class ToolKey(Base):
    """An RSA key pair of ours. Published from its creation until `retired_at`."""

    __tablename__ = "tool_key"

    kid: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    sealed_private_key: Mapped[str] = mapped_column(sa.Text)
    """PEM, encrypted with a key derived from RELAIS_SECRET_KEY."""
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    signs_from: Mapped[datetime]
    """A new key is published before it signs, so that platforms have fetched it by then."""
    retired_at: Mapped[datetime | None]
    """When it leaves our JWKS; None while it is the newest."""


class PlatformKeySet(Base):
    """The last good JWKS of a platform, kept when the platform is down."""

    __tablename__ = "platform_key_set"

    platform_id: Mapped[int] = mapped_column(
        sa.ForeignKey("platform.id", ondelete="CASCADE"), primary_key=True
    )
    keys: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    fetched_at: Mapped[datetime | None]
    """Last success; None before the first."""
    attempted_at: Mapped[datetime]
    """Last try, good or bad: refetching on an unknown kid is limited by it."""


class AccessToken(Base):
    """A service token of a platform, shared by web and worker until it is about to expire."""

    __tablename__ = "access_token"
    __table_args__ = (sa.UniqueConstraint("platform_id", "scope"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(sa.ForeignKey("platform.id", ondelete="CASCADE"))
    scope: Mapped[str] = mapped_column(sa.String(500))
    """Scopes asked for, sorted, separated by spaces."""
    sealed_token: Mapped[str] = mapped_column(sa.Text)
    expires_at: Mapped[datetime]
