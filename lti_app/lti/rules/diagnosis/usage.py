"""Judging what a registration does in practice: its state, its launches, its grades."""

from collections.abc import Iterator

from lti_app.core.errors import Explanation
from lti_app.lti.rules import explanations
from lti_app.lti.rules.diagnosis.facts import Facts, RefusalCount
from lti_app.lti.rules.diagnosis.finding import Finding, Who, count, fail, fine, warn
from lti_app.lti.rules.diagnosis.moodle import (
    ACCEPT_GRADES,
    GRADE_SERVICE,
    NAMES,
    ROSTER_SERVICE,
    shown,
)

_SCREEN = "l’écran de cette plateforme"
_SHOWN_REFUSALS = 8

_EXPLAINED = {
    each.code: each for each in vars(explanations).values() if isinstance(each, Explanation)
}


def state(facts: Facts) -> Iterator[Finding]:
    """Whether the registration is open, and alone for its issuer."""
    platform = facts.platform
    if platform.state == "active":
        yield fine("ETAT", "La plateforme est ouverte", "Ses lancements sont acceptés.")
    else:
        waits = platform.state == "pending"
        yield fail(
            "ETAT",
            "La plateforme attend votre accord" if waits else "La plateforme est fermée",
            "Ses lancements sont refusés"
            f" ({'LTI-PLATEFORME-ATTENTE' if waits else 'LTI-PLATEFORME-FERMEE'}).",
            Who.RELAIS,
            f"« relais platform activate {platform.name} », ou {_SCREEN}, l’ouvre.",
        )
    if platform.siblings:
        others = count(len(platform.siblings), "autre inscription", "autres inscriptions")
        yield warn(
            "CLIENTS",
            f"L’émetteur a {others}",
            f"{', '.join(platform.siblings)}. Si la plateforme ne nomme pas le client à la"
            " connexion, le lancement est refusé (LTI-CLIENT) ; Moodle le nomme toujours.",
            Who.RELAIS,
            "Fermez les inscriptions qui ne servent plus.",
        )


def deployments(facts: Facts) -> Iterator[Finding]:
    """Deployments: open, held, closed."""
    known = facts.platform.deployments
    open_ones, held = known.get("active", ()), known.get("pending", ())
    if open_ones:
        closed = known.get("inactive", ())
        also = f" Fermés : {', '.join(closed)}." if closed else ""
        yield fine(
            "DEPLOIEMENT",
            count(len(open_ones), "déploiement ouvert", "déploiements ouverts"),
            f"{', '.join(open_ones)}.{also}",
        )
    else:
        yield fail(
            "DEPLOIEMENT",
            "Aucun déploiement n’est ouvert",
            "Tous les lancements de cette plateforme sont refusés.",
            Who.RELAIS,
            f"Ouvrez-en un sur {_SCREEN} (Moodle : {shown('deployment_id')}, dans les détails"
            " de configuration de l’outil).",
        )
    if held:
        yield warn(
            "DEPLOIEMENT-ATTENTE",
            count(
                len(held), "déploiement attend votre accord", "déploiements attendent votre accord"
            ),
            f"{', '.join(held[:10])} : vus lors d’un lancement authentique, refusés tant que vous"
            " ne les avez pas ouverts.",
            Who.RELAIS,
            f"Ouvrez-les, ou fermez-les, sur {_SCREEN}.",
        )


def launches(facts: Facts) -> Iterator[Finding]:
    """The last launch accepted, and those refused lately."""
    usage = facts.usage
    if usage.last_launch_at is None:
        yield warn(
            "LANCEMENT",
            "Aucun lancement n’est encore arrivé",
            "Ce que la plateforme transmet (noms, notes, participants) ne se voit qu’au premier"
            " lancement.",
            Who.TRAINER,
            "Ouvrez une activité Relais depuis un cours de cette plateforme, puis recommencez.",
        )
    else:
        moment = f"{usage.last_launch_at:%d/%m/%Y à %H:%M} UTC"
        courses = count(usage.courses, "session", "sessions")
        yield fine("LANCEMENT", f"Dernier lancement accepté : {moment}", f"{courses} en tout.")
    for refusal in usage.refusals[:_SHOWN_REFUSALS]:
        yield _refused(refusal)


def _refused(refusal: RefusalCount) -> Finding:
    known = _EXPLAINED.get(refusal.code)
    advice = next(
        (
            text.partition(":")[2].strip()
            for text in (known.advice if known else ())
            if text.startswith("Administrateur")
        ),
        "",
    )
    return warn(
        f"REFUS-{refusal.code}",
        f"{count(refusal.count, 'lancement refusé', 'lancements refusés')} en sept jours :"
        f" {refusal.code}",
        f"{known.message if known else 'Motif inconnu de cette version.'}"
        f" Dernier code cité : {refusal.last_quote}.",
        Who.RELAIS,
        advice or "Demandez à la personne quand et depuis quelle activité, puis lisez le journal.",
    )


def withheld(facts: Facts) -> Iterator[Finding]:
    """What the platform says of people, and what it keeps to itself."""
    usage = facts.usage
    if not usage.people:
        return
    if usage.named == 0:
        yield warn(
            "NOMS",
            "La plateforme ne transmet aucun nom",
            "Le suivi montre « Participant 12 » : les formateurs ne reconnaissent personne.",
            Who.LMS,
            f"{NAMES} Dans les activités déjà créées, vérifiez aussi leur propre réglage.",
        )
    else:
        yield fine(
            "NOMS",
            f"Noms transmis : {usage.named} sur {usage.people}",
            _partly(usage.named, usage.people),
        )
    yield fine(
        "COURRIELS",
        f"Adresses électroniques transmises : {usage.with_email} sur {usage.people}",
        "Relais s’en passe : elles ne servent qu’à reconnaître les personnes lors d’une migration"
        " de LMS.",
    )
    yield fine(
        "IDENTIFIANTS",
        f"Identifiants d’établissement (sourcedid) transmis : {usage.with_sourcedid} sur"
        f" {usage.people}",
        "Relais s’en passe : ils servent au même rapprochement, quand les adresses manquent.",
    )


def _partly(known: int, people: int) -> str:
    if known == people:
        return "Tout le monde est nommé."
    return "Les autres n’ont pas rouvert Relais depuis que le partage est permis, ou l’ont refusé."


def services_named(facts: Facts) -> Iterator[Finding]:
    """Services that the launches named, line items, rosters."""
    usage = facts.usage
    if usage.last_launch_at is None:
        return
    if usage.scored_links:
        yield from _columns(facts)
    if usage.courses_with_roster < usage.courses:
        missing = usage.courses - usage.courses_with_roster
        yield warn(
            "PARTICIPANTS-ADRESSE",
            f"{count(missing, 'session', 'sessions')} sans adresse de liste de participants",
            "Le suivi n’y montre que les personnes qui ont ouvert Relais.",
            Who.LMS,
            f"{ROSTER_SERVICE} Puis rouvrez une activité : l’adresse vient avec le lancement.",
        )


def _columns(facts: Facts) -> Iterator[Finding]:
    usage = facts.usage
    if not any(scope.endswith("/score") for scope in usage.ags_scopes):
        yield fail(
            "NOTES-LANCEMENT",
            "Aucun lancement n’ouvre le service des notes",
            "Relais n’a pas d’adresse où transmettre les notes.",
            Who.LMS,
            f"{ACCEPT_GRADES} {GRADE_SERVICE}",
        )
        return
    if usage.links_without_column == 0:
        yield fine(
            "COLONNE",
            "Chaque activité notée a sa colonne dans le carnet",
            count(usage.scored_links, "activité.", "activités."),
        )
        return
    repaired = usage.links_to_complete
    hopeless = usage.links_without_column - repaired
    if repaired:
        yield fine(
            "COLONNE-A-VENIR",
            f"{count(repaired, 'activité', 'activités')} sans colonne nommée au lancement",
            "Relais cherche leur colonne, ou la crée, avant la première note.",
        )
    if hopeless:
        yield warn(
            "COLONNE",
            f"{count(hopeless, 'activité', 'activités')} sans colonne dans le carnet",
            "Leurs notes restent dans Relais : elles partiront quand la colonne existera.",
            Who.TRAINER,
            "Dans Moodle : paramètres de l’activité, section « Note » : donnez-lui une note, et"
            " « Accepter les notes de l’outil ». Pour les activités à venir, c’est un réglage de"
            f" l’outil. {ACCEPT_GRADES}",
        )


def grades(facts: Facts) -> Iterator[Finding]:
    """What waits for the gradebook, and what it refused."""
    usage = facts.usage
    problems = "; ".join(f"{text} ({number})" for text, number in usage.grade_problems[:4])
    if usage.grades_refused:
        yield fail(
            "NOTES-REFUSEES",
            f"{count(usage.grades_refused, 'note refusée', 'notes refusées')} par la plateforme",
            f"{problems}." if problems else "Le motif est dans « relais score list ».",
            Who.RELAIS,
            f"Une fois la cause levée : « relais score resend --platform {facts.platform.name} ».",
        )
    if usage.grades_waiting:
        since = (
            f" La plus ancienne attend depuis le {usage.oldest_waiting_at:%d/%m/%Y}."
            if usage.oldest_waiting_at
            else ""
        )
        yield warn(
            "NOTES-ATTENTE",
            f"{count(usage.grades_waiting, 'note attend', 'notes attendent')} d’être transmises",
            f"Relais réessaie de lui-même.{since}",
            Who.RELAIS,
            "Si ce nombre ne baisse pas, réglez d’abord les lignes rouges de cette page.",
        )
    if not usage.grades_refused and not usage.grades_waiting and usage.last_launch_at:
        yield fine("NOTES", "Aucune note n’attend", "Le carnet a tout ce que Relais lui devait.")
