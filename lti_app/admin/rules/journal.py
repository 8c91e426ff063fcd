"""What the log of administration says, in French."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

ACTION_WORDS = {
    "administrator.grant": "Droits d’administration donnés",
    "administrator.revoke": "Droits d’administration retirés",
    "link.create": "Lien de connexion créé",
    "link.use": "Lien de connexion utilisé",
    "person.suspend": "Accès suspendu",
    "person.reactivate": "Accès rétabli",
    "platform.add": "Plateforme reliée à la main",
    "platform.register": "Plateforme reliée par une invitation",
    "invitation.create": "Lien d’invitation créé",
    "invitation.revoke": "Lien d’invitation annulé",
    "platform.activate": "Accès de la plateforme ouvert",
    "platform.disable": "Accès de la plateforme fermé",
    "platform.rename": "Plateforme renommée",
    "deployment.activate": "Déploiement ouvert",
    "deployment.disable": "Déploiement fermé",
    "role.override": "Sens d’un rôle changé",
    "grades.resend": "Notes renvoyées",
    "succession.create": "Plateformes reliées",
    "merge.do": "Personnes réunies",
    "merge.undo": "Personnes séparées",
}
"""What each action of the log is called; an action of another room shows its own name."""

_SUBJECT_WORDS = {
    "person": "Personne",
    "platform": "Plateforme",
    "deployment": "Déploiement",
    "grades": "Notes",
    "invitation": "Invitation",
    "succession": "Changement de plateforme",
}
_SUBJECT = re.compile(r"([a-z]+) (\d{1,10})")


class Subject(NamedTuple):
    """What an action was done to: « person 3 » → « Personne n° 3 », and where it is shown."""

    words: str
    kind: str
    id: int | None


def action_words(action: str) -> str:
    """What the log calls an action."""
    return ACTION_WORDS.get(action, action)


def read_subject(subject: str) -> Subject:
    """The subject of an entry of the log, as written by `record_audit`."""
    found = _SUBJECT.fullmatch(subject)
    if found is None:
        return Subject(_SUBJECT_WORDS.get(subject, subject), "", None)
    kind, number = found[1], int(found[2])
    return Subject(f"{_SUBJECT_WORDS.get(kind, kind)} n°\N{NO-BREAK SPACE}{number}", kind, number)


def detail_words(detail: Mapping[str, Any]) -> str:
    """The details of an entry on one line."""
    return ", ".join(f"{key}\N{NO-BREAK SPACE}: {value}" for key, value in detail.items())
