"""The French words of states, the same on the screen, in the filters and in the export."""

from lti_app.completion.rules import CompletionState
from lti_app.reports.rules.rows import GradeStatus
from lti_app.reports.rules.selection import Activity, Presence

# From the best off: the order of the totals, of their bar and of the filter.
STATE_LABELS: dict[CompletionState, str] = {
    CompletionState.COMPLETED: "Terminé",
    CompletionState.STARTED: "En cours",
    CompletionState.NEEDS_HELP: "Besoin d’aide",
    CompletionState.NOT_STARTED: "Non commencé",
}
GRADE_LABELS: dict[GradeStatus, str] = {
    GradeStatus.NONE: "",
    GradeStatus.OWED: "En attente",
    GradeStatus.SENT: "Transmise",
    GradeStatus.SUPERSEDED: "Remplacée",
    GradeStatus.REFUSED: "Refusée",
}
# Every badge of the table: no state of a module has the value of a grade's.
BADGE_LABELS: dict[str, str] = {state.value: label for state, label in STATE_LABELS.items()} | {
    status.value: label for status, label in GRADE_LABELS.items() if label
}
GRADE_FILTER_LABELS: dict[GradeStatus, str] = {
    **GRADE_LABELS,
    GradeStatus.NONE: "Rien à transmettre",
}
ACTIVITY_LABELS: dict[Activity, str] = {
    Activity.WEEK: "Depuis 7 jours",
    Activity.MONTH: "Depuis 30 jours",
    Activity.QUARTER: "Depuis 90 jours",
    Activity.IDLE: "Pas depuis 30 jours",
}
PRESENCE_LABELS: dict[Presence, str] = {
    Presence.ACTIVE: "Inscrits",
    Presence.LEFT: "Ont quitté la session",
    Presence.ALL: "Tous",
}
LEFT_LABEL = "a quitté la session"
ENROLLED_LABEL = "inscrit"
