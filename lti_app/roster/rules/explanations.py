"""What stands between Relais and a roster, as codes and in French. Pure."""

from enum import StrEnum
from typing import NamedTuple


class Problem(StrEnum):
    """Why the last reading failed. Stored: values never change."""

    # The platform did not answer, or not yet.
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    TOO_SLOW = "too_slow"
    INTERRUPTED = "interrupted"
    # Somebody must change a setting.
    UNAUTHORIZED = "unauthorized"
    CLIENT_REFUSED = "client_refused"
    SCOPE_REFUSED = "scope_refused"
    NOT_ALLOWED = "not_allowed"
    TOKEN_UNREADABLE = "token_unreadable"  # noqa: S105 - a code
    TOKEN_URL_WRONG = "token_url_wrong"  # noqa: S105
    TOKEN_URL_FORBIDDEN = "token_url_forbidden"  # noqa: S105
    TOOL_KEY_MISSING = "tool_key_missing"
    PLATFORM_INACTIVE = "platform_inactive"
    FORBIDDEN_URL = "forbidden_url"
    NO_SERVICE = "no_service"
    WHOLE_SITE = "whole_site"
    ROSTER_GONE = "roster_gone"
    REJECTED = "rejected"
    # The answer cannot be used.
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    ENDLESS = "endless"
    # Read to its end, not believed.
    NOBODY_NAMED = "nobody_named"
    TOO_MANY_MISSING = "too_many_missing"


class Advice(NamedTuple):
    """`reason`: the end of « …, car … »; `action`: who must do what."""

    reason: str
    action: str


_AGAIN = "Relais réessaie la nuit prochaine."
_RELAIS = "L’administrateur de Relais doit"
_PLATFORM = "L’administrateur de la plateforme doit"
_REPORT = "Signalez-le à l’administrateur de Relais, qui verra ce que la plateforme a répondu."

_TEXTS: dict[str, Advice] = {
    Problem.UNREACHABLE: Advice("la plateforme ne répond pas", _AGAIN),
    Problem.TIMEOUT: Advice("la plateforme met trop de temps à répondre", _AGAIN),
    Problem.UNAVAILABLE: Advice("la plateforme est momentanément indisponible", _AGAIN),
    Problem.TOO_SLOW: Advice("la plateforme a été trop lente", _AGAIN),
    Problem.INTERRUPTED: Advice("la lecture de la liste a été interrompue", _AGAIN),
    Problem.UNAUTHORIZED: Advice(
        "la plateforme n’a pas accepté l’autorisation de Relais",
        f"{_AGAIN} Si cela dure, {_PLATFORM[0].lower()}{_PLATFORM[1:]} vérifier que l’outil est"
        " encore actif.",
    ),
    Problem.CLIENT_REFUSED: Advice(
        "la plateforme n’a pas reconnu Relais",
        f"{_AGAIN} Si cela dure, l’outil est peut-être désactivé dans la plateforme, ou elle n’a"
        " pas pu lire les clés de Relais\N{NO-BREAK SPACE}: voyez-le avec son administrateur.",
    ),
    Problem.SCOPE_REFUSED: Advice(
        "la plateforme ne permet pas à Relais de lire la liste des participants",
        f"{_PLATFORM} autoriser le service «\N{NO-BREAK SPACE}IMS LTI Names and Role Provisioning"
        "\N{NO-BREAK SPACE}» dans les réglages de l’outil.",
    ),
    Problem.NOT_ALLOWED: Advice(
        "la plateforme a refusé la liste des participants de ce cours",
        f"{_PLATFORM} autoriser le service «\N{NO-BREAK SPACE}IMS LTI Names and Role Provisioning"
        "\N{NO-BREAK SPACE}» dans les réglages de l’outil.",
    ),
    Problem.TOKEN_UNREADABLE: Advice("la plateforme a donné une autorisation illisible", _REPORT),
    Problem.TOKEN_URL_WRONG: Advice(
        "l’adresse du service d’autorisation de la plateforme n’est pas la bonne",
        f"{_RELAIS} la corriger.",
    ),
    Problem.TOKEN_URL_FORBIDDEN: Advice(
        "l’adresse du service d’autorisation de la plateforme n’est pas permise",
        f"{_RELAIS} la corriger.",
    ),
    Problem.TOOL_KEY_MISSING: Advice(
        "Relais n’a pas de clé pour s’identifier", f"{_RELAIS} vérifier ses clés."
    ),
    Problem.PLATFORM_INACTIVE: Advice(
        "l’accès de cette plateforme à Relais est fermé",
        "La liste sera relue quand l’administrateur de Relais l’aura rouvert.",
    ),
    Problem.FORBIDDEN_URL: Advice(
        "l’adresse donnée pour la liste n’est pas celle de la plateforme", _REPORT
    ),
    Problem.NO_SERVICE: Advice(
        "la plateforme ne donne pas à Relais l’adresse de cette liste",
        f"{_PLATFORM} autoriser le service «\N{NO-BREAK SPACE}IMS LTI Names and Role Provisioning"
        "\N{NO-BREAK SPACE}» dans les réglages de l’outil\N{NARROW NO-BREAK SPACE}; rouvrez ensuite"
        " l’activité.",
    ),
    Problem.WHOLE_SITE: Advice(
        "l’activité est sur la page d’accueil de la plateforme, dont la liste est celle de tous ses"
        " comptes",
        "Relais ne la demande pas. Pour suivre un groupe, placez l’activité dans un cours.",
    ),
    Problem.ROSTER_GONE: Advice(
        "la plateforme ne connaît plus cette liste",
        "Le cours a sans doute été supprimé ou déplacé. S’il existe encore, rouvrez l’activité"
        " depuis la plateforme.",
    ),
    Problem.REJECTED: Advice("la plateforme a refusé la demande", _REPORT),
    Problem.UNREADABLE: Advice("la plateforme a donné une liste illisible", _REPORT),
    Problem.TOO_LARGE: Advice("la plateforme a donné une réponse trop longue", _REPORT),
    Problem.TOO_MANY: Advice("la liste est plus longue que ce que Relais accepte", _REPORT),
    Problem.ENDLESS: Advice("les pages de la liste tournent en rond", _REPORT),
    Problem.NOBODY_NAMED: Advice(
        "la plateforme a donné une liste vide",
        "Par prudence, personne n’est marqué comme parti. Vérifiez les inscriptions du cours dans"
        " la plateforme\N{NARROW NO-BREAK SPACE}; si la liste est vraiment vide, l’administrateur"
        " de Relais peut le confirmer.",
    ),
    Problem.TOO_MANY_MISSING: Advice(
        "plus de la moitié des personnes n’y figurent plus",
        "Par prudence, personne n’est marqué comme parti. Vérifiez les inscriptions du cours dans"
        " la plateforme\N{NARROW NO-BREAK SPACE}; si elles sont justes, confirmez les départs.",
    ),
}


def advise(problem: str | None) -> Advice | None:
    """The reason in a few French words, and who must do what; None when there is no problem."""
    if not problem:
        return None
    return _TEXTS.get(problem, _TEXTS[Problem.REJECTED])
