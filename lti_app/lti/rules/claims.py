"""From untrusted claims to a `Launch`: every type is checked, nothing is assumed.

LTI Core 1.3 §5 and the 1EdTech certification guide §6.1; where Moodle differs, Moodle is believed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from lti_app.core.errors import Explanation
from lti_app.lti.rules import explanations

_LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MESSAGE_TYPE = f"{_LTI}message_type"
VERSION = f"{_LTI}version"
DEPLOYMENT_ID = f"{_LTI}deployment_id"
TARGET_LINK_URI = f"{_LTI}target_link_uri"
RESOURCE_LINK = f"{_LTI}resource_link"
ROLES = f"{_LTI}roles"
CONTEXT = f"{_LTI}context"
CUSTOM = f"{_LTI}custom"
LIS = f"{_LTI}lis"
PRESENTATION = f"{_LTI}launch_presentation"
TOOL_PLATFORM = f"{_LTI}tool_platform"
FOR_USER = f"{_LTI}for_user"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

RESOURCE_LINK_REQUEST = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW_REQUEST = "LtiSubmissionReviewRequest"
DATA_PRIVACY_REQUEST = "DataPrivacyLaunchRequest"
MESSAGE_TYPES = frozenset(
    {
        RESOURCE_LINK_REQUEST,
        DEEP_LINKING_REQUEST,
        SUBMISSION_REVIEW_REQUEST,
        DATA_PRIVACY_REQUEST,
    }
)

Claims = Mapping[str, Any]

# Longer than any LMS sends, short enough for our columns and our pages.
_ID_LENGTH = 255
_TEXT_LENGTH = 500
_URL_LENGTH = 1000


class ClaimError(Exception):
    """A claim that cannot be accepted: `explanation` for the screen, the message for the log."""

    def __init__(self, explanation: Explanation, detail: str) -> None:
        super().__init__(detail)
        self.explanation = explanation
        self.detail = detail
        self.platform_id: int | None = None
        """The registration that spoke, where that much is known: refusals are counted by it."""


@dataclass(frozen=True)
class Launch:
    """What a validated resource link launch says, in plain values (JSON-safe).

    A submission review is one too: it opens the same link, on the work of `for_user_id`.
    """

    issuer: str
    client_id: str
    deployment_id: str
    sub: str
    roles: tuple[str, ...]
    target_link_uri: str
    link_id: str
    link_title: str
    context_id: str | None
    context_title: str
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    sourcedid: str | None = None
    custom: dict[str, str] = field(default_factory=dict)
    """Values that are text; Moodle sends null for what privacy withholds."""
    line_item_url: str | None = None
    line_items_url: str | None = None
    ags_scopes: tuple[str, ...] = ()
    memberships_url: str | None = None
    return_url: str | None = None
    product_family: str | None = None
    for_user_id: str | None = None
    """Whose work a submission review shows (their `sub`); None for an ordinary launch."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Launch":
        """Inverse of `as_json`, after a round trip through JSON (tuples became lists)."""
        return cls(
            **{
                **data,
                "roles": tuple(data["roles"]),
                "ags_scopes": tuple(data["ags_scopes"]),
            }
        )


@dataclass(frozen=True)
class DeepLinkingRequest:
    """A trainer chooses content inside the LMS; nothing of the person is kept, no session opens."""

    issuer: str
    client_id: str
    deployment_id: str
    roles: tuple[str, ...]
    context_id: str | None
    return_url: str
    """Where the answer is posted; on a host of the platform (checked when it is used)."""
    data: str | None
    """To be sent back verbatim, where the platform sent it."""
    accept_types: tuple[str, ...]
    accept_multiple: bool
    accept_line_item: bool
    """False only where the platform says so: Moodle says nothing and takes it."""
    title: str
    text: str
    product_family: str | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "DeepLinkingRequest":
        """Inverse of `as_json`, after a round trip through JSON (tuples became lists)."""
        lists = {name: tuple(data[name]) for name in ("roles", "accept_types")}
        return cls(**{**data, **lists})


@dataclass(frozen=True)
class DataPrivacyRequest:
    """Somebody asks what Relais does with personal data. Opens no session."""

    issuer: str
    client_id: str
    deployment_id: str
    roles: tuple[str, ...]


Message = Launch | DeepLinkingRequest | DataPrivacyRequest


def read_message(claims: Claims, *, client_id: str, own_host: str) -> Message:
    """Check every claim of a message whose signature was verified.

    `own_host` is our public host (with its port), which target_link_uri must name.
    Raises ClaimError.
    """
    message_type = check_message(claims)
    if message_type == DEEP_LINKING_REQUEST:
        return _read_deep_linking(claims, client_id, own_host)
    if message_type == DATA_PRIVACY_REQUEST:
        return DataPrivacyRequest(
            issuer=_required_text(claims, "iss", explanations.TOKEN),
            client_id=client_id,
            deployment_id=_required_text(claims, DEPLOYMENT_ID, explanations.DEPLOYMENT),
            roles=_roles(claims),
        )
    return read_launch(claims, client_id=client_id, own_host=own_host)


def _read_deep_linking(claims: Claims, client_id: str, own_host: str) -> DeepLinkingRequest:
    settings = _mapping(claims, DEEP_LINKING, explanations.DEEP_LINKING, required=True)
    return_url = _url(settings, "deep_link_return_url", length=2000)
    if return_url is None:
        raise ClaimError(explanations.DEEP_LINKING, "deep_link_return_url is missing")
    _target(claims, own_host)
    return DeepLinkingRequest(
        issuer=_required_text(claims, "iss", explanations.TOKEN),
        client_id=client_id,
        deployment_id=_required_text(claims, DEPLOYMENT_ID, explanations.DEPLOYMENT),
        roles=_roles(claims),
        context_id=_text(
            _mapping(claims, CONTEXT, explanations.CLAIM),
            "id",
            explanations.CLAIM,
            length=_ID_LENGTH,
        ),
        return_url=return_url,
        data=_text(settings, "data", explanations.DEEP_LINKING),
        accept_types=_texts(settings, "accept_types"),
        accept_multiple=settings.get("accept_multiple") is True,
        accept_line_item=settings.get("accept_lineitem") is not False,
        title=_personal(settings, "title") or "",
        text=_personal(settings, "text") or "",
        product_family=_product_family(claims),
    )


def read_launch(claims: Claims, *, client_id: str, own_host: str) -> Launch:
    """Check every claim of a resource link launch, or of a submission review. Raises ClaimError."""
    message_type = check_message(claims)
    link = _mapping(claims, RESOURCE_LINK, explanations.LINK, required=True)
    context = _mapping(claims, CONTEXT, explanations.CLAIM)
    ags = _mapping(claims, AGS, explanations.CLAIM)
    nrps = _mapping(claims, NRPS, explanations.CLAIM)
    presentation = _mapping(claims, PRESENTATION, explanations.CLAIM)
    context_id = _text(context, "id", explanations.CLAIM, length=_ID_LENGTH)
    if context and not context_id:
        raise ClaimError(explanations.CLAIM, "context has no id")
    return Launch(
        issuer=_required_text(claims, "iss", explanations.TOKEN),
        client_id=client_id,
        deployment_id=_required_text(claims, DEPLOYMENT_ID, explanations.DEPLOYMENT),
        sub=_required_text(claims, "sub", explanations.SUBJECT),
        roles=_roles(claims),
        target_link_uri=_target(claims, own_host),
        link_id=_required_text(link, "id", explanations.LINK),
        link_title=(_text(link, "title", explanations.LINK) or "")[:_TEXT_LENGTH],
        context_id=context_id,
        context_title=_context_title(context),
        name=_personal(claims, "name"),
        given_name=_personal(claims, "given_name"),
        family_name=_personal(claims, "family_name"),
        email=_personal(claims, "email"),
        sourcedid=_personal(_mapping(claims, LIS, explanations.CLAIM), "person_sourcedid"),
        custom=_custom(claims),
        line_item_url=_url(ags, "lineitem"),
        line_items_url=_url(ags, "lineitems"),
        ags_scopes=_texts(ags, "scope"),
        memberships_url=_url(nrps, "context_memberships_url"),
        return_url=_url(presentation, "return_url", length=2000),
        product_family=_product_family(claims),
        for_user_id=_for_user(claims) if message_type == SUBMISSION_REVIEW_REQUEST else None,
    )


def check_message(claims: Claims) -> str:
    """Version and message type, the first things a message must say. Raises ClaimError."""
    if claims.get(VERSION) != "1.3.0":
        raise ClaimError(explanations.VERSION, "version is not 1.3.0")
    message_type = claims.get(MESSAGE_TYPE)
    if not is_text(message_type) or message_type not in MESSAGE_TYPES:
        why = explanations.unknown_message(message_type)
        raise ClaimError(why, "message_type is missing or not handled")
    return message_type


def _for_user(claims: Claims) -> str:
    """Whose work is reviewed. LTI Submission Review 1.0 §3.2."""
    return _required_text(
        _mapping(claims, FOR_USER, explanations.SUBMISSION, required=True),
        "user_id",
        explanations.SUBMISSION,
    )


def _product_family(claims: Claims) -> str | None:
    family = _personal(_mapping(claims, TOOL_PLATFORM, explanations.CLAIM), "product_family_code")
    return family[:80] if family else None


def client_id_of(claims: Claims) -> str:
    """Which of our registrations a token is meant for: `azp` if present, else the sole audience.

    OpenID Connect Core §3.1.3.7 points 3–5. Raises ClaimError.
    """
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or not audiences:
        raise ClaimError(explanations.AUDIENCE, "aud is missing or not text")
    if not all(is_text(entry) and entry for entry in audiences):
        raise ClaimError(explanations.AUDIENCE, "aud holds something other than text")
    if "azp" in claims:
        party = claims["azp"]
        if not isinstance(party, str) or party not in audiences:
            raise ClaimError(explanations.AUDIENCE, "azp is not one of the audiences")
        return party
    if len(audiences) > 1:
        raise ClaimError(explanations.AUDIENCE, "several audiences and no azp")
    return str(audiences[0])


def _mapping(claims: Claims, name: str, why: Explanation, *, required: bool = False) -> Claims:
    value = claims.get(name)
    if value is None and not required:
        return {}
    if not isinstance(value, dict):
        raise ClaimError(why, f"{_short(name)} is missing or not an object")
    return value


def _text(claims: Claims, name: str, why: Explanation, *, length: int = 10_000) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not is_text(value) or len(value) > length:
        raise ClaimError(why, f"{_short(name)} is not usable text")
    return value


def _required_text(claims: Claims, name: str, why: Explanation) -> str:
    value = _text(claims, name, why, length=_ID_LENGTH)
    if not value or not value.strip():
        raise ClaimError(why, f"{_short(name)} is missing or empty")
    return value


def _personal(claims: Claims, name: str) -> str | None:
    """Optional text about a person or a product: unusable values are dropped, never fatal."""
    value = claims.get(name)
    if not isinstance(value, str):
        return None
    storable = value.encode(errors="replace").decode().replace("\x00", " ")
    return " ".join(storable.split())[:_ID_LENGTH] or None


def is_text(value: object) -> TypeGuard[str]:
    """Text a database can hold: JSON can spell a null character and half a surrogate pair."""
    if not isinstance(value, str) or "\x00" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts(claims: Claims, name: str) -> tuple[str, ...]:
    value = claims.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(is_text(entry) for entry in value):
        raise ClaimError(explanations.CLAIM, f"{_short(name)} is not a list of texts")
    return tuple(value)


def _roles(claims: Claims) -> tuple[str, ...]:
    value = claims.get(ROLES)
    if not isinstance(value, list) or not all(is_text(role) for role in value):
        raise ClaimError(explanations.ROLES, "roles is missing or not a list of texts")
    return tuple(role[:_TEXT_LENGTH] for role in value[:50])


def _target(claims: Claims, own_host: str) -> str:
    value = _text(claims, TARGET_LINK_URI, explanations.TARGET, length=2000)
    try:
        host = urlsplit(value or "").netloc
    except ValueError as error:
        raise ClaimError(explanations.TARGET, "target_link_uri is not a URL") from error
    if not value or host.lower() != own_host.lower():
        raise ClaimError(explanations.TARGET, "target_link_uri is missing or on another host")
    return value


def _url(claims: Claims, name: str, *, length: int = _URL_LENGTH) -> str | None:
    value = _text(claims, name, explanations.CLAIM, length=length)
    if not value:
        return None
    try:
        is_address = urlsplit(value).scheme in {"https", "http"} and bool(urlsplit(value).hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise ClaimError(explanations.CLAIM, f"{name} is not an http address")
    return value


def _custom(claims: Claims) -> dict[str, str]:
    values = _mapping(claims, CUSTOM, explanations.CLAIM)
    return {key: value for key, value in values.items() if is_text(key) and is_text(value)}


def _context_title(context: Claims) -> str:
    for name in ("title", "label"):
        title = _personal(context, name)
        if title:
            return title
    return "Session"


def _short(name: str) -> str:
    return name.rsplit("/", 1)[-1]
