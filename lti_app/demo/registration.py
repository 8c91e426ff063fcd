"""Dynamic Registration, as Moodle 4.5: what a tool says of itself, and what is kept of it.

Held to the samples `registration*.json`. Much is ignored: the resource link message, labels,
placements, names in other languages, contacts; the answer even lists a scope that was not given.
"""

import secrets
import string
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lti_app.demo.content_items import custom_lines
from lti_app.demo.custom import parse_parameters
from lti_app.demo.models import MessageKind
from lti_app.demo.models_tools import GradeService, ToolState, ToolType
from lti_app.demo.platform import Platform
from lti_app.demo.scopes import (
    BASIC_OUTCOME,
    LINE_ITEM,
    LINE_ITEM_READ,
    MEMBERSHIP_READ,
    RESULT_READ,
    SCORE,
    TOOL_SETTING,
)
from lti_app.demo.tools import domain_of, find_tool, next_type_id, tool_of_client

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
NEW, UPDATE = "reg", "reg-update"
"""Scopes of registration tokens."""
TOKEN_LIFE_SECONDS = 3600
_NAMES = ("name", "given_name", "family_name")


@dataclass(slots=True)
class RefusedRegistrationError(Exception):
    """The plain-text answer of the registration endpoint."""

    text: str
    status: int = 400


@dataclass(frozen=True, slots=True)
class Grant:
    """What a registration token allows: a new client id, or changing a tool."""

    client_id: str
    tool_type: ToolType | None = None


def new_token(platform: Platform, *, tool_type: ToolType | None = None) -> str:
    """A registration token: its `sub` is the client id to come, or the type id to update."""
    if tool_type is None:
        letters = string.ascii_letters + string.digits
        client_id = "".join(secrets.choice(letters) for _ in range(15))
        claims: dict[str, Any] = {"sub": client_id, "scope": NEW}
    else:
        claims = {"sub": tool_type.id, "scope": UPDATE}
    return platform.sign(claims, seconds=TOKEN_LIFE_SECONDS)


def read_grant(session: Session, claims: dict[str, Any]) -> Grant:
    """What the claims of a registration token allow. Raises RefusedRegistrationError."""
    subject, scope = str(claims["sub"]), claims.get("scope")
    if scope == NEW:
        # There is no list of used tokens: the client it promised exists.
        if tool_of_client(session, subject) is not None:
            raise RefusedRegistrationError("token_already_used", 401)
        return Grant(subject)
    if scope == UPDATE:
        tool_type = find_tool(session, subject)
        if tool_type is None:
            raise RefusedRegistrationError("Unknown client")
        return Grant(tool_type.client_id, tool_type)
    raise RefusedRegistrationError("Incorrect scope", 403)


def register(session: Session, grant: Grant, asked: dict[str, Any]) -> ToolType:
    """Add or change the tool as it asks. Raises RefusedRegistrationError."""
    values = read_request(asked)
    tool_type = grant.tool_type
    if tool_type is None:
        tool_type = ToolType(
            id=next_type_id(session), client_id=grant.client_id, state=ToolState.PENDING
        )
        session.add(tool_type)
    for name, value in values.items():
        setattr(tool_type, name, value)
    # Also on an update: what the administrator had shown to teachers is hidden again.
    tool_type.in_chooser = False
    session.flush()
    return tool_type


def read_request(asked: dict[str, Any]) -> dict[str, Any]:
    """The columns of ToolType that a registration request sets.

    The order of the checks is Moodle's: the first fault is the one that is told. Raises
    RefusedRegistrationError.
    """
    response_types = _required(asked, "response_types")
    login_url = _required(asked, "initiate_login_uri")
    redirect_uris = _required(asked, "redirect_uris")
    name = _required(asked, "client_name")
    jwks_url = _required(asked, "jwks_uri")
    auth_method = _required(asked, "token_endpoint_auth_method")
    tool = _required(asked, TOOL_CONFIGURATION)
    if not isinstance(tool, dict):
        raise RefusedRegistrationError(f"missing required attribute {TOOL_CONFIGURATION}")
    launch_url = _checked_target(tool)
    if "id_token" not in (response_types if isinstance(response_types, list) else ()):
        raise RefusedRegistrationError("invalid_response_types")
    if not isinstance(redirect_uris, list):
        raise RefusedRegistrationError("invalid_redirect_uris")
    if auth_method != "private_key_jwt":
        raise RefusedRegistrationError("invalid_token_endpoint_auth_method")
    if asked.get("application_type") not in (None, "", "web"):
        raise RefusedRegistrationError("invalid_application_type")
    deep = _deep_linking_message(tool.get("messages"))
    return {
        "name": str(name),
        "description": str(tool.get("description") or ""),
        "logo_url": str(asked.get("logo_uri") or ""),
        "launch_url": launch_url,
        "login_url": str(login_url),
        "redirect_uris": "\n".join(str(each) for each in redirect_uris),
        "jwks_url": str(jwks_url),
        "deep_linking": deep is not None,
        "deep_linking_url": str((deep or {}).get("target_link_uri") or ""),
        "custom": custom_lines(tool.get("custom_parameters")),
        **_services(str(asked.get("scope") or "").split()),
        **_privacy(tool.get("claims")),
    }


def _required(asked: dict[str, Any], name: str) -> Any:
    if asked.get(name) in (None, ""):
        raise RefusedRegistrationError(f"missing required attribute {name}")
    return asked[name]


def _checked_target(tool: dict[str, Any]) -> str:
    domain = str(tool.get("domain") or "")
    if not domain:
        raise RefusedRegistrationError("missing_domain")
    target = str(tool.get("target_link_uri") or "") or f"https://{domain}"
    # The port belongs to the domain.
    if domain_of(domain) != domain_of(target):
        raise RefusedRegistrationError("domain_targetlinkuri_mismatch")
    return target


def _deep_linking_message(messages: Any) -> dict[str, Any] | None:
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict) and message.get("type") == MessageKind.DEEP_LINKING:
            return message
    return None


def _services(scopes: list[str]) -> dict[str, Any]:
    level = GradeService.NONE
    if {SCORE, RESULT_READ, LINE_ITEM_READ, BASIC_OUTCOME} & set(scopes):
        level = GradeService.WITHOUT_COLUMNS
    if LINE_ITEM in scopes:
        level = GradeService.WITH_COLUMNS
    return {
        "grade_service": level,
        "member_service": MEMBERSHIP_READ in scopes,
        "setting_service": TOOL_SETTING in scopes,
    }


def _privacy(claims: Any) -> dict[str, bool]:
    wanted = claims if isinstance(claims, list) else []
    return {
        "shares_name": any(name in wanted for name in _NAMES),
        "shares_email": "email" in wanted,
    }


def describe(platform: Platform, tool_type: ToolType) -> dict[str, Any]:
    """The registration of a tool, as the endpoint answers it."""
    tool = platform.tool(tool_type)
    messages = []
    if tool_type.deep_linking:
        messages.append(
            {
                "type": MessageKind.DEEP_LINKING.value,
                "target_link_uri": tool_type.deep_linking_url,
            }
        )
    return {
        "client_id": tool.client_id,
        "response_types": ["id_token"],
        "jwks_uri": tool.jwks_url,
        "initiate_login_uri": tool.login_url,
        "grant_types": ["client_credentials", "implicit"],
        "redirect_uris": list(tool.redirect_uris),
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "client_name": tool.name,
        "logo_uri": tool_type.logo_url,
        "scope": " ".join(_answered_scopes(tool_type)),
        TOOL_CONFIGURATION: {
            "version": "1.3.0",
            "deployment_id": tool.type_id,
            "target_link_uri": tool.launch_url,
            "domain": domain_of(tool.launch_url),
            "description": tool_type.description,
            "messages": messages,
            # A value is cut at its first « = ».
            "custom_parameters": {
                key: value.partition("=")[0] for key, value in parse_parameters(tool_type.custom)
            },
            "claims": _answered_claims(tool_type),
        },
    }


def _answered_scopes(tool_type: ToolType) -> list[str]:
    scopes = []
    if tool_type.grade_service != GradeService.NONE:
        # The last one is a bug of Moodle: it is listed even when it is not permitted.
        scopes += [SCORE, RESULT_READ, LINE_ITEM_READ, LINE_ITEM]
    if tool_type.member_service:
        scopes.append(MEMBERSHIP_READ)
    if tool_type.setting_service:
        scopes.append(TOOL_SETTING)
    return scopes


def _answered_claims(tool_type: ToolType) -> list[str]:
    names = ["name", "family_name", "given_name"] if tool_type.shares_name else []
    return ["sub", "iss", *names, *(["email"] if tool_type.shares_email else [])]
