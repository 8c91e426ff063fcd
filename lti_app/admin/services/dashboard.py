"""What waits for an administrator, gathered for one page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_app.admin.queries.grades import GradeGroup, group_grades
from lti_app.admin.queries.platforms import HeldDeployment, held_deployments, platforms_in_state
from lti_app.admin.queries.waiting import (
    FailingRoster,
    RefusalCount,
    RosterFigures,
    failing_rosters,
    refusals_by_code,
    roster_figures,
)
from lti_app.grading.rules import GradeState
from lti_app.lti.models import Platform, PlatformState, ToolKey
from lti_app.lti.services.keys import KeyState, key_states

REFUSALS_SINCE = timedelta(days=7)
SHOWN = 10
"""Lines of each list; the page of the subject has the others."""


@dataclass(frozen=True)
class OwedByPlatform:
    """Grades that one platform does not have."""

    platform_id: int
    name: str
    waiting: int
    refused: int


@dataclass(frozen=True)
class Dashboard:
    """`signing_key`: ours in use, None when no key may sign."""

    pending_platforms: list[Platform]
    held: list[HeldDeployment]
    refusals: list[RefusalCount]
    owed: list[OwedByPlatform]
    rosters: RosterFigures
    failing_rosters: list[FailingRoster]
    signing_key: ToolKey | None
    next_key: ToolKey | None


def read_dashboard(session: Session, *, now: datetime) -> Dashboard:
    """Everything that the first page says, by a fixed number of statements."""
    keys = [(key, state) for key, state in key_states(session, now)]
    return Dashboard(
        pending_platforms=platforms_in_state(session, PlatformState.PENDING),
        held=held_deployments(session, limit=SHOWN),
        refusals=refusals_by_code(session, since=now - REFUSALS_SINCE),
        owed=_by_platform(group_grades(session)),
        rosters=roster_figures(session),
        failing_rosters=failing_rosters(session, limit=SHOWN),
        signing_key=_first(keys, KeyState.SIGNING),
        next_key=_first(keys, KeyState.PUBLISHED),
    )


def _by_platform(groups: list[GradeGroup]) -> list[OwedByPlatform]:
    counts: dict[tuple[int, str], dict[str, int]] = {}
    for group in groups:
        states = counts.setdefault((group.platform_id, group.platform_name), {})
        states[group.state] = states.get(group.state, 0) + group.grades
    return [
        OwedByPlatform(*platform, states.get(GradeState.OWED, 0), states.get(GradeState.REFUSED, 0))
        for platform, states in sorted(counts.items(), key=lambda item: item[0][1])
    ]


def _first(keys: list[tuple[ToolKey, KeyState]], wanted: KeyState) -> ToolKey | None:
    return next((key for key, state in keys if state is wanted), None)
