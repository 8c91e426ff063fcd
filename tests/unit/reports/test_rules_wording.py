"""Every state has its words."""

from lti_app.completion.rules import CompletionState
from lti_app.reports.rules.rows import GradeStatus
from lti_app.reports.rules.selection import Activity, Presence
from lti_app.reports.rules.wording import (
    ACTIVITY_LABELS,
    BADGE_LABELS,
    GRADE_FILTER_LABELS,
    GRADE_LABELS,
    PRESENCE_LABELS,
    STATE_LABELS,
)


def test_every_state_has_words() -> None:
    assert set(STATE_LABELS) == set(CompletionState)
    assert set(GRADE_LABELS) == set(GRADE_FILTER_LABELS) == set(GradeStatus)
    assert set(ACTIVITY_LABELS) == set(Activity)
    assert set(PRESENCE_LABELS) == set(Presence)
    assert all(GRADE_FILTER_LABELS.values())


def test_a_badge_for_each_state_of_modules_and_grades() -> None:
    shown_as_dash = {GradeStatus.NONE}
    assert set(BADGE_LABELS) == {*CompletionState, *set(GradeStatus) - shown_as_dash}
