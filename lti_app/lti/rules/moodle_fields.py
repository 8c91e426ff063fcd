"""What to type into Moodle to link Relais by hand, field by field. Pure.

The words are those of Moodle's French language pack (mod_lti and ltiservice_gradebookservices,
4.1, which M@gistère was built on); a newer Moodle may say « clé » for « clef ».
"""

from dataclasses import dataclass

from lti_app.lti.rules.registration import DESCRIPTION, NAME


@dataclass(frozen=True, slots=True)
class MoodleField:
    """One field of Moodle's form. `key` is stable; `typed`: to paste, else a choice to make."""

    key: str
    label: str
    value: str
    typed: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """A section of Moodle's form, by its heading there."""

    heading: str
    fields: tuple[MoodleField, ...]


CHOOSER = "Afficher dans le sélecteur d’activité et comme outil préconfiguré"
TOOL_USAGE = "Utilisation de la configuration de l’outil"
ADD_ADVANTAGE = "Ajouter LTI Advantage"

PLATFORM_VALUES = {
    "issuer": "Identifiant de plateforme",
    "client_id": "Identifiant de client",
    "deployment_id": "Identifiant de déploiement",
    "jwks_url": "URL du jeu de clef public",
    "token_url": "URL du jeton d’accès",
    "auth_url": "URL de requête d’authentification",
}
"""The six values that Moodle shows once the tool is saved, in its order and its words."""


def moodle_fields(base_url: str) -> tuple[FieldGroup, ...]:
    """Every field of « Configurer un outil manuellement » that matters, in Moodle's order.

    `base_url`: public address of Relais, without final slash.
    """
    launch_url = f"{base_url}/lti/launch"
    return (
        FieldGroup(
            "Réglages de l’outil",
            (
                MoodleField("name", "Nom de l’outil", NAME),
                MoodleField("tool_url", "URL de l’outil", launch_url),
                MoodleField("description", "Description de l’outil", DESCRIPTION),
                MoodleField("version", "Version LTI", "LTI 1.3", typed=False),
                MoodleField("key_type", "Type de clef publique", "URL jeu de clefs", typed=False),
                MoodleField("jwks_url", "Jeu de clefs public", f"{base_url}/lti/jwks"),
                MoodleField("login_url", "URL d’initiation de connexion", f"{base_url}/lti/login"),
                MoodleField("redirect_uris", "URIs de redirection", launch_url),
                MoodleField(
                    "custom",
                    "Paramètres personnalisés",
                    "laisser vide",
                    typed=False,
                ),
                MoodleField("usage", TOOL_USAGE, CHOOSER, typed=False),
                MoodleField(
                    "container",
                    "Conteneur par défaut",
                    "Intégré, sans les blocs",
                    typed=False,
                    note="« Nouvelle fenêtre » convient aussi, par exemple sur de petits écrans.",
                ),
                MoodleField(
                    "deep_linking",
                    "Supporte les liens profond (Content-Item Message)",
                    "cocher",
                    typed=False,
                    note="L’enseignant choisit alors les modules par « Sélectionner un contenu ».",
                ),
                MoodleField("content_url", "URL de sélection de contenu", launch_url),
            ),
        ),
        FieldGroup(
            "Services",
            (
                MoodleField(
                    "grades",
                    "Services de devoirs et de notes IMS LTI",
                    "Utiliser ce service pour la synchronisation des notes et la gestion des"
                    " colonnes",
                    typed=False,
                ),
                MoodleField(
                    "roster",
                    "Noms et rôles (Names and Role Provisioning)",
                    "utiliser ce service",
                    typed=False,
                    note="Relais y lit la liste des inscrits, selon les réglages de"
                    " confidentialité. Le libellé français exact n’a pas été vérifié.",
                ),
            ),
        ),
        FieldGroup(
            "Confidentialité",
            (
                MoodleField(
                    "share_name",
                    "Partager le nom de l’utilisateur avec l’outil",
                    "Toujours",
                    typed=False,
                    note="Sans lui, tout fonctionne, mais le suivi ne montre pas de nom.",
                ),
                MoodleField(
                    "share_email",
                    "Partager le courriel de l’utilisateur avec l’outil",
                    "Toujours",
                    typed=False,
                    note="Facultatif : il sert à reconnaître une personne après un changement de"
                    " plateforme.",
                ),
                MoodleField(
                    "accept_grades",
                    "Accepter les notes de l’outil",
                    "Comme spécifié dans la définition de Liens profond ou déléguer à l’enseignant",
                    typed=False,
                    note="« Toujours » convient aussi ; « Jamais » empêche toute note.",
                ),
            ),
        ),
    )
