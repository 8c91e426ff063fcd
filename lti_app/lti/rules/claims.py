"""From untrusted claims to a `Launch`: every type is checked, nothing is assumed.

LTI Core 1.3 §5 and the 1EdTech certification guide §6.1; where Moodle differs, Moodle is believed.
"""

from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lti_app.lti.rules import explanations
from lti_app.lti.rules.reading import (
    ID_LENGTH,
    TEXT_LENGTH,
    Claims,
    free_text,
    mapping_of,
    required_text,
    text_of,
    texts_of,
    url_of,
)
from lti_app.lti.rules.reading import ClaimError as ClaimError
from lti_app.lti.rules.reading import is_text as is_text

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
    sub: str | None = None
    """Who chooses, only to refuse somebody suspended."""

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
            issuer=required_text(claims, "iss", explanations.TOKEN),
            client_id=client_id,
            deployment_id=required_text(claims, DEPLOYMENT_ID, explanations.DEPLOYMENT),
            roles=_roles(claims),
        )
    return read_launch(claims, client_id=client_id, own_host=own_host)


def _read_deep_linking(claims: Claims, client_id: str, own_host: str) -> DeepLinkingRequest:
    settings = mapping_of(claims, DEEP_LINKING, explanations.DEEP_LINKING, required=True)
    return_url = url_of(settings, "deep_link_return_url", length=2000)
    if return_url is None:
        raise ClaimError(explanations.DEEP_LINKING, "deep_link_return_url is missing")
    _target(claims, own_host)
    return DeepLinkingRequest(
        issuer=required_text(claims, "iss", explanations.TOKEN),
        client_id=client_id,
        deployment_id=required_text(claims, DEPLOYMENT_ID, explanations.DEPLOYMENT),
        roles=_roles(claims),
        context_id=text_of(
            mapping_of(claims, CONTEXT, explanations.CLAIM),
            "id",
            explanations.CLAIM,
            length=ID_LENGTH,
        ),
        return_url=return_url,
        data=text_of(settings, "data", explanations.DEEP_LINKING),
        accept_types=texts_of(settings, "accept_types"),
        accept_multiple=settings.get("accept_multiple") is True,
        accept_line_item=settings.get("accept_lineitem") is not False,
        title=free_text(settings, "title") or "",
        text=free_text(settings, "text") or "",
        product_family=_product_family(claims),
        sub=text_of(claims, "sub", explanations.SUBJECT, length=ID_LENGTH),
    )


def read_launch(claims: Claims, *, client_id: str, own_host: str) -> Launch:
    """Check every claim of a resource link launch, or of a submission review. Raises ClaimError."""
    message_type = check_message(claims)
    link = mapping_of(claims, RESOURCE_LINK, explanations.LINK, required=True)
    context = mapping_of(claims, CONTEXT, explanations.CLAIM)
    ags = mapping_of(claims, AGS, explanations.CLAIM)
    nrps = mapping_of(claims, NRPS, explanations.CLAIM)
    presentation = mapping_of(claims, PRESENTATION, explanations.CLAIM)
    context_id = text_of(context, "id", explanations.CLAIM, length=ID_LENGTH)
    if context and not context_id:
        raise ClaimError(explanations.CLAIM, "context has no id")
    return Launch(
        issuer=required_text(claims, "iss", explanations.TOKEN),
        client_id=client_id,
        deployment_id=required_text(claims, DEPLOYMENT_ID, explanations.DEPLOYMENT),
        sub=required_text(claims, "sub", explanations.SUBJECT),
        roles=_roles(claims),
        target_link_uri=_target(claims, own_host),
        link_id=required_text(link, "id", explanations.LINK),
        link_title=(text_of(link, "title", explanations.LINK) or "")[:TEXT_LENGTH],
        context_id=context_id,
        context_title=_context_title(context),
        name=free_text(claims, "name"),
        given_name=free_text(claims, "given_name"),
        family_name=free_text(claims, "family_name"),
        email=free_text(claims, "email"),
        sourcedid=free_text(mapping_of(claims, LIS, explanations.CLAIM), "person_sourcedid"),
        custom=_custom(claims),
        line_item_url=url_of(ags, "lineitem"),
        line_items_url=url_of(ags, "lineitems"),
        ags_scopes=texts_of(ags, "scope"),
        memberships_url=url_of(nrps, "context_memberships_url"),
        return_url=url_of(presentation, "return_url", length=2000),
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
    return required_text(
        mapping_of(claims, FOR_USER, explanations.SUBMISSION, required=True),
        "user_id",
        explanations.SUBMISSION,
    )


def _product_family(claims: Claims) -> str | None:
    family = free_text(mapping_of(claims, TOOL_PLATFORM, explanations.CLAIM), "product_family_code")
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


def _roles(claims: Claims) -> tuple[str, ...]:
    value = claims.get(ROLES)
    if not isinstance(value, list) or not all(is_text(role) for role in value):
        raise ClaimError(explanations.ROLES, "roles is missing or not a list of texts")
    return tuple(role[:TEXT_LENGTH] for role in value[:50])


def _target(claims: Claims, own_host: str) -> str:
    value = text_of(claims, TARGET_LINK_URI, explanations.TARGET, length=2000)
    try:
        host = urlsplit(value or "").netloc
    except ValueError as error:
        raise ClaimError(explanations.TARGET, "target_link_uri is not a URL") from error
    if not value or host.lower() != own_host.lower():
        raise ClaimError(explanations.TARGET, "target_link_uri is missing or on another host")
    return value


def _custom(claims: Claims) -> dict[str, str]:
    values = mapping_of(claims, CUSTOM, explanations.CLAIM)
    return {key: value for key, value in values.items() if is_text(key) and is_text(value)}


def _context_title(context: Claims) -> str:
    for name in ("title", "label"):
        title = free_text(context, name)
        if title:
            return title
    return "Session"
