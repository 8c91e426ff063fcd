"""Dynamic Registration: what an LMS is told of Relais, what is believed of an LMS. Pure.

1EdTech, « LTI Dynamic Registration 1.0 »; where Moodle 4.5 differs, Moodle is followed. Everything
an LMS sends is hostile until its host has vouched for it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from lti_app.core.errors import Explanation
from lti_app.lti.rules import registration_errors as errors
from lti_app.lti.rules.claims import DEEP_LINKING_REQUEST, RESOURCE_LINK_REQUEST
from lti_app.lti.rules.registration_errors import RegistrationError

Json = dict[str, Any]

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"

SCOPES = (
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
)
"""What Relais uses, and nothing else. Moodle gives column management only to `lineitem`."""

CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "email")
"""In Moodle, the names and the e-mail listed here set « Partager le nom » and « le courriel »."""

NAME = "Relais"
DESCRIPTION = "Parcours de formation et de révision des référents numériques."

TOKEN_LENGTH = 43
"""Of an invitation: 256 bits in base 64."""

_DEFAULT_PORTS = {"https": 443, "http": 80}
_ID_LENGTH = 255
_ISSUER_LENGTH = 500
_URL_LENGTH = 1000
_JWT_LENGTH = 8000
# RFC 3986 without what Python's urlsplit and a browser would read differently.
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*|\[[0-9a-f:.]+\]")
# An LMS that appends its « ?openid_configuration=… » to a link that has a query already.
_SECOND_QUESTION_MARK = re.compile(r"(?<=invitation=)([A-Za-z0-9_-]*)\?")


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """What the LMS put in the address of our page; nothing of it is checked."""

    invitation: str
    openid_configuration: str
    registration_token: str


@dataclass(frozen=True, slots=True)
class PlatformConfiguration:
    """An openid-configuration whose addresses are all on the LMS's own host."""

    issuer: str
    auth_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    token_audience: str | None
    product_family: str | None


@dataclass(frozen=True, slots=True)
class Registered:
    """What the LMS called Relais. Some give the deployment later, at the first launch."""

    client_id: str
    deployment_id: str | None


def registration_link(base_url: str, token: str) -> str:
    """What is pasted into the LMS. `base_url`: of Relais, without final slash."""
    return f"{base_url}/lti/register?invitation={token}"


def read_query(query: str) -> RegistrationRequest:
    """The parameters of /lti/register; what is missing or repeated is empty.

    The link holds `?invitation=…` already: LMS add theirs with `&` (Moodle), or with another `?`.
    """
    try:
        values = parse_qs(_SECOND_QUESTION_MARK.sub(r"\1&", query), max_num_fields=20)
    except ValueError:
        values = {}

    def only(name: str, longest: int) -> str:
        found = values.get(name, [])
        return found[0] if len(found) == 1 and len(found[0]) <= longest else ""

    return RegistrationRequest(
        only("invitation", 2 * TOKEN_LENGTH),
        only("openid_configuration", _URL_LENGTH),
        only("registration_token", _JWT_LENGTH),
    )


def host_and_port(url: str, *, allow_http: bool = False) -> str | None:
    """« host:port » of an address that may be called, None for any other.

    https only (http too in development), no credentials, nothing that two programs could read in
    two ways: the host compared here must be the host that is called.
    """
    parts = _split(url)
    if parts is None or parts.scheme not in {"https", *(("http",) if allow_http else ())}:
        return None
    host = (parts.hostname or "").lower()
    bracketed = f"[{host}]" if ":" in host else host
    if not _HOST.fullmatch(bracketed) or "@" in parts.netloc or parts.netloc.endswith(":"):
        return None
    return f"{bracketed}:{parts.port or _DEFAULT_PORTS[parts.scheme]}"


def _split(url: str) -> SplitResult | None:
    if len(url) > _URL_LENGTH or not _URL_CHARACTERS.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises on a port that is no number
    except ValueError:
        return None
    return parts


def origin_of(url: str) -> str:
    """« scheme://host[:port] » as browsers write an origin. `url` has a host."""
    parts = urlsplit(url)
    default = f":{_DEFAULT_PORTS.get(parts.scheme)}"
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(default)}"


def check_address(url: str, *, issuer: str | None, allow_http: bool) -> str:
    """« host:port » of the openid-configuration address. Raises RegistrationError.

    `issuer`: the only one that the invitation is for, if it names one. Nothing is fetched from
    another host for it.
    """
    host = host_and_port(url, allow_http=allow_http)
    if host is None:
        raise RegistrationError(errors.ADDRESS, "openid_configuration")
    if issuer is not None and host != host_and_port(issuer, allow_http=allow_http):
        raise RegistrationError(errors.OTHER_ISSUER, f"{host} instead of {issuer}")
    return host


def read_configuration(
    document: object, *, host: str, issuer: str | None, allow_http: bool
) -> PlatformConfiguration:
    """The LMS's configuration, fetched from `host`. Raises RegistrationError.

    The issuer and every address must be on that very host: whoever answers there can speak for
    it, and for no other. LMS that spread over several hosts are linked by hand.
    """
    if not isinstance(document, dict):
        raise RegistrationError(errors.CONFIGURATION, "not a JSON object")
    found = _text(document, "issuer", _ISSUER_LENGTH)
    if issuer is not None and found.rstrip("/") != issuer.rstrip("/"):
        raise RegistrationError(errors.OTHER_ISSUER, "another issuer on the same host")
    urls = {
        name: _text(document, name, _URL_LENGTH)
        for name in (
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "registration_endpoint",
        )
    }
    for name, url in {"issuer": found, **urls}.items():
        if host_and_port(url, allow_http=allow_http) != host:
            raise RegistrationError(errors.OTHER_HOST, f"{name} is not on {host}")
    return PlatformConfiguration(
        issuer=found,
        auth_url=urls["authorization_endpoint"],
        token_url=urls["token_endpoint"],
        jwks_url=urls["jwks_uri"],
        registration_url=urls["registration_endpoint"],
        token_audience=_optional_text(document, "authorization_server", _URL_LENGTH),
        product_family=_product_family(document),
    )


def _text(document: Mapping[str, object], name: str, longest: int) -> str:
    value = _optional_text(document, name, longest)
    if value is None:
        raise RegistrationError(errors.CONFIGURATION, f"{name} is missing or unusable")
    return value


def _optional_text(document: Mapping[str, object], name: str, longest: int) -> str | None:
    value = document.get(name)
    # Printable: neither NUL nor half a character, which no database would store.
    if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable():
        return value if value == value.strip() else None
    return None


def _product_family(document: Mapping[str, object]) -> str | None:
    about = document.get(PLATFORM_CONFIGURATION)
    return _optional_text(about, "product_family_code", 80) if isinstance(about, dict) else None


def read_registration(document: object) -> Registered:
    """The LMS's answer to our registration. Raises RegistrationError."""
    if not isinstance(document, dict):
        raise RegistrationError(errors.ANSWER, "not a JSON object")
    client_id = _identifier(document, "client_id")
    if client_id is None:
        raise RegistrationError(errors.ANSWER, "client_id is missing or unusable")
    tool = document.get(TOOL_CONFIGURATION)
    # Some answer it beside the tool configuration rather than in it.
    deployment_id = next(
        filter(None, (_identifier(each, "deployment_id") for each in _objects(tool, document))),
        None,
    )
    return Registered(client_id, deployment_id)


def _objects(*values: object) -> Iterator[Json]:
    return (value for value in values if isinstance(value, dict))


def _identifier(document: Mapping[str, object], name: str) -> str | None:
    value = document.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**18 else None
    return _optional_text({name: value}, name, _ID_LENGTH)


_PLATFORM_WORDS = re.compile(r"[A-Za-z0-9_ ./:-]{1,100}")
_TOKEN_WORDS = re.compile(r"registration_token|token_already|\binvalid_token\b")


def explain_refusal(status: int, body: str) -> Explanation:
    """What a refusal of our registration means.

    Moodle answers a code in plain text (« token_already_used »), or an HTML page where the token
    cannot be read at all; others answer JSON, which is not shown.
    """
    words = body.strip()
    code = words if _PLATFORM_WORDS.fullmatch(words) else ""
    if status in {401, 403, 404} or _TOKEN_WORDS.search(code):
        return errors.platform_said(errors.TOKEN, code)
    if status in {408, 425, 429} or status >= 500:
        return errors.UNREACHABLE
    return errors.platform_said(errors.REFUSED, code)


def tool_registration(base_url: str) -> Json:
    """What Relais at `base_url` (no final slash) asks an LMS for: the least that it uses.

    No logo and no contact: a logo would have the LMS's pages ask Relais for it.
    """
    launch_url = f"{base_url}/lti/launch"
    return {
        "application_type": "web",
        "client_name": NAME,
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{base_url}/lti/login",
        "redirect_uris": [launch_url],
        "jwks_uri": f"{base_url}/lti/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(SCOPES),
        TOOL_CONFIGURATION: {
            # Moodle compares it with the host of target_link_uri, port included.
            "domain": urlsplit(base_url).netloc,
            "description": DESCRIPTION,
            "target_link_uri": launch_url,
            "claims": list(CLAIMS),
            "messages": [
                {"type": RESOURCE_LINK_REQUEST, "target_link_uri": launch_url},
                {
                    "type": DEEP_LINKING_REQUEST,
                    "target_link_uri": launch_url,
                    "label": "Choose content in Relais",
                    "label#fr": "Choisir des contenus dans Relais",
                    "placements": ["ContentArea"],
                    "supported_types": ["ltiResourceLink"],
                },
            ],
        },
    }
