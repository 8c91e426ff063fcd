"""Judging the services of a platform: tokens, clocks, first page of a roster."""

from collections.abc import Iterator
from dataclasses import dataclass

from lti_app.lti.rules.diagnosis.facts import Facts, RosterFacts, TokenFacts
from lti_app.lti.rules.diagnosis.finding import (
    Finding,
    Who,
    count,
    fail,
    fine,
    warn,
)
from lti_app.lti.rules.diagnosis.moodle import GRADE_SERVICE, ROSTER_SERVICE
from lti_app.lti.rules.diagnosis.token_refusals import explain_refusal

CLOCK_WARNING = 5.0
CLOCK_ERROR = 60.0
"""Seconds: what a launch tolerates (an id_token of Moodle lives for a minute)."""

_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"


@dataclass(frozen=True, slots=True)
class Service:
    """What a scope is for, and which setting of the LMS grants it."""

    code: str
    name: str
    without: str
    """What does not work without it."""
    setting: str


SERVICES = {
    f"{_AGS}score": Service(
        "NOTES", "transmettre des notes", "Les notes n’arrivent pas au carnet.", GRADE_SERVICE
    ),
    f"{_AGS}lineitem": Service(
        "COLONNES",
        "trouver ou créer la colonne d’une note",
        "Une activité dont le lancement ne nomme pas de colonne n’aura pas de note.",
        GRADE_SERVICE,
    ),
    f"{_AGS}result.readonly": Service(
        "RESULTATS",
        "relire les notes que la plateforme garde",
        "Le suivi ne peut pas dire ce que le carnet de la plateforme contient.",
        GRADE_SERVICE,
    ),
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly": Service(
        "PARTICIPANTS",
        "lire la liste des participants",
        "Le suivi ne montre que les personnes qui ont ouvert Relais une fois.",
        ROSTER_SERVICE,
    ),
}
"""The scopes that Relais asks for, each alone."""


def tokens(facts: Facts) -> Iterator[Finding]:
    """A token for each scope. One cause common to all is said once."""
    refused = [token for token in facts.tokens if token.refusal and not _is_about_scope(token)]
    if refused and len(refused) == len(facts.tokens):
        yield _refusal(facts, refused[0])
        return
    for token in facts.tokens:
        service = SERVICES[token.scope]
        if token.refusal is None:
            yield fine(
                f"JETON-{service.code}",
                f"Jeton obtenu pour {service.name}",
                "La plateforme reconnaît Relais et lui ouvre ce service.",
            )
        elif _is_about_scope(token):
            yield fail(
                f"JETON-{service.code}",
                f"La plateforme ne permet pas à Relais de {service.name}",
                service.without,
                Who.LMS,
                service.setting,
            )
        else:
            yield _refusal(facts, token)


def _is_about_scope(token: TokenFacts) -> bool:
    return token.refusal == "scope_refused"


def _refusal(facts: Facts, token: TokenFacts) -> Finding:
    """Why no token came, whatever the scope."""
    why = explain_refusal(facts, token)
    return fail("JETON", "La plateforme ne donne pas de jeton à Relais", *why)


def clocks(facts: Facts) -> Iterator[Finding]:
    """Their clock against ours, by the dates of their answers and of their tokens."""
    answers = [token.answer for token in facts.tokens if token.answer is not None]
    measured = [answer.clock_ahead for answer in (*answers, facts.platform.jwks)]
    measured += [token.issued_ahead for token in facts.tokens]
    known = [ahead for ahead in measured if ahead is not None]
    if not known:
        yield warn(
            "HORLOGE",
            "L’horloge de la plateforme n’a pas pu être lue",
            "Aucune de ses réponses n’est datée. Au-delà d’une minute d’écart, tous les"
            " lancements échouent (LTI-HORLOGE).",
            Who.LMS,
            "Vérifiez la synchronisation (NTP) des deux serveurs.",
        )
        return
    ahead = max(known, key=abs)
    if abs(ahead) <= CLOCK_WARNING:
        yield fine("HORLOGE", "Les deux horloges s’accordent", f"Écart mesuré : {_seconds(ahead)}.")
        return
    way = "avance" if ahead > 0 else "retarde"
    broken = abs(ahead) > CLOCK_ERROR
    yield (fail if broken else warn)(
        "HORLOGE",
        f"L’horloge de la plateforme {way} de {_seconds(ahead)} sur celle de Relais",
        "Les accès de Moodle ne valent qu’une minute : les lancements échouent (LTI-HORLOGE), et"
        " une note datée du futur bloque les suivantes."
        if broken
        else "Relais le supporte ; à partir d’une minute, les lancements échoueraient.",
        Who.LMS,
        "Synchronisez le serveur de la plateforme (NTP) ; si d’autres plateformes montrent le"
        " même écart, c’est celui de Relais qu’il faut régler.",
    )


def _seconds(ahead: float) -> str:
    return f"{abs(ahead):.1f} s".replace(".", ",")


def roster(facts: Facts) -> Iterator[Finding]:
    """The first page of one roster."""
    if facts.roster is None:
        return
    if facts.roster.problem is not None:
        yield _unread_roster(facts.roster)
    else:
        members = count(facts.roster.members, "personne", "personnes")
        yield fine(
            "PARTICIPANTS",
            f"La liste des participants se lit : {members} sur la première page",
            f"Avec un nom : {facts.roster.named} ; avec une adresse électronique :"
            f" {facts.roster.with_email}.",
        )


def _unread_roster(page: RosterFacts) -> Finding:
    status = f" (HTTP {page.status})" if page.status else ""
    return fail(
        "PARTICIPANTS",
        "La liste des participants ne se lit pas",
        f"La plateforme a donné un jeton, mais pas la liste : {page.problem}{status}.",
        Who.LMS,
        ROSTER_SERVICE,
    )
