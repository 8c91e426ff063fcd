"""The states of a grade and the problems on its way, as codes and in French."""

from enum import StrEnum

_NBSP = "\N{NO-BREAK SPACE}"
_GONE = frozenset({404, 410})


class GradeState(StrEnum):
    OWED = "owed"
    """Waiting to be sent, or to be sent again."""
    SENT = "sent"
    SUPERSEDED = "superseded"
    """The LMS holds a newer grade (a trainer's, most likely): we do not insist."""
    REFUSED = "refused"
    """The LMS will not have it; `problem` says why."""


class Problem(StrEnum):
    """What stands between a grade and the LMS. Stored: values never change."""

    # The platform did not answer, or not yet: tried again by itself.
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    UNAUTHORIZED = "unauthorized"
    # Somebody must change a setting; tried again all the same.
    CLIENT_REFUSED = "client_refused"
    SCOPE_REFUSED = "scope_refused"
    TOKEN_UNREADABLE = "token_unreadable"  # noqa: S105 - a code
    TOKEN_URL_WRONG = "token_url_wrong"  # noqa: S105
    TOKEN_URL_FORBIDDEN = "token_url_forbidden"  # noqa: S105
    TOOL_KEY_MISSING = "tool_key_missing"
    PLATFORM_INACTIVE = "platform_inactive"
    DEPLOYMENT_INACTIVE = "deployment_inactive"
    AWAITING_LINE_ITEM = "awaiting_line_item"
    ANSWER_UNREADABLE = "answer_unreadable"
    # Refused, until a new launch or `relais score resend`.
    NO_LINE_ITEM = "no_line_item"
    LINE_ITEM_GONE = "line_item_gone"
    FORBIDDEN_URL = "forbidden_url"
    NOT_GRADABLE = "not_gradable"
    LEFT_COURSE = "left_course"
    NOT_ALLOWED = "not_allowed"
    REJECTED = "rejected"


_LATER = "Relais réessaie de lui-même."
_ADMINISTRATOR = "Signalez-le à l’administrateur de la plateforme, puis à celui de Relais."
_REOPEN = "Une fois que c’est corrigé, la note repart quand l’activité est ouverte de nouveau."

_TEXTS: dict[str, tuple[str, str]] = {
    Problem.UNREACHABLE: ("la plateforme ne répond pas", _LATER),
    Problem.TIMEOUT: ("la plateforme met trop de temps à répondre", _LATER),
    Problem.UNAVAILABLE: ("la plateforme est momentanément indisponible", _LATER),
    Problem.UNAUTHORIZED: ("la plateforme n’a pas accepté l’autorisation de Relais", _LATER),
    Problem.CLIENT_REFUSED: (
        "la plateforme n’a pas reconnu Relais",
        (
            f"{_LATER} Si cela dure, l’outil est peut-être désactivé dans la plateforme, ou "
            "elle n’a pas pu lire les clés de Relais."
        ),
    ),
    Problem.SCOPE_REFUSED: (
        "la plateforme n’autorise pas Relais à transmettre des notes",
        (
            "Dans les réglages de l’outil, l’administrateur de la plateforme doit autoriser le "
            f"service des notes. {_LATER}"
        ),
    ),
    Problem.TOKEN_UNREADABLE: (
        "la plateforme a donné une autorisation illisible",
        f"{_ADMINISTRATOR} {_LATER}",
    ),
    Problem.TOKEN_URL_WRONG: (
        "l’adresse du service d’autorisation de la plateforme n’est pas la bonne",
        f"L’administrateur de Relais doit la corriger. {_LATER}",
    ),
    Problem.TOKEN_URL_FORBIDDEN: (
        "l’adresse du service d’autorisation de la plateforme n’est pas permise",
        f"L’administrateur de Relais doit la corriger. {_LATER}",
    ),
    Problem.TOOL_KEY_MISSING: (
        "Relais n’a pas de clé pour s’identifier",
        f"L’administrateur de Relais doit vérifier ses clés. {_LATER}",
    ),
    Problem.PLATFORM_INACTIVE: (
        "l’accès de cette plateforme à Relais est fermé",
        "La note partira quand l’administrateur de Relais l’aura rouvert.",
    ),
    Problem.DEPLOYMENT_INACTIVE: (
        "ce déploiement de Relais dans la plateforme est fermé",
        "La note partira quand l’administrateur de Relais l’aura rouvert.",
    ),
    Problem.AWAITING_LINE_ITEM: (
        "la colonne de notes n’existe pas encore dans la plateforme",
        "Relais la cherche, ou la crée, puis envoie la note.",
    ),
    Problem.ANSWER_UNREADABLE: (
        "la plateforme a donné une réponse illisible",
        f"{_ADMINISTRATOR} {_LATER}",
    ),
    Problem.NO_LINE_ITEM: (
        "l’activité n’est plus notée dans la plateforme",
        f"Dans les réglages de l’activité, acceptez les notes de l’outil. {_REOPEN}",
    ),
    Problem.LINE_ITEM_GONE: (
        "la colonne de notes de cette activité n’existe plus dans la plateforme",
        f"L’activité a sans doute été supprimée ou remplacée. {_REOPEN}",
    ),
    Problem.FORBIDDEN_URL: (
        "l’adresse donnée pour les notes n’est pas celle de la plateforme",
        _ADMINISTRATOR,
    ),
    Problem.NOT_GRADABLE: (
        "la plateforme ne peut pas noter cette personne",
        (
            "Elle n’est plus inscrite, ou l’est avec un rôle qui ne reçoit pas de note. "
            f"Inscrivez-la comme étudiante ou étudiant. {_REOPEN}"
        ),
    ),
    Problem.LEFT_COURSE: (
        "cette personne n’est plus inscrite à la session",
        f"Si elle doit l’être, inscrivez-la de nouveau. {_REOPEN}",
    ),
    Problem.NOT_ALLOWED: (
        "la plateforme n’autorise pas Relais à noter cette activité",
        f"{_ADMINISTRATOR} {_REOPEN}",
    ),
    Problem.REJECTED: ("la plateforme a refusé la note", f"{_ADMINISTRATOR} {_REOPEN}"),
}

_SENTENCES: dict[str, str] = {
    GradeState.OWED: "Note en attente d’envoi",
    GradeState.SENT: "Note transmise",
    GradeState.SUPERSEDED: "Note non transmise",
    GradeState.REFUSED: "Note refusée",
}


def reason(state: str, problem: str | None = None) -> str:
    """Why the LMS does not have the grade, in a few French words; empty: nothing to add."""
    if state == GradeState.SUPERSEDED:
        return "la plateforme en a une plus récente"
    if state == GradeState.SENT or problem not in _TEXTS:
        return ""
    return _TEXTS[problem][0]


def explain(state: str, problem: str | None = None) -> str:
    """One French sentence on where a grade stands, for the person and the trainer alike."""
    why = reason(state, problem)
    return f"{_SENTENCES[state]}{_NBSP}: {why}." if why else f"{_SENTENCES[state]}."


def advise(state: str, problem: str | None = None) -> str:
    """What can be done about it, in French, for the trainer; empty when nothing needs doing."""
    if state in {GradeState.SENT, GradeState.SUPERSEDED} or problem not in _TEXTS:
        return ""
    return _TEXTS[problem][1]


def reading_reason(problem: str | None) -> str:
    """Why the results of an activity could not be read, in a few French words; empty: they were."""
    if problem in {Problem.NOT_ALLOWED, Problem.SCOPE_REFUSED}:
        return "la plateforme n’autorise pas Relais à lire les notes"
    return _TEXTS[problem][0] if problem in _TEXTS else ""


def refusal_of(status: int | None, *, enrolled: bool) -> Problem:
    """Why an LMS refused a score for good, by its HTTP status.

    400 is what Moodle says of whoever it cannot grade: unknown, not enrolled, or a trainer.
    """
    if status in _GONE:
        return Problem.LINE_ITEM_GONE
    if status == 403:
        return Problem.NOT_ALLOWED
    if status == 400:
        return Problem.NOT_GRADABLE if enrolled else Problem.LEFT_COURSE
    return Problem.REJECTED


def score_comment(score: int, *, completed: bool, whole_path: bool) -> str:
    """What stands beside the grade in the gradebook: Moodle wipes it when a score has none."""
    what = "Parcours" if whole_path else "Module"
    state = "terminé" if completed else "en cours"
    return f"{what} {state} dans Relais, {score}{_NBSP}% de réponses justes."
