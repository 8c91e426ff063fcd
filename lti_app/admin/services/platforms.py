"""Opening, closing and naming platforms; what their roles mean. Every change is written down."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_app.admin.queries.platforms import role_lists
from lti_app.admin.rules.roles import count_roles, short_role
from lti_app.core.logging import get_logger
from lti_app.grading.services import resend
from lti_app.lti.models import Deployment, Platform, PlatformState
from lti_app.lti.queries import platform_named
from lti_app.lti.services.registrations import set_deployment_state, set_platform_state
from lti_app.people.administration import record_audit
from lti_app.people.models import AuditEntry, Role
from lti_app.people.queries import role_overrides
from lti_app.people.role_overrides import set_role_override
from lti_app.people.rules import is_trainer


class NameTakenError(Exception):
    """Another platform has this name."""


@dataclass(frozen=True)
class Opened:
    """What was written down, and the grades to queue after the commit."""

    entry: AuditEntry
    owed_grade_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role received from a platform, and what it means to Relais.

    `usual`: whether it makes a trainer by the rules; `decided`: by an administrator's word, None
    without one.
    """

    lms_role: str
    short: str
    enrolments: int
    usual: bool
    decided: bool | None

    @property
    def is_trainer(self) -> bool:
        return self.usual if self.decided is None else self.decided


def change_platform_state(
    session: Session, *, platform: Platform, is_open: bool, actor_id: int | None, now: datetime
) -> Opened | None:
    """Open or close a platform; opened, what its gradebooks are owed leaves. None: already so."""
    state = PlatformState.ACTIVE if is_open else PlatformState.INACTIVE
    if platform.state == state:
        return None
    set_platform_state(session, platform=platform, state=state)
    entry = record_audit(
        session,
        actor_id=actor_id,
        action="platform.activate" if is_open else "platform.disable",
        subject=f"platform {platform.id}",
        now=now,
    )
    owed = resend(session, platform_id=platform.id, now=now) if is_open else []
    return Opened(entry, tuple(owed))


def change_deployment_state(
    session: Session, *, deployment: Deployment, is_open: bool, actor_id: int | None, now: datetime
) -> Opened | None:
    """Open or close one deployment; opened, what its gradebooks are owed leaves. None: already so.

    Grades of the whole platform are tried again: no harm to those of other deployments.
    """
    state = PlatformState.ACTIVE if is_open else PlatformState.INACTIVE
    if deployment.state == state:
        return None
    set_deployment_state(session, deployment=deployment, state=state)
    entry = record_audit(
        session,
        actor_id=actor_id,
        action="deployment.activate" if is_open else "deployment.disable",
        subject=f"platform {deployment.platform_id}",
        detail={"deployment": deployment.deployment_id},
        now=now,
    )
    owed = resend(session, platform_id=deployment.platform_id, now=now) if is_open else []
    return Opened(entry, tuple(owed))


def rename_platform(
    session: Session, *, platform: Platform, name: str, actor_id: int, now: datetime
) -> AuditEntry | None:
    """Give a platform another name. None: it has it already. Raises NameTakenError."""
    if platform.name == name:
        return None
    if platform_named(session, name) is not None:
        raise NameTakenError
    former, platform.name = platform.name, name
    return record_audit(
        session,
        actor_id=actor_id,
        action="platform.rename",
        subject=f"platform {platform.id}",
        detail={"avant": former, "après": name},
        now=now,
    )


def roles_received(session: Session, platform_id: int) -> list[RoleLine]:
    """The roles that this platform sent, the most frequent first; then those only decided on."""
    decided = role_overrides(session, platform_id)
    counts = {row.lms_role: row.enrolments for row in count_roles(role_lists(session, platform_id))}
    for lms_role in sorted(decided):
        counts.setdefault(lms_role, 0)
    return [
        RoleLine(
            lms_role, short_role(lms_role), count, is_trainer([lms_role]), decided.get(lms_role)
        )
        for lms_role, count in counts.items()
    ]


def change_role_meaning(
    session: Session,
    *,
    platform_id: int,
    lms_role: str,
    role: Role | None,
    actor_id: int,
    now: datetime,
) -> AuditEntry | None:
    """Decide what a role of this platform means (None: the usual rule), at once for everybody.

    None when that was so already. Raises LookupError for a role never received from there.
    """
    line = next(
        (row for row in roles_received(session, platform_id) if row.lms_role == lms_role), None
    )
    if line is None:
        raise LookupError("a role never received from this platform")
    if line.decided == (None if role is None else role == Role.TRAINER):
        return None
    changed = set_role_override(
        session, platform_id=platform_id, lms_role=lms_role, role=role, now=now
    )
    get_logger().info("role_meaning_changed", platform=platform_id, enrolments=changed)
    return record_audit(
        session,
        actor_id=actor_id,
        action="role.override",
        subject=f"platform {platform_id}",
        detail={
            "rôle": lms_role[:200],
            "sens": "règle habituelle" if role is None else _WORDS[role],
            "inscriptions changées": changed,
        },
        now=now,
    )


_WORDS = {Role.TRAINER: "formateur", Role.LEARNER: "référent"}
