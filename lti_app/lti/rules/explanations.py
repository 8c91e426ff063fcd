"""Why a launch is refused, in French, for the person who clicked and the one who can repair.

Each code is stable: guides and administrators refer to it.
"""

import re
from dataclasses import replace

from lti_app.core.errors import Explanation

_MESSAGE_NAME = re.compile(r"[A-Za-z]{1,60}")
_REOPEN = "Retournez dans votre plateforme (Moodle ou M@gistère) et rouvrez l’activité."
_TELL = (
    "Si cela se répète, transmettez le code ci-dessous à la personne qui administre la plateforme."
)


def _settings(code: str, message: str, *advice: str) -> Explanation:
    return Explanation(code, "L’activité est mal reliée à Relais", message, (*advice, _TELL))


def _token(code: str, message: str, *advice: str) -> Explanation:
    return Explanation(code, "La plateforme a envoyé un accès incomplet", message, (*advice, _TELL))


ISSUER = _settings("LTI-EMETTEUR", "La plateforme n’a pas dit qui elle est.", _REOPEN)
HINT = _settings("LTI-INDICE", "La plateforme n’a pas dit quelle personne se connecte.", _REOPEN)
TARGET = _settings(
    "LTI-CIBLE",
    "La plateforme n’a pas dit quelle page de Relais ouvrir, ou désigne un autre site.",
    "Administrateur : l’adresse de l’outil doit être celle de Relais.",
)
SEVERAL_CLIENTS = _settings(
    "LTI-CLIENT",
    "Cette plateforme est reliée plusieurs fois à Relais et n’a pas dit par quelle inscription.",
    "Administrateur : la demande de connexion doit contenir client_id.",
)
UNKNOWN_PLATFORM = _settings(
    "LTI-PLATEFORME",
    "Relais ne connaît pas cette plateforme, ou pas sous cet identifiant de client.",
    "Administrateur : comparez l’adresse de la plateforme (issuer) et le client_id avec"
    " « relais platform list ».",
)
CLOSED_PLATFORM = _settings(
    "LTI-PLATEFORME-FERMEE",
    "L’accès depuis cette plateforme a été fermé dans Relais.",
    "Administrateur : « relais platform activate NOM » la rouvre.",
)
DEPLOYMENT = _settings(
    "LTI-DEPLOIEMENT",
    "Ce déploiement de l’outil est fermé dans Relais, ou la plateforme ne l’a pas nommé.",
    "Administrateur de Relais : ouvrez-le sur l’écran de cette plateforme.",
)
PENDING_PLATFORM = _settings(
    "LTI-PLATEFORME-ATTENTE",
    "Cette plateforme vient d’être inscrite et attend l’accord de l’administrateur de Relais.",
    "Administrateur : « relais platform activate NOM », ou l’écran des plateformes, l’ouvre.",
)
HELD_DEPLOYMENT = _settings(
    "LTI-DEPLOIEMENT-ATTENTE",
    "L’activité vient d’un déploiement de l’outil que Relais voit pour la première fois."
    " Il attend l’accord de l’administrateur de Relais, qui le trouve sur son écran.",
    "Administrateur de Relais : approuvez-le sur l’écran de cette plateforme.",
)
AUDIENCE = _settings(
    "LTI-AUDIENCE",
    "L’accès envoyé par la plateforme n’est pas destiné à Relais.",
    "Administrateur : vérifiez le client_id de l’inscription.",
)
TOKEN = _token("LTI-JETON", "Le jeton d’identité est absent ou illisible.", _REOPEN)
KEY = _token(
    "LTI-CLE",
    "La clé qui signe l’accès n’est pas parmi les clés publiées par la plateforme.",
    "Réessayez dans une minute : la plateforme vient peut-être de changer de clé.",
    "Administrateur : vérifiez l’adresse des clés publiques (JWKS) de la plateforme.",
)
KEYS_UNREACHABLE = Explanation(
    "LTI-CLES",
    "La plateforme ne répond pas à Relais",
    "Relais n’a pas pu lire les clés publiques de la plateforme pour vérifier votre accès.",
    (
        "Réessayez dans une minute.",
        "Administrateur : vérifiez l’adresse des clés publiques (JWKS) et qu’elle est joignable.",
        _TELL,
    ),
)
ALGORITHM = _token("LTI-ALGORITHME", "L’accès est signé d’une manière que Relais n’accepte pas.")
SIGNATURE = _token(
    "LTI-SIGNATURE", "La signature de l’accès n’est pas celle de la plateforme.", _REOPEN
)
CLOCK = Explanation(
    "LTI-HORLOGE",
    "Cet accès n’est plus, ou pas encore, valable",
    "L’accès envoyé par la plateforme porte une date que Relais ne peut pas accepter.",
    (
        _REOPEN,
        (
            "Administrateur : comparez l’heure du serveur de la plateforme et celle de Relais"
            " (synchronisation NTP). L’écart accepté est de 60 secondes."
        ),
        _TELL,
    ),
)
VERSION = _token("LTI-VERSION", "La plateforme ne parle pas la version 1.3 de LTI.")
_MESSAGES_HANDLED = (
    "Relais sait ouvrir une activité (LtiResourceLinkRequest), proposer ses contenus"
    " (LtiDeepLinkingRequest), montrer le travail d’une personne (LtiSubmissionReviewRequest) et"
    " dire ce qu’il fait des données personnelles (DataPrivacyLaunchRequest)."
)
MESSAGE = _token(
    "LTI-MESSAGE",
    "La plateforme demande une action que Relais ne connaît pas.",
    _MESSAGES_HANDLED,
)
DEEP_LINKING = _token(
    "LTI-SELECTION", "La plateforme n’a pas dit où renvoyer les contenus que vous choisirez."
)
NO_RESOURCE_LINK = Explanation(
    "LTI-SELECTION-TYPE",
    "Relais n’a pas ce que la plateforme demande",
    "La plateforme attend un lien, un fichier ou un texte. Relais propose des activités"
    " (ltiResourceLink), et rien d’autre.",
    (
        "Fermez cette fenêtre et ajoutez une activité « Outil externe » reliée à Relais.",
        _TELL,
    ),
)
RETURN_ADDRESS = _token(
    "LTI-SELECTION-RETOUR",
    "La plateforme demande de renvoyer votre choix à une adresse qui n’est pas la sienne,"
    " ou qui n’est pas protégée (https).",
    "Administrateur : l’adresse de retour (deep_link_return_url) doit être sur la plateforme.",
)
SELECTION_OVER = Explanation(
    "LTI-SELECTION-FIN",
    "Ce choix de contenus n’est plus ouvert",
    "Il est resté ouvert plus de trente minutes, ou la page a été modifiée. Rien n’a été ajouté.",
    ("Fermez cette fenêtre, puis choisissez de nouveau le contenu dans votre plateforme.",),
)
FOR_TRAINERS = Explanation(
    "LTI-SELECTION-ROLE",
    "Le choix des contenus est réservé aux formateurs",
    "La plateforme ne dit pas que vous enseignez dans ce cours : seules les personnes qui y"
    " enseignent peuvent y ajouter des contenus de Relais.",
    (
        "Si vous enseignez dans ce cours, vérifiez votre rôle dans la plateforme.",
        "Administrateur de Relais : l’écran de cette plateforme dit ce que vaut chaque rôle reçu.",
        _TELL,
    ),
)
NO_KEY = Explanation(
    "LTI-CLE-RELAIS",
    "Relais ne peut pas signer votre choix",
    "Relais n’a pas de clé pour signer ce qu’il envoie à la plateforme. Rien n’a été ajouté.",
    ("Administrateur de Relais : « relais key rotate » en fait une.",),
)
OTHERS_WORK = Explanation(
    "LTI-TRAVAIL-AUTRUI",
    "Ce travail n’est pas le vôtre",
    "La plateforme demande à Relais de vous montrer le travail d’une autre personne. Seules les"
    " personnes qui enseignent dans ce cours peuvent le voir.",
    ("Ouvrez l’activité elle-même pour retrouver votre propre travail.",),
)
WORK_UNKNOWN = Explanation(
    "LTI-TRAVAIL-INCONNU",
    "Relais n’a rien de cette personne dans ce cours",
    "Elle n’a pas encore ouvert Relais depuis ce cours, ou n’y suit pas la formation.",
    ("Le suivi du cours s’ouvre par l’activité elle-même.",),
)
SUBMISSION = _token("LTI-TRAVAIL", "La plateforme n’a pas dit de qui montrer le travail.")
ROLES = _token("LTI-ROLES", "La plateforme n’a pas donné de liste de rôles.")
LINK = _token("LTI-LIEN", "La plateforme n’a pas dit depuis quelle activité vous venez.")
SUBJECT = _token("LTI-PERSONNE", "La plateforme n’a pas dit qui vous êtes.")
CLAIM = _token(
    "LTI-FORMAT", "Une des informations envoyées par la plateforme n’a pas la bonne forme."
)
NONCE = _token("LTI-NONCE", "L’accès ne répond pas à la demande que Relais avait faite.", _REOPEN)
STATE = Explanation(
    "LTI-ETAT",
    "Cette ouverture a expiré",
    "Plus de dix minutes se sont écoulées depuis le clic, ou la page a été rechargée.",
    (_REOPEN,),
)
REPLAY = Explanation(
    "LTI-REJEU",
    "Cette ouverture a déjà servi",
    "Chaque ouverture ne sert qu’une fois. La page a sans doute été rechargée.",
    (_REOPEN,),
)
BROWSER = Explanation(
    "LTI-NAVIGATEUR",
    "Cette ouverture vient d’un autre navigateur",
    "L’activité a été ouverte dans un navigateur et terminée dans un autre,"
    " ou bien votre navigateur n’a pas gardé le cookie de Relais.",
    (_REOPEN, "Autorisez les cookies pour Relais, ou ouvrez l’activité dans une nouvelle fenêtre."),
)
NO_COOKIE = Explanation(
    "LTI-COOKIE",
    "Ouvrez Relais dans un nouvel onglet",
    "Votre navigateur ne laisse pas Relais mémoriser votre visite dans ce cadre."
    " Dans un onglet à part, tout fonctionne.",
)
POST_ONLY = Explanation(
    "LTI-ADRESSE",
    "Cette adresse ne s’ouvre pas directement",
    "Elle sert à votre plateforme quand elle ouvre une activité de Relais.",
    (_REOPEN,),
)

_PLATFORM_ERRORS = {
    "access_denied": "La plateforme a refusé de dire qui vous êtes : vous y êtes peut-être connecté"
    " sous un autre compte.",
    "login_required": "Votre connexion à la plateforme a expiré.",
    "interaction_required": "La plateforme attend une action de votre part avant d’ouvrir Relais.",
    "unauthorized_client": "La plateforme ne reconnaît pas l’identifiant de client de Relais.",
    "invalid_request": "La plateforme n’a pas compris la demande de Relais.",
    "invalid_scope": "La plateforme n’a pas compris la demande de Relais.",
    "server_error": "La plateforme a rencontré un problème.",
    "temporarily_unavailable": "La plateforme est momentanément indisponible.",
}


def platform_error(error: str) -> Explanation:
    """What an OIDC error answer of the platform means. The raw text is never shown."""
    message = _PLATFORM_ERRORS.get(error, "La plateforme a refusé d’ouvrir l’activité.")
    return Explanation(
        "LTI-REFUS",
        "La plateforme n’a pas ouvert l’activité",
        message,
        (
            (
                "Rechargez la page de votre plateforme, reconnectez-vous si elle le demande,"
                " puis rouvrez l’activité."
            ),
            _TELL,
        ),
    )


def unknown_message(message_type: object) -> Explanation:
    """MESSAGE, with the name of what was asked when it is fit to be shown."""
    if not isinstance(message_type, str) or not _MESSAGE_NAME.fullmatch(message_type):
        return MESSAGE
    message = f"La plateforme demande « {message_type} », une action que Relais ne connaît pas."
    return Explanation(MESSAGE.code, MESSAGE.title, message, MESSAGE.advice)


_BY_CODE = {each.code: each for each in list(globals().values()) if isinstance(each, Explanation)}
_BY_CODE[platform_error("").code] = platform_error("")


def explanation_of(code: str) -> Explanation | None:
    """What a code counted among the refused launches means, to administrators.

    Without the advice to tell them. None for a code of a former release.
    """
    found = _BY_CODE.get(code)
    if found is None:
        return None
    return replace(found, advice=tuple(advice for advice in found.advice if advice != _TELL))
