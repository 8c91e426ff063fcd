"""Judging addresses and keys: ours as the world sees them, theirs as we see them."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from lti_app.lti.rules.diagnosis import jwks
from lti_app.lti.rules.diagnosis.facts import Answer, Facts, Obstacle, PlatformFacts
from lti_app.lti.rules.diagnosis.finding import Finding, Who, fail, fine, warn
from lti_app.lti.rules.diagnosis.moodle import CURL_SETTINGS, shown

_USUAL_PORTS = {None, 80, 443}
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}

_OBSTACLES = {
    Obstacle.FORBIDDEN: "Relais s’interdit cette adresse (privée, sans https, ou mal formée)",
    Obstacle.NAME: "ce nom n’existe pas dans le DNS",
    Obstacle.CERTIFICATE: "le certificat TLS n’est pas valable",
    Obstacle.TIMEOUT: "rien n’est venu à temps",
    Obstacle.UNREACHABLE: "la connexion est refusée ou coupée",
}


def said(answer: Answer) -> str:
    """What an address answered, in a few words."""
    if answer.obstacle is not None:
        detail = f" ({answer.detail})" if answer.detail else ""
        return f"{_OBSTACLES[answer.obstacle]}{detail}"
    kind = answer.content_type.partition(";")[0].strip() or "type inconnu"
    return f"HTTP {answer.status}, {kind}"


def our_address(facts: Facts) -> Iterator[Finding]:
    """The public address of Relais."""
    parts = urlsplit(facts.tool.base_url)
    if facts.tool.development:
        yield warn(
            "ADRESSE",
            f"Relais est en mode développement ({facts.tool.base_url})",
            "http et les adresses de la machine locale sont permis : rien de cela ne convient à"
            " une plateforme réelle.",
            Who.RELAIS,
            "En production : RELAIS_ENV=production et RELAIS_BASE_URL=https://….",
        )
    elif (parts.hostname or "") in _LOCAL_HOSTS:
        yield fail(
            "ADRESSE",
            f"L’adresse publique {facts.tool.base_url} est celle de la machine elle-même",
            "Aucune plateforme ne peut y trouver Relais.",
            Who.RELAIS,
            "Donnez à RELAIS_BASE_URL l’adresse que tapent les navigateurs.",
        )
    else:
        yield fine("ADRESSE", f"Adresse publique : {facts.tool.base_url}", "Elle est en https.")
    if parts.port not in _USUAL_PORTS:
        yield warn(
            "ADRESSE-PORT",
            f"Relais est servi sur le port {parts.port}",
            "Moodle n’appelle d’ordinaire que les ports 80 et 443 : il ne lira pas nos clés.",
            Who.LMS,
            f"{CURL_SETTINGS} : ajoutez ce port. Ou servez Relais sur le port 443.",
        )


def our_keys(facts: Facts) -> Iterator[Finding]:
    """Our JWKS, fetched under our public address as the platform would."""
    answer = facts.tool.jwks
    if not facts.tool.kids:
        yield fail(
            "CLES-RELAIS-AUCUNE",
            "Relais n’a pas de clé pour signer",
            "Il ne peut demander aucun jeton : ni note, ni liste de participants.",
            Who.RELAIS,
            "« relais key rotate » en fait une, valable aussitôt.",
        )
    elif answer.obstacle is not None or not answer.is_success:
        yield _our_keys_unread(facts)
    else:
        yield _our_keys_read(facts)
        yield from _scheme_seen(facts)


def _our_keys_unread(facts: Facts) -> Finding:
    answer = facts.tool.jwks
    if answer.obstacle == Obstacle.FORBIDDEN:
        return warn(
            "CLES-RELAIS",
            "Relais ne peut pas vérifier sa propre adresse publique",
            f"Vue de ce serveur, {answer.url} n’est pas une adresse publique"
            f" ({answer.detail}). Une plateforme extérieure la voit peut-être autrement ; celle"
            " du même réseau refusera sans doute de l’appeler.",
            Who.LMS,
            f"Ouvrez {answer.url} depuis le serveur de la plateforme. {CURL_SETTINGS} :"
            " l’hôte de Relais ne doit pas y être bloqué.",
        )
    who = Who.HOST if answer.obstacle else Who.RELAIS
    return fail(
        "CLES-RELAIS",
        "Nos clés publiques ne se lisent pas sous l’adresse publique",
        f"{answer.url} : {said(answer)}. La plateforme ne pourra pas vérifier ce que Relais signe.",
        who,
        "Vérifiez RELAIS_BASE_URL, le DNS, le certificat et le serveur mandataire : cette adresse"
        " doit répondre à n’importe qui.",
    )


def _our_keys_read(facts: Facts) -> Finding:
    answer = facts.tool.jwks
    seen = {key.kid for key in jwks.read(answer.document)}
    if not seen:
        return fail(
            "CLES-RELAIS",
            "Autre chose que Relais répond sous l’adresse publique",
            f"{answer.url} : {said(answer)}, sans clés. Un portail, une page d’attente ou un"
            " autre service répond à la place de Relais.",
            Who.HOST,
            "Faites mener cette adresse à Relais, sans authentification ni page intermédiaire.",
        )
    if not seen & facts.tool.kids:
        return fail(
            "CLES-RELAIS",
            "L’adresse publique montre les clés d’une autre installation",
            "Les clés publiées là ne sont pas celles avec lesquelles ce Relais signe : deux"
            " installations partagent une adresse, ou un cache est resté ancien.",
            Who.RELAIS,
            "Comparez « relais key list » et cette page ; vérifiez RELAIS_BASE_URL et"
            " RELAIS_DATABASE_URL.",
        )
    missing = facts.tool.kids - seen
    if missing:
        return warn(
            "CLES-RELAIS",
            f"Sous l’adresse publique, il manque {len(missing)} de nos clés",
            "Un cache garde une liste ancienne. C’est sans gravité pendant cinq minutes ; au-delà,"
            " la prochaine clé ne sera pas connue quand elle signera.",
            Who.HOST,
            "Laissez l’en-tête Cache-Control de /lti/jwks gouverner le cache du mandataire.",
        )
    note = (
        " Vues d’ici : si la plateforme dit le contraire, c’est elle qui ne peut pas sortir."
        if facts.platform.is_moodle
        else ""
    )
    return fine(
        "CLES-RELAIS",
        f"Nos clés publiques se lisent : {len(seen)}",
        f"{answer.url} répond comme il faut.{note}",
    )


def _scheme_seen(facts: Facts) -> Iterator[Finding]:
    if facts.tool.base_url.startswith("https://") and not facts.tool.jwks.strict_transport:
        yield warn(
            "MANDATAIRE",
            "Relais ne sait pas qu’on l’appelle en https",
            "Le mandataire ne transmet pas X-Forwarded-Proto, ou Relais ne le croit pas"
            f" (RELAIS_TRUSTED_PROXIES={facts.tool.trusted_proxies}). L’en-tête"
            " Strict-Transport-Security manque, et les limites de débit comptent peut-être tout"
            " le monde pour une seule adresse.",
            Who.HOST,
            "Faites envoyer X-Forwarded-For, X-Forwarded-Proto et X-Forwarded-Host par le"
            " mandataire, et donnez à RELAIS_TRUSTED_PROXIES le nombre de mandataires.",
        )


def their_addresses(facts: Facts) -> Iterator[Finding]:
    """The four addresses of the registration."""
    platform = facts.platform
    urls = (platform.issuer, platform.auth_url, platform.token_url, platform.jwks_url)
    plain = [url for url in urls if not url.startswith("https://")]
    if plain and not facts.tool.development:
        yield fail(
            "PLATEFORME-HTTPS",
            "Une adresse de la plateforme n’est pas en https",
            f"Relais refuse de l’appeler : {', '.join(plain)}.",
            Who.RELAIS,
            "Corrigez l’inscription (« relais platform add » la met à jour).",
        )
    if len({_host(url) for url in urls}) > 1:
        yield fine(
            "PLATEFORME-HOTES",
            "Les adresses de la plateforme sont sur plusieurs hôtes",
            "C’est normal pour certains LMS (Canvas) ; dans Moodle, c’est le signe d’une erreur"
            " de copie : comparez-les avec les détails de configuration de l’outil."
            f" ({', '.join(sorted({_host(url) for url in urls}))})",
        )
    if platform.is_moodle and platform.issuer.endswith("/"):
        yield warn(
            "PLATEFORME-ISSUER",
            "L’émetteur finit par une barre",
            "Moodle s’annonce sans barre finale : les lancements seront refusés (LTI-PLATEFORME).",
            Who.RELAIS,
            f"Comparez avec {shown('issuer')}, dans les détails de configuration de l’outil.",
        )


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def their_keys(facts: Facts) -> Iterator[Finding]:
    """The platform's JWKS."""
    answer, platform = facts.platform.jwks, facts.platform
    keys = jwks.read(answer.document) if answer.is_success else []
    if answer.obstacle is not None or not answer.is_success:
        yield _their_keys_unread(answer, platform)
    elif not any(key.is_usable for key in keys):
        yield fail(
            "CLES-PLATEFORME",
            "L’adresse des clés de la plateforme ne donne aucune clé utilisable",
            f"{answer.url} : {said(answer)}. Aucun lancement ne pourra être vérifié.",
            Who.RELAIS,
            "Corrigez l’adresse des clés de l’inscription ; dans Moodle, c’est"
            f" {shown('jwks_url')} (…/mod/lti/certs.php).",
        )
    else:
        yield fine(
            "CLES-PLATEFORME",
            f"Les clés de la plateforme se lisent : {len(keys)}",
            "; ".join(key.described for key in keys) + ".",
        )
    yield from _odd_keys(keys)


def _their_keys_unread(answer: Answer, platform: PlatformFacts) -> Finding:
    return fail(
        "CLES-PLATEFORME",
        "Les clés de la plateforme ne se lisent pas",
        f"{answer.url} : {said(answer)}. Relais se sert de la dernière liste connue, s’il en a"
        " une ; sinon tous les lancements sont refusés (LTI-CLES).",
        Who.RELAIS if answer.status in {301, 302, 307, 308, 404, 410} else Who.LMS,
        "Vérifiez l’adresse des clés de l’inscription et que le serveur de Relais peut joindre"
        f" {_host(platform.jwks_url)} (pare-feu, DNS, certificat, maintenance).",
    )


def _odd_keys(keys: list[jwks.KeyFacts]) -> Iterator[Finding]:
    published = [key for key in keys if key.is_private]
    if published:
        yield fail(
            "CLES-PLATEFORME-PRIVEE",
            "La plateforme publie une clé privée",
            "N’importe qui peut signer à sa place. Relais n’accepte pas cette clé.",
            Who.LMS,
            "Remplacez cette clé sans attendre, et prévenez l’éditeur du LMS.",
        )
    weak = [key for key in keys if key.is_weak]
    if weak:
        yield warn(
            "CLES-PLATEFORME-FAIBLE",
            "Une clé de la plateforme est trop courte",
            f"{'; '.join(key.described for key in weak)}. Moins de 2048 bits ne protège plus.",
            Who.LMS,
            "Faites-lui créer une clé RSA de 2048 bits ou plus.",
        )
    unknown = [key for key in keys if not key.is_usable and not key.is_private]
    if unknown and len(unknown) < len(keys):
        yield fine(
            "CLES-PLATEFORME-AUTRES",
            f"Relais laisse de côté {len(unknown)} clé(s) de la plateforme",
            f"{'; '.join(key.described for key in unknown)} : sans identifiant (kid), ou d’un"
            " genre que LTI n’emploie pas. C’est sans effet si elle ne signe pas avec.",
        )
