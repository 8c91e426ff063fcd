"""Where a setting is in Moodle, in the words of the screen that gives its fields to copy."""

from lti_app.lti.rules.moodle_fields import PLATFORM_VALUES, MoodleField, moodle_fields

TOOL_SETTINGS = (
    "Dans Moodle : Administration du site > Plugins > Modules d’activité > Outil externe >"
    " Gérer les outils, roue dentée de Relais"
)
CURL_SETTINGS = (
    "Dans Moodle : Administration du site > Général > Sécurité > Sécurité HTTP,"
    " « Liste des hôtes bloqués par cURL » (curlsecurityblockedhosts) et « Liste des ports cURL"
    " autorisés » (curlsecurityallowedport)"
)

_FIELDS = {field.key: field for group in moodle_fields("") for field in group.fields}


def named(key: str) -> str:
    """« Label » of a field of the tool."""
    return f"« {_FIELDS[key].label} »"


def chosen(key: str) -> str:
    """« Label » = « choice » of a field of the tool."""
    field: MoodleField = _FIELDS[key]
    return f"« {field.label} » = « {field.value} »"


def shown(value: str) -> str:
    """« Label » of one of the six values that Moodle shows of a saved tool."""
    return f"« {PLATFORM_VALUES[value]} »"


GRADE_SERVICE = (
    f"{TOOL_SETTINGS}, section « Services » : {chosen('grades')}"
    " (en anglais : Assignment and Grade Services)."
)
ROSTER_SERVICE = f"{TOOL_SETTINGS}, section « Services » : {chosen('roster')}."
NAMES = f"{TOOL_SETTINGS}, section « Confidentialité » : {chosen('share_name')}."
ACCEPT_GRADES = f"{TOOL_SETTINGS} : {chosen('accept_grades')}."


def key_settings(jwks_url: str) -> str:
    """How Moodle learns our keys, by address or by hand."""
    return (
        f"{TOOL_SETTINGS} : {chosen('key_type')}, et {named('jwks_url')} = {jwks_url}. Si la"
        " plateforme ne peut pas lire cette adresse, choisissez « Clef RSA » et collez le texte"
        " de « relais key pem »."
    )
