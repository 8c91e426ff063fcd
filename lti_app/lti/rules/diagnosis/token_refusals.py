"""Why a platform gives no token: its words and answers, into who must change what."""

from typing import NamedTuple

from lti_app.lti.rules.diagnosis.addresses import said
from lti_app.lti.rules.diagnosis.facts import Facts, TokenFacts
from lti_app.lti.rules.diagnosis.finding import Who
from lti_app.lti.rules.diagnosis.moodle import CURL_SETTINGS, key_settings, shown


class Why(NamedTuple):
    """What a refusal means, who must act, and how."""

    meaning: str
    who: Who
    action: str


def explain_refusal(facts: Facts, token: TokenFacts) -> Why:
    """What a refusal means, who must act, and how."""
    if token.refusal == "tool_key_missing":
        return Why(
            "Relais n’a pas de clé lisible pour signer sa demande : aucune n’a été faite, ou"
            " RELAIS_SECRET_KEY a changé depuis.",
            Who.RELAIS,
            "« relais key rotate --overlap-hours 0 » en fait une.",
        )
    words = token.said.casefold()
    for fragment, explain in _BY_WORDS:
        if fragment in words:
            return explain(facts, token)
    if _looks_like_unread_keys(facts, token):
        return _keys_unread(facts, token)
    return _by_answer(facts, token)


def _keys_unread(facts: Facts, token: TokenFacts) -> Why:
    url = facts.tool.jwks.url
    return Why(
        f"Elle répond « {_quoted(token)} » : elle n’a pas trouvé notre clé, le plus souvent parce"
        f" qu’elle n’a pas pu lire {url} (adresse bloquée par cURL, certificat, mandataire de"
        " sortie), ou parce que l’outil donne une autre adresse de clés.",
        Who.LMS,
        f"{CURL_SETTINGS} : l’hôte et le port de Relais doivent être permis. {key_settings(url)}",
    )


def _wrong_signature(facts: Facts, token: TokenFacts) -> Why:
    return Why(
        f"Elle répond « {_quoted(token)} » : la clé qu’elle garde sous ce nom n’est pas celle de"
        " Relais (clé collée à la main et ancienne, ou cache).",
        Who.LMS,
        key_settings(facts.tool.jwks.url),
    )


def _unknown_client(facts: Facts, token: TokenFacts) -> Why:
    return Why(
        f"Elle répond « {_quoted(token)} » : elle ne connaît pas le client"
        f" « {facts.platform.client_id} ».",
        Who.RELAIS,
        f"Comparez-le avec {shown('client_id')}, dans les détails de configuration de l’outil"
        " (loupe, dans « Gérer les outils »), puis corrigez l’inscription.",
    )


def _late_clock(_facts: Facts, token: TokenFacts) -> Why:
    return Why(
        f"Elle répond « {_quoted(token)} » : son horloge retarde sur celle de Relais de plus de"
        " 30 secondes (Relais date déjà ses demandes d’une demi-minute plus tôt).",
        Who.LMS,
        "Synchronisez l’horloge du serveur de la plateforme (NTP), et vérifiez celle de Relais.",
    )


def _early_clock(_facts: Facts, token: TokenFacts) -> Why:
    return Why(
        f"Elle répond « {_quoted(token)} » : pour elle, une demande valable cinq minutes est déjà"
        " périmée. Son horloge avance sur celle de Relais.",
        Who.LMS,
        "Synchronisez l’horloge du serveur de la plateforme (NTP), et vérifiez celle de Relais.",
    )


def _not_understood(_facts: Facts, token: TokenFacts) -> Why:
    return Why(
        f"Elle répond « {_quoted(token)} » : la demande est arrivée incomplète. Un pare-feu"
        " applicatif retire peut-être le corps des envois.",
        Who.LMS,
        "Laissez passer les envois (POST) vers l’adresse des jetons, sans les réécrire.",
    )


_BY_WORDS = (
    ('"kid"', _keys_unread),
    ("lookup correct key", _keys_unread),
    ("signature verification failed", _wrong_signature),
    ("invalid_client", _unknown_client),
    ("iat prior to", _late_clock),
    ("nbf prior to", _late_clock),
    ("expired token", _early_clock),
    ("invalid_request", _not_understood),
    ("unsupported_grant_type", _not_understood),
)
"""Texts of Moodle 4.5 (tests/fixtures/moodle/token.json) and codes of RFC 6749."""


def _looks_like_unread_keys(facts: Facts, token: TokenFacts) -> bool:
    """Moodle answers an HTML 404 to a token request when our JWKS gave it no JSON."""
    answer = token.answer
    return (
        facts.platform.is_moodle
        and answer is not None
        and answer.status == 404
        and "html" in answer.content_type
    )


def _by_answer(facts: Facts, token: TokenFacts) -> Why:
    answer, url = token.answer, facts.platform.token_url
    if answer is None or answer.obstacle is not None:
        seen = f" : {said(answer)}" if answer else ""
        return Why(
            f"{url} ne répond pas à Relais{seen}.",
            Who.LMS,
            "Vérifiez que la plateforme est en service et que le serveur de Relais peut la"
            " joindre (pare-feu, DNS, certificat).",
        )
    if answer.status in {301, 302, 303, 307, 308, 404, 405, 410}:
        return Why(
            f"{url} : {said(answer)}. Ce n’est pas l’adresse des jetons, ou elle a déménagé.",
            Who.RELAIS,
            "Corrigez l’adresse des jetons de l’inscription (Moodle : « URL du jeton d’accès »,"
            " …/mod/lti/token.php).",
        )
    if answer.status in {401, 403}:
        return Why(
            f"{url} : {said(answer)}. Une protection (mot de passe du site, pare-feu applicatif)"
            " arrête Relais avant la plateforme.",
            Who.LMS,
            "Laissez le serveur de Relais atteindre l’adresse des jetons.",
        )
    return Why(
        f"{url} : {said(answer)} {_quoted(token)}".rstrip() + ".",
        Who.LMS,
        "Réessayez dans quelques minutes (maintenance ?), puis regardez le journal de la"
        " plateforme à cette heure.",
    )


def _quoted(token: TokenFacts) -> str:
    return token.said[:160]
